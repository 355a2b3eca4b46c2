"""What the test server answers besides completions: the pages by which a client finds out what it talks to."""

from __future__ import annotations

from typing import Any

from tests.fim_server.script import Json, Script

MODELS = {
    "object": "list",
    "data": [
        {
            "id": "codestral-latest",
            "object": "model",
            "capabilities": {"completion_chat": True, "completion_fim": True},
            "max_context_length": 128_000,
        },
        {
            "id": "mistral-small-latest",
            "object": "model",
            "capabilities": {"completion_chat": True, "completion_fim": False},
            "max_context_length": 128_000,
        },
    ],
}


def page(method: str, path: str, body: Json, script: Script) -> tuple[int, Any]:
    if method == "GET" and path == "/v1/models":
        return 200, MODELS
    return 404, {"detail": "Not Found"}
