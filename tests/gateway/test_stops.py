"""Stop strings, in any chunking."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fim_lsp.gateway.stops import Stops

TABLE = [
    ("one\ntwo", ["\n"], "one", True),
    ("one two", [], "one two", False),
    ("one two", [""], "one two", False),
    ("abab", ["abb"], "abab", False),
    ("aab", ["ab"], "a", True),
    ("abcX", ["abcX", "c"], "ab", True),  # "c" is complete first
    ("abc", ["c", "bc"], "a", True),
    ("x = 1\n\n", ["\n\n"], "x = 1", True),
    ("the end\n", ["\n\n"], "the end\n", False),
    ("", ["a"], "", False),
]


def cut(chunks: list[str], stops: list[str]) -> tuple[str, bool]:
    transformer = Stops(stops)
    return "".join([*map(transformer.feed, chunks), transformer.finish()]), transformer.hit


@pytest.mark.parametrize(("text", "stops", "expected", "hit"), TABLE)
def test_whole_and_letter_by_letter(text: str, stops: list[str], expected: str, hit: bool) -> None:
    assert cut([text], stops) == (expected, hit)
    assert cut(list(text), stops) == (expected, hit)


@given(st.lists(st.text("ab", max_size=4), max_size=6), st.lists(st.text("ab", min_size=1, max_size=4), max_size=3))
def test_any_chunking_gives_the_same(chunks: list[str], stops: list[str]) -> None:
    text = "".join(chunks)
    assert cut(chunks, stops) == cut([text], stops)
    said, hit = cut(chunks, stops)
    assert not any(stop in said for stop in stops)
    assert hit == any(stop in text for stop in stops)
    assert text.startswith(said)


@given(st.text("ab", max_size=9), st.lists(st.text("ab", min_size=1, max_size=4), max_size=3))
def test_nothing_is_held_back_without_need(text: str, stops: list[str]) -> None:
    """What is held back could still become a stop."""
    transformer = Stops(stops)
    said = transformer.feed(text)
    held = "" if transformer.hit else text[len(said) :]
    assert not held or any(stop.startswith(held) for stop in stops)
