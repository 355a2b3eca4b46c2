"""The accounts' records, kept in one file that all of the user's processes share, and never waited for by the loop.

Where the user limits nothing, a request costs one look at the file's time stamp; the file is written when something
went wrong. Where there is a limit, each request is counted in the file, under its lock, before it goes out.
A file that cannot be used is done without: the records are then this process's own.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Protocol

import msgspec

from fim_lsp import limits
from fim_lsp.errors import ProviderError
from fim_lsp.limits import Account, Policy, Today, Wait

STORE_PATIENCE_S = 0.25
FORGET_AFTER_S = 40 * 24 * 3600.0

Change = Callable[[Account], None]


class Store(Protocol):
    """Where the records are kept. All but `stamp` may block, and may raise OSError."""

    def stamp(self) -> object:
        """Another value when someone has written; quick."""
        ...

    def read(self) -> bytes: ...

    def update(self, change: Callable[[bytes], bytes]) -> bytes:
        """Read, change and write as one step that no other process can come between; returns what was written."""
        ...


class Ledger:
    def __init__(
        self,
        store: Store | None = None,
        *,
        clock: Callable[[], float] = time.time,
        today: Callable[[float], Today] | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._clock = clock
        self._today = today or local_day
        self._chance = chance
        self._known_day = 0.0, Today("", 0.0)
        self._accounts: dict[str, Account] = {}
        self._stamp: object = None
        self._unwritten: list[tuple[str, Change]] = []
        self._writing: asyncio.Task[None] | None = None

    def now(self) -> float:
        """Seconds since the epoch."""
        return self._clock()

    async def admit(self, name: str, policy: Policy, *, invoked: bool) -> Wait | None:
        """None if a request may go out now; it is then counted."""
        result: list[Wait | None] = []

        def ask(account: Account) -> None:
            wait = limits.admit(account, policy, now, today, invoked=invoked)
            result.append(wait)
            if wait is None:
                limits.note_request(account, policy, now)

        await self._look()
        now = self._clock()
        today = self._day(now)
        ask(self._account(name))
        if result[-1] is None and policy.limits_anything and self._store is not None:
            self._unwritten.append((name, ask))
            await self._written()
        return result[-1]

    def failed(self, name: str, error: ProviderError) -> None:
        now, chance = self._clock(), self._chance()
        self._change(name, lambda account: limits.note_failure(account, error, now, chance))

    def succeeded(self, name: str, sent_at: float) -> None:
        """`sent_at`: what `now` was when the request went out."""
        if self._account(name).failures:
            self._change(name, lambda account: limits.note_success(account, sent_at))

    def heard(self, name: str, headers: Mapping[str, str]) -> None:
        """The head of a good answer."""
        if any(limit.left in headers for limit in limits.LIMIT_HEADERS):
            now, until = self._clock(), self._account(name).until
            limits.note_headers(self._account(name), headers, now)
            if self._account(name).until != until:
                self._change(name, lambda account: limits.note_headers(account, headers, now))

    def spent(self, name: str, policy: Policy, prompt_tokens: int, completion_tokens: int) -> None:
        if policy.tokens_per_day or policy.money_per_day:
            self._change(name, lambda account: limits.note_spending(account, policy, prompt_tokens, completion_tokens))

    def is_recovering(self, name: str) -> bool:
        """The last request failed."""
        return self._account(name).failures > 0

    def wait(self, name: str, policy: Policy) -> Wait | None:
        """What an automatic request would be told now, as far as this process knows."""
        now = self._clock()
        return limits.admit(self._account(name), policy, now, self._day(now), invoked=False)

    def clear(self, name: str) -> None:
        self._change(name, limits.clear)

    async def close(self) -> None:
        """Write what is still unwritten."""
        if self._writing is not None:
            await asyncio.wait((self._writing,), timeout=STORE_PATIENCE_S)

    def _day(self, now: float) -> Today:
        """The calendar is looked at once a day, and when the clock was put back."""
        began_at, day = self._known_day
        if not began_at <= now < day.ends_at:
            day = self._today(now)
            self._known_day = now, day
        return day

    def _account(self, name: str) -> Account:
        return self._accounts.setdefault(name, Account())

    def _change(self, name: str, change: Change) -> None:
        change(self._account(name))
        if self._store is not None:
            self._unwritten.append((name, change))
            self._write()

    async def _look(self) -> None:
        """Take over what other processes have written."""
        if self._store is None or self._writing is not None:
            return
        try:
            stamp = self._store.stamp()
            if stamp != self._stamp:
                content = await asyncio.wait_for(asyncio.to_thread(self._store.read), STORE_PATIENCE_S)
                self._stamp = stamp
                if self._writing is None:
                    self._accounts = decode(content)
        except (OSError, TimeoutError):
            pass

    async def _written(self) -> None:
        """Wait until all changes so far are in the file, but not for ever."""
        task = self._write()
        await asyncio.wait((task,), timeout=STORE_PATIENCE_S)

    def _write(self) -> asyncio.Task[None]:
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._write_all())
        return self._writing

    async def _write_all(self) -> None:
        assert self._store is not None
        try:
            while self._unwritten:
                changes, self._unwritten = self._unwritten, []
                with suppress(OSError):
                    content = await asyncio.to_thread(self._store.update, partial(self._changed, changes))
                    self._accounts = decode(content)
                    for name, change in self._unwritten:
                        change(self._account(name))
        finally:
            self._writing = None

    def _changed(self, changes: list[tuple[str, Change]], content: bytes) -> bytes:
        """In the store's thread: the changes on top of what the file holds."""
        now = self._clock()
        accounts = {name: account for name, account in decode(content).items() if _is_of_use(account, now)}
        for name, change in changes:
            change(accounts.setdefault(name, Account()))
        return msgspec.json.encode(accounts)


def decode(content: bytes) -> dict[str, Account]:
    """A file that someone has broken is begun anew."""
    try:
        return msgspec.json.decode(content, type=dict[str, Account])
    except msgspec.DecodeError:
        return {}


def local_day(now: float) -> Today:
    """The calendar day here, which a change of the clocks makes an hour longer or shorter."""
    day = time.localtime(now)
    ends_at = time.mktime((day.tm_year, day.tm_mon, day.tm_mday + 1, 0, 0, 0, 0, 0, -1))
    return Today(time.strftime("%Y-%m-%d", day), ends_at)


def _is_of_use(account: Account, now: float) -> bool:
    return now - max(account.day_began, account.since) < FORGET_AFTER_S
