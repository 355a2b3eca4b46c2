"""Mistral's published schemas, and how the live service refuses what does not fit them."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

Json = dict[str, Any]

ALSO_KNOWN = {"metadata": {"type": "object"}, "prompt_cache_key": {"type": "string"}}
"""Fields that the live service takes besides the published ones."""


@cache
def published() -> Json:
    """Takes a while at the first call: a server makes it before anybody waits for an answer."""
    document = yaml.safe_load((Path(__file__).parent / "mistral-fim-openapi.yaml").read_text("utf-8"))
    schemas: Json = document["components"]["schemas"]
    return schemas


@cache
def validator(name: str) -> Draft202012Validator:
    schema = published()[name]
    if name == "FimCompletionRequest":
        schema = {**schema, "properties": schema["properties"] | ALSO_KNOWN, "additionalProperties": False}
    return Draft202012Validator(schema)


def require_valid(name: str, value: Json) -> None:
    """An answer of ours that does not fit is a fault of this server. Each shape is checked once."""
    shape = name + _shape(value)
    if shape not in _VALID:
        validator(name).validate(value)
        _VALID.add(shape)


_VALID: set[str] = set()
MEANINGFUL = ("object", "role", "finish_reason")
"""Names whose texts the schemas restrict."""


def _shape(value: Any, name: str = "") -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{key}:{_shape(item, key)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_shape(item) for item in value) + "]"
    return repr(value) if name in MEANINGFUL else type(value).__name__


def refusal(body: object) -> Json | None:
    """The 422 body for a request that does not fit, or None."""
    problems = [_detail(error) for error in validator("FimCompletionRequest").iter_errors(body)]
    if not problems:
        return None
    return {
        "object": "error",
        "message": {"detail": problems},
        "type": "invalid_request_error",
        "param": None,
        "code": None,
    }


def _detail(error: Any) -> Json:
    if error.validator == "additionalProperties":
        name = next(name for name in error.instance if name not in error.schema["properties"])
        extra = {"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs are not permitted"}
        return {**extra, "input": json.dumps(error.instance[name])}
    if error.validator == "required":
        name = next(name for name in error.validator_value if name not in error.instance)
        return {"type": "missing", "loc": ["body", name], "msg": "Field required", "input": None}
    return {"type": error.validator, "loc": ["body", *error.path], "msg": error.message, "input": str(error.instance)}
