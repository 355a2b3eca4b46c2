"""A provider asked over a real loopback socket."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from random import Random

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


async def test_a_connection_made_ahead_too_late_is_not_kept(server: FimServer, upstream: Upstream) -> None:
    await asyncio.gather(upstream.warm(), ask(upstream))
    await server.until(lambda: server.open_connections == 1)
    await ask(upstream)
    assert server.open_connections == 1


@pytest.mark.parametrize("fault", sorted(FAULTS))
async def test_a_hostile_service_is_answered_and_the_next_good_request_works(
    server: FimServer, transport: Transport, fault: str, caplog: pytest.LogCaptureFixture
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
    assert caplog.messages == []  # it is no fault of ours


class Faulty(Mistral):
    def decode(self, payload: object) -> Delta:
        raise AttributeError("sesame")


async def test_a_fault_of_ours_in_reading_an_answer_is_logged_with_its_place(
    server: FimServer, transport: Transport, caplog: pytest.LogCaptureFixture
) -> None:
    endpoint = Endpoint("mistral", "mistral", server.base_url, "codestral-latest")
    assert isinstance(await outcome_of(Upstream(endpoint, Faulty(), transport)), errors.Broken)
    (message,) = caplog.messages
    assert "AttributeError in decode" in message
    assert "sesame" not in message


async def test_a_fault_of_ours_in_sending_is_logged_with_its_place(
    server: FimServer, transport: Transport, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def send(*anything: object) -> None:
        raise AttributeError("sesame")

    monkeypatch.setattr(transport, "_send", send)
    assert isinstance(await outcome_of(upstream_to(server, transport)), errors.Broken)
    (message,) = caplog.messages
    assert "AttributeError in send" in message
    assert "sesame" not in message


@pytest.mark.parametrize("headers", [{}, {"Date": "Mon, 02 Mar 2026 10:00:00 GMT"}], ids=["undated", "dated"])
async def test_when_to_come_back_may_be_a_date(server: FimServer, headers: dict[str, str]) -> None:
    """Where the answer has no date of its own, this machine's clock counts."""
    transport = Transport(wall_clock=lambda: 1_772_445_600.0)  # at 10:00
    server.script = Script(status=429, headers={"Retry-After": "Mon, 02 Mar 2026 10:00:40 GMT", **headers})
    error = await outcome_of(upstream_to(server, transport))
    assert isinstance(error, errors.RateLimited)
    assert error.retry_after_s == 40
    await transport.aclose()


@pytest.mark.parametrize("gather", [False, True])
async def test_a_finish_that_is_an_error_is_one(server: FimServer, upstream: Upstream, gather: bool) -> None:
    """What was said before it has come through; nothing says that it is all."""
    server.script = Script(text="return a", finish="error", gather=gather)
    said: list[Delta] = []

    async def listen() -> None:
        async for delta in upstream.generate(PROMPT, Sampling()):
            said.append(delta)

    with pytest.raises(errors.Overloaded):
        await listen()
    assert text_of(said) == "return a"
    assert {delta.finish for delta in said} == {None}


async def outcome_of(upstream: Upstream) -> list[Delta] | errors.ProviderError:
    try:
        return await ask(upstream)
    except errors.ProviderError as error:
        return error


async def test_cancels_at_any_moment_leave_nothing_behind(server: FimServer, upstream: Upstream) -> None:
    """Sockets, tasks and places in the pool; `python -m tests.bench.upstream --cancels 3000` does it for longer."""
    server.script = Script(text="x" * 400, first_token_ms=1, tokens_per_s=3000)
    await ask(upstream)
    tasks, random = len(asyncio.all_tasks()), Random(7)
    for _ in range(200):
        task = asyncio.ensure_future(ask(upstream))
        await asyncio.sleep(random.uniform(0, 0.006))
        task.cancel()
        await asyncio.wait((task,))
    server.script = Script()
    assert text_of(await ask(upstream)) == "return a + b\n"
    await server.until(lambda: server.open_connections <= 2)
    assert len(asyncio.all_tasks()) <= tasks + 2


async def test_a_server_that_closed_a_kept_connection_is_asked_again(server: FimServer, upstream: Upstream) -> None:
    await ask(upstream)
    await server.drop_idle_connections()
    assert text_of(await ask(upstream)) == "return a + b\n"


async def test_a_server_that_drops_every_connection_is_asked_once(server: FimServer, upstream: Upstream) -> None:
    server.script = Script(fault="closes")
    with pytest.raises(errors.Broken):
        await ask(upstream)
    assert len(server.requests) == 1


async def test_after_a_sleep_no_old_connection_is_used(server: FimServer) -> None:
    now_s = 1_772_450_000.0
    transport = Transport(wall_clock=lambda: now_s)
    upstream = upstream_to(server, transport)
    await ask(upstream)
    now_s += 3600
    await ask(upstream)
    await ask(upstream)
    assert server.connections == 2
    await transport.aclose()


@pytest.mark.parametrize("base_url", ["http://192.0.2.1/v1", "http://fim.example/v1"])
async def test_plain_http_beyond_loopback_is_refused_before_anything_is_sent(
    transport: Transport, base_url: str
) -> None:
    endpoint = Endpoint("mine", "mistral", base_url, "codestral-latest", key="sesame-1234")
    with pytest.raises(errors.Insecure, match="nothing was sent"):
        await ask(Upstream(endpoint, Mistral(), transport))


async def test_a_redirect_carries_nothing_to_another_origin(server: FimServer, upstream: Upstream) -> None:
    async with FimServer() as elsewhere:
        location = f"{elsewhere.base_url}/fim/completions"
        for status in (301, 302, 307, 308):
            server.next_scripts.append(Script(status=status, headers={"Location": location}, error={}))
            with pytest.raises(errors.Insecure, match="redirects to another place"):
                await ask(upstream)
        assert not elsewhere.connections


async def test_a_redirect_within_the_origin_is_followed(server: FimServer, upstream: Upstream) -> None:
    server.next_scripts.append(Script(status=308, headers={"Location": "/v1/fim/completions"}, error={}))
    assert text_of(await ask(upstream)) == "return a + b\n"
    assert [request.key for request in server.requests] == ["sesame-1234", "sesame-1234"]


def test_nothing_of_http_is_imported_before_the_first_request() -> None:
    code = (
        "import sys, fim_lsp.chain, fim_lsp.upstream, fim_lsp.transport, fim_lsp.keys, fim_lsp.ledger;"
        "print(sorted({'httpx', 'aiohttp', 'keyring', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
