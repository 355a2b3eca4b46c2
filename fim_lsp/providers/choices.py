"""Reading the family of answers that hold a list of `choices`: OpenAI's, and Mistral's with its `delta` and `message`.

Read leniently: whatever below looks overcautious has been seen.
"""

from __future__ import annotations

from typing import Any

from fim_lsp.errors import Broken
from fim_lsp.providers import explain
from fim_lsp.providers.base import Delta, Finish, Usage
from fim_lsp.providers.fields import count

FINISHES: dict[str, Finish] = {
    "stop": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "stop_sequence": "stop",
    "length": "length",
    "model_length": "length",
    "error": "error",
}


def decode(payload: Any) -> Delta:
    explain.raise_error_in(payload)
    choice = first_choice(payload)
    return Delta(text_of(choice), finish(choice.get("finish_reason")), usage(payload.get("usage")))


def first_choice(payload: Any) -> dict[str, Any]:
    """Choice 0; a chunk without choices is the one that only counts tokens."""
    if not isinstance(payload, dict):
        raise Broken("The service answered with something that is not a completion. Check base_url.")
    choices = payload.get("choices")
    first = choices[0] if isinstance(choices, list) and choices else None
    return first if isinstance(first, dict) else {}


def text_of(choice: dict[str, Any]) -> str:
    """`text`, or the content of `delta` or `message`: a string, null, or a list of text chunks."""
    message = choice.get("delta") or choice.get("message")
    return _text(message.get("content") if isinstance(message, dict) else choice.get("text"))


def finish(reason: Any) -> Finish | None:
    if reason is None or reason == "":
        return None
    return FINISHES.get(reason, "unknown") if isinstance(reason, str) else "unknown"


def usage(counts: Any) -> Usage | None:
    """Null until the stream's end; an object without counts is none."""
    if not isinstance(counts, dict) or not (counts.get("prompt_tokens") or counts.get("completion_tokens")):
        return None
    return Usage(count(counts.get("prompt_tokens")), count(counts.get("completion_tokens")), _cached(counts))


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(_text(chunk.get("text") if isinstance(chunk, dict) else chunk) for chunk in content)
    return ""


def _cached(counts: dict[str, Any]) -> int:
    for name in ("prompt_tokens_details", "prompt_token_details"):
        if isinstance(details := counts.get(name), dict):
            return count(details.get("cached_tokens"))
    return count(counts.get("num_cached_tokens")) or count(counts.get("prompt_cache_hit_tokens"))
