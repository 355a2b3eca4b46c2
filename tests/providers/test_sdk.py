"""Mistral's official SDK reads the test server, so that the server is not merely our own idea of the API."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from mistralai.client import Mistral
from mistralai.client.errors import HTTPValidationError, SDKError

from tests.fim_server import FimServer, Script

QUESTION = {"model": "codestral-latest", "prompt": "def add(a, b):\n    ", "suffix": "\n", "temperature": 0.0}
SCRIPTS = [Script(), Script(gather=True), Script(crlf=True), Script(bytes_a_write=3), Script(content="list")]


@pytest.fixture
async def server() -> AsyncIterator[FimServer]:
    async with FimServer(key="sesame-4711") as server:
        yield server


@pytest.fixture
async def sdk(server: FimServer) -> AsyncIterator[Mistral]:
    sdk = Mistral(api_key="sesame-4711", server_url=server.url)
    with sdk:
        async with sdk:
            yield sdk


def text_of(content: object) -> str:
    return content if isinstance(content, str) else "".join(chunk.text for chunk in content or [])  # type: ignore


async def test_complete(server: FimServer, sdk: Mistral) -> None:
    for answer in (await asyncio.to_thread(sdk.fim.complete, **QUESTION), await sdk.fim.complete_async(**QUESTION)):
        (choice,) = answer.choices
        assert choice.message.content == "return a + b\n"
        assert choice.finish_reason == "stop"
        assert answer.usage.completion_tokens == 4


@pytest.mark.parametrize("script", SCRIPTS, ids=repr)
async def test_stream(server: FimServer, sdk: Mistral, script: Script) -> None:
    server.script = script

    def stream() -> list[object]:
        with sdk.fim.stream(**QUESTION) as events:
            return list(events)

    events = await asyncio.to_thread(stream)
    async with await sdk.fim.stream_async(**QUESTION) as asynchronous:
        assert [event async for event in asynchronous] == events
    choices = [choice for event in events for choice in event.data.choices]  # type: ignore[attr-defined]
    assert "".join(text_of(choice.delta.content) for choice in choices) == "return a + b\n"
    assert choices[-1].finish_reason == "stop"


async def test_refusals(server: FimServer, sdk: Mistral) -> None:
    server.next_scripts.append(Script(status=422))
    with pytest.raises(HTTPValidationError):
        await sdk.fim.complete_async(**QUESTION)
    server.key = "another"
    with pytest.raises(SDKError, match="Unauthorized"):
        await sdk.fim.complete_async(**QUESTION)


async def test_what_the_sdk_sends_is_taken(server: FimServer, sdk: Mistral) -> None:
    full = QUESTION | {"top_p": 0.9, "max_tokens": 7, "min_tokens": 1, "stop": "\n\n", "random_seed": 7}
    await sdk.fim.complete_async(**full, metadata={"a": "b"}, prompt_cache_key="doc-1")
    assert server.requests[0].body["prompt_cache_key"] == "doc-1"
