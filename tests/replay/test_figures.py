"""From what happened to what it means."""

from __future__ import annotations

from math import inf

import pytest

from fim_lsp.replay.figures import FOREIGN, Delay, flat, summarise
from fim_lsp.replay.page import page
from fim_lsp.replay.record import Asked, Look, Record, Rest, Stream
from fim_lsp.replay.report import markdown, rows, table


def record() -> Record:
    return Record(
        client="vscode",
        seed=1,
        seconds=30.0,
        keys=40,
        typed=30,
        produced=200,
        accepted=150,
        flickers=1,
        asked=[
            Asked(0.0, 4.0, "item"),
            Asked(10.0, 300.0, "item", "it changes nothing"),
            Asked(20.0, 21.0, "item", FOREIGN),
            Asked(30.0),
            Asked(40.0, 41.0, "empty"),
        ],
        rests=[Rest("key", 0.0, 0.0), Rest("key", 100.0), Rest("key"), Rest("accept", 50.0)],
        looks=[Look(True, 1), Look(True, 3), Look(False, 1)],
        streams=[
            Stream(0.0, 1000, 0, 50, ended_ms=900.0),
            Stream(1000.0, 1000, 640, 40, ended_ms=2000.0, departed_ms=1500.0),
        ],
        cpu_ms=20.0,
        cpu_keys=10,
    )


def test_the_figures_of_a_session() -> None:
    figures = summarise([record()])
    assert figures.ghost == Delay(100.0, inf, 1 / 3, 3)
    assert figures.after_accept == Delay(50.0, 50.0, 0.0, 1)
    assert figures.answered_instantly == 2 / 5
    assert figures.right == pytest.approx(2 / 3)
    assert figures.keystrokes_saved == 0.8
    assert figures.requests_per_100 == 1.0
    assert figures.tokens_per_accepted == 0.6
    dollars = (1360 * 0.3 + 640 * 0.03 + 90 * 0.9) / 1e6
    assert figures.cents_per_10k == pytest.approx(dollars * 100 * 10_000 / 150)
    assert figures.prompt_reuse == 0.32
    assert figures.wasted_s_per_minute == 1.0
    assert figures.flickers_per_minute == 2.0
    assert (figures.wrong_items, figures.foreign_items, figures.unanswered, figures.errors) == (1, 1, 1, 0)
    assert figures.cpu_ms_per_key == 2.0


def test_of_several_sessions_the_figures_are_those_of_all_keys() -> None:
    one, other = record(), record()
    other.keys, other.produced = 360, 400
    assert summarise([one, other]).keystrokes_saved == pytest.approx(1 - 400 / 600)


def test_a_share_of_nothing_is_no_number() -> None:
    for nothing in (summarise([]), summarise([Record("vscode", 1)])):
        assert nothing.keystrokes_saved is None
        assert nothing.requests_per_100 is None
        assert flat(nothing)["keystrokes_saved"] is None
        written = dict(rows({"one": nothing}, with_oracle=True))
        for name in ("keystrokes saved", "ghosts that were right", "tokens generated per accepted character"):
            assert written[name] == "—"
    compared = rows({"one": summarise([]), "other": summarise([record()])}, with_oracle=True)
    assert ["keystrokes saved", "—", "80%", ""] in compared
    assert page({"one": []}, title="t", note="n", with_oracle=True).count("<rect") > 0


def test_json_has_no_infinity() -> None:
    values = flat(summarise([record()]))
    assert values["ghost_p50_ms"] == 100.0
    assert values["ghost_p90_ms"] is None


def test_the_table() -> None:
    figures = {"one": summarise([record()]), "another": summarise([record()])}
    lines = rows(figures, with_oracle=True)
    assert lines[0] == ["", "one", "another", "÷ another"]
    assert ["keystrokes saved", "80%", "80%", "1.00"] in lines
    assert ["accept → next ghost, ms: p50 / p90 / never", "50 / 50 / 0%", "50 / 50 / 0%", ""] in lines
    assert markdown(lines).splitlines()[1] == "| --- | ---: | ---: | ---: |"


def test_columns_are_in_line() -> None:
    assert table([["", "one"], ["keys", "7"], ["a", "1234"]]).splitlines() == ["       one", "keys     7", "a     1234"]


def test_without_an_oracle_nothing_is_said_of_the_bill() -> None:
    names = [line[0] for line in rows({"one": summarise([record()])}, with_oracle=False)]
    assert not any("tokens" in name or "cents" in name for name in names)


def test_the_page_needs_nothing_from_elsewhere() -> None:
    text = page({"<one>": [record()], "two": [record()]}, title="a & b", note="n", with_oracle=True)
    assert text.startswith("<!doctype html>")
    assert text.count("<svg") == 6
    assert not any(mark in text for mark in ("http", "src=", "@import", "<script", "<one>"))
    assert "prefers-color-scheme: dark" in text
    assert "a &amp; b" in text
