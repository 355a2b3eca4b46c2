"""Whose turn it is: so many at once, a bounded queue behind them, and round robin between the keys that wait.

Who asks much waits behind own requests, not others behind them; also when the queue is full: then whoever has most in
it gives way to whoever has less.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager


class QueueFull(Exception):
    """Nobody else can wait."""


class Turns:
    """Belongs to one event loop."""

    def __init__(self, *, at_once: int, waiting: int) -> None:
        self._free = at_once
        self._most_waiting = waiting
        self._queues: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        """By key, the one whose turn is next first."""
        self.waiting = 0
        self.running = 0

    @asynccontextmanager
    async def turn(self, key: str) -> AsyncGenerator[None, None]:
        """Waits for a turn and holds it. Raises QueueFull."""
        if self._free and not self.waiting:
            self._free -= 1
        else:
            await self._wait(key)
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1
            self._pass_on()

    async def _wait(self, key: str) -> None:
        if self.waiting >= self._most_waiting:
            self._make_room(key)
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(key, deque()).append(turn)
        self.waiting += 1
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._pass_on()  # the turn came at the very moment at which the caller left
            else:
                self._remove(key, turn)
            raise

    def _make_room(self, key: str) -> None:
        """The last that came of whoever waits most, if that is more than what waits of this key."""
        most = max(self._queues, key=lambda name: len(self._queues[name]), default=key)
        if len(self._queues.get(most, ())) <= len(self._queues.get(key, ())) + 1:
            raise QueueFull
        last = self._queues[most][-1]
        self._remove(most, last)
        last.set_exception(QueueFull())

    def _remove(self, key: str, turn: asyncio.Future[None]) -> None:
        queue = self._queues.get(key)
        if queue is not None and turn in queue:
            queue.remove(turn)
            self.waiting -= 1
            if not queue:
                del self._queues[key]

    def _pass_on(self) -> None:
        """The turn goes to the next key's first; that key then waits behind the others."""
        if not self._queues:
            self._free += 1
            return
        key, queue = self._queues.popitem(last=False)
        queue.popleft().set_result(None)
        self.waiting -= 1
        if queue:
            self._queues[key] = queue
