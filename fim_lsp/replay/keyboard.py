"""What an editor makes of a key: auto-indent, auto-closed brackets and quotes, typing over them, smart backspace.

Pure: text, cursor and key in, one edit and the new cursor out.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from fim_lsp.document import Edit

ENTER, TAB, BACKSPACE, DELETE = "\n", "\t", "\b", "\x7f"

CLOSER_OF = {"(": ")", "[": "]", "{": "}", '"': '"', "'": "'", "`": "`"}
BRACKETS = {closer: opener for opener, closer in CLOSER_OF.items() if opener in "([{"}
QUOTES = "\"'`"


@dataclass(frozen=True, slots=True)
class Stroke:
    """The edit that a key leads to, and where the cursor stands afterwards."""

    edit: Edit
    cursor: int


@dataclass(frozen=True, slots=True)
class Keyboard:
    """An editor's typing aids."""

    indent: str = "    "
    closes_pairs: bool = True

    def press(self, text: str, cursor: int, key: str, own_closers: int = 0) -> Stroke:
        """`own_closers`: how many characters right of the cursor the editor has put there itself."""
        line_start = text.rfind("\n", 0, cursor) + 1
        line = text[line_start:cursor]
        following = text[cursor : cursor + 1]
        if key == ENTER:
            return self._enter(cursor, line_start, line, following)
        if key == TAB:
            return insert(cursor, self.indent)
        if key == BACKSPACE:
            return self._backspace(text, cursor, line, own_closers)
        if key == DELETE:
            return Stroke(Edit(cursor, following, ""), cursor)
        if own_closers and key == following and key in CLOSER_OF.values():
            return Stroke(Edit(cursor, key, key), cursor + 1)
        if key in BRACKETS and line and not line.strip():
            return _outdent(text, cursor, line_start, key)
        if self.closes_pairs and _opens(key, line[-1:], following):
            return Stroke(Edit(cursor, "", key + CLOSER_OF[key]), cursor + 1)
        return insert(cursor, key)

    def _enter(self, cursor: int, line_start: int, line: str, following: str) -> Stroke:
        indent = line[: len(line) - len(line.lstrip())]
        if not line.strip():  # the indent of a line that stays blank is taken away
            return Stroke(Edit(line_start, line, "\n" + indent), line_start + 1 + len(indent))
        opener = line.rstrip()[-1:]
        deeper = indent + self.indent if opener in ("(", "[", "{", ":") else indent
        if self.closes_pairs and following and CLOSER_OF.get(line[-1:]) == following and opener in "([{":
            return Stroke(Edit(cursor, "", f"\n{deeper}\n{indent}"), cursor + 1 + len(deeper))
        return insert(cursor, "\n" + deeper)

    def _backspace(self, text: str, cursor: int, line: str, own_closers: int) -> Stroke:
        count = 1
        if line and not line.strip():
            count = 1 if line.endswith("\t") else (len(line) - 1) % len(self.indent) + 1
        elif own_closers and line and CLOSER_OF.get(line[-1]) == text[cursor : cursor + 1]:
            return Stroke(Edit(cursor - 1, text[cursor - 1 : cursor + 1], ""), cursor - 1)
        return Stroke(Edit(cursor - count, text[cursor - count : cursor], ""), cursor - count)


def indent_of(text: str) -> str:
    """The unit a file is indented by."""
    widths: Counter[str] = Counter()
    previous = ""
    for line in text.split("\n"):
        if not line.strip():
            continue
        indent = line[: len(line) - len(line.lstrip())]
        if len(indent) > len(previous) and indent.startswith(previous):
            widths[indent[len(previous) :]] += 1
        previous = indent
    return next((width for width, _ in widths.most_common() if width in ("\t", "  ", "    ", "        ")), "    ")


def insert(cursor: int, text: str) -> Stroke:
    return Stroke(Edit(cursor, "", text), cursor + len(text))


def _opens(key: str, previous: str, following: str) -> bool:
    if key not in CLOSER_OF or not (following == "" or following.isspace() or following in BRACKETS):
        return False
    return key not in QUOTES or not (previous.isalnum() or previous in ("_", "\\") or (previous and previous in QUOTES))


def _outdent(text: str, cursor: int, line_start: int, closer: str) -> Stroke:
    """A closing bracket that begins its line goes below the line of its opener."""
    depth = 0
    for at in range(line_start - 1, max(-1, line_start - 20_000), -1):
        depth += (text[at] == closer) - (text[at] == BRACKETS[closer])
        if depth < 0:
            opening = text[text.rfind("\n", 0, at) + 1 : at]
            inserted = opening[: len(opening) - len(opening.lstrip())] + closer
            return Stroke(Edit(line_start, text[line_start:cursor], inserted), line_start + len(inserted))
    return insert(cursor, closer)
