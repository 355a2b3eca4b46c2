"""What a caller reads: completions as JSON and as server-sent events, models and errors, in Mistral's shapes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from fim_lsp.providers.base import Usage

Json = dict[str, Any]
Finish = Literal["stop", "length", "error"]

DONE = b"data: [DONE]\n\n"
JSON_TYPE = "application/json"
STREAM_TYPE = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Head:
    """What all parts of one answer repeat."""

    id: str
    created: int
    model: str

    def of(self, kind: str) -> Json:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.model}


def whole(head: Head, text: str, finish: Finish, usage: Usage) -> bytes:
    """The answer at once."""
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": finish}
    return encode({**head.of("chat.completion"), "choices": [choice], "usage": counts(usage)})


def opening(head: Head) -> bytes:
    """The first event of a stream: who speaks, and no text yet."""
    return _event(head, {"role": "assistant", "content": ""}, None)


def piece(head: Head, text: str) -> bytes:
    return _event(head, {"content": text}, None)


def ending(head: Head, text: str, finish: Finish, usage: Usage) -> bytes:
    """The last event with what is left of the text, why it ends and what it took; and the mark that ends a stream."""
    return _event(head, {"content": text}, finish, usage) + DONE


def _event(head: Head, delta: Json, finish: Finish | None, usage: Usage | None = None) -> bytes:
    body = head.of("chat.completion.chunk")
    body["choices"] = [{"index": 0, "delta": delta, "finish_reason": finish}]
    if usage is not None:
        body["usage"] = counts(usage)
    return b"data: " + encode(body) + b"\n\n"


def counts(usage: Usage) -> Json:
    total = usage.prompt + usage.completion
    counted: Json = {"prompt_tokens": usage.prompt, "completion_tokens": usage.completion, "total_tokens": total}
    return counted | ({"prompt_tokens_details": {"cached_tokens": usage.cached}} if usage.cached else {})


def models(names: Iterable[str], created: int) -> bytes:
    """The list of models as Mistral's SDK reads it: each fills in the middle, and does nothing else."""
    able = {"completion_chat": False, "completion_fim": True, "function_calling": False, "fine_tuning": False}
    cards = [
        {"id": name, "object": "model", "created": created, "owned_by": "fim-lsp", "type": "base", "capabilities": able}
        for name in names
    ]
    return encode({"object": "list", "data": cards})


ERROR_TYPES = {401: "authentication_error", 429: "rate_limit_error", 500: "server_error", 503: "server_error"}


def error(status: int, message: str) -> Json:
    kind = ERROR_TYPES.get(status, "invalid_request_error")
    return {"object": "error", "message": message, "type": kind, "param": None, "code": None}


def invalid(faults: Iterable[tuple[str, Sequence[str | int], str]]) -> Json:
    """A request that does not fit: each fault with its type, its place and what should be there."""
    detail = [{"type": kind, "loc": list(place), "msg": message} for kind, place, message in faults]
    first = detail[0]
    told = f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return {**error(422, told), "detail": detail}


def encode(body: object) -> bytes:
    return msgspec.json.encode(body)
