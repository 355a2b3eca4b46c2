"""Mistral's own SDK asks the gateway, and reads all that it says."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from mistralai.client import Mistral
from mistralai.client.errors import HTTPValidationError, SDKError

from tests.fim_server import FimServer, Script
from tests.gateway.serving import Gateway

QUESTION: dict[str, Any] = {"model": "codestral-latest", "prompt": "def add(a, b):\n    ", "suffix": "\n"}
SAID = "return a + b\n"


@pytest.fixture
async def sdk(served: Gateway) -> AsyncIterator[Mistral]:
    sdk = Mistral(api_key=served.add_key("ann"), server_url=served.url)
    with sdk:
        async with sdk:
            yield sdk


async def test_complete(sdk: Mistral) -> None:
    full = QUESTION | {"top_p": 0.9, "max_tokens": 70, "min_tokens": 1, "stop": "\n\n", "random_seed": 7}
    at_once = await asyncio.to_thread(sdk.fim.complete, **full, metadata={"a": "b"}, prompt_cache_key="place")
    for answer in (at_once, await sdk.fim.complete_async(**QUESTION, temperature=0.0)):
        (choice,) = answer.choices
        assert choice.message is not None
        assert choice.message.content == SAID
        assert choice.finish_reason == "stop"
        assert answer.usage.completion_tokens == 4


async def test_stream(sdk: Mistral) -> None:
    def stream() -> list[Any]:
        with sdk.fim.stream(**QUESTION) as events:
            return list(events)

    synchronous = await asyncio.to_thread(stream)
    async with await sdk.fim.stream_async(**QUESTION) as events:
        asynchronous = [event async for event in events]
    for events_of_one in (synchronous, asynchronous):
        choices = [choice for event in events_of_one for choice in event.data.choices]
        assert "".join(choice.delta.content for choice in choices) == SAID
        assert choices[-1].finish_reason == "stop"
        assert events_of_one[-1].data.usage.completion_tokens == 4


async def test_models(sdk: Mistral) -> None:
    listed = await sdk.models.list_async()
    assert listed.data is not None
    assert [(card.id, card.capabilities.completion_fim) for card in listed.data] == [
        ("codestral-latest", True),
        ("gpu", True),
    ]


async def test_refusals(served: Gateway, sdk: Mistral, model: FimServer) -> None:
    with pytest.raises(HTTPValidationError) as invalid:
        await sdk.fim.complete_async(**QUESTION, temperature=9)
    assert invalid.value.data.detail is not None
    assert invalid.value.data.detail[0].loc == ["body", "temperature"]
    with pytest.raises(SDKError, match="no such model"):
        await sdk.fim.complete_async(**QUESTION | {"model": "another"})
    with pytest.raises(SDKError, match="Unauthorized"):
        async with Mistral(api_key="wrong", server_url=served.url) as other:
            await other.fim.complete_async(**QUESTION)
    model.script = Script(status=503)
    with pytest.raises(SDKError) as busy:
        await sdk.fim.complete_async(**QUESTION)
    assert busy.value.status_code == 503
    model.script = Script()
    async with Mistral(api_key=served.add_key("bob", tokens_per_day=1), server_url=served.url) as limited:
        await limited.fim.complete_async(**QUESTION)
        with pytest.raises(SDKError) as over:
            await limited.fim.complete_async(**QUESTION)
    assert over.value.status_code == 429
    assert over.value.headers["retry-after"]
