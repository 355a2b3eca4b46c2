"""The place that context is wanted for: the code around the cursor, and the names in it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from fim_lsp.context.files import Text
from fim_lsp.context.outline import Definition
from fim_lsp.context.similar import COMMON, LONGEST_PIECE_LINES, names_in

LINES_ABOVE = 25
LINES_BELOW = 8
HALF_AS_TELLING_LINES = 8
"""A name so many lines from the cursor counts half as much as one on its line."""

_NAME = re.compile(r"[^\W\d]\w*")

LookUp = Callable[[str], Text | None]
"""The text of a path, or of a cell by its URI, if it may be used."""


@dataclass(frozen=True, slots=True)
class Place:
    """A cursor in a text."""

    text: Text
    """Of a cell, with the cells around it."""
    document: str
    """What it goes by."""
    line: int
    first_line: int
    """Number in the document of the first line of `text`, which of a huge document is a part. Below 0 before a cell."""
    indent: int
    near: Mapping[str, float]
    """Names around the cursor and how much each counts."""
    around: frozenset[str]
    """All names of as many lines around the cursor as a piece of a file has."""
    shown: range
    """Lines that the model reads anyway."""
    folder: str | None
    look_up: LookUp
    files_in: Callable[[str], Sequence[str]]
    """The files in a folder."""
    beside: Sequence[str] = ()
    """Files of the same language in the same folder."""
    opened: Sequence[str] = ()
    """Open documents that are not this file or notebook, the latest used first."""

    @property
    def enclosing(self) -> list[Definition]:
        return self.text.outline.enclosing(self.line, self.indent)


def indent_at(lines: Sequence[str], line: int) -> int:
    """The indent that counts at a line: its own, or where it is blank, that of the code above or below if deeper."""
    own = lines[line] if line < len(lines) else ""
    if own.strip():
        return len(own) - len(own.lstrip())
    above = next((each for each in reversed(lines[max(0, line - 30) : line]) if each.strip()), "")
    below = next((each for each in lines[line + 1 : line + 30] if each.strip()), "")
    deeper = 1 if above.rstrip().endswith((":", "{", "(", "[")) else 0
    width = len(above) - len(above.lstrip()) + deeper
    return max(len(own), min(width, max(len(below) - len(below.lstrip()), len(own) or width)))


def names_near(lines: Sequence[str], line: int, keywords: frozenset[str]) -> dict[str, float]:
    """Names around a line; the nearer the more they count, once for each line they stand on."""
    near: defaultdict[str, float] = defaultdict(float)
    for number in range(max(0, line - LINES_ABOVE), min(len(lines), line + LINES_BELOW + 1)):
        weight = HALF_AS_TELLING_LINES / (HALF_AS_TELLING_LINES + abs(number - line))
        for name in set(_NAME.findall(lines[number])):
            if name not in keywords and name not in COMMON:
                near[name] += weight
    return dict(near)


def names_around(lines: Sequence[str], line: int) -> frozenset[str]:
    half = LONGEST_PIECE_LINES // 2
    return names_in(lines[max(0, line - half) : line + half])


def relative(path: str, folder: str | None) -> str:
    """As the model reads it: relative to the workspace folder, with `/`; or the name alone."""
    pure = PurePath(path)
    if folder is not None and pure.is_relative_to(folder):
        return pure.relative_to(folder).as_posix()
    return pure.name
