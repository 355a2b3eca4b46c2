"""What a key may take, on a clock of the test's own."""

from __future__ import annotations

import pytest

from fim_lsp.gateway.quota import DAY_S, Allowance, InMemory, headers


class Clock:
    now = 1000.0 * DAY_S

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


async def test_any_sixty_seconds_have_so_many_requests(clock: Clock) -> None:
    counters, allowance = InMemory(clock), Allowance(requests_per_minute=6)
    passed: list[float] = []
    for _ in range(600):
        clock.now += 0.7
        if (await counters.admit("ann", allowance)).allowed:
            passed.append(clock.now)
    assert len(passed) == 42  # of seven minutes
    assert all(later - earlier >= 60 for earlier, later in zip(passed, passed[6:], strict=False))


async def test_asking_in_vain_costs_nothing(clock: Clock) -> None:
    counters, allowance = InMemory(clock), Allowance(requests_per_minute=1)
    await counters.admit("ann", allowance)
    for _ in range(9):
        clock.now += 6
        verdict = await counters.admit("ann", allowance)
        assert not verdict.allowed
    assert verdict.wait_s == pytest.approx(6)
    clock.now += 6
    assert (await counters.admit("ann", allowance)).allowed


async def test_tokens_of_a_day(clock: Clock) -> None:
    counters, allowance = InMemory(clock), Allowance(tokens_per_day=100)
    clock.now += DAY_S - 60
    for tokens, left in ((60, 100), (60, 40)):
        verdict = await counters.admit("ann", allowance)
        assert (verdict.allowed, verdict.tokens_left) == (True, left)
        await counters.spend("ann", allowance, tokens)
    verdict = await counters.admit("ann", allowance)
    assert (verdict.allowed, verdict.wait_s) == (False, 60)
    clock.now += 60
    assert (await counters.admit("ann", allowance)).allowed


async def test_each_name_has_its_own(clock: Clock) -> None:
    counters, allowance = InMemory(clock), Allowance(requests_per_minute=1)
    assert [(await counters.admit(name, allowance)).allowed for name in ("ann", "bob", "ann")] == [True, True, False]


async def test_headers_tell_only_what_is_limited(clock: Clock) -> None:
    counters = InMemory(clock)
    requests, tokens = Allowance(requests_per_minute=9), Allowance(tokens_per_day=7)
    assert headers(Allowance(), await counters.admit("a", Allowance())) == {}
    assert headers(requests, await counters.admit("b", requests)) == {
        "x-ratelimit-limit-req-minute": "9",
        "x-ratelimit-remaining-req-minute": "8",
    }
    assert headers(tokens, await counters.admit("c", tokens)) == {
        "x-ratelimit-limit-tokens-day": "7",
        "x-ratelimit-remaining-tokens-day": "7",
    }
