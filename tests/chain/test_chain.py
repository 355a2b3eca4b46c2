"""Providers tried in order, over real sockets; the wall clock is the test's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

import pytest

from fim_lsp import errors
from fim_lsp.chain import Chain, make_chain
from fim_lsp.ledger import Ledger
from fim_lsp.providers.base import Delta, Prompt, Sampling
from fim_lsp.reasons import Reason
from fim_lsp.settings.model import Completion, Limits, ProviderSettings, Settings
from fim_lsp.transport import Transport
from tests.fim_server import FimServer, Script

PROMPT = Prompt("def add(a, b):\n    ", "\n")


class Bench:
    """A chain over test servers, with a clock that only the test moves."""

    def __init__(self, transport: Transport) -> None:
        self.now = 1_772_450_000.0
        self.ledger = Ledger(clock=lambda: self.now, chance=lambda: 0.999)
        self.transport = transport
        self.failures: list[tuple[str, str]] = []
        self.keys: list[str] = ["sesame-4711"]

    def chain(self, *servers: FimServer, lookup: bool = False, limits: Limits | None = None) -> Chain:
        providers = {
            f"p{number}": ProviderSettings(kind="mistral", base_url=server.base_url)
            for number, server in enumerate(servers)
        }
        names = (*providers, "lookup") if lookup else tuple(providers)
        settings = Settings(
            providers=providers, completion=Completion(deadline_ms=1000), limits=limits or Limits(requests_per_minute=0)
        )
        return make_chain(
            names,
            settings,
            transport=self.transport,
            ledger=self.ledger,
            key_for=lambda name, own: self.key,
            local={"lookup": Lookup()},
            failed=lambda error, name: self.failures.append((name, error.cause)),
        )

    async def key(self) -> str:
        return self.keys.pop(0) if len(self.keys) > 1 else self.keys[0]


class Lookup:
    async def generate(self, prompt: Prompt, sampling: Sampling, *, invoked: bool) -> AsyncGenerator[Delta, None]:
        yield Delta("from lookup", "stop")


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    transport = Transport()
    yield Bench(transport)
    await transport.aclose()


@pytest.fixture
async def server() -> AsyncIterator[FimServer]:
    async with FimServer() as server:
        yield server


@pytest.fixture
async def other() -> AsyncIterator[FimServer]:
    async with FimServer(Script(text="from the other")) as server:
        yield server


async def ask(chain: Chain, *, invoked: bool = False) -> str:
    """The text, or the error's cause in angle brackets."""
    try:
        async with aclosing(chain.generate(PROMPT, Sampling(), invoked=invoked)) as deltas:
            return "".join([delta.text async for delta in deltas])
    except errors.ProviderError as error:
        return f"<{error.cause}>"


@pytest.mark.parametrize(
    ("status", "cause"), [(401, "auth"), (403, "auth"), (404, "not-found"), (402, "auth"), (405, "not-found")]
)
async def test_no_request_after_a_refusal_until_the_user_clears(
    bench: Bench, server: FimServer, status: int, cause: str
) -> None:
    chain, server.script = bench.chain(server), Script(status=status)
    for second in range(100):
        bench.now += second
        assert await ask(chain, invoked=second % 2 == 0) == f"<{cause}>"
    assert len(server.requests) == 1
    (link,) = chain.status()
    assert (link.state, link.next_try_s) == ("blocked", None)
    server.script = Script()
    chain.reset()
    assert await ask(chain) == "return a + b\n"


async def test_no_request_while_retry_after_runs(bench: Bench, server: FimServer) -> None:
    chain, server.script = bench.chain(server), Script(status=429, headers={"Retry-After": "10"})
    for _ in range(100):
        assert await ask(chain, invoked=True) == "<rate-limited>"
        bench.now += 0.099
    assert len(server.requests) == 1
    assert chain.status()[0].state == "waiting"
    bench.now += 0.2
    server.script = Script()
    assert await ask(chain) == "return a + b\n"


