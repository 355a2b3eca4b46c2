"""llama.cpp's server: `POST {base_url}/infill`, which knows the loaded model's own tokens.

The head of the current line goes behind the model's middle token (`prompt`): while a line is typed, all that comes
before it stays as it is, and the server's cache of it holds.
"""

from __future__ import annotations

from typing import Any

from fim_lsp.prompt import formats
from fim_lsp.providers import explain, fields
from fim_lsp.providers.base import Delta, Endpoint, Finish, Prompt, Request, Sampling, Usage


class LlamaCpp:
    kind = "llamacpp"

    def encode(self, prompt: Prompt, sampling: Sampling, endpoint: Endpoint) -> Request:
        """With a template the server's own idea of the model is passed over, by `/completion`."""
        path, text, stops = _completion(prompt, endpoint) if endpoint.template else _infill(prompt)
        body = text | {
            "model": endpoint.model or None,
            "n_predict": sampling.max_tokens,
            "temperature": fields.temperature(sampling),
            "top_p": sampling.top_p,
            "stop": fields.stops(sampling, *stops),
            "seed": sampling.random_seed,
            "cache_prompt": True,
            "stream": sampling.stream,
        }
        return fields.request(endpoint, path, body, framing=fields.sse_or_json(sampling), session=sampling.cache_key)

    def decode(self, payload: Any) -> Delta:
        explain.raise_error_in(payload)
        if not isinstance(payload, dict):
            return Delta()
        text = payload.get("content")
        return Delta(text if isinstance(text, str) else "", _finish(payload), _usage(payload))


def _infill(prompt: Prompt) -> tuple[str, dict[str, Any], tuple[str, ...]]:
    line_start = prompt.prefix.rfind("\n") + 1
    line = prompt.prefix[line_start:]
    body: dict[str, Any] = {
        "input_prefix": prompt.prefix[:line_start],
        "prompt": line,
        "input_suffix": prompt.suffix,
        "input_extra": [{"filename": snippet.path, "text": snippet.text} for snippet in prompt.snippets] or None,
        "n_indent": _indent(line) or None,
    }
    return "/infill", body, ()


def _completion(prompt: Prompt, endpoint: Endpoint) -> tuple[str, dict[str, Any], tuple[str, ...]]:
    text, stops = formats.written(prompt, endpoint)
    return "/completion", {"prompt": text}, stops


def _indent(line: str) -> int:
    """Lines that are indented less than a line that has begun belong to something else: the server stops there."""
    return len(line) - len(line.lstrip()) if line.strip() else 0


def _finish(payload: dict[str, Any]) -> Finish | None:
    if not payload.get("stop"):
        return None
    return "length" if payload.get("stop_type") == "limit" or payload.get("stopped_limit") else "stop"


def _usage(payload: dict[str, Any]) -> Usage | None:
    if not payload.get("stop") or "tokens_evaluated" not in payload:
        return None
    timings = payload.get("timings")
    cached = timings.get("cache_n") if isinstance(timings, dict) else None
    return Usage(
        fields.count(payload["tokens_evaluated"]), fields.count(payload.get("tokens_predicted")), fields.count(cached)
    )
