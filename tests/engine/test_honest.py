"""What people are told adds up: why a request was given up, and how many went out."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from fim_lsp.errors import BackingOff, Overloaded
from fim_lsp.generation import Ask, Refused
from fim_lsp.providers.base import Prompt
from fim_lsp.reasons import Reason
from fim_lsp.scheduler import MOST_LIVE
from tests.engine.bench import Bench, Says
from tests.engine.test_engine import sleep_ms, virtual


@virtual
async def test_a_text_that_newer_ones_displaced_is_not_said_to_be_used_up() -> None:
    """More documents wait at once than models are asked at a time: the oldest gets nothing.

    It is still the newest of its document, so the editor is not told that another answer comes.
    """
    bench = Bench(Says(first_ms=1000))
    bench.open("x = │\n")
    asked = [replace(bench.now, uri=f"file:///{number}.py") for number in range(MOST_LIVE + 1)]
    first, *others = [asyncio.ensure_future(bench.engine.complete(snapshot, invoked=True)) for snapshot in asked]
    answer = await first
    assert (answer.reason, answer.superseded) == (Reason.SUPERSEDED, False)
    assert "newer" in answer.detail
    for other in others:
        assert (await other).suggestions


@virtual
@pytest.mark.parametrize("by_hand", [False, True])
async def test_a_prompt_that_may_not_be_sent_is_no_request(by_hand: bool) -> None:
    bench = Bench()

    async def refuse(ask: Ask) -> Prompt:
        raise Refused(Reason.REDACTED, "a key")

    bench.engine._texts._make_prompt = refuse
    bench.open("x = │\n")
    assert (await bench.get(invoked=by_hand)).reason is Reason.REDACTED
    assert bench.engine.counters()["requests"] == 0


@virtual
async def test_what_went_out_is_counted_also_if_it_failed() -> None:
    waiting = BackingOff("waits")
    waiting.sent = False
    for error, count in ((None, 1), (Overloaded("busy", status=503), 1), (waiting, 0)):
        bench = Bench(Says(error=error))
        bench.open("x = │\n")
        await bench.get()
        await sleep_ms(1000)
        assert bench.engine.counters()["requests"] == count
