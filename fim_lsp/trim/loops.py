"""Loops: a model that says the same again and again. The first time is kept, if it was a line or more."""

from __future__ import annotations

import re
from itertools import accumulate

from fim_lsp.trim.draft import Draft, Dropped, Stop
from fim_lsp.trim.place import Place

LONGEST_PERIOD = 6
CHECKED_EVERY = 160
"""A line is looked at when it reaches a multiple of this, so that chunks do not matter."""
_STUTTER = re.compile(r"(?=[^\n]*?[^\W\d_]{2})(.{2,24}?)\1{5,}.{0,24}\Z")


def stop(text: str, place: Place) -> Stop | None:
    """The first loop that shows in complete lines, or in a long one."""
    found = [stop for stop in (_repeated_lines(text, place), _stutter(text)) if stop is not None]
    return min(found, default=None)


def trim(draft: Draft, place: Place) -> Draft | Dropped:
    found = stop(draft.text if draft.text.endswith("\n") else draft.text + "\n", place)
    if found is None:
        return draft
    if not draft.text[: found.cut].strip():
        return Dropped("loop", "The model repeats itself.")
    return draft.cut(found.cut)


def _repeated_lines(text: str, place: Place) -> Stop | None:
    if text.count("\n") < 5:
        return None
    lines = text.split("\n")[:-1]
    ends = list(accumulate(len(line) + 1 for line in lines))
    lines[0] = place.line_before + lines[0]
    for number, line in enumerate(lines):
        for period in range(1, LONGEST_PERIOD + 1):
            times = 5 if period == 1 else 3
            start = number + 1 - period * times
            if start < 0:
                break
            if line != lines[number - period] or line != lines[start + period - 1]:
                continue
            unit = lines[start : start + period]
            if lines[start : number + 1] == unit * times and _says_something(unit):
                return Stop(ends[number], ends[start + period - 1])
    return None


def _says_something(unit: list[str]) -> bool:
    """Whether lines hold enough letters that saying them over and over is a fault, not a table."""
    letters = sum(char.isalpha() for line in unit for char in line)
    return letters >= (4 if len(unit) == 1 else 8)


def _stutter(text: str) -> Stop | None:
    if len(text) < CHECKED_EVERY:
        return None
    start = 0
    for line in text.split("\n"):
        for length in range(CHECKED_EVERY, len(line) + 1, CHECKED_EVERY):
            if _STUTTER.search(line[length - CHECKED_EVERY : length]):
                return Stop(start + length, start)
        start += len(line) + 1
    return None
