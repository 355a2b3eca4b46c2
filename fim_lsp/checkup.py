"""What `fim-lsp doctor` examines: each step from the settings to a real completion, and where it breaks.

Steps depend on one another, so a fault ends the examination of a provider: what comes after it would only repeat it.
The completion that is asked for is a fixed line of code; nothing of the user's is sent.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from fim_lsp.discovery import can_insert, fetch
from fim_lsp.errors import KeyRefused, ProviderError
from fim_lsp.finding import Fault, Finding
from fim_lsp.keys import Keys
from fim_lsp.network import require_safe, shown
from fim_lsp.providers import explain
from fim_lsp.providers.base import Endpoint, Prompt, Request, Sampling
from fim_lsp.providers.presets import BY_KIND, PRESETS, endpoint_for, preset_for
from fim_lsp.reach import PATIENCE_S, reach
from fim_lsp.settings.model import ProviderSettings, Settings
from fim_lsp.transport import Transport
from fim_lsp.upstream import Upstream

PROMPT = Prompt("def add(a, b):\n    return ", "\n\n\nprint(add(1, 2))\n", path="add.py", language="python")
OTHER_HOST = {"mistral": "codestral", "codestral": "mistral"}
"""Mistral's two hosts take different keys, which look alike."""


async def examine(name: str, settings: Settings, transport: Transport, keys: Keys) -> AsyncIterator[Finding]:
    """One provider, step by step."""
    own = settings.providers.get(name, ProviderSettings())
    patient = Patient(name, settings, own, transport)
    step = "settings"
    try:
        if preset_for(name, own).kind == "lookup":
            yield Finding("ok", "lookup", "completes from your own text; no model, no network")
            return
        patient.endpoint = endpoint_for(name, own)
        require_safe(patient.endpoint.base_url, allow_http=own.allow_http)
        yield Finding("ok", step, f"{patient.endpoint.kind} at {shown(patient.endpoint.base_url)}")
        step = "key"
        key = await keys.key_for(name, own)
        patient.endpoint = replace(patient.endpoint, key=key.value)
        yield Finding("ok", step, f"from {key.source}" if key.value else "none needed")
        step = "network"
        async for finding in reach(patient.endpoint.base_url, settings.network, transport):
            yield finding
        step = "model"
        async for finding in _model(patient):
            yield finding
        step = "completion"
        yield await _completion(patient, patient.endpoint)
    except KeyRefused as error:
        yield await _refused(patient, error)
    except (ProviderError, Fault) as error:
        yield _fault(step, error)


@dataclass(slots=True)
class Patient:
    """The provider that is examined, as far as it is known."""

    name: str
    settings: Settings
    own: ProviderSettings
    transport: Transport
    endpoint: Endpoint = field(default_factory=lambda: Endpoint("", "", ""))


def _fault(step: str, error: ProviderError | Fault) -> Finding:
    if isinstance(error, Fault):
        return Finding("fault", step, error.detail, error.next_step)
    what, _, then = error.message.partition(". ")
    return Finding("fault", step, what, then)


async def _model(patient: Patient) -> AsyncIterator[Finding]:
    """Whether the model exists and fills in the middle, where the service has a page that says so."""
    endpoint = patient.endpoint
    look = MODEL_PAGES.get(endpoint.kind)
    if look is None:
        return

    async def ask(request: Request) -> Any:
        return await fetch(patient.transport, request, PATIENCE_S, allow_http=patient.own.allow_http)

    try:
        finding = await look(endpoint, ask)
    except ProviderError as error:
        if error.status == 401:
            raise explain.error(401, "", {}, endpoint) from None
        finding = Finding("warning", "model", "the service does not say which models it has")
    yield finding


Fetch = Callable[[Request], Awaitable[Any]]


