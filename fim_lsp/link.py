"""A provider in its place in a chain: behind its limits and its circuit breaker.

The breaker is the account's record of failures: open while the record says to wait, half-open while a single request
tries again, closed after a success. What cannot work as it is set up is not tried again until someone resets it.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Protocol
from urllib.parse import urlsplit

from fim_lsp.answer import ProviderStatus
from fim_lsp.errors import BackingOff, BudgetSpent, ConfigurationError, ProviderError, RateLimited
from fim_lsp.ledger import Ledger
from fim_lsp.limits import Policy, Wait
from fim_lsp.prompt import tokens
from fim_lsp.providers.base import Delta, Prompt, Sampling
from fim_lsp.reasons import Reason
from fim_lsp.upstream import Upstream


class Source(Protocol):
    """Answers prompts: an upstream service, or the embedded engine."""

    def generate(self, prompt: Prompt, sampling: Sampling, *, invoked: bool) -> AsyncGenerator[Delta, None]: ...


class Link(Protocol):
    """A provider in its place in the chain."""

    @property
    def name(self) -> str: ...
    def generate(self, prompt: Prompt, sampling: Sampling, *, invoked: bool) -> AsyncGenerator[Delta, None]: ...
    def status(self) -> ProviderStatus: ...
    def reset(self) -> None: ...
    async def warm(self) -> None: ...


class LocalLink:
    """A source that knows no failures, no limits and no network."""

    def __init__(self, name: str, source: Source) -> None:
        self.name = name
        self._source = source

    def generate(self, prompt: Prompt, sampling: Sampling, *, invoked: bool) -> AsyncGenerator[Delta, None]:
        return self._source.generate(prompt, sampling, invoked=invoked)

    def status(self) -> ProviderStatus:
        return ProviderStatus(self.name, "ready")

    def reset(self) -> None:
        """Nothing to forget."""

    async def warm(self) -> None:
        """Nothing to prepare."""


class BrokenLink:
    """A provider that cannot even be set up: the error is the same each time."""

    def __init__(self, name: str, error: ConfigurationError) -> None:
        self.name = name
        self._error = error
        error.sent = False

    async def generate(self, prompt: Prompt, sampling: Sampling, *, invoked: bool) -> AsyncGenerator[Delta, None]:
        raise self._error.with_traceback(None)
        yield Delta()  # never reached: it makes this an async generator

    def status(self) -> ProviderStatus:
        return ProviderStatus(self.name, "blocked", self._error.reason, self._error.message)

    def reset(self) -> None:
        """Only other settings help."""

    async def warm(self) -> None:
        """Nothing to prepare."""


class UpstreamLink:
    """A service behind its limits and its circuit breaker."""

    def __init__(self, upstream: Upstream, ledger: Ledger, policy: Policy) -> None:
        self._upstream = upstream
        self._ledger = ledger
        self._policy = policy
        self._blocked: ConfigurationError | None = None
        self._running = 0
        self._account_of: tuple[str, str] = ("", "")
        upstream.heard = lambda headers: ledger.heard(self._account, headers)

    @property
    def name(self) -> str:
        return self._upstream.name

    @property
    def _account(self) -> str:
        """The same for all processes with this key at this host; it does not give the key away."""
        endpoint = self._upstream.endpoint
        key, account = self._account_of
        if not account or key != endpoint.key:
            digest = hashlib.sha256(endpoint.key.encode()).hexdigest()[:12] if endpoint.key else "-"
            account = f"{urlsplit(endpoint.base_url).netloc.rpartition('@')[2]} {digest}"
            self._account_of = endpoint.key, account
        return account

    async def generate(self, prompt: Prompt, sampling: Sampling, *, invoked: bool) -> AsyncGenerator[Delta, None]:
        try:
            await self._admit(invoked)
        except ProviderError as error:
            error.sent = False
            raise
        bill, sent_at = Bill(self._policy, prompt), self._ledger.now()
        self._running += 1
        try:
            async with aclosing(self._upstream.generate(prompt, sampling, invoked=invoked)) as deltas:
                async for delta in deltas:
                    self._ledger.succeeded(self._account, sent_at)
                    bill.add(delta)
                    yield delta
        except ProviderError as error:
            self._note(error)
            bill.fail()
            raise
        finally:
            self._running -= 1
            self._ledger.spent(self._account, self._policy, *bill.total())

    async def _admit(self, invoked: bool) -> None:
        if self._blocked is not None:
            raise self._blocked.with_traceback(None)
        try:
            await self._upstream.prepare()
        except ConfigurationError as error:
            self._blocked = error
            raise
        wait = await self._ledger.admit(self._account, self._policy, invoked=invoked)
        if wait is not None:
            raise error_for(wait, self.name)
        if self._running and not invoked and self._ledger.is_recovering(self._account):
            raise BackingOff(f"{self.name} is being tried again. It goes on by itself if that works.")

    def _note(self, error: ProviderError) -> None:
        if isinstance(error, ConfigurationError):
            self._blocked = error
        else:
            self._ledger.failed(self._account, error)

    def status(self) -> ProviderStatus:
        if self._blocked is not None:
            return ProviderStatus(self.name, "blocked", self._blocked.reason, self._blocked.message)
        wait = self._ledger.wait(self._account, self._policy)
        if wait is not None:
            return ProviderStatus(self.name, "waiting", wait.reason, error_for(wait, self.name).message, wait.seconds)
        return ProviderStatus(self.name, "ready")

    def reset(self) -> None:
        self._blocked = None
        self._upstream.forget()
        self._ledger.clear(self._account)

    async def warm(self) -> None:
        await self._upstream.warm()


class Bill:
    """The tokens of one request: as the service counts them, or estimated where it was left before it could say.

    What was left before its first word has been read all the same; what failed before it costs nothing.
    """

    def __init__(self, policy: Policy, prompt: Prompt) -> None:
        self._counts = bool(policy.tokens_per_day or policy.money_per_day)
        self._prompt = prompt
        self._text: list[str] = []
        self._failed = False
        self._usage: tuple[int, int] | None = None

    def add(self, delta: Delta) -> None:
        if self._counts:
            self._text.append(delta.text)
        if delta.usage is not None:
            self._usage = delta.usage.prompt, delta.usage.completion

    def fail(self) -> None:
        self._failed = True

    def total(self) -> tuple[int, int]:
        """Prompt tokens and completion tokens."""
        if self._usage is not None or not self._counts:
            return self._usage or (0, 0)
        if self._failed and not self._text:
            return 0, 0
        read = (self._prompt.prefix, self._prompt.suffix, *(snippet.text for snippet in self._prompt.snippets))
        return sum(map(tokens.estimate, read)), tokens.estimate("".join(self._text))


def error_for(wait: Wait, name: str) -> ProviderError:
    """Why nothing was sent. It has the cause of what led to it, so that nobody is told twice."""
    kinds: dict[Reason, type[ProviderError]] = {Reason.RATE_LIMITED: RateLimited, Reason.BUDGET: BudgetSpent}
    error = kinds.get(wait.reason, BackingOff)(
        f"{name} waits {max(1, round(wait.seconds))} s before the next request ({wait.reason}). It goes on by itself.",
        retry_after_s=wait.seconds,
    )
    error.cause = wait.cause or error.cause
    return error
