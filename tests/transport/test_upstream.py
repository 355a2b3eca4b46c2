"""A provider asked over a real loopback socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing

import pytest

from fim_lsp import errors
from fim_lsp.providers.base import Delta, Endpoint, Prompt, Sampling
from fim_lsp.providers.mistral import Mistral
from fim_lsp.transport import Transport
from fim_lsp.upstream import Upstream
from tests.fim_server import FAULTS, FimServer, Script
from tests.transport.closing import quickest_close_ms

PROMPT = Prompt("def add(a, b):\n    ", "\n\nprint(add(1, 2))\n", path="add.py", language="python")


@pytest.fixture
async def server() -> AsyncIterator[FimServer]:
    async with FimServer() as server:
        yield server


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    transport = Transport()
    yield transport
    await transport.aclose()


@pytest.fixture
def upstream(server: FimServer, transport: Transport) -> Upstream:
    return upstream_to(server, transport)


def upstream_to(server: FimServer, transport: Transport, **options: float) -> Upstream:
    endpoint = Endpoint("mistral", "mistral", server.base_url, "codestral-latest", key="sesame-1234")
    return Upstream(endpoint, Mistral(), transport, **{"deadline_s": 0.5, **options})  # type: ignore[arg-type]


async def ask(upstream: Upstream, sampling: Sampling | None = None) -> list[Delta]:
    async with aclosing(upstream.generate(PROMPT, sampling or Sampling())) as deltas:
        return [delta async for delta in deltas]


def text_of(deltas: list[Delta]) -> str:
    return "".join(delta.text for delta in deltas)


@pytest.mark.parametrize(
    "script",
    [
        Script(),
        Script(gather=True),
        Script(crlf=True, bytes_a_write=1),
        Script(bytes_a_write=7),
        Script(done=False),
        Script(content="list"),
        Script(first_token_ms=20, tokens_per_s=500),
    ],
    ids=repr,
)
@pytest.mark.parametrize("stream", [True, False])
async def test_reads_every_form_of_a_good_answer(
    server: FimServer, upstream: Upstream, script: Script, stream: bool
) -> None:
    server.script = script
    deltas = await ask(upstream, Sampling(stream=stream))
    assert text_of(deltas) == "return a + b\n"
    assert [delta.finish for delta in deltas if delta.finish] == ["stop"]
    assert [delta.usage.completion for delta in deltas if delta.usage] == [4]


async def test_sends_the_key_and_only_what_is_set(server: FimServer, upstream: Upstream) -> None:
    await ask(upstream)
    (request,) = server.requests
    assert request.key == "sesame-1234"
    assert request.body == {
        "model": "codestral-latest",
        "prompt": PROMPT.prefix,
        "suffix": PROMPT.suffix,
        "temperature": 0.0,
        "max_tokens": 128,
        "stream": True,
    }


async def test_keeps_its_connection(server: FimServer, upstream: Upstream) -> None:
    for _ in range(5):
        await ask(upstream)
    assert server.connections == 1


async def test_keeps_its_connection_when_left_at_the_finish(server: FimServer, upstream: Upstream) -> None:
    for _ in range(5):
        async with aclosing(upstream.generate(PROMPT, Sampling())) as deltas:
            async for delta in deltas:
                if delta.finish:
                    break
    assert server.connections == 1


async def test_closing_the_generator_closes_the_connection_within_20_ms(server: FimServer, upstream: Upstream) -> None:
    assert await quickest_close_ms(server, upstream) < 20


async def test_connects_ahead_after_a_cancel(server: FimServer, upstream: Upstream) -> None:
    server.script = Script(text="x" * 4000, tokens_per_s=200)
    async with aclosing(upstream.generate(PROMPT, Sampling())) as deltas:
        await anext(deltas)
    await server.until(lambda: server.connections == 2)
    server.script = Script()
    await ask(upstream)
    assert server.connections == 2


@pytest.mark.parametrize("fault", sorted(FAULTS))
async def test_a_hostile_service_is_answered_and_the_next_good_request_works(
    server: FimServer, transport: Transport, fault: str
) -> None:
    upstream = upstream_to(server, transport, deadline_s=0.3, total_s=0.6)
    good, server.script = server.script, Script(fault=fault)
    async with asyncio.timeout(5):
        outcome = await outcome_of(upstream)
    if isinstance(outcome, errors.ProviderError):
        assert outcome.message.endswith(".")
        assert len(outcome.message) < 400
        assert "sesame" not in outcome.message
    else:
        assert fault in ("lies-about-its-type", "odd-json") or outcome[-1].finish == "unknown"
    server.script = good
    assert text_of(await ask(upstream)) == "return a + b\n"


async def outcome_of(upstream: Upstream) -> list[Delta] | errors.ProviderError:
    try:
        return await ask(upstream)
    except errors.ProviderError as error:
        return error
