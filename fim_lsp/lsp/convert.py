"""Between the editor's words and ours: columns in its encoding, line ends, and suggestions as items.

This is the only place that counts UTF-16 or UTF-8 units and that knows of CRLF.
A column past the end of a line means its end; a column inside a character means that character's start.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from lsprotocol import types

from fim_lsp.answer import Selected
from fim_lsp.document import Snapshot, Suggestion

ACCEPTED = "fim-lsp.accepted"


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the editor counts columns. `index`: its column → our index into the line; `column`: the way back."""

    name: str
    index: Callable[[str, int], int]
    column: Callable[[str, int], int]


def _utf8_index(line: str, column: int) -> int:
    if line.isascii():
        return min(column, len(line))
    head = line[:column].encode("utf-8", "surrogatepass")[:column]
    return len(_without_cut_character(head).decode("utf-8", "surrogatepass"))


def _utf8_column(line: str, index: int) -> int:
    return min(index, len(line)) if line.isascii() else len(line[:index].encode("utf-8", "surrogatepass"))


def _without_cut_character(head: bytes) -> bytes:
    """Without the beginning of a UTF-8 character at the end."""
    for back in range(1, min(4, len(head)) + 1):
        byte = head[-back]
        if byte < 0x80:
            return head
        if byte >= 0xC0:  # the first byte of a character that has 2, 3 or 4
            length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return head if back >= length else head[:-back]
    return head


def _utf16_index(line: str, column: int) -> int:
    if not _may_be_wide(line):
        return min(column, len(line))
    head = line[:column]
    index = len(head)
    units = _utf16_column(head, index)
    while units > column:  # no character takes more than two units: at least half of what is too much goes
        shorter = index - (units - column + 1) // 2
        units -= _utf16_column(head[shorter:index], index - shorter)
        index = shorter
    return index


def _utf16_column(line: str, index: int) -> int:
    if not _may_be_wide(line):
        return min(index, len(line))
    return len(line[:index].encode("utf-16-le", "surrogatepass")) // 2


def _may_be_wide(line: str) -> bool:
    """Whether a character may take two UTF-16 units, without a look at each: lines can have megabytes.

    CPython stores a string that holds such a character with four bytes for each character (PEP 393).
    """
    return sys.getsizeof(line) >= 4 * len(line)


def _utf32_index(line: str, column: int) -> int:
    return min(column, len(line))


ENCODINGS = {
    encoding.name: encoding
    for encoding in (
        Encoding("utf-8", _utf8_index, _utf8_column),
        Encoding("utf-16", _utf16_index, _utf16_column),
        Encoding("utf-32", _utf32_index, _utf32_index),
    )
}


def choose_encoding(offered: object) -> Encoding:
    """The first that the client offers and that there is; utf-16 unless it says otherwise."""
    names: Iterable[object] = offered if isinstance(offered, list) else ()
    return next((ENCODINGS[name] for name in names if name in ENCODINGS), ENCODINGS["utf-16"])


_LINE_END = re.compile(r"\r\n|\n|\r")


def split_lines(text: str) -> tuple[list[str], list[str]]:
    """Lines without their ends, and the ends; the last line has the end "".

    LSP knows three line ends. `str.splitlines` knows ten: form feeds and U+2028 are text here.
    """
    if "\r" not in text:
        lines = text.split("\n")
        return lines, ["\n"] * (len(lines) - 1) + [""]
    return _LINE_END.split(text), [*_LINE_END.findall(text), ""]


def with_lf(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


class Place(NamedTuple):
    """A place in a document as we count: lines from 0, and characters into the line."""

    line: int
    offset: int


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the editor asked; frozen together with the snapshot."""

    place: Place
    column: int
    """As the editor counts."""
    encoding: Encoding
    line_end: str = "\n"
    """How lines end here, in the text as the editor sent it."""

    def position(self, snapshot: Snapshot, characters: int) -> types.Position:
        """So many characters right of the cursor, or left of it if negative, on its line."""
        if characters < 0:
            column = self.column - self._units(snapshot.before[characters:])
        else:
            column = self.column + self._units(snapshot.after[:characters])
        return types.Position(self.place.line, column)

    def _units(self, text: str) -> int:
        return self.encoding.column(text, len(text))


def to_range(snapshot: Snapshot, cursor: Cursor, suggestion: Suggestion, start: int = 0) -> types.Range:
    """What the suggestion takes the place of, from `start` characters before the cursor on; always on one line."""
    return types.Range(cursor.position(snapshot, -start), cursor.position(snapshot, suggestion.replaces))


def to_command(suggestion: Suggestion) -> types.Command:
    return types.Command(title="Accepted", command=ACCEPTED, arguments=[suggestion.id])


def to_item(
    snapshot: Snapshot, cursor: Cursor, suggestion: Suggestion, selected: Selected | None
) -> types.InlineCompletionItem:
    """A plain string over one explicit single-line range that contains the cursor.

    With a menu item selected the range starts where the menu's does, as VS Code wants it, and the text repeats
    what stands between there and the cursor.
    """
    start = min(selected.start, len(snapshot.line_before)) if selected else 0
    typed = snapshot.before[len(snapshot.before) - start :]
    return types.InlineCompletionItem(
        insert_text=typed + with_lf(suggestion.text),
        range=to_range(snapshot, cursor, suggestion, start),
        command=to_command(suggestion) if suggestion.id else None,
    )
