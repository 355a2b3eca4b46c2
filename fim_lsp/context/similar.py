"""Pieces of code that resemble the code at the cursor, by the names they share.

A file is cut into pieces at blank lines where the indentation returns, each with the set of names in it. A piece scores
by the names it shares with the code at the cursor, rare names more than common ones, in relation to its length.
Pieces of a file take their names over from the file as it was before, so that an edit costs only what it changed.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

SHORTEST_PIECE_LINES = 12
LONGEST_PIECE_LINES = 48
_NAME = re.compile(r"[^\W\d]\w{2,}+")
_ASCII_NAME = re.compile(_NAME.pattern, re.ASCII)
"""The same in two thirds of the time, where the text is ASCII."""
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


def cut(lines: Sequence[str], former: Iterable[Piece] = ()) -> list[Piece]:
    """The pieces of a file. `former`: of what is mostly the same text."""
    known = {piece.lines: piece.names for piece in former}
    found = []
    for start, end in bounds(lines):
        piece = tuple(lines[start:end])
        found.append(Piece(start, piece, known.get(piece) or names_in(piece)))
    return found


def names_in(lines: Sequence[str]) -> frozenset[str]:
    text = "\n".join(lines)
    pattern = _ASCII_NAME if text.isascii() else _NAME
    return frozenset(pattern.findall(text))


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
    wanted = frozenset(query)
    candidates = [(path, piece, piece.names & wanted) for path, piece in pieces]
    candidates = [each for each in candidates if each[2]]
    frequency = Counter(name for _, _, shared in candidates for name in shared)
    rarity = {name: math.log(1 + len(candidates) / count) for name, count in frequency.items()}
    scored = []
    for path, piece, shared in candidates:
        weight = sum(rarity[name] * query[name] for name in shared)
        # rounded, because sums depend on the order in a set and ties must not
        scored.append((round(weight / math.sqrt(10 + len(piece.names)), 6), path, piece))
    return sorted(scored, key=lambda each: -each[0])
