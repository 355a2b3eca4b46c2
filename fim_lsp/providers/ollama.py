"""Ollama: `POST {base_url}/api/generate`, with `suffix` where the model's template can insert, else with ours.

An empty suffix does not make Ollama fill in, so a line end stands for it.
"""

from __future__ import annotations

from typing import Any

from fim_lsp.prompt import formats
from fim_lsp.providers import choices, explain, fields
from fim_lsp.providers.base import Delta, Endpoint, Framing, Prompt, Request, Sampling, Usage


class Ollama:
    kind = "ollama"

    def encode(self, prompt: Prompt, sampling: Sampling, endpoint: Endpoint) -> Request:
        text, stops = _raw(prompt, endpoint) if endpoint.template else _inserted(prompt)
        options = {
            "num_predict": sampling.max_tokens,
            "temperature": fields.temperature(sampling),
            "top_p": sampling.top_p,
            "stop": fields.stops(sampling, *stops),
            "seed": sampling.random_seed,
        }
        body = {"model": endpoint.model, **text, "stream": sampling.stream, "options": fields.present(options)}
        framing: Framing = "ndjson" if sampling.stream else "json"
        return fields.request(endpoint, "/api/generate", body, framing=framing, session=sampling.cache_key)

    def decode(self, payload: Any) -> Delta:
        explain.raise_error_in(payload)
        if not isinstance(payload, dict):
            return Delta()
        text = payload.get("response")
        finish = choices.finish(payload.get("done_reason") or "stop") if payload.get("done") else None
        return Delta(text if isinstance(text, str) else "", finish, _usage(payload))


def _inserted(prompt: Prompt) -> tuple[dict[str, Any], tuple[str, ...]]:
    return {"prompt": formats.commented_prefix(prompt), "suffix": prompt.suffix or "\n"}, ()


def _raw(prompt: Prompt, endpoint: Endpoint) -> tuple[dict[str, Any], tuple[str, ...]]:
    text, stops = formats.written(prompt, endpoint)
    return {"prompt": text, "raw": True}, stops


def _usage(payload: dict[str, Any]) -> Usage | None:
    if not payload.get("done") or "eval_count" not in payload:
        return None
    return Usage(fields.count(payload.get("prompt_eval_count")), fields.count(payload["eval_count"]))
