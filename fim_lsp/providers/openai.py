"""OpenAI's `/completions`, which many servers speak: with `suffix` where the server takes it, else with a template.

vLLM, TGI, llama.cpp and others refuse `suffix`; there the model family's own tokens go into the prompt.
"""

from __future__ import annotations

from typing import Any

from fim_lsp.prompt import formats
from fim_lsp.providers import choices, fields
from fim_lsp.providers.base import Delta, Endpoint, Prompt, Request, Sampling


class OpenAI:
    kind = "openai"

    def encode(self, prompt: Prompt, sampling: Sampling, endpoint: Endpoint) -> Request:
        body = completion_fields(prompt, sampling, endpoint)
        return fields.request(
            endpoint, "/completions", body, framing=fields.sse_or_json(sampling), session=sampling.cache_key
        )

    def decode(self, payload: Any) -> Delta:
        return choices.decode(payload)


def completion_fields(prompt: Prompt, sampling: Sampling, endpoint: Endpoint) -> dict[str, Any]:
    text, suffix, stops = _parts(prompt, endpoint)
    return {
        "model": endpoint.model or None,
        "prompt": text,
        "suffix": suffix or None,
        "max_tokens": sampling.max_tokens,
        "min_tokens": sampling.min_tokens,
        "temperature": fields.temperature(sampling),
        "top_p": sampling.top_p,
        "stop": fields.stops(sampling, *stops),
        "seed": sampling.random_seed,
        "stream": sampling.stream,
    }


def _parts(prompt: Prompt, endpoint: Endpoint) -> tuple[str, str, tuple[str, ...]]:
    if endpoint.template:
        text, stops = formats.written(prompt, endpoint)
        return text, "", stops
    return formats.commented_prefix(prompt), prompt.suffix, ()
