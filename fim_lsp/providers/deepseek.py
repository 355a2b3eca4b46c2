"""DeepSeek's FIM, a beta of its own address: OpenAI's body with `suffix`. At most 4,096 tokens are generated."""

from __future__ import annotations

from fim_lsp.providers import fields
from fim_lsp.providers.base import Endpoint, Prompt, Request, Sampling
from fim_lsp.providers.openai import OpenAI, completion_fields

MOST_TOKENS = 4096
MOST_STOPS = 16


class DeepSeek(OpenAI):
    kind = "deepseek"

    def encode(self, prompt: Prompt, sampling: Sampling, endpoint: Endpoint) -> Request:
        body = completion_fields(prompt, sampling, endpoint)
        body |= {
            "max_tokens": min(sampling.max_tokens, MOST_TOKENS),
            "min_tokens": None,
            "seed": None,
            "stop": (body["stop"] or [])[:MOST_STOPS] or None,
            "stream_options": {"include_usage": True} if sampling.stream else None,
        }
        return fields.request(endpoint, "/completions", body, framing=fields.sse_or_json(sampling))
