"""The description that is served holds the published one, word for word."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from fim_lsp.gateway import api
from fim_lsp.gateway.openapi import description
from tests import fim_server
from tests.gateway.serving import Gateway

PUBLISHED = yaml.safe_load((Path(fim_server.__file__).parent / "mistral-fim-openapi.yaml").read_text("utf-8"))


def missing(part: Any, whole: Any, place: str = "") -> list[str]:
    """Where `whole` lacks something of `part`."""
    if isinstance(part, dict) and isinstance(whole, dict):
        return [line for name, value in part.items() for line in missing(value, whole.get(name), f"{place}/{name}")]
    return [] if part == whole else [place]


async def test_the_published_path_and_schemas_are_in_it(served: Gateway) -> None:
    document = (await served.http.get("/openapi.json")).json()
    for name in ("paths", "components"):
        assert missing(PUBLISHED[name], document[name]) == []


def test_missing_finds_what_is_missing() -> None:
    assert missing({"a": {"b": 1}, "c": [1]}, {"a": {"b": 2}, "c": [1]}) == ["/a/b"]


def test_what_is_checked_is_what_is_described() -> None:
    described = description(key_required=False)["components"]["schemas"]["FimCompletionRequest"]
    assert set(described["properties"]) == set(api.CHECKS)
    assert set(described["required"]) == set(api.REQUIRED)
    assert described["additionalProperties"] is False


async def test_a_key_is_optional_until_there_is_one(served: Gateway) -> None:
    assert {} in (await served.http.get("/openapi.json")).json()["security"]
    served.add_key("ann")
    assert (await served.http.get("/openapi.json")).json()["security"] == [{"bearerAuth": []}]
