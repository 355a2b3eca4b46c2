"""Columns in one document. In a line of megabytes they are counted from the last place that was asked for.

Counting from the start of such a line takes up to a second, at every key; but keys and requests come side by side.
"""

from __future__ import annotations

from fim_lsp.lsp.convert import Encoding, Place
from fim_lsp.lsp.text import Line

LONG_LINE_CHARS = 10_000


class Ruler:
    """Like the encoding's own `index` and `column`; told of every edit, so that what it remembers stays true."""

    def __init__(self, encoding: Encoding) -> None:
        self._encoding = encoding
        self._line = -1
        """The number of the line in which a place is known; -1: none."""
        self._index = 0
        self._column = 0

    def index(self, number: int, line: Line, column: int) -> int:
        """The editor's column → our index into the line, whose number is `number`."""
        if len(line) <= LONG_LINE_CHARS:
            return self._encoding.index(str(line), column)
        self._start_at(number, column < self._column // 2)
        if column < self._column:
            self._go(line, max(0, self._index - (self._column - column)))
        rest = line[self._index : self._index + column - self._column]
        self._go(line, self._index + self._encoding.index(rest, column - self._column))
        return self._index

    def column(self, number: int, line: Line, index: int) -> int:
        if len(line) <= LONG_LINE_CHARS:
            return self._encoding.column(str(line), index)
        self._start_at(number, index < self._index // 2)
        self._go(line, index)
        return self._column

    def edited(self, start: Place, line: Line) -> None:
        """The text changes from `start` on; `line` is its line as it is before."""
        if start.line < self._line:
            self.forget()
        elif start.line == self._line and start.offset < self._index:
            self._go(line, start.offset)

    def forget(self) -> None:
        self._line = -1

    def _start_at(self, number: int, is_nearer_to_start: bool) -> None:
        if number != self._line or is_nearer_to_start:
            self._line, self._index, self._column = number, 0, 0

    def _go(self, line: Line, index: int) -> None:
        passed = line[min(index, self._index) : max(index, self._index)]
        units = self._encoding.column(passed, len(passed))
        self._column += units if index > self._index else -units
        self._index = index
