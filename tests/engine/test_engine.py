"""What a user feels: on virtual time, so that every millisecond is exact."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine
from contextlib import aclosing
from dataclasses import replace
from functools import wraps
from typing import Any

import pytest

from fim_lsp.answer import Selected
from fim_lsp.errors import KeyRefused, Overloaded
from fim_lsp.generated import GeneratedText
from fim_lsp.providers.base import Delta, Prompt, Sampling
from fim_lsp.reasons import Reason
from fim_lsp.replay.virtual import run
from tests.engine.bench import URI, Bench, Says, now_ms


def virtual(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """Runs the test on a loop whose time jumps to the next timer."""

    @wraps(test)
    def runs(*args: Any, **kwargs: Any) -> None:
        run(test(*args, **kwargs))

    return runs


async def timed(awaitable: Awaitable[Any]) -> tuple[Any, float]:
    began = now_ms()
    return await awaitable, now_ms() - began


async def sleep_ms(ms: float) -> None:
    await asyncio.sleep(ms / 1000)


@virtual
async def test_a_text_is_asked_for_and_shown() -> None:
    bench = Bench(Says("foo(1)"))
    bench.open("x = │\n")
    text, took_ms = await timed(bench.shown())
    assert text == "foo(1)"
    assert took_ms == pytest.approx(160)
    assert [(stream.prefix, stream.suffix) for stream in bench.source.streams] == [("x = ", "\n")]


class Lingers(Says):
    """Its stream goes on for a while after the model's end: a last event, or the connection's."""

    async def generate(
        self, prompt: Prompt, sampling: Sampling, *, invoked: bool = False
    ) -> AsyncGenerator[Delta, None]:
        async with aclosing(super().generate(prompt, sampling, invoked=invoked)) as deltas:
            async for delta in deltas:
                yield delta
        await sleep_ms(200)


@virtual
async def test_a_text_is_shown_at_its_end_not_at_the_end_of_its_stream() -> None:
    bench = Bench(Lingers("foo(1)"))
    bench.open("x = │\n")
    text, took_ms = await timed(bench.shown())
    assert (text, took_ms) == ("foo(1)", pytest.approx(160))


@virtual
async def test_typing_along_costs_nothing() -> None:
    bench = Bench(Says("foo(1)"))
    bench.open("x = │\n")
    await bench.shown()
    for left in ("oo(1)", "o(1)", "(1)"):
        bench.type("foo(1)"[-len(left) - 1])
        assert await timed(bench.shown()) == (left, 0)
    assert len(bench.source.streams) == 1


@virtual
async def test_an_indent_typed_by_hand_gets_shorter_by_each_blank() -> None:
    bench = Bench(Says("        return a\n    print(f())\n", each_ms=2))
    bench.open("def f():\n    if a:\n        b()\n│\nx = 1\n")
    assert await bench.shown() == "        return a"
    await sleep_ms(100)  # the text grows on
    for left in range(7, 0, -1):
        bench.type(" ")
        assert (await bench.shown() or "").startswith(" " * left + "return a")
    assert len(bench.source.streams) == 1


@virtual
async def test_backspace_and_retyping_cost_nothing() -> None:
    bench = Bench(Says("foo(1)"))
    bench.open("x = │\n")
    await bench.shown()
    bench.type("f")
    bench.type("", removed=1)
    assert await timed(bench.shown()) == ("foo(1)", 0)
    bench.type("z")
    bench.type("", removed=1)
    assert await timed(bench.shown()) == ("foo(1)", 0)
    assert len(bench.source.streams) == 1


@virtual
async def test_a_live_text_is_shown_at_its_first_line_and_grows() -> None:
    bench = Bench(Says("\n    a = 1\n    return a\n"))
    bench.open("def f():│\n")
    text, took_ms = await timed(bench.shown())
    assert text == "\n    a = 1"
    assert took_ms == pytest.approx(100 + 10 * 10 + 12)
    bench.type("\n    a = 1")
    text, took_ms = await timed(bench.shown())
    assert text == "\n    return a"
    assert took_ms == pytest.approx(130 - 12)
    assert len(bench.source.streams) == 1


@virtual
async def test_what_a_quick_model_says_in_one_go_is_shown_in_one_go() -> None:
    bench = Bench(Says("\n    a = 1\n    return a\n", each_ms=0.4))
    bench.open("def f():│\n")
    text, took_ms = await timed(bench.shown())
    assert text == "\n    a = 1\n    return a"
    assert took_ms < 100 + 12


@virtual
async def test_keys_join_the_live_text() -> None:
    bench = Bench(Says("foo(1)"))
    bench.open("x = │\n")
    first = bench.ask()
    await sleep_ms(20)
    for key in "fo":
        bench.type(key)
        await sleep_ms(10)
    assert (await first).superseded
    assert await bench.shown() == "o(1)"
    assert len(bench.source.streams) == 1


@virtual
async def test_the_editors_cancel_does_not_end_the_text() -> None:
    bench = Bench(Says("foo(1)"))
    bench.open("x = │\n")
    first = bench.ask()
    await sleep_ms(50)
    first.cancel()
    await sleep_ms(200)
    assert bench.source.streams[0].ended
    assert await timed(bench.shown()) == ("foo(1)", 0)


@virtual
async def test_the_stream_is_closed_when_the_document_leaves_it() -> None:
    bench = Bench(Says("foo(1)"))
    bench.open("x = │\n")
    first = bench.ask()
    await sleep_ms(125)
    bench.type("g")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert bench.source.streams[0].closed_ms == 125
    assert (await first).superseded


@virtual
async def test_a_newer_request_supersedes_the_older_at_once() -> None:
    bench = Bench()
    bench.open("x = │\n")
    first = bench.ask()
    await sleep_ms(10)
    second = bench.ask()
    answer, took_ms = await timed(first)
    assert answer.superseded
    assert took_ms == 0
    assert (await second).suggestions


@virtual
@pytest.mark.parametrize("menu_first", [True, False])
async def test_the_menu_and_ghost_text_are_served_by_one_text(menu_first: bool) -> None:
    bench = Bench(Says("foo(1)"))
    bench.open("x = │\n")
    first = bench.ask(menu=menu_first)
    await sleep_ms(10)
    second = bench.ask(menu=not menu_first)
    for asked in (first, second):
        assert [one.text for one in (await asked).suggestions] == ["foo(1)"]
    assert len(bench.source.streams) == 1
    assert bench.engine.counters()["shown"] == 1


@virtual
async def test_ghost_text_elsewhere_supersedes_the_menu() -> None:
    bench = Bench()
    bench.open("x = │\n")
    first = bench.ask(menu=True)
    await sleep_ms(10)
    bench.cursor -= 1
    second = bench.ask()
    assert (await first).superseded
    assert not (await second).superseded


@virtual
async def test_a_deletion_waits_for_the_editor_to_ask() -> None:
    bench = Bench(Says("foo(1)"))
    bench.open("x = word│\n")
    await bench.shown()
    bench.type("", removed=4)  # by hand, or by undo: the change does not tell
    await sleep_ms(1000)
    assert len(bench.source.streams) == 1
    assert await bench.shown() == "foo(1)"
    assert len(bench.source.streams) == 2


@virtual
async def test_a_key_asks_before_the_editor_does() -> None:
    bench = Bench(Says("foo(1)"))
    bench.open("a│\n")
    await bench.get()
    bench.type(".")
    await sleep_ms(30)
    assert len(bench.source.streams) == 2
    assert bench.source.streams[1].prefix == "a."


@virtual
async def test_pastes_ask_for_nothing() -> None:
    bench = Bench(Says("foo(1)"))
    bench.open("a│\n")
    await bench.get()
    bench.type("pasted = text")
    await sleep_ms(3000)
    assert len(bench.source.streams) == 1


@virtual
async def test_pastes_ask_for_nothing_while_the_model_has_said_nothing() -> None:
    bench = Bench(Says("foo(1)"))
    bench.open("x = │\n")
    first = bench.ask()
    await sleep_ms(50)
    bench.type("pasted(text)")
    await sleep_ms(3000)
    assert len(bench.source.streams) == 1
    assert (await first).superseded


@virtual
async def test_an_editor_that_never_asks_is_never_asked_for() -> None:
    bench = Bench()
    bench.open("a│\n")
    for key in "bcd":
        bench.type(key)
    await sleep_ms(1000)
    assert not bench.source.streams


@virtual
async def test_a_slip_inside_a_word_waits_for_the_second_key() -> None:
    bench = Bench(Says("foo(1)"))
    bench.open("x = f│\n")
    bench.source.text = "oo(1)"
    await bench.shown()
    bench.type("p")
    await sleep_ms(700)
    assert len(bench.source.streams) == 1
    bench.type("q")
    await sleep_ms(1)
    assert len(bench.source.streams) == 2


@virtual
async def test_a_slip_that_goes_on_as_the_text_does_waits_for_its_correction() -> None:
    bench = Bench(Says("eturn foo(1)"))
    bench.open("    r│\n")
    await bench.shown()
    for key in ["e", "w", "u", "r"]:
        bench.type(key)
        await sleep_ms(100)
    bench.type("", removed=2)
    await sleep_ms(100)
    bench.type("", removed=1)
    assert await timed(bench.shown()) == ("turn foo(1)", 0)
    assert len(bench.source.streams) == 1


@virtual
async def test_a_slip_while_the_model_has_said_nothing_waits_too() -> None:
    bench = Bench(Says("eturn foo(1)"))
    bench.open("    r│\n")
    first = bench.ask()
    for key in ["e", "w"]:
        bench.type(key)
        await sleep_ms(60)
    await sleep_ms(600)
    assert bench.source.streams[0].closed_ms is not None
    assert len(bench.source.streams) == 1
    await sleep_ms(300)
    assert len(bench.source.streams) == 2
    assert (await first).superseded


@virtual
async def test_a_wrong_indent_while_the_model_has_said_nothing_waits_for_its_correction() -> None:
    bench = Bench(Says("\n    return a"))
    bench.open("    a = 1│\n")
    first = bench.ask()
    await sleep_ms(50)
    bench.type("\n        ")
    await sleep_ms(500)
    bench.type("", removed=4)
    assert len(bench.source.streams) == 1
    assert (await first).superseded


@virtual
async def test_what_follows_an_accepted_text_that_was_cut_is_asked_for_at_once() -> None:
    texts = iter(["foo(\n    1,\n    ", "2,\n)"])
    bench = Bench(Says(lambda prompt: next(texts), finish="length"), speculate=False)
    bench.open("x = │\n")
    await bench.shown()
    await sleep_ms(1000)
    assert await bench.shown() == "foo(\n    1,"
    bench.type("foo(\n    1,")
    await sleep_ms(1)
    assert bench.source.streams[1].prefix == "x = foo(\n    1,"


@virtual
async def test_a_request_asks_once_whatever_becomes_of_its_text(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(Says("foo(1)"))
    bench.open("x = │\n")
    monkeypatch.setattr(GeneratedText, "fit", lambda text, snapshot: None)
    assert await bench.shown() is None
    assert len(bench.source.streams) == 1


@virtual
async def test_what_a_rule_drops_is_not_asked_for_again() -> None:
    bench = Bench(Says("b = 2\nc = 3\n", finish="length"))
    bench.open("a = 1\n│\nb = 2\nc = 3\n")
    assert (await bench.get()).reason is Reason.FILTERED
    assert (await bench.get()).reason is Reason.FILTERED
    assert len(bench.source.streams) == 1


@virtual
async def test_a_number_as_debounce_holds_for_all_keys() -> None:
    bench = Bench(Says("foo(1)"), debounce_ms=300)
    bench.open("x = │\n")
    _, took_ms = await timed(bench.shown())
    assert took_ms == pytest.approx(300 + 160)
    bench.type("y")
    await sleep_ms(299)
    assert len(bench.source.streams) == 1
    await sleep_ms(2)
    assert len(bench.source.streams) == 2


@virtual
async def test_by_hand_nothing_is_waited_for() -> None:
    bench = Bench(Says("foo(1)"), debounce_ms=300, candidates=1)
    bench.open("x = │\n")
    _, took_ms = await timed(bench.shown(invoked=True))
    assert took_ms == pytest.approx(160)


@virtual
async def test_after_the_models_own_end_there_is_silence() -> None:
    bench = Bench(Says("foo(1)"))
    bench.open("x = │\n")
    await bench.shown()
    bench.type("foo(1)")
    answer = await bench.get()
    assert answer.reason is Reason.USED_UP
    assert len(bench.source.streams) == 1


@virtual
async def test_a_text_that_was_cut_is_continued_before_it_is_used_up() -> None:
    texts = iter(["\n    a = 1\n    b = ", "2\n    c = 3\n", ""])
    bench = Bench(Says(lambda prompt: next(texts), finish="length"))
    bench.open("def f():│\n")
    assert await bench.shown() == "\n    a = 1"
    await sleep_ms(2000)
    assert await bench.shown() == "\n    a = 1"
    await sleep_ms(2000)
    assert await bench.shown() == "\n    a = 1\n    b = 2\n    c = 3"
    assert bench.source.streams[1].prefix == "def f():\n    a = 1\n    b = "


@virtual
async def test_the_deadline_hands_out_what_is_whole() -> None:
    bench = Bench(Says("foo(1", each_ms=10_000), deadline_ms=500)
    bench.open("x = │\n")
    answer, took_ms = await timed(bench.get())
    assert answer.reason is Reason.DEADLINE
    assert took_ms == pytest.approx(500)
    await sleep_ms(500)
    assert bench.source.streams[0].closed_ms is not None
    assert bench.source.streams[0].closed_ms <= 1000


@virtual
async def test_at_most_one_live_text_a_document() -> None:
    bench = Bench(Says("foo(1)"))
    bench.open("x = │\n")
    first = bench.ask()
    await sleep_ms(120)
    bench.type("(")
    bench.type("a")
    bench.type(",")
    await sleep_ms(1)
    assert sum(stream.closed_ms is None for stream in bench.source.streams) == 1
    first.cancel()


@virtual
async def test_closing_the_document_closes_its_stream() -> None:
    bench = Bench()
    bench.open("x = │\n")
    first = bench.ask()
    await sleep_ms(50)
    bench.engine.closed(URI)
    assert (await first).superseded
    await asyncio.sleep(0)
    assert bench.source.streams[0].closed_ms == 50


@virtual
async def test_a_bracket_that_the_editor_closes_is_not_part_of_the_prompt() -> None:
    bench = Bench(Says("1)\n"))
    bench.open("x = f│\n")
    await bench.get()
    bench.type("()", cursor=1)
    answer = await bench.get()
    assert bench.source.streams[-1].prefix == "x = f("
    assert bench.source.streams[-1].suffix == "\n"
    assert (answer.suggestions[0].text, answer.suggestions[0].replaces) == ("1)", 1)


@virtual
async def test_a_bracket_that_stands_there_is_not_suggested() -> None:
    bench = Bench(Says("f(1)"))
    bench.open("x = │\n")
    await bench.get()
    bench.type("f")
    bench.type("()", cursor=1)
    answer = await bench.get()
    assert (answer.suggestions[0].text, answer.suggestions[0].replaces) == ("1)", 1)
    bench.type("1")
    answer = await bench.get()
    assert answer.reason is Reason.FILTERED
    assert answer.detail == "nothing-new: The text stands right of the cursor already."


@virtual
async def test_by_hand_there_is_a_choice_that_never_delays_the_first() -> None:
    bench = Bench(Says())
    bench.source.text = lambda prompt: "bar(2)" if bench.source.streams[-1].sampling.random_seed == 2 else "foo(1)"
    bench.open("x = │\n")
    answer, took_ms = await timed(bench.get(invoked=True))
    assert took_ms == pytest.approx(160)
    assert len(answer.suggestions) == 1
    await sleep_ms(1000)
    answer, took_ms = await timed(bench.get(invoked=True))
    assert took_ms == 0
    assert [suggestion.text for suggestion in answer.suggestions] == ["foo(1)", "bar(2)"]
    assert {stream.sampling.random_seed for stream in bench.source.streams} == {None, 1, 2}


@virtual
async def test_the_menus_selected_item_is_extended() -> None:
    bench = Bench(Says("(1)"))
    bench.open("x = fo│\n")
    answer = await bench.engine.complete(bench.now, invoked=False, selected=Selected("foobar", 2))
    assert bench.source.streams[0].prefix == "x = foobar"
    assert answer.suggestions[0].text == "obar(1)"
    answer = await bench.engine.complete(bench.now, invoked=False, selected=Selected("bar", 2))
    assert answer.reason is Reason.MENU


@virtual
async def test_an_edit_elsewhere_does_not_lose_a_text_but_one_that_makes_it_wrong_does() -> None:
    bench = Bench(Says("json.dumps(1)"))
    bench.open("import json\n" + "#\n" * 40 + "x = │\n")
    await bench.shown()
    place, bench.cursor = bench.cursor, bench.text.index("#")
    bench.type("# note ")
    bench.cursor = place + 7
    assert await timed(bench.shown()) == ("json.dumps(1)", 0)
    place, bench.cursor = bench.cursor, len("import json")
    bench.type("x")
    bench.cursor = place + 1
    bench.source.text = "jsonx.dumps(1)"
    assert await bench.shown() == "jsonx.dumps(1)"


@virtual
async def test_a_sure_guess_stands_in_until_the_model_agrees() -> None:
    bench = Bench(Says("foo(1)"))
    bench.setup = replace(bench.setup, guess=lambda snapshot: "foo" if snapshot.before.endswith("= ") else "")
    bench.open("x = │\n")
    answer, took_ms = await timed(bench.get())
    assert (answer.suggestions[0].text, answer.provider, took_ms) == ("foo", "lookup", 0)
    await sleep_ms(500)
    bench.type("f")
    answer = await bench.get()
    assert (answer.suggestions[0].text, answer.provider) == ("oo(1)", "model")
    assert len(bench.source.streams) == 1


@virtual
async def test_a_sure_guess_is_not_replaced_under_the_readers_eyes() -> None:
    bench = Bench(Says("other"))
    bench.setup = replace(bench.setup, guess=lambda snapshot: "foo" if snapshot.before.endswith("= ") else "")
    bench.open("x = │\n")
    assert await bench.shown() == "foo"
    await sleep_ms(500)
    assert await bench.shown() == "foo"
    bench.type("f")
    assert await bench.shown() == "oo"
    bench.type("", removed=1)
    bench.type("o")
    assert await bench.shown() == "ther"


@virtual
async def test_failures_are_reasons() -> None:
    bench = Bench(Says(error=KeyRefused("There is a bad key. Set a good one.")))
    bench.open("x = │\n")
    refused = await bench.get()
    assert (refused.reason, refused.detail) == (Reason.AUTH, "There is a bad key. Set a good one.")
    bench.source.error = Overloaded("busy")
    assert (await bench.get()).reason is Reason.PROVIDER_ERROR
    bench.source.error = None
    assert await bench.shown() == "foo(1)"


@virtual
@pytest.mark.parametrize("said", ["x = 1", "“x = 1”", "one\nx = 1"])
async def test_what_a_service_repeats_of_the_code_is_no_part_of_the_reason(said: str) -> None:
    bench = Bench(Says(error=Overloaded(f"It is in trouble (HTTP 500): “{said}”. It will be tried again.")))
    bench.open("x = │\n")
    assert (await bench.get()).detail == "It is in trouble (HTTP 500). It will be tried again."


@virtual
async def test_3000_requests_that_are_left_leave_nothing_behind() -> None:
    bench = Bench(Says("foo(1)"))
    bench.open("x = │\n")
    for number in range(3000):
        asked = bench.ask()
        await sleep_ms(number % 7)
        bench.type("()"[number % 2])
        if number % 3:
            asked.cancel()
    await sleep_ms(2000)
    assert all(stream.closed_ms is not None for stream in bench.source.streams)
    assert len(bench.engine._texts) == 0
    assert not bench.engine._desks[URI].requests
    assert len(asyncio.all_tasks()) == 1
