"""What `provider = "auto"` means on this machine: the first that works of a key and a local server.

A local server is used only after it has shown what it is and that its loaded model fills in the middle; until then it
is a stranger, and all that strangers get is a question about themselves. Only loopback is ever searched.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Any

import msgspec

from fim_lsp.errors import ProviderError
from fim_lsp.lookup.source import NAME as LOOKUP
from fim_lsp.network import shown
from fim_lsp.providers.base import Json, Request
from fim_lsp.providers.presets import PRESETS
from fim_lsp.settings.model import ProviderSettings, Settings
from fim_lsp.transport import Transport

KEYED = ("mistral", "codestral")
"""Providers that a key alone is enough for."""
LOCAL = (
    ("llamacpp", "http://127.0.0.1:8080"),
    ("llamacpp", "http://127.0.0.1:8012"),
    ("ollama", "http://127.0.0.1:11434"),
)
"""Where local servers listen unless told otherwise; 8012 is llama.vim's."""
SEARCH_S = 0.3

Ask = Callable[[Request], Awaitable[Any]]
"""The parsed answer to a request; raises ProviderError, TimeoutError or DecodeError."""


@dataclass(frozen=True, slots=True)
class Found:
    """A provider that works, and what to tell the user at its first use."""

    name: str
    settings: ProviderSettings
    announcement: str


def tried(settings: Settings, found: Found | None) -> tuple[Settings, tuple[str, ...]]:
    """The providers to ask, in order, and the settings that hold for them. `found`: what `auto` came to."""
    if settings.provider != "auto":
        return settings, (settings.provider,) if isinstance(settings.provider, str) else settings.provider
    if found is None:
        return settings, (LOOKUP,)
    providers = {**settings.providers, found.name: found.settings}
    return msgspec.structs.replace(settings, providers=providers), (found.name, LOOKUP)


def by_key(settings: Settings, environ: Mapping[str, str]) -> Found | None:
    """A key that is in sight: no command is run and no keyring asked for it."""
    for name in KEYED:
        own = settings.providers.get(name, ProviderSettings())
        variable = own.api_key_env or PRESETS[name].key_env
        if own.api_key or own.api_key_command or environ.get(variable):
            return Found(name, own, _announce_service(name, own, "there is a key for it"))
    return None


async def by_search(
    settings: Settings,
    transport: Transport,
    read_keyring: Callable[[str], Awaitable[str]],
    *,
    local: tuple[tuple[str, str], ...] = LOCAL,
) -> Found | None:
    """A key in the keyring, else a local server that can be used as it is."""
    for name in KEYED:
        if await read_keyring(name):
            own = settings.providers.get(name, ProviderSettings())
            return Found(name, own, _announce_service(name, own, "the keyring has a key for it"))
    await transport.load()
    with suppress(TimeoutError):
        async with asyncio.timeout(SEARCH_S):
            return await _first_local(settings, transport, local)
    return None


async def _first_local(settings: Settings, transport: Transport, local: tuple[tuple[str, str], ...]) -> Found | None:
    """All are asked at once; the first of the list that fits is taken."""

    async def ask(request: Request) -> Any:
        return await fetch(transport, request, SEARCH_S)

    searches = [asyncio.ensure_future(_look_at(ask, name, url)) for name, url in local]
    try:
        for (name, url), search in zip(local, searches, strict=True):
            if (model := await search) is not None:
                own = settings.providers.get(name, ProviderSettings())
                own = msgspec.structs.replace(own, base_url=url, model=own.model or model)
                return Found(name, own, _announce_local(name, url))
        return None
    finally:
        for search in searches:
            search.cancel()


async def _look_at(ask: Ask, name: str, url: str) -> str | None:
    """The model to name in requests ("" if none has to be named), or None if this cannot be used."""
    try:
        return await (_look_at_llamacpp(ask, url) if name == "llamacpp" else _look_at_ollama(ask, url))
    except (ProviderError, msgspec.DecodeError, TimeoutError):
        return None


async def _look_at_llamacpp(ask: Ask, url: str) -> str | None:
    """It describes itself once a model is loaded; an infill of nothing shows whether the model can."""
    props = await ask(Request(f"{url}/props", {}, method="GET"))
    if not isinstance(props, dict) or not {"total_slots", "default_generation_settings"} <= props.keys():
        return None
    nothing: Json = {"input_prefix": "", "input_suffix": "", "n_predict": 0}
    answer = await ask(Request(f"{url}/infill", nothing))
    return "" if isinstance(answer, dict) and "content" in answer else None


async def _look_at_ollama(ask: Ask, url: str) -> str | None:
    """The first of the running models that can insert."""
    running = await ask(Request(f"{url}/api/ps", {}, method="GET"))
    models = running.get("models") if isinstance(running, dict) else None
    for model in models if isinstance(models, list) else []:
        name = model.get("name") if isinstance(model, dict) else None
        if isinstance(name, str) and can_insert(await ask(Request(f"{url}/api/show", {"model": name}))):
            return name
    return None


def can_insert(shown: Any) -> bool:
    """What Ollama says of a model: newer versions list capabilities, older ones only show the template."""
    if not isinstance(shown, dict):
        return False
    capabilities = shown.get("capabilities")
    if isinstance(capabilities, list):
        return "insert" in capabilities
    return ".Suffix" in str(shown.get("template", ""))


async def fetch(transport: Transport, request: Request, deadline_s: float, *, allow_http: bool = False) -> Any:
    """The JSON that a request is answered with. Raises ProviderError, also where the status is not 200."""
    async with transport.open(request, deadline_s=deadline_s, allow_http=allow_http) as answer:
        if answer.status != 200:
            raise ProviderError(f"HTTP {answer.status}", status=answer.status)
        body = b""
        async with aclosing(answer.chunks()) as chunks:
            async for chunk in chunks:
                body += chunk
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        raise ProviderError("The answer is not JSON.") from None


def _announce_service(name: str, own: ProviderSettings, why: str) -> str:
    preset = PRESETS[name]
    model, url = own.model or preset.model, own.base_url or preset.base_url
    return (
        f"fim-lsp completes with {model} at {shown(url)}, since {why}: the code around the cursor is sent there. "
        'Set provider = "lookup" to keep everything on this machine.'
    )


def _announce_local(name: str, url: str) -> str:
    return (
        f"fim-lsp completes with the {name} server it found at {url}. "
        f'Set provider = "{name}" to keep it, or "lookup" to do without.'
    )
