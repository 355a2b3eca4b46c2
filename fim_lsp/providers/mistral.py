"""Mistral's FIM API: `POST {base_url}/fim/completions`, for Codestral on Mistral's own hosts, Azure and self-hosted.

The service refuses fields it does not know, so only what its schema lists is ever sent, and nothing as null.
What it answers is read leniently: everything below that looks overcautious has been seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fim_lsp.errors import Broken
from fim_lsp.prompt import formats
from fim_lsp.providers import explain
from fim_lsp.providers.base import Delta, Endpoint, Finish, Prompt, Request, Sampling, Usage

FINISHES: dict[str, Finish] = {"stop": "stop", "length": "length", "model_length": "length", "error": "error"}


class Mistral:
    kind = "mistral"

    def encode(self, prompt: Prompt, sampling: Sampling, endpoint: Endpoint) -> Request:
        return Request(
            url=f"{endpoint.base_url.rstrip('/')}/fim/completions",
            body=body(prompt, sampling, endpoint),
            headers={"Authorization": f"Bearer {endpoint.key}"} if endpoint.key else {},
            framing="sse" if sampling.stream else "json",
        )

    def decode(self, payload: Any) -> Delta:
        explain.raise_error_in(payload)
        choice = _first_choice(payload)
        message = choice.get("delta") or choice.get("message") or {}
        content = message.get("content") if isinstance(message, dict) else None
        return Delta(_text(content), _finish(choice.get("finish_reason")), usage(payload.get("usage")))

    def explain(self, status: int, body: str, headers: Mapping[str, str], endpoint: Endpoint) -> Exception:
        return explain.error(status, body, headers, endpoint)


def body(prompt: Prompt, sampling: Sampling, endpoint: Endpoint) -> dict[str, Any]:
    """The request's body; Google Cloud takes the same."""
    text, stops = formats.codestral_prompt(prompt)
    fields: dict[str, Any] = {
        "model": endpoint.model,
        "prompt": text,
        "suffix": prompt.suffix or None,
        "temperature": 0.0 if sampling.temperature is None else sampling.temperature,
        "top_p": sampling.top_p,
        "max_tokens": sampling.max_tokens,
        "min_tokens": sampling.min_tokens,
        "stop": list(sampling.stop + stops) or None,
        "random_seed": sampling.random_seed,
        "prompt_cache_key": sampling.cache_key,
        "stream": sampling.stream,
    }
    return {name: value for name, value in fields.items() if value is not None} | dict(endpoint.extra)


def usage(counts: Any) -> Usage | None:
    """Null until the stream's end; an object without counts is none."""
    if not isinstance(counts, dict):
        return None
    prompt, completion = counts.get("prompt_tokens"), counts.get("completion_tokens")
    if not isinstance(prompt, int) and not isinstance(completion, int):
        return None
    return Usage(_count(prompt), _count(completion), _cached(counts))


def _cached(counts: dict[str, Any]) -> int:
    for name in ("prompt_tokens_details", "prompt_token_details"):
        if isinstance(details := counts.get(name), dict):
            return _count(details.get("cached_tokens"))
    return _count(counts.get("num_cached_tokens"))


def _count(value: Any) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _first_choice(payload: Any) -> dict[str, Any]:
    """Choice 0; a chunk without choices is the one that only counts tokens."""
    if not isinstance(payload, dict):
        raise Broken("The service answered with something that is not a completion. Check base_url.")
    choices = payload.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else {}


def _text(content: Any) -> str:
    """A string, null, or a list of text chunks."""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(_text(chunk.get("text") if isinstance(chunk, dict) else chunk) for chunk in content)
    return ""


def _finish(reason: Any) -> Finish | None:
    if reason is None or reason == "":
        return None
    return FINISHES.get(reason, "unknown") if isinstance(reason, str) else "unknown"
