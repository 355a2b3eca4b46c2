"""An upstream that many callers share, behind its circuit breaker.

It differs from an editor's link in what one failure means. A request that the service did not take is its caller's
own fault and closes nothing to the others; one broken answer among hundreds is no outage, but a refused connection is;
and what cannot work as it is set up is tried again after a minute, since nobody sits in front of it.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing

from fim_lsp.answer import ProviderStatus
from fim_lsp.errors import BackingOff, ConfigurationError, ProviderError, RateLimited, TemporaryError, Unreachable
from fim_lsp.limits import backoff_s
from fim_lsp.providers.base import Delta, Prompt, Sampling
from fim_lsp.upstream import Upstream

FAILURES = 3
"""So many answers in a row have to fail before nobody is sent there; a refused connection is enough by itself."""
MISCONFIGURED_S = 60.0


class SharedLink:
    """Open: everybody is told at once. Half open: one caller tries. Closed: everybody goes through."""

    def __init__(
        self,
        upstream: Upstream,
        *,
        clock: Callable[[], float] | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._upstream = upstream
        self._clock = clock
        self._chance = chance
        self._failures = 0
        self._until = float("-inf")
        self._last: ProviderError | None = None
        self._trying = False

    @property
    def name(self) -> str:
        return self._upstream.name

    async def generate(self, prompt: Prompt, sampling: Sampling, *, invoked: bool) -> AsyncGenerator[Delta, None]:
        is_trial = self._admit()
        try:
            async with aclosing(self._upstream.generate(prompt, sampling, invoked=invoked)) as deltas:
                async for delta in deltas:
                    self._failures, self._last = 0, None
                    yield delta
        except ProviderError as error:
            self._note(error)
            raise
        finally:
            if is_trial:
                self._trying = False

    def _admit(self) -> bool:
        """Whether this request is the one that tries again. Raises BackingOff."""
        wait_s = self._until - self._now()
        if self._last is None:
            return False
        if wait_s > 0 or self._trying:
            error = BackingOff(f"{self.name} is left alone for a moment.", retry_after_s=max(wait_s, 0.5))
            error.cause = self._last.cause
            raise error
        self._trying = True
        return True

    def _note(self, error: ProviderError) -> None:
        """Open the circuit, if this failure is of the kind that others would meet too."""
        if isinstance(error, ConfigurationError):
            self._upstream.forget()
            self._open(error, MISCONFIGURED_S)
        elif isinstance(error, RateLimited) and error.retry_after_s is not None:
            self._open(error, min(error.retry_after_s, MISCONFIGURED_S))
        elif isinstance(error, TemporaryError):
            self._failures += 1
            if isinstance(error, Unreachable) or self._failures >= FAILURES:
                self._open(error, backoff_s(self._failures, self._chance()))
        else:
            self._failures, self._last = 0, None  # it is there, and read what it refused

    def _open(self, error: ProviderError, seconds: float) -> None:
        self._last, self._until = error, max(self._until, self._now() + seconds)

    def _now(self) -> float:
        return (self._clock or asyncio.get_running_loop().time)()

    def status(self) -> ProviderStatus:
        if self._last is None:
            return ProviderStatus(self.name, "ready")
        wait_s = max(0.0, self._until - self._now())
        return ProviderStatus(self.name, "waiting", self._last.reason, self._last.message, wait_s)

    def reset(self) -> None:
        self._failures, self._until, self._last = 0, float("-inf"), None
        self._upstream.forget()

    async def warm(self) -> None:
        await self._upstream.warm()
