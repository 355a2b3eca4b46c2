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

SSE, NDJSON = "text/event-stream", "application/x-ndjson"


@dataclass(frozen=True)
class Refused:
    status: int
    body: object


class Dialect:
    path: ClassVar[str]
    """Regular expression for the whole path."""
    fields: ClassVar[frozenset[str]] = frozenset()
    """The documented fields; others are refused."""
    stream_type = SSE
    ends_with_done = True

    def fits(self, body: Json) -> bool:
        """Whether a request at this path is meant for this service."""
        return True

    def check(self, body: Json, script: Script) -> Refused | None:
        unknown = sorted(set(body) - self.fields)
        null = sorted(name for name, value in body.items() if value is None)
        if unknown or null:
            return Refused(422, {"detail": f"unknown or null: {', '.join(unknown + null)}"})
        return None

    def prefix(self, body: Json) -> str:
        """The text before the cursor, for scripts that answer by it."""
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

    def opening(self, body: Json, script: Script) -> list[Json]:
        """Payloads sent before any text."""
        return []

    def events(self, pieces: list[str], finish: str, body: Json, script: Script) -> Iterator[Json]:
        """A payload for each piece, then what ends the stream."""
        raise NotImplementedError

    def unauthorized(self) -> Json:
        return {"error": {"code": 401, "message": "Invalid API Key", "type": "authentication_error"}}


class Mistral(Dialect):
    path = r"/v1/fim/completions|.*/publishers/mistralai/models/[^/]+:(streamR|r)awPredict"

    def fits(self, body: Json) -> bool:
        return not str(body.get("model", "")).startswith("mercury")

    def check(self, body: Json, script: Script) -> Refused | None:
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

    def unauthorized(self) -> Json:
        return {"message": "Unauthorized", "request_id": "5f0c"}

    def _content(self, text: str, script: Script) -> object:
        return text if script.content == "string" else [{"type": "text", "text": text}]

    def _chunk(self, body: Json, delta: Json, finish: str | None) -> Json:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        chunk = self._object("chat.completion.chunk", body) | {"choices": [choice]}
        if not isinstance(delta.get("content"), list):
            require_valid("FimCompletionStreamResponse", chunk)
        return chunk

    def _object(self, kind: str, body: Json) -> Json:
        return {"id": "cmpl-e5cc70bb28c4", "object": kind, "created": 1_763_820_000, "model": body["model"]}


OPENAI_FIELDS = frozenset(
    [
        "model",
        "prompt",
        "suffix",
        "max_tokens",
        "temperature",
        "top_p",
        "stop",
        "seed",
        "stream",
        "stream_options",
        "n",
        "echo",
        "logprobs",
        "user",
        "presence_penalty",
        "frequency_penalty",
    ]
)


class OpenAI(Dialect):
    """`/v1/completions`; with `script.refuses_suffix` as vLLM does."""

    path = r"/v1/completions|/inference/v1/completions"
    fields = OPENAI_FIELDS | {"min_tokens"}

    def check(self, body: Json, script: Script) -> Refused | None:
        if script.refuses_suffix and body.get("suffix"):
            message = "suffix is not currently supported"
            return Refused(400, {"error": {"message": message, "type": "BadRequestError", "code": 400}})
        return super().check(body, script)

    def whole(self, text: str, finish: str, body: Json, script: Script) -> Json:
        return self._object(text, finish) | {"usage": usage(body, text)}

    def events(self, pieces: list[str], finish: str, body: Json, script: Script) -> Iterator[Json]:
        for piece in pieces:
            yield self._object(piece, None)
        yield self._object("", finish)
        if (body.get("stream_options") or {}).get("include_usage"):
            yield {"id": "cmpl-1", "object": "text_completion", "choices": [], "usage": usage(body, "".join(pieces))}

    def _object(self, text: str, finish: str | None) -> Json:
        choice = {"index": 0, "text": text, "logprobs": None, "finish_reason": finish}
        return {"id": "cmpl-1", "object": "text_completion", "created": 1_763_820_000, "choices": [choice]}


