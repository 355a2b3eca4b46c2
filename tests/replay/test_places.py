"""How near a suggestion is to what stood at a place."""

from __future__ import annotations

import pytest

from fim_lsp.replay import places
from fim_lsp.replay.places import Place, choose, judge
from fim_lsp.replay.session import Source
from tests.replay.pages import SOURCES

TEXT = "def f(a):\n    total = sum(a)\n    return total\n\nprint(f([1]))\n"
START = TEXT.index("sum")
ONE_LINE = Place(Source(SOURCES[0].path, TEXT), START, TEXT.index("\n", START))


@pytest.mark.parametrize(
    ("shown", "perfect", "matched", "over", "closer", "repeated"),
    [
        ("sum(a)", True, 1.0, False, False, False),
        ("sum(b)", False, 4 / 6, False, False, False),
        ("max(a)", False, 0.0, False, False, False),
        ("sum(a))", False, 1.0, False, True, False),
        ("sum(a)\n    return total", True, 1.0, True, False, True),
    ],
)
def test_judging(shown: str, perfect: bool, matched: float, over: bool, closer: bool, repeated: bool) -> None:
    result = judge(ONE_LINE, shown, 0)
    assert (result.perfect_line, result.over_shown) == (perfect, over)
    assert (result.duplicated_closer, result.repeated_line) == (closer, repeated)
    assert result.matched_prefix == pytest.approx(matched)


def test_what_is_covered_is_gone() -> None:
    text = TEXT.replace("sum(a)", "sum()")
    place = Place(Source(SOURCES[0].path, text), text.index("sum") + 4, text.index("sum") + 4)
    assert judge(place, "a)", 0).duplicated_closer
    assert not judge(place, "a)", 1).duplicated_closer


def test_the_same_text_is_the_same() -> None:
    assert judge(ONE_LINE, ONE_LINE.truth, 0).similarity == 1.0
    assert judge(ONE_LINE, "sum(x)", 0).similarity < 1.0


def test_places_are_in_code_and_seeded() -> None:
    chosen = choose(SOURCES, 100, 1)
    assert len(chosen) == 100
    assert chosen == choose(SOURCES, 100, 1) != choose(SOURCES, 100, 2)
    for place in chosen:
        assert place.truth.split("\n")[0].strip()
        assert place.truth.count("\n") < places.MOST_LINES


def test_the_summary() -> None:
    results = [judge(ONE_LINE, "sum(a)", 0), judge(ONE_LINE, "max(a)", 0), places.Result(shown=False)]
    summary = places.summarise(results)
    assert (summary["places"], summary["perfect_line"]) == (3, 0.5)
    assert summary["shown"] == pytest.approx(2 / 3)
    assert ["perfect first line", "50%"] in places.rows({"a": summary})
