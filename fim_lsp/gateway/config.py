"""What a gateway serves: its own table `[gateway]` beside the providers, in the same words as the settings.

```toml
[providers.gpu1]
kind = "llamacpp"
base_url = "http://10.0.0.1:8080"
allow_http = true                 # inside your own network

[gateway.models.codestral-latest]
upstreams = ["gpu1", "gpu2"]      # the same model on several machines
fallback = ["mistral"]            # tried in order when none of them can answer
```
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from fim_lsp.settings.layers import Layer, from_environment
from fim_lsp.settings.resolve import Resolved, resolve
from fim_lsp.settings.sources import known_providers, user_file

USUAL_MODEL = "codestral-latest"
"""What callers ask for unless told otherwise."""
EMBEDDED = "lookup"
Positive = Annotated[int, Meta(ge=1)]


class Wrong(Exception):
    """The file says something impossible; the message says what to do."""


class Route(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[gateway.models.NAME]`: who answers for this name."""

    upstreams: tuple[str, ...] = ()
    fallback: tuple[str, ...] = ()


class Gateway(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`[gateway]`. What the command line says counts for more."""

    models: dict[str, Route] = {}
    folder: str = ""
    redis: str = ""
    at_once: Positive = 1024
    """Requests answered at the same time, by one worker."""
    waiting: Annotated[int, Meta(ge=0)] = 4096
    deadline_s: Annotated[float, Meta(gt=0)] = 30.0
    """How long a model may stay silent …"""
    patience_s: Annotated[float, Meta(gt=0)] = 5.0
    """… where another one could be asked."""


class Config(msgspec.Struct, frozen=True):
    gateway: Gateway
    resolved: Resolved

    def patience_s(self, provider: str) -> float:
        """How long this provider may stay silent: as long as can be where it is all that a model has."""
        alone = any((*route.upstreams, *route.fallback) == (provider,) for route in self.routes.values())
        return self.gateway.deadline_s if alone else min(self.gateway.patience_s, self.gateway.deadline_s)

    @property
    def routes(self) -> Mapping[str, Route]:
        """By name. Without a table of models, one chain answers to its providers' names and to the usual one."""
        if self.gateway.models:
            return self.gateway.models
        asked = self.resolved.settings.provider
        chain = (EMBEDDED,) if asked == "auto" else (asked,) if isinstance(asked, str) else tuple(asked)
        own = self.resolved.settings.providers
        models = [own[name].model for name in chain if name in own and own[name].model]
        return dict.fromkeys((*chain, *models, USUAL_MODEL), Route(upstreams=chain[:1], fallback=chain[1:]))


def load(path: Path | None, environ: Mapping[str, str], *, providers: Sequence[str] = ()) -> Config:
    """From a file, else from `gateway.toml` beside the user's settings, else from those. Raises Wrong."""
    values = dict(_toml(path) if path is not None else _usual_toml())
    own = values.pop("gateway", {})
    layers = [Layer("user file", values), from_environment(environ)]
    if providers:
        layers.append(Layer("editor", {"provider": list(providers)}))
    resolved = resolve(layers, known_providers=known_providers())
    if wrong := [str(problem) for problem in resolved.problems if not problem.is_warning]:
        raise Wrong("some settings are wrong:\n  " + "\n  ".join(wrong))
    try:
        config = Config(msgspec.convert(own, Gateway), resolved)
    except msgspec.ValidationError as error:
        raise Wrong(f"[gateway]: {error}") from None
    _check_names(config)
    return config


def _check_names(config: Config) -> None:
    known = {*known_providers(), *config.resolved.settings.providers}
    for model, route in config.routes.items():
        if not (route.upstreams or route.fallback):
            raise Wrong(f"[gateway.models.{model}] names nobody: set upstreams = [...]")
        for name in (*route.upstreams, *route.fallback):
            if name not in known:
                raise Wrong(f"[gateway.models.{model}]: there is no provider {name}; add a table [providers.{name}]")


def _usual_toml() -> Mapping[str, Any]:
    settings = user_file()
    for path in (settings.with_name("gateway.toml"), settings):
        if path.exists():
            return _toml(path)
    return {}


def _toml(path: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise Wrong(f"{path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise Wrong(f"{path} cannot be read: {error}") from None
