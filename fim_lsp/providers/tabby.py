"""A Tabby server: `POST {base_url}/v1/completions` with segments. It answers whole, and decides the length itself."""

from __future__ import annotations

from typing import Any

from fim_lsp.providers import choices, explain, fields
from fim_lsp.providers.base import Delta, Endpoint, Prompt, Request, Sampling, Snippet

SEGMENTS = {"definition": "declarations", "edit": "relevant_snippets_from_changed_files"}
"""Where Tabby wants a snippet, by its source; all others count as recently opened."""
OPENED = "relevant_snippets_from_recently_opened_files"


class Tabby:
    kind = "tabby"

    def encode(self, prompt: Prompt, sampling: Sampling, endpoint: Endpoint) -> Request:
        segments: dict[str, Any] = {"prefix": prompt.prefix, "suffix": prompt.suffix, "filepath": prompt.path or None}
        for snippet in prompt.snippets:
            name = SEGMENTS.get(snippet.source, OPENED)
            segments.setdefault(name, []).append(_segment(snippet, name))
        body = {
            "language": prompt.language or None,
            "segments": fields.present(segments),
            "temperature": fields.temperature(sampling),
            "seed": sampling.random_seed,
        }
        return fields.request(endpoint, "/v1/completions", body, framing="json", session=sampling.cache_key)

    def decode(self, payload: Any) -> Delta:
        explain.raise_error_in(payload)
        choice = choices.first_choice(payload)
        return Delta(choices.text_of(choice), "stop")


def _segment(snippet: Snippet, name: str) -> dict[str, Any]:
    segment: dict[str, Any] = {"filepath": snippet.path, "body": snippet.text}
    return segment if name == "declarations" else {**segment, "score": 1.0}
