"""The circuit breaker that many callers share, on a clock of the test's own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from fim_lsp.errors import BackingOff, BadRequest, KeyRefused, Overloaded, ProviderError, RateLimited, Unreachable
from fim_lsp.gateway.links import SharedLink
from fim_lsp.providers.base import Delta, Prompt, Sampling


class FakeUpstream:
    """Fails as it is told to, else answers when it may."""

    name = "gpu"

    def __init__(self) -> None:
        self.error: ProviderError | None = None
        self.asked = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def generate(self, prompt: Prompt, sampling: Sampling, *, invoked: bool) -> AsyncGenerator[Delta, None]:
        self.asked += 1
        if self.error is not None:
            raise self.error
        await self.may_answer.wait()
        yield Delta("x", "stop")

    def forget(self) -> None:
        """Its key."""


class Bench:
    def __init__(self) -> None:
        self.now = 0.0
        self.upstream = FakeUpstream()
        self.link = SharedLink(self.upstream, clock=lambda: self.now, chance=lambda: 0.0)  # type: ignore[arg-type]

    async def ask(self) -> str:
        try:
            return "".join([delta.text async for delta in self.link.generate(Prompt("", ""), Sampling(), invoked=True)])
        except ProviderError as error:
            return type(error).__name__

    async def fail(self, error: ProviderError, times: int = 1) -> None:
        self.upstream.error = error
        for _ in range(times):
            assert await self.ask() == type(error).__name__
        self.upstream.error = None


@pytest.fixture
def bench() -> Bench:
    return Bench()


TABLE = [
    # what happens; how many times; whether the next caller is turned away
    (Unreachable(""), 1, True),
    (Overloaded(""), 2, False),
    (Overloaded(""), 3, True),
    (BadRequest(""), 9, False),
    (KeyRefused(""), 1, True),
    (RateLimited("", retry_after_s=5), 1, True),
    (RateLimited(""), 1, False),
]


@pytest.mark.parametrize(("error", "times", "is_open"), TABLE)
async def test_what_opens_the_circuit(bench: Bench, error: ProviderError, times: int, is_open: bool) -> None:
    await bench.fail(error, times)
    assert await bench.ask() == ("BackingOff" if is_open else "x")
    assert bench.upstream.asked == times + (not is_open)
    assert bench.link.status().state == ("waiting" if is_open else "ready")


async def test_one_caller_tries_again_and_opens_it_to_all(bench: Bench) -> None:
    await bench.fail(Unreachable(""))
    bench.now += 1
    bench.upstream.may_answer.clear()
    trial = asyncio.create_task(bench.ask())
    await asyncio.sleep(0)
    assert await bench.ask() == "BackingOff"
    bench.upstream.may_answer.set()
    assert await trial == "x"
    assert await bench.ask() == "x"


async def test_a_trial_that_fails_waits_longer(bench: Bench) -> None:
    await bench.fail(Unreachable(""))
    bench.now += 1
    await bench.fail(Unreachable(""))
    bench.now += 1
    assert await bench.ask() == "BackingOff"
    bench.now += 1
    assert await bench.ask() == "x"


async def test_a_caller_that_leaves_its_trial_leaves_it_to_the_next(bench: Bench) -> None:
    await bench.fail(Unreachable(""))
    bench.now += 1
    bench.upstream.may_answer.clear()
    trial = asyncio.create_task(bench.ask())
    await asyncio.sleep(0)
    trial.cancel()
    await asyncio.gather(trial, return_exceptions=True)
    bench.upstream.may_answer.set()
    assert await bench.ask() == "x"


async def test_the_wait_and_its_cause_are_told(bench: Bench) -> None:
    await bench.fail(RateLimited("", retry_after_s=7))
    with pytest.raises(BackingOff) as waiting:
        _ = [delta async for delta in bench.link.generate(Prompt("", ""), Sampling(), invoked=True)]
    assert waiting.value.retry_after_s == 7
    assert waiting.value.cause == "rate-limited"
