"""What a caller may send, as a table; and the published schema says the same of anything."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fim_lsp.gateway import api
from tests.fim_server.schema import validator

LEAST = {"model": "codestral-latest", "prompt": "x = "}

TAKEN: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {"max_tokens": 1024, "temperature": 0.7, "top_p": None, "stop": (), "random_seed": None, "min_tokens": None}),
    ({"stop": "\n"}, {"stop": ("\n",)}),
    ({"stop": ["a", "b", "a"]}, {"stop": ("a", "b")}),
    ({"max_tokens": 5.0, "min_tokens": 9}, {"max_tokens": 5, "min_tokens": 5}),
    ({"max_tokens": 10**30}, {"max_tokens": 1 << 20}),
    ({"temperature": 2, "top_p": 0}, {"temperature": 2.0, "top_p": 0}),
    ({"random_seed": -1}, {"random_seed": (1 << 31) - 1}),
    ({"metadata": None, "prompt_cache_key": None}, {"cache_key": None}),
    ({"metadata": {"a": [1]}, "prompt_cache_key": "place"}, {"cache_key": "place"}),
]


@pytest.mark.parametrize(("fields", "expected"), TAKEN, ids=[str(fields) for fields, _ in TAKEN])
def test_taken(fields: dict[str, Any], expected: dict[str, Any]) -> None:
    sampling = api.parse(json.dumps(LEAST | fields).encode()).sampling
    assert {name: getattr(sampling, name) for name in expected} == expected


REFUSED: list[tuple[Any, str, list[str | int]]] = [
    ([], "model_type", ["body"]),
    ({"model": "m"}, "missing", ["body", "prompt"]),
    ({"prompt": ""}, "missing", ["body", "model"]),
    (LEAST | {"prompt": None}, "string_type", ["body", "prompt"]),
    (LEAST | {"suffix": None}, "string_type", ["body", "suffix"]),
    (LEAST | {"n": 1}, "extra_forbidden", ["body", "n"]),
    (LEAST | {"max_tokens": 0}, "greater_than_equal", ["body", "max_tokens"]),
    (LEAST | {"max_tokens": True}, "int_type", ["body", "max_tokens"]),
    (LEAST | {"max_tokens": 1.5}, "int_type", ["body", "max_tokens"]),
    (LEAST | {"max_tokens": "1"}, "int_type", ["body", "max_tokens"]),
    (LEAST | {"min_tokens": -1}, "greater_than_equal", ["body", "min_tokens"]),
    (LEAST | {"temperature": 2.1}, "less_than_equal", ["body", "temperature"]),
    (LEAST | {"temperature": False}, "float_type", ["body", "temperature"]),
    (LEAST | {"top_p": -0.1}, "greater_than_equal", ["body", "top_p"]),
    (LEAST | {"stream": 1}, "bool_type", ["body", "stream"]),
    (LEAST | {"stop": 1}, "string_type", ["body", "stop"]),
    (LEAST | {"stop": ["a", 1]}, "string_type", ["body", "stop", 1]),
    (LEAST | {"stop": [str(number) for number in range(300)]}, "too_long", ["body", "stop"]),
    (LEAST | {"random_seed": "7"}, "int_type", ["body", "random_seed"]),
    (LEAST | {"metadata": "a"}, "dict_type", ["body", "metadata"]),
    (LEAST | {"prompt_cache_key": 1}, "string_type", ["body", "prompt_cache_key"]),
]


@pytest.mark.parametrize(("body", "kind", "place"), REFUSED, ids=[f"{kind} {place[1:]}" for _, kind, place in REFUSED])
def test_refused(body: Any, kind: str, place: list[str | int]) -> None:
    with pytest.raises(api.Refusal) as refusal:
        api.parse(json.dumps(body).encode())
    assert refusal.value.status == 422
    detail = refusal.value.body["detail"]
    assert (kind, place) in [(fault["type"], fault["loc"]) for fault in detail]


@pytest.mark.parametrize("body", [b"", b"{", b"nan", b"\xff", b"[" * 100_000, b'{"prompt": "\\ud800"}'])
def test_what_is_not_json(body: bytes) -> None:
    with pytest.raises(api.Refusal) as refusal:
        api.parse(body)
    assert refusal.value.status == 400


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(api.Refusal) as refusal:
        api.parse(json.dumps({"prompt": 1, "n": 1, "top_p": 7}).encode())
    assert len(refusal.value.body["detail"]) == 4


VALUES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=3),
    st.lists(st.one_of(st.text(max_size=3), st.integers()), max_size=3), st.just({}),
)  # fmt: skip
NAMES = st.sampled_from([*api.CHECKS, "n", "seed"])
SAID_OTHERWISE = ("metadata", "prompt_cache_key")
"""The two that the published schema does not have; null is theirs."""


@given(st.dictionaries(NAMES, VALUES, max_size=4), st.booleans())
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the first draw compiles what it draws from
def test_the_schema_says_the_same(fields: dict[str, Any], complete: bool) -> None:
    body = LEAST | fields if complete else fields
    for name in SAID_OTHERWISE:
        if body.get(name, "") is None:
            del body[name]
    fits = validator("FimCompletionRequest").is_valid(body)
    try:
        api.parse(json.dumps(body).encode())
    except api.Refusal:
        assert not fits
    else:
        assert fits
