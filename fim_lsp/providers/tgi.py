"""Hugging Face's text-generation-inference: `/generate_stream` and `/generate`, with the model family's tokens."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fim_lsp.prompt import formats
from fim_lsp.providers import choices, explain, fields
from fim_lsp.providers.base import Delta, Endpoint, Prompt, Request, Sampling, Usage


class Tgi:
    kind = "tgi"

    def encode(self, prompt: Prompt, sampling: Sampling, endpoint: Endpoint) -> Request:
        text, stops = formats.written(prompt, replace(endpoint, template=endpoint.template or formats.BY_MODEL))
        warmth = fields.temperature(sampling)
        parameters = {
            "max_new_tokens": sampling.max_tokens,
            "temperature": warmth or None,
            "do_sample": warmth > 0,
            "top_p": sampling.top_p if sampling.top_p and sampling.top_p < 1 else None,
            "stop": fields.stops(sampling, *stops),
            "seed": sampling.random_seed,
            "details": True,
            "return_full_text": False,
        }
        path = "/generate_stream" if sampling.stream else "/generate"
        body = {"inputs": text, "parameters": fields.present(parameters)}
        return fields.request(endpoint, path, body, framing=fields.sse_or_json(sampling), session=sampling.cache_key)

    def decode(self, payload: Any) -> Delta:
        """A token a payload; the last one repeats the whole text, which only an answer without tokens needs."""
        explain.raise_error_in(payload)
        payload = payload[0] if isinstance(payload, list) and payload else payload
        if not isinstance(payload, dict):
            return Delta()
        details = payload.get("details")
        details = details if isinstance(details, dict) else {}
        ended = payload.get("generated_text") is not None
        finish = choices.finish(details.get("finish_reason") or "stop") if ended else None
        return Delta(_text(payload), finish, _usage(details))


def _text(payload: dict[str, Any]) -> str:
    token = payload.get("token")
    if isinstance(token, dict):
        text = "" if token.get("special") else token.get("text")
    else:
        text = payload.get("generated_text")
    return text if isinstance(text, str) else ""


def _usage(details: dict[str, Any]) -> Usage | None:
    if "generated_tokens" not in details:
        return None
    prefill = details.get("prefill")
    read = fields.count(details.get("input_length")) or (len(prefill) if isinstance(prefill, list) else 0)
    return Usage(read, fields.count(details["generated_tokens"]))
