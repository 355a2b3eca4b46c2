"""What an error answer means, as one of our errors with one sentence for people that ends with the next step.

Services put their message in every shape there is, and proxies answer with web pages; the status decides, the
message only adds to it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fim_lsp import errors
from fim_lsp.prompt import formats
from fim_lsp.providers.base import Endpoint

QUOTE_LIMIT = 200
"""At most this many characters of an answer are shown to people."""


SHORTEST_KEY = 6
"""A shorter key is a word like any other, and cutting it out would tell what it is."""


@dataclass(frozen=True, slots=True)
class Rule:
    """What a status means: the error, and what to do about it. `{name}` is the provider, `{host}` its host."""

    error: type[errors.ProviderError]
    means: str
    next_step: str


RULES: dict[int, Rule] = {
    400: Rule(
        errors.BadRequest, "{name} did not take the request", "Check model, template and extra of [providers.{name}]."
    ),
    401: Rule(
        errors.KeyRefused, "{host} refused the API key of {name}", "Set a valid key; `fim-lsp doctor` shows its source."
    ),
    402: Rule(errors.KeyRefused, "{host} asks for payment", "Check the account's plan and credit, then clear."),
    403: Rule(
        errors.KeyRefused,
        "{host} does not allow {model} with this key",
        "Check the account's plan, or choose another model for [providers.{name}].",
    ),
    404: Rule(
        errors.NotFound,
        "{host} does not know {model}, or not this address",
        "Check model and base_url of [providers.{name}].",
    ),
    405: Rule(errors.NotFound, "{host} does not complete at this address", "Check base_url of [providers.{name}]."),
    407: Rule(errors.ConfigurationError, "The proxy asks for a user name", "Set network.proxy with user and password."),
    408: Rule(errors.TimedOut, "{host} gave up waiting", "It will be tried again."),
    413: Rule(errors.TooLong, "The prompt is too long for {name}", "Lower context.max_tokens."),
    422: Rule(errors.BadRequest, "{name} did not take the request", "Check model and extra of [providers.{name}]."),
    501: Rule(
        errors.NoInfill,
        "{model} on {host} cannot fill in the middle",
        "Choose another model, or set template in [providers.{name}] to one of {templates}.",
    ),
    429: Rule(errors.RateLimited, "{host} asks to wait (rate limit)", "It goes on by itself; a paid plan has more."),
}
OVERLOADED = Rule(errors.Overloaded, "{host} is in trouble (HTTP {status})", "It will be tried again.")
ODD = Rule(errors.BadRequest, "{host} answered HTTP {status}", "Check base_url of [providers.{name}].")

TOO_LONG = re.compile(
    r"context.{0,20}(length|size|window)|too (large|long) for|exceeds? .{0,40}context|maximum context", re.I
)
CAPACITY = re.compile(r"capacity exceeded|overloaded|no capacity", re.I)
NO_INFILL = re.compile(
    r"does not support insert|infill is not supported|not support(ed)?.{0,20}(fim|fill.in.the.middle)", re.I
)


def error(status: int, body: str, headers: Mapping[str, str], endpoint: Endpoint) -> errors.ProviderError:
    """The error for an answer that is not 2xx."""
    said = message_of(body)
    rule = _rule(status, said)
    names = {
        "name": endpoint.name,
        "host": urlsplit(endpoint.base_url).hostname or endpoint.name,
        "model": endpoint.model or "the model",
        "status": status,
        "templates": ", ".join(formats.FORMATS),
    }
    sentence = rule.means.format(**names) + (f": “{quote(said, endpoint)}”" if said else "")
    return rule.error(
        f"{sentence}. {rule.next_step.format(**names)}", status=status, retry_after_s=retry_after_s(headers)
    )


def raise_error_in(payload: Any) -> None:
    """Raise what a payload with status 200 reports, as services do once a stream has begun."""
    if not isinstance(payload, dict) or not _is_error(payload):
        return
    said = " ".join(_messages(payload))[:QUOTE_LIMIT]
    if TOO_LONG.search(said):
        raise errors.TooLong(f"The prompt is too long for the model: “{said}”. Lower context.max_tokens.")
    if NO_INFILL.search(said):
        raise errors.NoInfill(f"The model cannot fill in the middle: “{said}”. Choose another, or set template.")
    raise errors.Overloaded(f"The service broke off with an error: “{said}”. It will be tried again.")


def message_of(body: str) -> str:
    """What an error body says, in any of the known shapes; empty for a web page."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        return "" if "<" in body[:200] else " ".join(body.split())
    return " ".join(dict.fromkeys(_messages(payload)))


def quote(said: str, endpoint: Endpoint) -> str:
    """A service's words, short, on one line, without the key that some repeat and without what we sent."""
    text = said.replace(endpoint.key, "…") if len(endpoint.key) >= SHORTEST_KEY else said
    text = re.sub(r"\b(Bearer\s+)\S+", r"\1…", "".join(c if c.isprintable() else " " for c in text))
    return text if len(text) <= QUOTE_LIMIT else text[: QUOTE_LIMIT - 1] + "…"


def retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait by `Retry-After` (seconds or a date, which is relative to the answer's own `Date`)."""
    if milliseconds := headers.get("retry-after-ms"):
        return _seconds(milliseconds, 0.001)
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    if (seconds := _seconds(value)) is not None:
        return seconds
    from email.utils import parsedate_to_datetime

    try:
        then, now = parsedate_to_datetime(value), parsedate_to_datetime(headers.get("date", ""))
    except (ValueError, TypeError):
        return None
    return max(0.0, (then - now).total_seconds())


def _seconds(value: str, unit_s: float = 1.0) -> float | None:
    try:
        seconds = float(value) * unit_s
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


def _rule(status: int, said: str) -> Rule:
    if status in (400, 413, 422, 500) and TOO_LONG.search(said):
        return RULES[413]
    if NO_INFILL.search(said):
        return RULES[501]
    if status == 429 and CAPACITY.search(said):
        return OVERLOADED
    return RULES.get(status) or (OVERLOADED if status >= 500 else ODD)


def _is_error(payload: dict[str, Any]) -> bool:
    return (
        bool(payload.get("error"))
        or str(payload.get("object", "")).lower() == "error"
        or ("choices" not in payload and "detail" in payload)
    )


def _messages(value: Any, depth: int = 0) -> Iterator[str]:
    """The human words in an error body: `message`, `detail`, `error`, `msg`, nested or in lists, or JSON in a string.

    `input` and the like, where validators repeat what was sent, are never among them.
    """
    if depth > 6:
        return
    if isinstance(value, str):
        yield from _messages(parsed, depth + 1) if (parsed := _json_object(value)) else [" ".join(value.split())]
    elif isinstance(value, list):
        for item in value[:5]:
            yield from _messages(item, depth + 1)
    elif isinstance(value, dict):
        if isinstance(value.get("loc"), list):
            yield ".".join(str(part) for part in value["loc"]) + ":"
        for name in ("error", "message", "detail", "msg"):
            if value.get(name):
                yield from _messages(value[name], depth + 1)


def _json_object(text: str) -> dict[str, Any] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None
