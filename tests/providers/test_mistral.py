"""Mistral's API, field by field, in shapes that the live service is known to send."""

from __future__ import annotations

from typing import Any

import pytest

from fim_lsp import errors
from fim_lsp.providers import explain
from fim_lsp.providers.base import Delta, Endpoint, Prompt, Sampling, Snippet, Usage
from fim_lsp.providers.mistral import Mistral

ENDPOINT = Endpoint("mistral", "mistral", "https://api.mistral.ai/v1", "codestral-latest", key="sesame-4711")


def body(sampling: Sampling, prompt: Prompt | None = None, endpoint: Endpoint = ENDPOINT) -> dict[str, Any]:
    return dict(Mistral().encode(prompt or Prompt("before", "after"), sampling, endpoint).body)


def test_every_field_of_the_schema() -> None:
    sampling = Sampling(
        max_tokens=7,
        temperature=0.25,
        top_p=0.5,
        min_tokens=2,
        random_seed=0,
        stop=("\n\n", "end"),
        stream=False,
        cache_key="k",
    )
    assert body(sampling) == {
        "model": "codestral-latest",
        "prompt": "before",
        "suffix": "after",
        "temperature": 0.25,
        "top_p": 0.5,
        "max_tokens": 7,
        "min_tokens": 2,
        "stop": ["\n\n", "end"],
        "random_seed": 0,
        "prompt_cache_key": "k",
        "stream": False,
    }


def test_snippets_come_first_each_under_its_path() -> None:
    prompt = Prompt("now", "", "src/now.py", snippets=(Snippet("lib.py", "x = 1\n", "edit"),))
    sent = body(Sampling(), prompt)
    assert sent["prompt"] == "+++++ lib.py\nx = 1\n\n+++++ src/now.py\nnow"
    assert sent["stop"] == ["\n+++++ "]
    assert "suffix" not in sent


def chunk(delta: Any, finish: Any = None, **more: Any) -> dict[str, Any]:
    return {"id": "1", "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}


PAYLOADS = [
    (chunk({"role": "assistant", "content": ""}), Delta()),
    (chunk({"content": "x"}), Delta("x")),
    (chunk({"content": None}), Delta()),
    (chunk({}), Delta()),
    (chunk(None), Delta()),
    (chunk({"content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}), Delta("ab")),
    (chunk({"content": [{"type": "image"}, None, "c"]}), Delta("c")),
    (chunk({"content": 7}), Delta()),
    (
        chunk({"content": "x"}, "stop", usage={"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}),
        Delta("x", "stop", Usage(3, 1)),
    ),
    (chunk({"content": ""}, "length"), Delta("", "length")),
    (chunk({"content": ""}, "model_length"), Delta("", "length")),
    (chunk({"content": ""}, "error"), Delta("", "error")),
    (chunk({"content": ""}, "tool_calls"), Delta("", "unknown")),
    (chunk({"content": ""}, 7), Delta("", "unknown")),
    (chunk({"content": "x"}, None, usage=None), Delta("x")),
    (chunk({"content": "x"}, None, usage={}), Delta("x")),
    (
        {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 2, "num_cached_tokens": 5}},
        Delta(usage=Usage(9, 2, 5)),
    ),
    (
        {
            "choices": [{"message": {"content": "whole"}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 9, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}},
        },
        Delta("whole", "stop", Usage(9, 2, 4)),
    ),
    ({"choices": None}, Delta()),
    ({"choices": [None]}, Delta()),
    ({}, Delta()),
]


@pytest.mark.parametrize(("payload", "delta"), PAYLOADS)
def test_reads_leniently(payload: Any, delta: Delta) -> None:
    assert Mistral().decode(payload) == delta


ERRORS = [
    (401, '{"message":"Unauthorized","request_id":"1"}', errors.KeyRefused, "Unauthorized"),
    (401, '{"detail":"Unauthorized"}', errors.KeyRefused, "Unauthorized"),
    (
        422,
        '{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","n"],"msg":"Extra inputs are '
        'not permitted","input":"SECRET"}]},"type":"invalid_request_error","param":null,"code":null}',
        errors.BadRequest,
        "body.n: Extra inputs are not permitted",
    ),
    (422, '{"detail":[{"type":"missing","loc":["body"],"msg":"Field required"}]}', errors.BadRequest, "Field required"),
    (
        422,
        '{"object":"Error","detail":[{"msg":"bad"}],"message":["worse"],"code":3001}',
        errors.BadRequest,
        "worse bad",
    ),
    (
        422,
        '{"message":"{\\"detail\\":[{\\"msg\\":\\"inner\\"}]}","type":"internal_error_proxy","code":"1000"}',
        errors.BadRequest,
        "inner",
    ),
    (429, '{"message":"Requests rate limit exceeded"}', errors.RateLimited, "Requests rate limit exceeded"),
    (
        429,
        '{"object":"error","message":"Service tier capacity exceeded for this model."}',
        errors.Overloaded,
        "capacity exceeded",
    ),
    (
        400,
        '{"message":"Prompt contains 40000 tokens, too large for model with 32768 maximum context length"}',
        errors.TooLong,
        "Lower context.max_tokens",
    ),
    (400, "", errors.BadRequest, "Check model"),
    (403, '{"message":"no"}', errors.KeyRefused, "plan"),
    (404, "<html>not here</html>", errors.NotFound, "Check model and base_url"),
    (502, "<!DOCTYPE html><h1>Bad Gateway</h1>", errors.Overloaded, "HTTP 502"),
    (500, "[" * 100_000, errors.Overloaded, "HTTP 500"),
    (418, "teapot", errors.BadRequest, "HTTP 418"),
    (503, '{"error":{"code":503,"message":"Loading model"}}', errors.Overloaded, "Loading model"),
]


@pytest.mark.parametrize(("status", "body", "kind", "says"), ERRORS)
def test_errors_in_human_words(status: int, body: str, kind: type[errors.ProviderError], says: str) -> None:
    error = explain.error(status, body, {}, ENDPOINT)
    assert type(error) is kind
    assert says in error.message
    assert error.message.endswith((".", "clear."))
    assert "SECRET" not in error.message
    assert len(error.message) < 400


def test_a_key_that_is_sent_back_is_not_shown() -> None:
    error = explain.error(401, '{"message":"bad key sesame-4711 in Bearer other-key"}', {}, ENDPOINT)
    assert "sesame" not in str(error)
    assert "other-key" not in str(error)


def test_long_answers_are_cut() -> None:
    error = explain.error(400, '{"message":"' + "x" * 5000 + '"}', {}, ENDPOINT)
    assert len(str(error)) < 400


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "10"}, 10),
        ({"retry-after": "0"}, 0),
        ({"retry-after": "1.5"}, 1.5),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after-ms": "250"}, 0.25),
        (
            {"retry-after": "Mon, 02 Mar 2026 10:00:30 GMT", "date": "Mon, 02 Mar 2026 10:00:00 GMT"},
            30,
        ),
        ({"retry-after": "Mon, 02 Mar 2026 10:00:30 GMT"}, None),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert explain.retry_after_s(headers) == seconds


@pytest.mark.parametrize("payload", [None, 7, "text", []])
def test_what_is_no_completion_is_said_to_be_none(payload: Any) -> None:
    with pytest.raises(errors.Broken):
        Mistral().decode(payload)
