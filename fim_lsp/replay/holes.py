"""Which part of a file is typed: a hole is a run of whole lines that was taken out and is written again.

It begins and ends at a line's end: the first key is Enter after the line above, as when a person begins a new line.
It closes what it opens and nothing else: code is added to a file that is in order.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from random import Random

LINES = (2, 12)
LONGEST = 900
APART = 400
"""Characters that stay between two holes, so that each has something to be recognised by on both sides."""
LONGEST_LINE = 160
FIRST = (0.05, 0.65)
"""Share of the file above the first hole."""
MOST = 8
_CLOSER_OF = {"(": ")", "[": "]", "{": "}"}
_CLOSERS = frozenset(_CLOSER_OF.values())


@dataclass(frozen=True, slots=True)
class Hole:
    """`text[start:end]` of the whole file is missing; both are ends of lines."""

    start: int
    end: int


def choose(text: str, random: Random) -> list[Hole]:
    """A few holes that do not touch, in the order of the text."""
    ends = [at for at, char in enumerate(text) if char == "\n"]
    holes: list[Hole] = []
    earliest = int(len(text) * random.uniform(*FIRST))
    while len(holes) < MOST:
        skipped = earliest + random.randrange(APART)
        start = next((at for at in ends if at >= skipped and _begins_well(text, at)), None)
        if start is None:
            break
        hole = _hole(text, ends, start, random.randint(*LINES))
        if hole is not None:
            holes.append(hole)
        earliest = start + 1 if hole is None else hole.end + APART
    return holes


def without(text: str, holes: list[Hole]) -> str:
    """The file as it is opened: all its holes missing."""
    kept = 0
    parts: list[str] = []
    for hole in holes:
        parts.append(text[kept : hole.start])
        kept = hole.end
    return "".join([*parts, text[kept:]])


def _hole(text: str, ends: list[int], start: int, lines: int) -> Hole | None:
    """A hole of as nearly so many lines as can be."""
    for count in sorted(range(LINES[0], LINES[1] + 1), key=lambda count: abs(count - lines)):
        end = _end(text, ends, start, count)
        if start < end <= start + LONGEST and _can_be_typed(text[start:end]):
            return Hole(start, end)
    return None


def _end(text: str, ends: list[int], start: int, lines: int) -> int:
    """The end of the last line to type, which is not blank."""
    at = min(bisect_left(ends, start) + lines, len(ends) - 1)
    while text[ends[at] - 1] == "\n":
        at -= 1
    return ends[at]


def _begins_well(text: str, line_end: int) -> bool:
    """The line above is not blank and neither is the first line to type."""
    return text[line_end - 1 : line_end].strip() != "" and text[line_end + 1 : line_end + 2] not in ("", "\n")


def _can_be_typed(text: str) -> bool:
    return (
        max(map(len, text.split("\n"))) <= LONGEST_LINE and text.strip() != "" and "\f" not in text and _is_whole(text)
    )


def _is_whole(text: str) -> bool:
    """Whether its brackets are in pairs. Those in strings count too: then another hole is found."""
    stack: list[str] = []
    for char in text:
        if char in _CLOSER_OF:
            stack.append(_CLOSER_OF[char])
        elif char in _CLOSERS and (not stack or stack.pop() != char):
            return False
    return not stack
