"""A document that was edited is the same as one that was opened so."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fim_lsp.languages import get
from fim_lsp.lookup.text import Reader, Text

LINES = st.lists(
    st.sampled_from(["", "   ", "def f(x):", "    return x", "        y = 1", "\tz", "x = 2"]), max_size=12
)


@given(LINES, st.lists(st.tuples(st.integers(0, 12), st.integers(0, 4), LINES), max_size=5), st.booleans())
def test_edits_by_line_equal_a_rebuild(
    lines: list[str], edits: list[tuple[int, int, list[str]]], is_read_before: bool
) -> None:
    reader = Reader(get("python"))
    text = Text(lines, reader)
    for start, removed, added in edits:
        if is_read_before:
            text.whole()
        start = min(start, len(lines))
        lines = [*lines[:start], *added, *lines[start + removed :]]
        text.edit(start, removed, added)
    assert text.whole() == Text(lines, reader).whole()


@given(LINES.filter(bool), st.integers(0, 11))
def test_reading_around_a_line_equals_reading_from_the_top(lines: list[str], line: int) -> None:
    reader = Reader(get("python"))
    around, whole = Text(lines, reader), Text(lines, reader)
    line = min(line, len(lines) - 1)
    around.read_around(line, 100)
    whole.whole()
    assert around.view(line, "") == whole.view(line, "")


def test_reading_goes_in_slices() -> None:
    text = Text(["x = 1"] * 10, Reader(get("python")))
    assert [text.read(4), text.read(4), text.read(4)] == [True, True, False]
