"""Mistral's FIM API: `POST {base_url}/fim/completions`, for Codestral on Mistral's own hosts, Azure and self-hosted.

The service refuses fields it does not know, so only what its schema lists is ever sent, and nothing as null.
"""

from __future__ import annotations

from typing import Any

from fim_lsp.prompt import formats
from fim_lsp.providers import choices, fields
from fim_lsp.providers.base import Delta, Endpoint, Prompt, Request, Sampling


class Mistral:
    kind = "mistral"

    def encode(self, prompt: Prompt, sampling: Sampling, endpoint: Endpoint) -> Request:
        body = fim_fields(prompt, sampling, endpoint)
        return fields.request(endpoint, "/fim/completions", body, framing=fields.sse_or_json(sampling))

    def decode(self, payload: Any) -> Delta:
        return choices.decode(payload)


def fim_fields(prompt: Prompt, sampling: Sampling, endpoint: Endpoint) -> dict[str, Any]:
    """The body; Google Cloud takes the same."""
    text, stops = formats.codestral_prefix(prompt)
    return {
        "model": endpoint.model,
        "prompt": text,
        "suffix": prompt.suffix or None,
        "temperature": fields.temperature(sampling),
        "top_p": sampling.top_p,
        "max_tokens": sampling.max_tokens,
        "min_tokens": sampling.min_tokens,
        "stop": fields.stops(sampling, *stops),
        "random_seed": sampling.random_seed,
        "prompt_cache_key": sampling.cache_key,
        "stream": sampling.stream,
    }
