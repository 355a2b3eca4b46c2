"""What the test server answers besides completions: the pages by which a client finds out what it talks to.

Which of them there are depends on what the script says it is: `mistral`, `llamacpp`, `ollama`, or a `stranger`.
"""

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
PROPS = {
    "default_generation_settings": {"n_ctx": 4096, "params": {"n_predict": -1}},
    "total_slots": 1,
    "model_path": "/models/qwen2.5-coder-1.5b-q8_0.gguf",
    "chat_template": "{{ messages }}",
    "build_info": "b6000-abcdef",
}


def page(method: str, path: str, body: Json, script: Script) -> tuple[int, Any]:
    found = PAGES.get((script.poses_as, method, path))
    return found(body, script) if found else (404, {"detail": "Not Found"})


def _props(body: Json, script: Script) -> tuple[int, Any]:
    loading = {"error": {"code": 503, "message": "Loading model", "type": "unavailable_error"}}
    return (503, loading) if script.loading else (200, PROPS)


def _running(body: Json, script: Script) -> tuple[int, Any]:
    models = [] if script.loading else [{"name": "qwen2.5-coder:1.5b-base", "model": "qwen2.5-coder:1.5b-base"}]
    return 200, {"models": models}


def _show(body: Json, script: Script) -> tuple[int, Any]:
    return 200, {"capabilities": ["completion", "insert"] if script.fills_in else ["completion"]}


PAGES: dict[tuple[str, str, str], Any] = {
    ("mistral", "GET", "/v1/models"): lambda body, script: (200, MODELS),
    ("llamacpp", "GET", "/props"): _props,
    ("ollama", "GET", "/api/ps"): _running,
    ("ollama", "POST", "/api/show"): _show,
}
