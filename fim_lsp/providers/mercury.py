"""Inception's Mercury: `POST {base_url}/fim/completions` with OpenAI's body."""

from __future__ import annotations

from fim_lsp.providers import fields
from fim_lsp.providers.base import Endpoint, Prompt, Request, Sampling
from fim_lsp.providers.openai import OpenAI, completion_fields


class Mercury(OpenAI):
    kind = "mercury"

    def encode(self, prompt: Prompt, sampling: Sampling, endpoint: Endpoint) -> Request:
        body = completion_fields(prompt, sampling, endpoint) | {"min_tokens": None, "seed": None}
        return fields.request(endpoint, "/fim/completions", body, framing=fields.sse_or_json(sampling))