@pytest.mark.parametrize(
    "bad",
    [
        Script(status=500),
        Script(status=502),
        Script(status=503),
        Script(status=429, error={"message": "Service tier capacity exceeded for this model."}),
        Script(fault="dead"),
        Script(fault="closes"),
        Script(fault="cut"),
        Script(fault="web-page"),
        Script(fault="error-in-the-stream"),
    ],
    ids=repr,
)
async def test_one_fault_never_delays_the_next_request_by_hand(bench: Bench, server: FimServer, bad: Script) -> None:
    chain, server.script = bench.chain(server), bad
    await ask(chain)
    sent = len(server.requests)
    assert await ask(chain) != "return a + b\n"
    assert len(server.requests) == sent, "what nobody asked for waits"
    server.script = Script()
    assert await ask(chain, invoked=True) == "return a + b\n"


async def test_a_later_provider_answers_meanwhile(bench: Bench, server: FimServer, other: FimServer) -> None:
    chain, server.script = bench.chain(server, other, lookup=True), Script(status=500)
    assert await ask(chain) == "from the other"
    assert chain.used == "p1"
    assert bench.failures == [("p0", "overloaded")]
    other.script = Script(fault="closes")
    assert await ask(chain) == "from lookup"
    bench.now += 60
    server.script = Script()
    assert await ask(chain) == "return a + b\n"
    assert chain.used == "p0"


async def test_a_failure_is_told_even_if_the_answer_of_the_next_is_left_early(
    bench: Bench, server: FimServer, other: FimServer
) -> None:
    chain, server.script = bench.chain(server, other), Script(status=401)
    async with aclosing(chain.generate(PROMPT, Sampling())) as deltas:
        await anext(deltas)
    assert bench.failures == [("p0", "auth")]


async def test_a_dead_provider_leaves_time_for_the_next(bench: Bench, server: FimServer, other: FimServer) -> None:
    chain, server.script = bench.chain(server, other), Script(fault="dead")
    assert await ask(chain) == "from the other"


async def test_what_has_begun_is_not_begun_again_elsewhere(bench: Bench, server: FimServer, other: FimServer) -> None:
    chain, server.script = bench.chain(server, other), Script(fault="cut")
    assert await ask(chain) == "<broken>"
    assert not other.requests


async def test_a_key_is_fetched_once_more_when_it_is_refused(bench: Bench, server: FimServer) -> None:
    server.key, bench.keys = "new", ["old", "new", "newer"]
    chain = bench.chain(server)
    assert await ask(chain) == "return a + b\n"
    assert [request.key for request in server.requests] == ["old", "new"]


async def test_a_key_that_stays_refused_is_not_sent_again(bench: Bench, server: FimServer) -> None:
    server.key = "another"
    chain = bench.chain(server)
    for _ in range(5):
        assert await ask(chain) == "<auth>"
    assert len(server.requests) == 1


async def test_a_field_the_service_does_not_know_is_left_out_from_then_on(bench: Bench, server: FimServer) -> None:
    refusal = {"detail": [{"type": "extra_forbidden", "loc": ["body", "prompt_cache_key"], "msg": "Extra inputs"}]}
    server.next_scripts.append(Script(status=422, error=refusal))
    chain = bench.chain(server)
    for _ in range(2):
        async with aclosing(chain.generate(PROMPT, Sampling(cache_key="doc-1"))) as deltas:
            assert "".join([delta.text async for delta in deltas]) == "return a + b\n"
    assert ["prompt_cache_key" in request.body for request in server.requests] == [True, False, False]


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "3600"}], ids=["", "for an hour"])
async def test_a_success_by_hand_closes_the_circuit(bench: Bench, server: FimServer, headers: dict[str, str]) -> None:
    chain, server.script = bench.chain(server), Script(status=503, headers=headers)
    assert await ask(chain) == "<overloaded>"
    server.script = Script()
    assert await ask(chain) == "<overloaded>"
    assert await ask(chain, invoked=True) == "return a + b\n"
    assert await ask(chain) == "return a + b\n"
    assert chain.status()[0].state == "ready"


