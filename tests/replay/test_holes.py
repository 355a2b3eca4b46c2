"""What is taken out of a file to be typed again."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fim_lsp.replay import holes
from fim_lsp.replay.session import Source
from tests.replay.pages import SOURCES


@pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.path.name)
def test_there_is_something_to_type_in_every_file(source: Source) -> None:
    assert holes.choose(source.text, Random(1))


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=60), max_size=80), st.integers()
)
def test_holes_are_whole_lines_apart_from_each_other(lines: list[str], seed: int) -> None:
    text = "\n".join(lines)
    chosen = holes.choose(text, Random(seed))
    for hole in chosen:
        assert text[hole.start] == "\n"
        assert text[hole.end] == "\n"
        assert text[hole.start : hole.end].strip()
        assert hole.end - hole.start <= holes.LONGEST
    for one, following in pairwise(chosen):
        assert following.start - one.end >= holes.APART
    removed = sum(hole.end - hole.start for hole in chosen)
    assert len(holes.without(text, chosen)) == len(text) - removed


def test_the_seed_decides() -> None:
    text = SOURCES[0].text
    assert holes.choose(text, Random(1)) == holes.choose(text, Random(1)) != holes.choose(text, Random(2))
