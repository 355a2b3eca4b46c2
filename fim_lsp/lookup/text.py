"""A document as symbols, line by line: lexed where and when it is asked for, and kept up to date by the edited line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from fim_lsp.languages import Language
from fim_lsp.lookup.lexer import lex
from fim_lsp.lookup.vocabulary import EOL, STARTS, Vocabulary

_MEMO_LINES = 5_000

WINDOW_LINES = 3000
"""So many lines on either side of the cursor are looked at."""
SHAPED_TOKENS = 6000
"""So many tokens before the cursor, and half as many after it, show how the code goes when its names are forgotten."""
_TAB = 4
_SAMPLE_CHARS = 4000
_STEP = 4
"""The largest change of indentation that is one step."""


class Reader:
    """Lexes the lines of one language. Lines repeat, in a file and from key to key, so it remembers them."""

    def __init__(self, language: Language, vocabulary: Vocabulary | None = None) -> None:
        self.language = language
        self.vocabulary = vocabulary or Vocabulary(language.keywords)
        self._memo: dict[str, str] = {}

    def read(self, line: str) -> str:
        """The symbols of a stripped line."""
        symbols = self._memo.get(line)
        if symbols is None:
            if len(self._memo) >= _MEMO_LINES:
                self._memo.clear()
            symbols = self._memo[line] = self.vocabulary.encode(lex(line, self.language))
        return symbols


@dataclass(frozen=True)
class View:
    """The symbols of whole lines, seen from one line. It stays the same while that line is typed."""

    before: str
    after: str
    start: str
    """What the line itself begins with: one of `STARTS`."""
    vocabulary: Vocabulary

    @cached_property
    def symbols(self) -> frozenset[str]:
        """All that occur."""
        return frozenset(self.before).union(self.after)

    @cached_property
    def near_before(self) -> str:
        """The last symbols before, as many as there are in `shapes_before`."""
        return self.before[-SHAPED_TOKENS:]

    @cached_property
    def shapes_before(self) -> str:
        """What kind of token each of the last ones before is."""
        return self.vocabulary.shapes(self.near_before)

    @cached_property
    def shapes_after(self) -> str:
        """What kind of token each of the first ones after is."""
        return self.vocabulary.shapes(self.after[: SHAPED_TOKENS // 2])

    @cached_property
    def rows_before(self) -> list[str]:
        """The lines before, each with its start and its end."""
        return _rows(self.before)

    @cached_property
    def rows_after(self) -> list[str]:
        return _rows(self.after)


class Text:
    """Lines and, for those lexed so far, their symbols: a start, the tokens, `EOL`; nothing for a blank line."""

    def __init__(self, lines: Sequence[str], reader: Reader) -> None:
        self._reader = reader
        self._lines = list(lines)
        self._symbols: list[str | None] = [None] * len(self._lines)
        self._unread = 0
        """Every line before this one is lexed."""
        self._joined: str | None = None
        self._seen: tuple[int, View] | None = None
        """The view asked for last, and its line."""
        self._typed: int | None = None
        """The line edited last: half a word may stand there."""

    def __len__(self) -> int:
        return len(self._lines)

    def edit(self, start: int, removed: int, lines: Sequence[str]) -> None:
        """Lines `start` … `start + removed - 1` became `lines`."""
        is_typing = removed == len(lines) == 1 and start < len(self._lines)
        if not (is_typing and self._seen is not None and self._seen[0] == start):
            self._seen = None
        moves_below = not is_typing or _margin(lines[0]) != _margin(self._lines[start])
        self._lines[start : start + removed] = lines
        self._symbols[start : start + removed] = [None] * len(lines)
        below = self._next_line(start + len(lines))
        if moves_below and below < len(self._lines):
            self._symbols[below] = None  # its start is told against what was edited
        self._unread = min(self._unread, start, start if self._typed is None else self._typed)
        self._joined = None
        self._typed = start if len(lines) == 1 else None

    def renew(self, reader: Reader) -> None:
        """Start anew with another reader."""
        self._reader = reader
        self._symbols = [None] * len(self._lines)
        self._unread = 0
        self._joined = None
        self._seen = None

    def read(self, lines: int) -> bool:
        """Lex up to so many more lines, from the top; false when nothing is left to do.

        The line that is being typed is left for later.
        """
        waiting = range(self._unread, len(self._lines))
        unread = (number for number in waiting if self._symbols[number] is None and number != self._typed)
        done = list(islice(unread, lines))
        for number in done:
            self._lex(number)
            self._reader.vocabulary.shapes(self._symbols[number] or "")  # so that an answer finds them there
        self._unread = done[-1] + 1 if len(done) == lines else len(self._lines)
        return self._unread < len(self._lines)

    def read_around(self, line: int, lines: int) -> None:
        """Lex up to so many lines that are not yet lexed, those near `line` first."""
        if None in self._symbols:
            near = (number for number in self._around(line) if self._symbols[number] is None)
            for number in islice(near, lines):
                self._lex(number)

    def whole(self) -> str:
        """The symbols of all lines."""
        self._typed = None
        self._unread = 0
        self.read(len(self._lines) + 1)
        return self.symbols()

    def symbols(self) -> str:
        """Of the whole document, as far as it is lexed."""
        if self._joined is None:
            self._joined = "".join(filter(None, self._symbols))
        return self._joined

    def view(self, line: int, indentation: str) -> View:
        """Everything but `line`, which is indented by `indentation` and taken to hold something."""
        width = _width(indentation)
        start = self._start(line, width)
        if self._seen is not None and self._seen[0] == line and self._seen[1].start == start:
            return self._seen[1]
        first, last = max(0, line - WINDOW_LINES), line + 1 + WINDOW_LINES
        after = "".join(filter(None, self._symbols[line + 1 : last]))
        if after:
            below = self._next_line(line + 1)
            if below < len(self._lines) and self._symbols[below]:
                after = _start_at(width, _indent(self._lines[below]), below - line) + after[1:]
        view = View("".join(filter(None, self._symbols[first:line])), after, start, self._reader.vocabulary)
        self._seen = line, view
        return view

    def _around(self, line: int) -> Iterator[int]:
        for distance in range(1, WINDOW_LINES):
            if line - distance >= 0:
                yield line - distance
            if line + distance < len(self._lines):
                yield line + distance

    def _lex(self, number: int) -> None:
        line = self._lines[number]
        body = line.strip()
        self._seen = None
        self._symbols[number] = self._start(number, _indent(line)) + self._reader.read(body) + EOL if body else ""
        self._joined = None

    def _start(self, number: int, width: int) -> str:
        above = number - 1
        while above >= 0 and not self._lines[above].strip():
            above -= 1
        return _start_at(_indent(self._lines[above]), width, number - above) if above >= 0 else STARTS["\r="]

    def _next_line(self, number: int) -> int:
        while number < len(self._lines) and not self._lines[number].strip():
            number += 1
        return number


def _rows(symbols: str) -> list[str]:
    return [row + EOL for row in symbols.split(EOL) if row]


def _margin(line: str) -> int | None:
    return _indent(line) if line.strip() else None


def _indent(line: str) -> int:
    return _width(line[: len(line) - len(line.lstrip())])


def _width(indentation: str) -> int:
    return len(indentation) + (_TAB - 1) * indentation.count("\t")


def _start_at(above: int, width: int, lines: int) -> str:
    change = width - above
    step = ">" if change > 0 else "=" if change == 0 else "<" if change >= -_STEP else "<<"
    return STARTS["\r" + step + ("b" if lines > 1 else "")]


def indent_step(before: str) -> str:
    """What one step of indentation is written as, by the last lines of a text."""
    margins = [line[: len(line) - len(line.lstrip())] for line in before[-_SAMPLE_CHARS:].split("\n")[1:]]
    if any(margin.startswith("\t") for margin in margins):
        return "\t"
    widths = [len(margin) for margin in margins if len(margin) > 1]
    return " " * (min(widths) if widths and min(widths) <= _STEP else _STEP)