async def test_an_answer_that_began_before_the_fault_does_not_close_it(bench: Bench, server: FimServer) -> None:
    chain, server.script = bench.chain(server), Script(first_token_ms=50)
    earlier = asyncio.ensure_future(ask(chain))
    await server.until(lambda: server.requests)
    bench.now += 1
    server.script = Script(status=503)
    assert await ask(chain, invoked=True) == "<overloaded>"
    assert await earlier == "return a + b\n"
    assert chain.status()[0].state == "waiting"


async def test_recovery_is_tried_by_one_request_at_a_time(bench: Bench, server: FimServer) -> None:
    chain = bench.chain(server)
    server.script = Script(status=500)
    await ask(chain)
    bench.now += 60
    server.script = Script(first_token_ms=10_000)
    async with aclosing(chain.generate(PROMPT, Sampling(), invoked=False)) as trial:
        first = asyncio.ensure_future(anext(trial))
        await server.until(lambda: len(server.requests) == 2)
        assert await ask(chain) == "<backing-off>"
        assert len(server.requests) == 2
        first.cancel()
        await asyncio.wait((first,))


async def test_own_limits_are_kept(bench: Bench, server: FimServer) -> None:
    chain = bench.chain(server, limits=Limits(requests_per_minute=2))
    assert [await ask(chain) for _ in range(3)] == ["return a + b\n", "return a + b\n", "<rate-limited>"]
    assert chain.status()[0].reason is Reason.RATE_LIMITED


async def test_an_error_says_whether_a_request_went_out(bench: Bench, server: FimServer) -> None:
    chain = bench.chain(server)
    server.script = Script(status=500)
    sent = []
    for _ in range(2):
        with pytest.raises(errors.TemporaryError) as raised:
            await anext(chain.generate(PROMPT, Sampling(), invoked=False))
        sent.append(raised.value.sent)
    assert sent == [True, False]
    assert len(server.requests) == 1


async def test_tokens_are_counted_also_where_the_stream_is_left(bench: Bench, server: FimServer) -> None:
    server.script = Script(text="x = 1\n" * 400, tokens_per_s=2000)
    chain = bench.chain(server, limits=Limits(tokens_per_day=20))
    async with aclosing(chain.generate(PROMPT, Sampling())) as deltas:
        taken = 0
        async for delta in deltas:
            taken += len(delta.text)
            if taken > 60:
                break
    assert await ask(chain, invoked=True) == "<budget>"


async def test_tokens_are_counted_also_where_nobody_waited_for_the_first(bench: Bench, server: FimServer) -> None:
    server.script = Script(first_token_ms=10_000)
    chain = bench.chain(server, limits=Limits(tokens_per_day=5))
    asking = asyncio.ensure_future(ask(chain))
    await server.until(lambda: len(server.requests) == 1)
    asking.cancel()
    await asyncio.wait((asking,))
    assert await ask(chain, invoked=True) == "<budget>"


async def test_what_failed_costs_nothing(bench: Bench, server: FimServer) -> None:
    chain = bench.chain(server, limits=Limits(tokens_per_day=5))
    server.next_scripts.append(Script(status=500))
    assert await ask(chain) == "<overloaded>"
    assert await ask(chain, invoked=True) == "return a + b\n"


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (ProviderSettings(kind="mistral", base_url="http://example.com/v1"), "not encrypted"),
        (ProviderSettings(kind="mistral", base_url="ftp://example.com"), "no web address"),
        (ProviderSettings(kind="azure"), "Set base_url"),
        (ProviderSettings(kind="nobody"), "Set kind"),
    ],
    ids=repr,
)
async def test_what_cannot_work_says_what_is_missing(bench: Bench, settings: ProviderSettings, says: str) -> None:
    chain = make_chain(
        ["mine"],
        Settings(providers={"mine": settings}),
        transport=bench.transport,
        ledger=bench.ledger,
        key_for=lambda name, own: bench.key,
    )
    with pytest.raises(errors.ConfigurationError, match=says):
        await anext(chain.generate(PROMPT, Sampling()))
    assert chain.status()[0].state == "blocked"
