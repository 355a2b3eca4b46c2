"""Small words that all wire formats use to write a request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fim_lsp.providers.base import Endpoint, Framing, Request, Sampling


def request(
    endpoint: Endpoint, path: str, fields: Mapping[str, Any], *, framing: Framing, session: str | None = None
) -> Request:
    """A POST of those fields that have a value, with what the user wants besides.

    `session` is the same for all requests of a place: a load balancer can send them where the prompt is still warm.
    """
    headers = {"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {}
    return Request(
        url=f"{endpoint.base_url}{path}",
        body=merged(present(fields), endpoint.extra),
        headers=headers | ({"X-Session-Id": session} if session else {}),
        framing=framing,
    )


def present(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Without those that are None: services refuse null."""
    return {name: value for name, value in fields.items() if value is not None}


def merged(fields: dict[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """`extra` wins; a table goes into the table of the same name."""
    for name, value in extra.items():
        own = fields.get(name)
        fields[name] = merged(dict(own), value) if isinstance(own, dict) and isinstance(value, Mapping) else value
    return fields


def temperature(sampling: Sampling) -> float:
    """Always sent: services differ in what they do without."""
    return 0.0 if sampling.temperature is None else sampling.temperature


def stops(sampling: Sampling, *more: str) -> list[str] | None:
    return list(dict.fromkeys((*sampling.stop, *more))) or None


def sse_or_json(sampling: Sampling) -> Framing:
    return "sse" if sampling.stream else "json"


def count(value: Any) -> int:
    """A number of tokens; anything else is none."""
    return value if isinstance(value, int) and value > 0 else 0
