"""The wire formats that the test server speaks: one small class each, chosen by path.

A dialect checks a request and writes a text as that service does; it knows nothing of sockets and time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from tests.fim_server.schema import refusal, require_valid
from tests.fim_server.script import Json, Script

SSE, JSON, NDJSON = "text/event-stream", "application/json", "application/x-ndjson"


@dataclass(frozen=True)
class Refused:
    status: int
    body: object


class Dialect:
    path: ClassVar[str]
    """Regular expression for the whole path."""
    stream_type = SSE

    def check(self, body: Json) -> Refused | None:
        return None

    def prompt(self, body: Json) -> str:
        return str(body.get("prompt", ""))

    def max_tokens(self, body: Json) -> int | None:
        return body.get("max_tokens")

    def stops(self, body: Json) -> list[str]:
        stop = body.get("stop") or []
        return [stop] if isinstance(stop, str) else stop

    def streams(self, body: Json, path: str) -> bool:
        return bool(body.get("stream"))

    def whole(self, text: str, finish: str, body: Json, script: Script) -> Json:
        raise NotImplementedError

    def events(self, pieces: list[str], finish: str, body: Json, script: Script) -> Iterator[Json]:
        """The stream's payloads: one for each piece, then what ends it. An opening one may come first."""
        raise NotImplementedError

    def opening(self, body: Json, script: Script) -> list[Json]:
        """Payloads sent before any text."""
        return []

    def unauthorized(self) -> Json:
        return {"message": "Unauthorized", "request_id": "5f0c"}


class Mistral(Dialect):
    path = r"/v1/fim/completions|.*/publishers/mistralai/models/[^/]+:(streamR|r)awPredict"

    def check(self, body: Json) -> Refused | None:
        problem = refusal(body)
        return Refused(422, problem) if problem else None

    def whole(self, text: str, finish: str, body: Json, script: Script) -> Json:
        message = {"role": "assistant", "content": text}
        choice = {"index": 0, "message": message, "finish_reason": finish}
        answer = self._object("chat.completion", body) | {"choices": [choice], "usage": usage(body, text)}
        if finish in ("stop", "length"):
            require_valid("FimCompletionResponse", answer)
        return answer

    def opening(self, body: Json, script: Script) -> list[Json]:
        return [self._chunk(body, {"role": "assistant", "content": ""}, None)]

    def events(self, pieces: list[str], finish: str, body: Json, script: Script) -> Iterator[Json]:
        last = pieces.pop() if script.gather and pieces else ""
        for piece in pieces:
            yield self._chunk(body, {"content": self._content(piece, script)}, None)
        counts = usage(body, "".join(pieces) + last)
        yield self._chunk(body, {"content": self._content(last, script)}, finish) | {"usage": counts}

    def _content(self, text: str, script: Script) -> object:
        return text if script.content == "string" else [{"type": "text", "text": text}]

    def _chunk(self, body: Json, delta: Json, finish: str | None) -> Json:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        chunk = self._object("chat.completion.chunk", body) | {"choices": [choice]}
        if not isinstance(delta.get("content"), list):
            require_valid("FimCompletionStreamResponse", chunk)
        return chunk

    def _object(self, kind: str, body: Json) -> Json:
        return {
            "id": "cmpl-e5cc70bb28c444948073e77776eb30ef",
            "object": kind,
            "created": 1702256327,
            "model": body["model"],
        }


def usage(body: Json, text: str) -> Json:
    prompt = len(str(body.get("prompt", "")) + str(body.get("suffix", ""))) // 4 + 1
    completion = len(text) // 4 + 1
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


DIALECTS: list[Dialect] = [Mistral()]


def dialect_for(path: str, body: Json) -> Dialect | None:
    return next((dialect for dialect in DIALECTS if re.fullmatch(dialect.path, path)), None)


def _error(message: str, kind: str, code: object = None) -> Json:
    return {"object": "error", "message": message, "type": kind, "param": None, "code": code}


ERRORS: dict[int, Any] = {
    400: _error("Bad request", "invalid_request_error"),
    401: {"message": "Unauthorized", "request_id": "5f0c"},
    403: _error("Model not available on this plan", "invalid_request_error", "1001"),
    404: _error("Invalid model: codestral-1999", "invalid_model", "1500"),
    422: {"detail": [{"type": "missing", "loc": ["body", "prompt"], "msg": "Field required", "input": None}]},
    429: _error("Rate limit exceeded", "rate_limited", "1300") | {"raw_status_code": 429},
    500: _error("Internal server error", "internal_server_error", "1000"),
    502: b"<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>",
    503: _error("Service tier capacity exceeded for this model.", "invalid_request_error"),
}
"""The service's own body for a status."""
