"""The description that is served: Mistral's published path and schemas as they are, and what is said here besides."""

from __future__ import annotations

import copy
from functools import cache
from importlib import resources
from typing import Any

import msgspec

import fim_lsp

Json = dict[str, Any]

ERRORS = {
    "400": "Bad request",
    "401": "Unauthorized",
    "404": "No such model",
    "413": "The body is too large",
    "422": "The body does not fit the schema",
    "429": "Rate limit exceeded",
    "503": "No model can answer now",
}
ERROR: Json = {
    "type": "object",
    "required": ["object", "message", "type", "param", "code"],
    "properties": {
        "object": {"type": "string", "enum": ["error"]},
        "message": {"type": "string"},
        "type": {"type": "string"},
        "param": {"type": ["string", "null"]},
        "code": {"type": ["string", "null"]},
    },
}
FAULT: Json = {
    "type": "object",
    "required": ["type", "loc", "msg"],
    "properties": {
        "type": {"type": "string"},
        "loc": {"type": "array", "items": {"type": ["string", "integer"]}},
        "msg": {"type": "string"},
    },
}
ALSO_TAKEN: Json = {
    "metadata": {"type": ["object", "null"], "description": "Taken, and not used"},
    "prompt_cache_key": {
        "type": ["string", "null"],
        "description": "The same for all requests of a place: they go to the upstream that has seen it before",
    },
}
MODELS: Json = {
    "type": "object",
    "required": ["object", "data"],
    "properties": {
        "object": {"type": "string", "enum": ["list"]},
        "data": {"type": "array", "items": {"type": "object", "required": ["id"]}},
    },
}
AT_THE_ROOT = [{"url": "/"}, {"url": "/v1"}]
RETRY = {"Retry-After": {"schema": {"type": "integer"}, "description": "Seconds"}}


def description(*, key_required: bool) -> Json:
    """OpenAPI 3.1."""
    document = copy.deepcopy(_published())
    schemas = document["components"]["schemas"]
    request = schemas["FimCompletionRequest"]
    request["additionalProperties"] = False
    request["properties"] |= ALSO_TAKEN
    schemas |= {"Error": ERROR, "Fault": FAULT, "ModelList": MODELS, "InvalidRequest": _invalid()}
    operation = document["paths"]["/fim/completions"]["post"]
    _add_errors(operation["responses"], ERRORS)
    document["paths"] |= _own_paths()
    bearer: Json = {"bearerAuth": []}
    return {
        "openapi": "3.1.0",
        "info": {"title": "fim-lsp gateway", "version": fim_lsp.__version__},
        "servers": [{"url": "/v1"}],
        "security": [bearer] if key_required else [{}, bearer],
        **document,
    }


@cache
def _published() -> Json:
    text = resources.files("fim_lsp.gateway").joinpath("mistral_fim_openapi.json").read_bytes()
    published: Json = msgspec.json.decode(text)
    return published


def _invalid() -> Json:
    properties = ERROR["properties"] | {"detail": {"type": "array", "items": _ref("Fault")}}
    return {**ERROR, "required": [*ERROR["required"], "detail"], "properties": properties}


def _own_paths() -> Json:
    figures = {"text/plain": {"schema": {"type": "string"}}}
    health = {"type": "object", "required": ["status"], "properties": {"status": {"type": "string"}}}
    return {
        "/models": {"get": _get("listModels", "The models that can be asked", _json(_ref("ModelList")), ["401"])},
        "/metrics": {
            "servers": AT_THE_ROOT,
            "get": _get("metrics", "Figures for Prometheus", figures, ["401"]),
        },
        "/health": {
            "servers": AT_THE_ROOT,
            "get": _get("health", "Whether this server runs", _json(health), []) | {"security": []},
        },
    }


def _get(name: str, what: str, content: Json, errors: list[str]) -> Json:
    responses: Json = {"200": {"description": what, "content": content}}
    _add_errors(responses, {status: ERRORS[status] for status in errors})
    return {"operationId": name, "summary": what, "responses": responses}


def _add_errors(responses: Json, errors: dict[str, str]) -> None:
    """Those that are described already keep their words."""
    for status, what in errors.items():
        answer = responses.setdefault(status, {"description": what})
        answer["content"] = _json(_ref("InvalidRequest" if status == "422" else "Error"))
        if status in ("429", "503"):
            answer["headers"] = RETRY


def _json(schema: Json) -> Json:
    return {"application/json": {"schema": schema}}


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}
