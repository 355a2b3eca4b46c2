"""What any service may say: every answer becomes a delta or one of our errors, and nothing of a key is repeated."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fim_lsp.errors import ProviderError
from fim_lsp.providers import explain
from fim_lsp.providers.base import Delta, Endpoint, Prompt, Provider, Sampling, Snippet
from fim_lsp.providers.presets import BY_KIND

KEY = "sesame-4711"
NAMES = [
    "choices",
    "delta",
    "message",
    "content",
    "text",
    "finish_reason",
    "usage",
    "prompt_tokens",
    "completion_tokens",
    "prompt_tokens_details",
    "cached_tokens",
    "error",
    "detail",
    "msg",
    "loc",
    "object",
    "stop",
    "stop_type",
    "timings",
    "cache_n",
    "tokens_evaluated",
    "response",
    "done",
    "done_reason",
    "eval_count",
    "token",
    "special",
    "generated_text",
    "details",
    "generated_tokens",
    "prefill",
    "type",
]

leaves = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.just("stop") | st.just("error")
)
values = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=6),
    max_leaves=20,
)
every_format = pytest.mark.parametrize("provider", BY_KIND.values(), ids=BY_KIND)


@every_format
@given(payload=values)
def test_any_payload(provider: Provider, payload: Any) -> None:
    delta = decoded(provider, payload)
    assert isinstance(delta.text, str)
    assert delta.finish in (None, "stop", "length", "error", "unknown")
    assert delta.usage is None or min(delta.usage.prompt, delta.usage.completion, delta.usage.cached) >= 0


def decoded(provider: Provider, payload: Any) -> Delta:
    """Only our own errors may come instead."""
    with suppress(ProviderError):
        return provider.decode(payload)
    return Delta()


bodies = values.map(lambda value: msgspec.json.encode(value).decode()) | st.text(max_size=300)


@given(status=st.integers(300, 599), body=bodies, retry=st.text(max_size=12))
def test_any_error(status: int, body: str, retry: str) -> None:
    endpoint = Endpoint("mine", "openai", "https://api.example/v1", "some-model", key=KEY)
    error = explain.error(status, f"{body} {KEY}", {"retry-after": retry}, endpoint)
    assert KEY not in error.message
    assert len(error.message) < 600
    assert error.retry_after_s is None or error.retry_after_s >= 0


texts = st.text(st.characters(codec="utf-8"), max_size=60)
prompts = st.builds(
    Prompt,
    prefix=texts,
    suffix=texts,
    path=st.sampled_from(["", "a/b.py"]),
    language=st.sampled_from(["", "python", "css", "unheard-of"]),
    project=st.sampled_from(["", "shop"]),
    snippets=st.lists(st.builds(Snippet, path=st.just("c.py"), text=texts, source=st.just("edit")), max_size=2).map(
        tuple
    ),
)
samplings = st.builds(
    Sampling,
    max_tokens=st.integers(1, 9999),
    temperature=st.none() | st.floats(0, 2),
    top_p=st.none() | st.floats(0, 1),
    min_tokens=st.none() | st.integers(0, 9),
    random_seed=st.none() | st.integers(0, 9),
    stop=st.lists(st.text(min_size=1, max_size=3), max_size=3).map(tuple),
    stream=st.booleans(),
    cache_key=st.none() | st.just("k"),
)


@every_format
@given(prompt=prompts, sampling=samplings)
def test_any_request(provider: Provider, prompt: Prompt, sampling: Sampling) -> None:
    """JSON without nulls; the same question is the same request."""
    endpoint = Endpoint("mine", provider.kind, "https://api.example/v1", "qwen2.5-coder", key=KEY)
    request = provider.encode(prompt, sampling, endpoint)
    assert not has_null(msgspec.json.decode(msgspec.json.encode(request.body)))
    assert request == provider.encode(prompt, sampling, endpoint)
    assert KEY not in repr(request)
    assert KEY not in request.url


def has_null(value: Any) -> bool:
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return value is None or any(map(has_null, items))
