"""Turns: so many at once, round robin between the keys, and a queue that ends somewhere."""

from __future__ import annotations

import asyncio

import pytest

from fim_lsp.gateway.fair import QueueFull, Turns


class Crowd:
    """Callers that hold their turn until they are told to let go."""

    def __init__(self, turns: Turns) -> None:
        self.turns = turns
        self.order: list[str] = []
        self.full: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._ends: dict[str, asyncio.Event] = {}

    async def come(self, *names: str) -> None:
        """The first letter is the key."""
        for name in names:
            self._ends[name] = asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._call(name))
            await settle()

    async def go(self) -> None:
        """Whoever came in first goes, until nobody is left."""
        for name in iter(self._next, None):
            self._ends.pop(name).set()
            await settle()

    def _next(self) -> str | None:
        return next((name for name in self.order if name in self._ends), None)

    async def _call(self, name: str) -> None:
        try:
            async with self.turns.turn(name[0]):
                self.order.append(name)
                await self._ends[name].wait()
        except QueueFull:
            self.full.append(name)


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


TABLE = [
    # who comes, one at a time inside; who gets in, in which order; who finds the queue of four full
    ("a1 a2 a3 a4 b1", "a1 a2 b1 a3 a4", ""),
    ("a1 a2 a3 b1 b2 c1", "a1 a2 b1 c1 b2", "a3"),
    ("a1 a2 a3 a4 a5 a6", "a1 a2 a3 a4 a5", "a6"),
    ("a1 a2 a3 a4 a5 b1", "a1 a2 b1 a3 a4", "a5"),
    ("a1 a2 a3 b1 b2 a4", "a1 a2 b1 a3 b2", "a4"),
]


@pytest.mark.parametrize(("come", "order", "full"), TABLE)
async def test_round_robin(come: str, order: str, full: str) -> None:
    crowd = Crowd(Turns(at_once=1, waiting=4))
    await crowd.come(*come.split())
    await crowd.go()
    assert (" ".join(crowd.order), " ".join(crowd.full)) == (order, full)
    assert (crowd.turns.running, crowd.turns.waiting) == (0, 0)


async def test_so_many_at_once() -> None:
    crowd = Crowd(Turns(at_once=3, waiting=9))
    await crowd.come("a1", "a2", "a3", "a4")
    assert crowd.order == ["a1", "a2", "a3"]
    assert (crowd.turns.running, crowd.turns.waiting) == (3, 1)


async def test_who_leaves_the_queue_takes_nobodys_turn() -> None:
    crowd = Crowd(Turns(at_once=1, waiting=4))
    await crowd.come("a1", "b1", "c1")
    crowd.tasks["b1"].cancel()
    await settle()
    await crowd.go()
    assert crowd.order == ["a1", "c1"]


async def test_who_leaves_when_the_turn_comes_passes_it_on() -> None:
    crowd = Crowd(Turns(at_once=1, waiting=4))
    await crowd.come("a1", "b1", "c1")
    crowd._ends.pop("a1").set()
    await asyncio.sleep(0)  # the turn is b1's now, and b1 does not know it yet
    crowd.tasks["b1"].cancel()
    await settle()
    await crowd.go()
    assert crowd.order[-1] == "c1"
    await crowd.come("d1")
    assert crowd.order[-1] == "d1"