class DeepSeek(OpenAI):
    path = r"/beta/completions"
    fields = OPENAI_FIELDS - {"seed"}


class Mercury(OpenAI):
    path = r"/v1/fim/completions"
    fields = OPENAI_FIELDS - {"seed"}


class LlamaCpp(Dialect):
    path = r"/infill|/completion"
    fields = frozenset(
        [
            "input_prefix",
            "input_suffix",
            "input_extra",
            "prompt",
            "model",
            "n_predict",
            "temperature",
            "top_k",
            "top_p",
            "min_p",
            "stop",
            "stream",
            "seed",
            "n_indent",
            "t_max_predict_ms",
            "cache_prompt",
            "n_cache_reuse",
            "id_slot",
            "samplers",
            "response_fields",
        ]
    )
    ends_with_done = False

    def check(self, body: Json, script: Script) -> Refused | None:
        if "input_prefix" in body and not script.fills_in:
            missing = " ".join(f"{token} token is missing." for token in ("prefix", "suffix", "middle"))
            message = f"Infill is not supported by this model: {missing} "
            return Refused(501, {"error": {"code": 501, "message": message, "type": "not_supported_error"}})
        return super().check(body, script)

    def prefix(self, body: Json) -> str:
        return str(body.get("input_prefix", "")) + str(body.get("prompt", ""))

    def max_tokens(self, body: Json) -> int | None:
        return body.get("n_predict")

    def whole(self, text: str, finish: str, body: Json, script: Script) -> Json:
        return self._last(text, finish, text)

    def events(self, pieces: list[str], finish: str, body: Json, script: Script) -> Iterator[Json]:
        for piece in pieces:
            yield {"index": 0, "content": piece, "tokens": [1], "stop": False, "id_slot": 0, "tokens_evaluated": 9}
        yield self._last("", finish, "".join(pieces))

    def _last(self, content: str, finish: str, text: str) -> Json:
        stop_type = "limit" if finish == "length" else "eos"
        counts = {"tokens_predicted": len(text) // 4 + 1, "tokens_evaluated": 9, "tokens_cached": 12}
        return {"index": 0, "content": content, "stop": True, "stop_type": stop_type, "truncated": False} | counts


class Ollama(Dialect):
    path = r"/api/generate"
    fields = frozenset(
        ["model", "prompt", "suffix", "raw", "stream", "keep_alive", "options", "template", "system", "format"]
    )
    stream_type = NDJSON
    ends_with_done = False

    def check(self, body: Json, script: Script) -> Refused | None:
        if body.get("suffix") and not script.fills_in:
            name = f"registry.ollama.ai/library/{body['model']}"
            return Refused(400, {"error": f"{name} does not support insert"})
        return super().check(body, script)

    def max_tokens(self, body: Json) -> int | None:
        return (body.get("options") or {}).get("num_predict")

    def stops(self, body: Json) -> list[str]:
        return (body.get("options") or {}).get("stop") or []

    def streams(self, body: Json, path: str) -> bool:
        return bool(body.get("stream", True))

    def whole(self, text: str, finish: str, body: Json, script: Script) -> Json:
        return self._last(body, text, finish, text)

    def events(self, pieces: list[str], finish: str, body: Json, script: Script) -> Iterator[Json]:
        for piece in pieces:
            yield {"model": body["model"], "created_at": "2026-03-02T10:00:00Z", "response": piece, "done": False}
        yield self._last(body, "", finish, "".join(pieces))

    def unauthorized(self) -> Json:
        return {"error": "unauthorized"}

    def _last(self, body: Json, response: str, finish: str, text: str) -> Json:
        counts = {"total_duration": 5043500667, "prompt_eval_count": 26, "eval_count": len(text) // 4 + 1}
        return {"model": body["model"], "response": response, "done": True, "done_reason": finish} | counts


class Tgi(Dialect):
    path = r"/generate|/generate_stream"
    fields = frozenset({"inputs", "parameters"})
    parameters = frozenset(
        [
            "max_new_tokens",
            "temperature",
            "do_sample",
            "top_p",
            "top_k",
            "stop",
            "seed",
            "details",
            "return_full_text",
            "truncate",
        ]
    )
    ends_with_done = False

    def check(self, body: Json, script: Script) -> Refused | None:
        given = body.get("parameters", {})
        if given.get("temperature") is not None and given["temperature"] <= 0:
            return Refused(422, {"error": "`temperature` must be strictly positive", "error_type": "validation"})
        if given.get("top_p") is not None and not 0 < given["top_p"] < 1:
            return Refused(422, {"error": "`top_p` must be > 0.0 and < 1.0", "error_type": "validation"})
        if set(given) - self.parameters:
            return Refused(422, {"error": "unknown parameter", "error_type": "validation"})
        return super().check(body, script)

    def prefix(self, body: Json) -> str:
        return str(body.get("inputs", ""))

    def max_tokens(self, body: Json) -> int | None:
        return body.get("parameters", {}).get("max_new_tokens")

    def stops(self, body: Json) -> list[str]:
        return body.get("parameters", {}).get("stop") or []

    def streams(self, body: Json, path: str) -> bool:
        return path.endswith("stream")

    def whole(self, text: str, finish: str, body: Json, script: Script) -> Json:
        return {"generated_text": text, "details": self._details(text, finish)}

    def events(self, pieces: list[str], finish: str, body: Json, script: Script) -> Iterator[Json]:
        for piece in pieces:
            yield {"index": 1, "token": {"id": 1, "text": piece, "logprob": -0.1, "special": False}}
        text = "".join(pieces)
        end = {"id": 0, "text": "<|endoftext|>", "logprob": -0.1, "special": True}
        yield {"index": 2, "token": end, "generated_text": text, "details": self._details(text, finish)}

    def _details(self, text: str, finish: str) -> Json:
        reason = "length" if finish == "length" else "eos_token"
        return {"finish_reason": reason, "generated_tokens": len(text) // 4 + 1, "input_length": 12, "seed": None}


class Tabby(Dialect):
    path = r"/v1/completions"
    fields = frozenset(["language", "segments", "user", "temperature", "seed", "mode", "debug_options"])
    segments = frozenset(
        [
            "prefix",
            "suffix",
            "filepath",
            "git_url",
            "declarations",
            "relevant_snippets_from_changed_files",
            "relevant_snippets_from_recently_opened_files",
            "clipboard",
            "edit_history",
        ]
    )

    def fits(self, body: Json) -> bool:
        return "segments" in body

    def check(self, body: Json, script: Script) -> Refused | None:
        if set(body["segments"]) - self.segments:
            return Refused(422, {"detail": "unknown segment"})
        return super().check(body, script)

    def prefix(self, body: Json) -> str:
        return str(body["segments"].get("prefix", ""))

    def max_tokens(self, body: Json) -> int | None:
        return None

    def stops(self, body: Json) -> list[str]:
        return []

    def streams(self, body: Json, path: str) -> bool:
        return False

    def whole(self, text: str, finish: str, body: Json, script: Script) -> Json:
        return {"id": "cmpl-cd1d", "choices": [{"index": 0, "text": text}], "mode": "standard"}


def usage(body: Json, text: str) -> Json:
    prompt = len(str(body.get("prompt", "")) + str(body.get("suffix", ""))) // 4 + 1
    completion = len(text) // 4 + 1
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


DIALECTS: list[Dialect] = [Mistral(), Mercury(), Tabby(), OpenAI(), DeepSeek(), LlamaCpp(), Ollama(), Tgi()]
"""Where two share a path, the first that fits the request's body takes it."""


def dialect_for(path: str, body: Json) -> Dialect | None:
    fitting = (dialect for dialect in DIALECTS if re.fullmatch(dialect.path, path) and dialect.fits(body))
    return next(fitting, None)


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