async def _listed(endpoint: Endpoint, fetch: Fetch) -> Finding:
    """GET /models, of Mistral and all who follow OpenAI."""
    page = await fetch(_get(endpoint, f"{endpoint.base_url}/models"))
    cards = page.get("data", []) if isinstance(page, dict) else page
    by_id = {card.get("id"): card for card in cards if isinstance(card, dict)} if isinstance(cards, list) else {}
    card = by_id.get(endpoint.model)
    if card is None:
        aliases = [found for found in by_id.values() if endpoint.model in (found.get("aliases") or ())]
        card = aliases[0] if aliases else None
    if card is None:
        return Finding("warning", "model", f"{endpoint.model} is not among {_some(by_id)}", "Check model.")
    capabilities = card.get("capabilities")
    if isinstance(capabilities, dict) and capabilities.get("completion_fim") is False:
        raise Fault(f"{endpoint.model} does not fill in the middle", f"Choose one of {_some(_that_fill_in(by_id))}.")
    context = card.get("max_context_length") or card.get("max_model_len")
    return Finding("ok", "model", f"{endpoint.model} is there" + (f", context {context} tokens" if context else ""))


async def _props(endpoint: Endpoint, fetch: Fetch) -> Finding:
    page = await fetch(_get(endpoint, f"{endpoint.base_url}/props"))
    path = str(page.get("model_path", "")) if isinstance(page, dict) else ""
    return Finding("ok", "model", f"{path.rpartition('/')[2] or 'a model'} is loaded")


async def _shown(endpoint: Endpoint, fetch: Fetch) -> Finding:
    request = replace(_get(endpoint, f"{endpoint.base_url}/api/show"), body={"model": endpoint.model}, method="POST")
    if can_insert(await fetch(request)):
        return Finding("ok", "model", f"{endpoint.model} can insert")
    tells = "its own tokens are used" if endpoint.template else "Set template, or choose a model that can."
    return Finding("warning", "model", f"Ollama cannot insert with {endpoint.model}", tells)


MODEL_PAGES: dict[str, Callable[[Endpoint, Fetch], Awaitable[Finding]]] = {
    "mistral": _listed,
    "openai": _listed,
    "llamacpp": _props,
    "ollama": _shown,
}


def _get(endpoint: Endpoint, url: str) -> Request:
    headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    return Request(url, {}, headers, method="GET", framing="json")


def _that_fill_in(cards: dict[Any, Any]) -> list[Any]:
    return [name for name, card in cards.items() if (card.get("capabilities") or {}).get("completion_fim")]


def _some(names: Any) -> str:
    named = [str(name) for name in names]
    return ", ".join(named[:6]) + (f" and {len(named) - 6} more" if len(named) > 6 else "") or "none"


async def _completion(patient: Patient, endpoint: Endpoint) -> Finding:
    """A real request, as the server sends it."""
    own = patient.own
    upstream = Upstream(
        endpoint,
        BY_KIND[endpoint.kind],
        patient.transport,
        deadline_s=PATIENCE_S,
        allow_http=own.allow_http,
        headers=own.headers,
    )
    begun = time.perf_counter()
    first_ms, text = 0.0, ""
    async with aclosing(upstream.generate(PROMPT, Sampling(max_tokens=16, stop=("\n",)))) as deltas:
        async for delta in deltas:
            first_ms = first_ms or ((time.perf_counter() - begun) * 1000 if delta.text else 0.0)
            text += delta.text
    total_ms = (time.perf_counter() - begun) * 1000
    if not text.strip():
        return Finding("warning", "completion", f"empty, after {total_ms:.0f} ms", "Check model and template.")
    shown = "".join(character if character.isprintable() else " " for character in text.strip())[:60]
    return Finding("ok", "completion", f"“{shown}”, first text after {first_ms:.0f} ms, all after {total_ms:.0f} ms")


async def _refused(patient: Patient, error: KeyRefused) -> Finding:
    """The key is wrong, or it is right at Mistral's other host: that is tried once, and only where it is Mistral's."""
    fault = _fault("key", error)
    name, endpoint = patient.name, patient.endpoint
    other = OTHER_HOST.get(name)
    if error.status != 401 or other is None or endpoint.base_url != PRESETS[name].base_url:
        return fault
    elsewhere = replace(endpoint, base_url=PRESETS[other].base_url)
    here, there = urlsplit(endpoint.base_url).netloc, urlsplit(elsewhere.base_url).netloc
    try:
        await _completion(patient, elsewhere)
    except ProviderError:
        return replace(fault, detail=f"{fault.detail}; nor does {there} take it")
    advice = f'Set provider = "{other}" and give it this key.'
    return Finding("fault", "key", f"{here} refuses this key, but {there} takes it", advice)
