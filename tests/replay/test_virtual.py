"""Time that jumps."""

from __future__ import annotations

import asyncio
import time

import pytest

from fim_lsp.replay import virtual


def test_an_hour_passes_at_once() -> None:
    async def wait() -> float:
        await asyncio.sleep(3600)
        return asyncio.get_running_loop().time()

    began = time.perf_counter()
    assert virtual.run(wait()) == pytest.approx(3600)
    assert time.perf_counter() - began < 60


def test_things_happen_in_the_order_of_their_times() -> None:
    happened: list[str] = []

    async def main() -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(0.3, happened.append, "third")
        loop.call_later(0.1, happened.append, "first")
        loop.call_at(0.2, happened.append, "second")
        loop.call_soon(happened.append, "at once")
        await asyncio.sleep(1)

    virtual.run(main())
    assert happened == ["at once", "first", "second", "third"]


def test_waiting_for_nothing_is_an_error_not_a_hang() -> None:
    async def forever() -> None:
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="no timer is set"):
        virtual.run(forever())


def test_threads_take_no_time() -> None:
    async def main() -> tuple[int, float]:
        return await asyncio.to_thread(lambda: 7), asyncio.get_running_loop().time()

    assert virtual.run(main()) == (7, 0.0)


def test_timeouts_hold() -> None:
    async def main() -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(5):
                await asyncio.sleep(10)
        return asyncio.get_running_loop().time()

    assert virtual.run(main()) == pytest.approx(5)
