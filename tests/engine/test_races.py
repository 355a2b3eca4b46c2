"""What happens between two awaits: streams that end late, texts that are closed early, rules that change."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable
from dataclasses import replace

import pytest

from fim_lsp.errors import Broken, Overloaded
from fim_lsp.providers.base import Prompt
from fim_lsp.reasons import Reason
from tests.engine.bench import URI, Bench, Says
from tests.engine.test_engine import sleep_ms, timed, virtual


@virtual
async def test_a_stream_that_lingers_after_the_models_end_is_not_waited_for() -> None:
    bench = Bench(Says("foo(1)", linger_ms=300))
    bench.open("x = │\n")
    text, took_ms = await timed(bench.shown())
    assert (text, took_ms) == ("foo(1)", pytest.approx(160))
    bench.type("f")
    assert await timed(bench.shown()) == ("oo(1)", 0)
    await sleep_ms(1000)
    assert await timed(bench.shown()) == ("oo(1)", 0)
    assert len(bench.source.streams) == 1


@virtual
async def test_a_stream_that_never_ends_after_the_models_end_has_said_all() -> None:
    bench = Bench(Says("foo(1)", linger_ms=60_000), deadline_ms=500)
    bench.open("x = │\n")
    await bench.shown()
    await sleep_ms(2000)
    assert bench.source.streams[0].closed_ms is not None
    assert await timed(bench.shown()) == ("foo(1)", 0)
    assert len(bench.source.streams) == 1


@virtual
async def test_what_breaks_after_the_models_end_costs_nothing() -> None:
    bench = Bench(Says("foo(1)", linger_ms=50, late_error=Broken("reset")))
    bench.open("x = │\n")
    await bench.shown()
    await sleep_ms(1000)
    assert await timed(bench.shown()) == ("foo(1)", 0)
    assert not bench.failures


@virtual
async def test_a_text_is_continued_by_one_stream_at_a_time() -> None:
    texts = iter(["\n    a = 1\n", "    c = 3\n    d = 4\n"])
    bench = Bench(Says(lambda prompt: next(texts, ""), finish="length", linger_ms=105))
    bench.open("def f():│\n")
    for _ in range(60):
        await bench.get()
        await sleep_ms(10)
        assert sum(stream.closed_ms is None for stream in bench.source.streams) <= 1
    assert await bench.shown() == "\n    a = 1\n    c = 3\n    d = 4"


@virtual
async def test_what_a_closed_stream_has_said_is_kept() -> None:
    bench = Bench(Says("\n    a = 1\n    return a\n"))
    bench.open("def f():│\n")
    assert await bench.shown() == "\n    a = 1"
    bench.type("z")
    await sleep_ms(1)
    assert bench.source.streams[0].closed_ms == 212
    bench.type("", removed=1)
    assert await timed(bench.shown()) == ("\n    a = 1", 0)


@pytest.mark.parametrize(
    ("marked", "said", "shown"),
    [
        ("def f():\n    │\n", "```python\nfoo(1)\nbar(2)\n```\n", "foo(1)"),
        ("x = [│]\n", "]\nfoo = 1\nbar = 2\n", "]\nfoo = 1"),
    ],
)
@virtual
async def test_a_live_text_of_which_nothing_is_to_be_seen_yet_is_waited_for(marked: str, said: str, shown: str) -> None:
    bench = Bench(Says(said))
    bench.open(marked)
    assert await bench.shown() == shown
    assert len(bench.source.streams) == 1


@virtual
async def test_choices_come_the_best_first() -> None:
    bench = Bench()
    bench.source.text = says_by_seed(bench, {None: "foo(1)", 1: "foo(1)", 2: "bar(2)"})
    bench.open("x = │\n")
    await bench.get(invoked=True)
    await sleep_ms(1000)
    answer = await bench.get(invoked=True)
    assert [suggestion.text for suggestion in answer.suggestions] == ["foo(1)", "bar(2)"]


def says_by_seed(bench: Bench, texts: dict[int | None, str]) -> Callable[[Prompt], str]:
    streams = itertools.count()

    def says(prompt: Prompt) -> str:
        return texts[bench.source.streams[next(streams)].sampling.random_seed]

    return says


@virtual
async def test_an_alternative_that_a_rule_has_changed_stays_an_alternative() -> None:
    bench = Bench(candidates=2)
    bench.source.text = says_by_seed(bench, {None: "foo(1)", 1: "if x:\n\tbar(2)\n\tbaz(3)"})
    bench.open("def f():\n    a = 1\n    │\n")
    await bench.get(invoked=True)
    await sleep_ms(1000)
    kept = 0
    for _ in range(3):
        answer = await bench.get(invoked=True)
        texts = [suggestion.text for suggestion in answer.suggestions]
        assert texts == ["foo(1)", "if x:\n        bar(2)\n        baz(3)"]
        kept = kept or len(bench.engine._texts._texts)
    assert len(bench.engine._texts._texts) == kept
    assert await bench.shown() == "foo(1)"


@virtual
async def test_many_choices_do_not_take_the_place_of_the_first() -> None:
    bench = Bench(Says("\n    a = 1\n    return a\n"), candidates=10)
    bench.open("def f():│\n")
    await bench.get(invoked=True)
    await sleep_ms(1000)
    assert bench.source.streams[0].ended
    assert all(stream.ended for stream in bench.source.streams)


@virtual
async def test_a_text_that_gives_way_before_it_begins_is_no_longer_waited_for() -> None:
    bench = Bench(Says("foo(1)"))
    busy: list[bool] = []
    bench.engine._texts._worked = busy.append
    bench.open("x = │\n")
    asked = bench.ask()
    await asyncio.sleep(0)
    bench.engine.closed(URI)
    assert (await asked).superseded
    await sleep_ms(1)
    assert busy == [False]


@virtual
async def test_the_engine_is_busy_while_anything_is_live() -> None:
    bench = Bench(Says("foo(1)"))
    busy: list[bool] = []
    bench.engine._texts._worked = busy.append
    bench.open("x = │\n")
    bench.ask()
    await sleep_ms(50)
    bench.type("(")
    await sleep_ms(10)
    assert len(bench.engine._texts) == 1
    assert busy[-1]
    await sleep_ms(1000)
    assert not busy[-1]


@virtual
async def test_a_coarse_clock_does_not_miss_the_deadline() -> None:
    bench = Bench(Says("foo(1", each_ms=10_000), deadline_ms=510)
    loop = asyncio.get_running_loop()
    bench.engine._clock = lambda: loop.time() // 0.0156 * 0.0156
    bench.open("x = │\n")
    answer, took_ms = await timed(bench.get())
    assert answer.reason is Reason.DEADLINE
    assert took_ms < 540


@virtual
async def test_a_name_that_goes_while_the_model_talks_makes_the_text_wrong() -> None:
    bench = Bench(Says("json.dumps(1)"))
    bench.open("import json\n" + "#\n" * 40 + "x = │\n")
    asked = bench.ask()
    await sleep_ms(120)
    place, bench.cursor = bench.cursor, len("import json")
    bench.type("x, pasted")
    bench.cursor = place + 9
    assert (await asked).superseded
    bench.source.text = "jsonx.dumps(1)"
    assert await bench.shown() == "jsonx.dumps(1)"
    assert len(bench.source.streams) == 2
    assert bench.source.streams[0].closed_ms == pytest.approx(100 + 13 * 10)


@virtual
async def test_clearing_closes_what_is_live_and_whoever_waits_asks_again() -> None:
    bench = Bench(Says("foo(1)"))
    bench.open("x = │\n")
    asked = bench.ask()
    await sleep_ms(120)
    bench.source.text = "bar(2)"
    bench.engine.clear()
    answer = await asked
    assert [suggestion.text for suggestion in answer.suggestions] == ["bar(2)"]
    await sleep_ms(1)
    assert [stream.closed_ms for stream in bench.source.streams] == [120, pytest.approx(280)]


@virtual
async def test_switching_off_closes_what_is_live_and_answers_whoever_waits() -> None:
    bench = Bench(Says("foo(1)"))
    bench.open("x = │\n")
    asked = bench.ask()
    await sleep_ms(120)
    bench.setup = replace(bench.setup, refusal=Reason.DISABLED)
    bench.engine.reconsider()
    answer, took_ms = await timed(asked)
    assert (answer.reason, took_ms) == (Reason.DISABLED, 0)
    assert bench.source.streams[0].closed_ms == 120


@virtual
async def test_a_document_rewritten_has_no_suggestion_to_reject() -> None:
    bench = Bench(Says("foo(1)"))
    bench.open("x = │\n")
    await bench.shown()
    bench.engine.rewritten(URI)
    bench.type("q")
    assert bench.engine.counters()["rejected"] == 0


@virtual
async def test_a_continuation_that_fails_takes_nothing_back() -> None:
    bench = Bench(Says("foo(1, b", finish="length"))
    bench.open("x = │\n")
    assert await bench.shown() == "foo(1,"
    bench.source.error = Overloaded("busy")
    for _ in range(4):
        await sleep_ms(500)
        assert await timed(bench.shown()) == ("foo(1,", 0)


@virtual
async def test_a_continuation_that_is_closed_takes_nothing_back() -> None:
    bench = Bench(Says("foo(1, b", finish="length"))
    bench.open("x = │\n")
    await bench.shown()
    await sleep_ms(500)
    await bench.shown()
    await sleep_ms(50)
    assert len(bench.source.streams) == 2
    bench.type("(")
    await sleep_ms(500)
    bench.type("", removed=1)
    assert await timed(bench.shown()) == ("foo(1,", 0)
