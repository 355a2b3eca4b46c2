"""What each key may take: requests in any sixty seconds, and tokens in a day (UTC). Kept here in this process's memory.

Tokens are known only afterwards: who has some left may ask, and what that takes is taken off then.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import msgspec

MINUTE_S = 60.0
DAY_S = 86_400


class Allowance(msgspec.Struct, frozen=True):
    """0: no limit."""

    requests_per_minute: int = 0
    tokens_per_day: int = 0

    @property
    def limits_anything(self) -> bool:
        return bool(self.requests_per_minute or self.tokens_per_day)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may go on, and how much is left after it."""

    allowed: bool
    requests_left: int = 0
    tokens_left: int = 0
    wait_s: float = 0.0
    """If not allowed: until when it is useless to ask again."""


class Unavailable(Exception):
    """The counters that hosts share cannot be reached."""


class Counters(Protocol):
    """Where takings are counted. Both may raise Unavailable."""

    async def admit(self, name: str, allowance: Allowance) -> Verdict:
        """Counts a request if it may go on; one that may not is not counted."""
        ...

    async def spend(self, name: str, allowance: Allowance, tokens: int) -> None: ...
    async def close(self) -> None: ...


@dataclass(slots=True)
class _Taken:
    requests: deque[float] = field(default_factory=deque)
    """When they came, of the last minute."""
    day: int = 0
    tokens: int = 0


class InMemory:
    """For one worker."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._taken: dict[str, _Taken] = {}

    async def admit(self, name: str, allowance: Allowance) -> Verdict:
        now = self._clock()
        taken = self._at(name, now)
        verdict = judge(allowance, len(taken.requests), taken.requests[0] if taken.requests else now, taken.tokens, now)
        if verdict.allowed and allowance.requests_per_minute:
            taken.requests.append(now)
        return verdict

    async def spend(self, name: str, allowance: Allowance, tokens: int) -> None:
        self._at(name, self._clock()).tokens += tokens

    async def close(self) -> None:
        """Nothing is open."""

    def _at(self, name: str, now: float) -> _Taken:
        taken = self._taken.setdefault(name, _Taken())
        while taken.requests and not now - MINUTE_S < taken.requests[0] <= now:
            taken.requests.popleft()
        if taken.day != now // DAY_S:
            taken.day, taken.tokens = int(now // DAY_S), 0
        return taken


def judge(allowance: Allowance, requests: int, oldest: float, tokens: int, now: float) -> Verdict:
    """By what was taken so far: so many requests in the last minute, and tokens today."""
    tokens_left = max(0, allowance.tokens_per_day - tokens)
    requests_left = max(0, allowance.requests_per_minute - requests)
    if allowance.tokens_per_day and not tokens_left:
        return Verdict(False, requests_left, 0, DAY_S - now % DAY_S)
    if allowance.requests_per_minute and not requests_left:
        return Verdict(False, 0, tokens_left, oldest + MINUTE_S - now)
    return Verdict(True, max(0, requests_left - 1), tokens_left)


def headers(allowance: Allowance, verdict: Verdict) -> Mapping[str, str]:
    """As Mistral's service names them."""
    told: dict[str, str] = {}
    if allowance.requests_per_minute:
        told["x-ratelimit-limit-req-minute"] = str(allowance.requests_per_minute)
        told["x-ratelimit-remaining-req-minute"] = str(verdict.requests_left)
    if allowance.tokens_per_day:
        told["x-ratelimit-limit-tokens-day"] = str(allowance.tokens_per_day)
        told["x-ratelimit-remaining-tokens-day"] = str(verdict.tokens_left)
    return told
