"""Providers in the order in which they are tried, each behind its limits and its circuit breaker.

A provider that fails is left alone for a while, and whoever comes next in the list answers meanwhile; then a single
request tries it again. One that cannot work as it is set up is left alone until the settings change or the user clears.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING

from fim_lsp.answer import ProviderStatus
from fim_lsp.errors import ConfigurationError, ProviderError
from fim_lsp.ledger import Ledger
from fim_lsp.limits import Policy
from fim_lsp.link import BrokenLink, Link, LocalLink, Source, UpstreamLink
from fim_lsp.providers.base import Delta, Prompt, Sampling
from fim_lsp.providers.presets import BY_KIND, endpoint_for, preset_for
from fim_lsp.settings.model import ProviderSettings, Settings
from fim_lsp.upstream import GetKey, Upstream

if TYPE_CHECKING:
    from fim_lsp.transport import Transport

Failed = Callable[[ProviderError, str], None]


class Chain:
    """Tries one after another until one begins to answer."""

    def __init__(self, links: Iterable[Link], *, failed: Failed = lambda error, provider: None) -> None:
        """`failed` hears of the failures that a later provider makes up for; the last one is raised."""
        self._links = tuple(links)
        self._failed = failed
        self._used = self._links[0].name if self._links else ""

    @property
    def used(self) -> str:
        """Name of the provider that answered last."""
        return self._used

    @property
    def reads_context(self) -> bool:
        """Whether the first provider makes use of snippets: the embedded engine does not."""
        return bool(self._links) and not isinstance(self._links[0], LocalLink)

    async def generate(
        self, prompt: Prompt, sampling: Sampling, *, invoked: bool = False
    ) -> AsyncGenerator[Delta, None]:
        errors: list[tuple[ProviderError, str]] = []
        for link in self._links:
            begun = False
            try:
                async with aclosing(link.generate(prompt, sampling, invoked=invoked)) as deltas:
                    async for delta in deltas:
                        if not begun:
                            begun, self._used = True, link.name
                            self._tell(errors)
                        yield delta
                return
            except ProviderError as error:
                if begun:
                    raise
                errors.append((error, link.name))
        if not errors:
            raise ConfigurationError("No provider is set up. Set provider, or a key.")
        self._used = errors[0][1]
        self._tell(errors[1:])
        raise errors[0][0]

    def status(self) -> tuple[ProviderStatus, ...]:
        return tuple(link.status() for link in self._links)

    def reset(self) -> None:
        """Forget failures and waits: the user has changed something, or asks to try again."""
        for link in self._links:
            link.reset()

    async def warm(self) -> None:
        """Prepare the first provider, so that the first request need not."""
        if self._links:
            await self._links[0].warm()

    def _tell(self, errors: list[tuple[ProviderError, str]]) -> None:
        for error, name in errors:
            self._failed(error, name)


def make_chain(
    names: Iterable[str],
    settings: Settings,
    *,
    transport: Transport,
    ledger: Ledger,
    key_for: Callable[[str, ProviderSettings], GetKey],
    local: Mapping[str, Source] | None = None,
    failed: Failed = lambda error, provider: None,
) -> Chain:
    """The chain of these providers. `local` are sources without a service, by kind (`lookup`)."""
    names = tuple(names)

    def link(position: int, name: str) -> Link:
        own = settings.providers.get(name, ProviderSettings())
        try:
            preset = preset_for(name, own)
            if local and preset.kind in local:
                return LocalLink(name, local[preset.kind])
            endpoint = endpoint_for(name, own)
        except ConfigurationError as error:
            return BrokenLink(name, error)
        upstream = Upstream(
            endpoint,
            BY_KIND[preset.kind],
            transport,
            get_key=key_for(name, own),
            deadline_s=settings.completion.deadline_ms / 1000 * (1.0 if position == len(names) - 1 else PATIENCE_SHARE),
            allow_http=own.allow_http,
            headers=own.headers,
        )
        return UpstreamLink(upstream, ledger, policy_for(settings, own))

    return Chain((link(position, name) for position, name in enumerate(names)), failed=failed)


PATIENCE_SHARE = 0.6
"""The part of the deadline after which a silent provider is given up, where another one can still answer in time."""


def policy_for(settings: Settings, own: ProviderSettings) -> Policy:
    limits = settings.limits
    return Policy(
        limits.requests_per_minute,
        limits.tokens_per_day,
        limits.money_per_day,
        price_in=own.price_in or 0.0,
        price_out=own.price_out or 0.0,
    )
