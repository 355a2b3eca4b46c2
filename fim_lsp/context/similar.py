"""Pieces of code that resemble the code at the cursor, by the names they share.

A file is cut into pieces at blank lines where the indentation returns, each with the set of names in it. A piece scores
by the names it shares with the code at the cursor, rare names more than common ones, in relation to its length.
Names of a piece are remembered by its text, so that an edited file costs only the pieces that changed.
"""

from __future__ import annotations

import math
import re
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

SHORTEST_PIECE_LINES = 12
LONGEST_PIECE_LINES = 48
MOST_REMEMBERED = 3_000
"""Pieces of open documents whose names are remembered: about 50 documents of 2,000 lines."""
NAME = re.compile(r"[^\W\d]\w{2,}")
_EVERYWHERE = (
    "self this cls args kwargs None True False null true false undefined nil str int float bool string list dict set "
    "tuple void char object Object String len range print format name value data key item index type result the and "
    "for not with that from are was has have will can should when then else you your see use used"
)
COMMON = frozenset(_EVERYWHERE.split())
"""Names that tell nothing about a place."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A few lines of a file that belong together."""

    start: int
    lines: tuple[str, ...]
    names: frozenset[str]
    """All of them, keywords too: what tells nothing is not asked for."""


class Pieces:
    """Cuts files into pieces, and remembers the names in each."""

    def __init__(self, most: int = MOST_REMEMBERED) -> None:
        self._names: OrderedDict[tuple[str, ...], frozenset[str]] = OrderedDict()
        self._most = most

    def cut(self, lines: Sequence[str]) -> list[Piece]:
        found = []
        for start, end in bounds(lines):
            piece = tuple(lines[start:end])
            found.append(Piece(start, piece, self._names_of(piece)))
        return found

    def _names_of(self, piece: tuple[str, ...]) -> frozenset[str]:
        names = self._names.get(piece)
        if names is None:
            names = self._names[piece] = frozenset(NAME.findall("\n".join(piece)))
            while len(self._names) > self._most:
                self._names.popitem(last=False)
        else:
            self._names.move_to_end(piece)
        return names


def bounds(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """First line and line after the last of each piece: paragraphs, together as long as they are short or deeper."""
    start = end = 0
    indent = -1
    for first, last in _paragraphs(lines):
        width = len(lines[first]) - len(lines[first].lstrip())
        fits = last - start <= LONGEST_PIECE_LINES
        if indent >= 0 and fits and (end - start < SHORTEST_PIECE_LINES or width > indent):
            end, indent = last, min(indent, width)
            continue
        if indent >= 0:
            yield start, end
        start, end, indent = first, last, width
    if indent >= 0:
        yield start, end


def _paragraphs(lines: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Runs of lines that are not blank, at most `LONGEST_PIECE_LINES` long."""
    start = 0
    for run in "\n".join(lines).split("\n\n"):
        text = run.strip("\n")
        first = start + run.index(text)
        after = first + text.count("\n") + 1
        for at in range(first, after, LONGEST_PIECE_LINES) if text.strip() else ():
            yield at, min(at + LONGEST_PIECE_LINES, after)
        start += run.count("\n") + 2


def rank(query: Mapping[str, float], pieces: Iterable[tuple[str, Piece]]) -> list[tuple[float, str, Piece]]:
    """The pieces that share names with `query`, best first, each with its file. Ties keep the order given."""
    candidates = [(path, piece, piece.names & query.keys()) for path, piece in pieces]
    candidates = [each for each in candidates if each[2]]
    frequency = Counter(name for _, _, shared in candidates for name in shared)
    rarity = {name: math.log(1 + len(candidates) / count) for name, count in frequency.items()}
    scored = []
    for path, piece, shared in candidates:
        weight = sum(rarity[name] * query[name] for name in shared)
        # rounded, because sums depend on the order in a set and ties must not
        scored.append((round(weight / math.sqrt(10 + len(piece.names)), 6), path, piece))
    return sorted(scored, key=lambda each: -each[0])
