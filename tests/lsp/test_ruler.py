"""In a line of megabytes a key counts what lies between it and the last one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from fim_lsp.lsp.convert import ENCODINGS, Encoding, Place
from fim_lsp.lsp.ruler import LONG_LINE_CHARS, Ruler

LINE = "aé漢😀" * LONG_LINE_CHARS
MIDDLE = len(LINE) // 2


class Counting:
    """An encoding that counts how many characters it is shown."""

    def __init__(self, encoding: Encoding) -> None:
        self.seen = 0
        self._encoding = encoding

    def __call__(self) -> Encoding:
        return replace(self._encoding, index=self._index, column=self._column)

    def _index(self, line: str, column: int) -> int:
        self.seen += len(line)
        return self._encoding.index(line, column)

    def _column(self, line: str, index: int) -> int:
        self.seen += len(line)
        return self._encoding.column(line, index)


@pytest.mark.parametrize("name", ENCODINGS)
def test_typing_in_a_long_line_counts_a_few_characters_a_key(name: str) -> None:
    encoding = ENCODINGS[name]
    counting, line = Counting(encoding), LINE
    ruler = Ruler(counting())
    at, column = MIDDLE, encoding.column(LINE, MIDDLE)
    assert ruler.index(0, line, column) == at
    counting.seen = 0
    for key in "x😀é漢" * 10:
        assert ruler.index(0, line, column) == at
        ruler.edited(Place(0, at), line)
        line, at = line[:at] + key + line[at:], at + 1
        column += encoding.column(key, 1)
        assert ruler.index(0, line, column) == at
        assert ruler.column(0, line, at) == column
    assert counting.seen < 40 * 10


@pytest.mark.parametrize("name", ENCODINGS)
def test_far_places_and_other_lines_are_found_as_well(name: str) -> None:
    encoding, other = ENCODINGS[name], LINE[1:] + "é"
    ruler = Ruler(encoding)
    for index in (MIDDLE, 3, len(LINE), MIDDLE + 1, MIDDLE - 2, len(LINE) - 1, 0):
        for number, line in enumerate((LINE, other)):
            column = encoding.column(line, index)
            assert ruler.index(number, line, column) == index
            assert ruler.column(number, line, index) == column
    assert ruler.index(0, LINE, 10**9) == len(LINE)
