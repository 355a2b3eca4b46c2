"""One worker's application, put together from what the command line and the file say. It may be one of many."""

from __future__ import annotations

import asyncio
import gc
import os
from contextlib import suppress
from pathlib import Path

import msgspec
from starlette.applications import Starlette

from fim_lsp import keys as provider_keys
from fim_lsp.errors import ConfigurationError
from fim_lsp.gateway.app import make_app
from fim_lsp.gateway.config import EMBEDDED, Config, load
from fim_lsp.gateway.exchange import Parts
from fim_lsp.gateway.fair import Turns
from fim_lsp.gateway.folder import Folder
from fim_lsp.gateway.keys import Keys
from fim_lsp.gateway.links import SharedLink
from fim_lsp.gateway.metrics import Metrics
from fim_lsp.gateway.quota import Counters, InMemory
from fim_lsp.gateway.routing import Model, Models
from fim_lsp.link import BrokenLink, Link, LocalLink
from fim_lsp.providers.presets import BY_KIND, endpoint_for, preset_for
from fim_lsp.settings.model import ProviderSettings
from fim_lsp.shared_file import SharedFile
from fim_lsp.transport import Transport
from fim_lsp.upstream import Upstream

TOTAL_S = 600.0
"""No answer takes longer."""


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """What a worker is told; it can be handed to another process."""

    keys_file: Path
    config: Path | None = None
    providers: tuple[str, ...] = ()
    folder: str = ""
    redis: str = ""
    key_required: bool = False


def make_worker(options: Options) -> Starlette:
    """Raises Wrong. Nothing is opened before the application starts."""
    config = load(options.config, os.environ, providers=options.providers)
    work = _Workshop(config, Path(options.folder or config.gateway.folder or "."))
    redis = options.redis or config.gateway.redis
    parts = Parts(
        models=work.models(),
        keys=Keys(SharedFile(options.keys_file), required=options.key_required),
        counters=_counters(redis),
        turns=Turns(at_once=config.gateway.at_once, waiting=config.gateway.waiting),
        metrics=Metrics(),
    )
    return make_app(parts, start=work.start, stop=work.stop)


def _counters(redis: str) -> Counters:
    if not redis:
        return InMemory()
    from fim_lsp.gateway.redis_quota import InRedis

    return InRedis(redis)


class _Workshop:
    """Makes each provider once, whatever the number of models that it is part of."""

    def __init__(self, config: Config, folder: Path) -> None:
        self._config = config
        self._settings = config.resolved.settings
        self._folder_path = folder
        self._folder: Folder | None = None
        self._transport = Transport(self._settings.network)
        self._keys = provider_keys.Keys(set_in=config.resolved.source_of)
        self._links: dict[str, Link] = {}

    def models(self) -> Models:
        return {name: self._model(name) for name in self._config.routes}

    async def start(self) -> None:
        if self._folder is not None:
            await self._folder.read()
        with suppress(TimeoutError):
            async with asyncio.timeout(2):
                await asyncio.gather(*(link.warm() for link in self._links.values()))
        gc.collect()
        gc.freeze()  # what is there now stays: looking through it again and again would hold everybody up

    async def stop(self) -> None:
        if self._folder is not None:
            self._folder.close()
        await self._transport.aclose()

    def _model(self, name: str) -> Model:
        route = self._config.routes[name]
        return Model(name, tuple(map(self._link, route.upstreams)), tuple(map(self._link, route.fallback)))

    def _link(self, name: str) -> Link:
        if name not in self._links:
            self._links[name] = self._make_link(name)
        return self._links[name]

    def _make_link(self, name: str) -> Link:
        own = self._settings.providers.get(name, ProviderSettings())
        try:
            preset = preset_for(name, own)
            if preset.kind == EMBEDDED:
                return LocalLink(name, self._embedded())
            endpoint = endpoint_for(name, own)
        except ConfigurationError as error:
            return BrokenLink(name, error)
        upstream = Upstream(
            endpoint,
            BY_KIND[preset.kind],
            self._transport,
            get_key=self._keys.getter(name, own),
            deadline_s=self._config.patience_s(name),
            total_s=TOTAL_S,
            allow_http=own.allow_http,
            headers=own.headers,
        )
        return SharedLink(upstream)

    def _embedded(self) -> Folder:
        if self._folder is None:
            settings = self._settings
            self._folder = Folder(self._folder_path, privacy=settings.privacy, gates=settings.lookup)
        return self._folder
