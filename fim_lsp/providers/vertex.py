"""Codestral on Google Cloud's Vertex AI: Mistral's body at Google's address, with a token that expires within the hour.

`base_url` names region and project: `https://REGION-aiplatform.googleapis.com/v1/projects/PROJECT/locations/REGION`.
The token comes from `api_key_command`, usually `gcloud auth print-access-token`.
"""

from __future__ import annotations

from fim_lsp.providers import fields
from fim_lsp.providers.base import Endpoint, Prompt, Request, Sampling
from fim_lsp.providers.mistral import Mistral, fim_fields


class Vertex(Mistral):
    kind = "vertex"

    def encode(self, prompt: Prompt, sampling: Sampling, endpoint: Endpoint) -> Request:
        verb = "streamRawPredict" if sampling.stream else "rawPredict"
        path = f"/publishers/mistralai/models/{endpoint.model}:{verb}"
        body = fim_fields(prompt, sampling, endpoint)
        return fields.request(endpoint, path, body, framing=fields.sse_or_json(sampling))
