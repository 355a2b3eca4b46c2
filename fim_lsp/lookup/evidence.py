"""What followed where the text was like here: counts of next tokens, one set for each way of being alike.

Nothing is counted ahead: the places are found, and what they go on with is counted, when it is asked for.
"""

from __future__ import annotations

from functools import cached_property

from fim_lsp.lookup.calls import Calls
from fim_lsp.lookup.index import DEPTH, Counts
from fim_lsp.lookup.surroundings import AFTER, BEFORE, Place, Surroundings, ends_after, ends_before
from fim_lsp.lookup.vocabulary import EOL, WORD_SHAPES

ORDERS = (1, 2, 3, 4, 6)
"""Lengths of contexts that are told apart; in the project also the longest."""
CHANNELS = (
    *(f"project {order}" for order in ORDERS),
    *(f"open {order}" for order in ORDERS),
    *(f"file {order}" for order in ORDERS),
    f"project {DEPTH}",
    "same head",
    "same next",
    "repeat",
    "aligned",
    "line after one",
    "line after two",
    "line",
    "project argument",
    "argument",
)
"""The ways of being alike, the vaguest first."""

_PARALLEL_LINES = 3
_REPEAT_ORDERS = (2, 3)
_REPEAT_PLACES, _REPEAT_TOKENS = 16, 24
_NEAR_LINES = 40
"""At this distance a line that is alike weighs half."""


class Evidence:
    """Asked once for each state of a search; remembers what does not change from one to the next."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._view = around.view
        self._calls = Calls(around)

    def of(self, line: str) -> dict[str, Counts]:
        """Per channel what followed; `line` is the cursor's line so far, with its start."""
        context = (self._view.before[-DEPTH:] + line)[-DEPTH:]
        found: dict[str, Counts] = {}
        before = self._view.before + line
        self._file(context, line, before, found)
        self._open(context, found)
        self._project(context, found)
        self._lines(line, found)
        found.update(self._calls.counts(before))
        return {channel: counts for channel, counts in found.items() if counts}

    def _file(self, context: str, line: str, before: str, found: dict[str, Counts]) -> None:
        nearest: list[Place] = []
        close: list[Place] = []
        for order, places in self._around.nested_places(context, ORDERS, before):
            found[f"file {order}"] = _count(places)
            if order <= 2:
                nearest += places
            if order in _REPEAT_ORDERS:
                close = places
        found["repeat"] = self._repeats(close[:_REPEAT_PLACES], before)
        if len(line) > 2:
            found["line"] = _count(self._around.places(line[1:], before))
            found["same head"] = _count([place for place in nearest if _head(place) == line[1]])
        if following := self._view.after[:2]:
            found["same next"] = _count([place for place in nearest if _next_line(place) == following])

    def _repeats(self, places: list[Place], before: str) -> Counts:
        """Where the name that followed had stood shortly before: the one that stands here as far back."""
        counts: Counts = {}
        names = self._names(before, len(before))
        for text, at, weight in places:
            symbol = text[at]
            if symbol in text[max(0, at - _REPEAT_TOKENS) : at]:
                there = self._names(text, at)
                if symbol in there and (back := there.index(symbol)) < len(names):
                    counts[names[back]] = counts.get(names[back], 0) + weight
        return counts

    def _names(self, text: str, end: int) -> list[str]:
        """The different names before `end`, the nearest first."""
        shape = self._around.vocabulary.shape
        near = dict.fromkeys(text[max(0, end - _REPEAT_TOKENS) : end][::-1])
        return [symbol for symbol in near if shape(symbol) in WORD_SHAPES]

    def _open(self, context: str, found: dict[str, Counts]) -> None:
        for order, places in self._around.nested_open_places(context, ORDERS):
            found[f"open {order}"] = _count(places)

    def _project(self, context: str, found: dict[str, Counts]) -> None:
        by_length: list[Counts] = [{} for _ in range(DEPTH + 1)]
        for backwards, places in self._around.project_places(context):
            for at, length in places:
                symbol, counts = backwards[at - 1], by_length[length]
                counts[symbol] = counts.get(symbol, 0) + 1
        total: Counts = {}
        for length in range(DEPTH, 0, -1):  # a longer match is a shorter one, too
            for symbol, count in by_length[length].items():
                known = self._around.translate(symbol)
                total[known] = total.get(known, 0) + count
            if total and (length in ORDERS or length == DEPTH):
                found[f"project {length}"] = dict(total)

    def _lines(self, line: str, found: dict[str, Counts]) -> None:
        """Lines that begin like this one does and stand behind lines that begin like those before it."""
        body, size = line[1:], len(line)
        for heads, rows in self._similar_rows.items():
            counts: Counts = {}
            for row, weight in rows:
                if row.startswith(body, 1) and size < len(row):
                    counts[row[size]] = counts.get(row[size], 0) + weight
            found[heads] = counts
        aligned: Counts = {}
        for distance, row in enumerate(reversed(self._view.rows_before[-_PARALLEL_LINES:]), 1):
            if size < len(row) and row[size - 1] == line[-1]:
                aligned[row[size]] = aligned.get(row[size], 0) + 1 / distance
        found["aligned"] = aligned

    @cached_property
    def _similar_rows(self) -> dict[str, list[tuple[str, float]]]:
        """Per number of lines before that begin alike: the lines that stand behind such."""
        before, after = self._view.rows_before, self._view.rows_after
        heads_before, heads_after = ("".join([row[1] for row in rows]) for rows in (before, after))
        similar: dict[str, list[tuple[str, float]]] = {}
        for name, alike in (("line after one", 1), ("line after two", 2)):
            if len(before) < alike:
                break
            pattern, count = heads_before[-alike:], len(before)
            rows = [
                (before[at], 1 / (1 + (count - at) / _NEAR_LINES))
                for at in ends_before(heads_before, pattern, count - 1, BEFORE)
            ]
            rows += [(after[at], 1 / (1 + at / _NEAR_LINES)) for at in ends_after(heads_after, pattern, AFTER)]
            similar[name] = [(row, weight) for row, weight in rows if row[0] == self._view.start]
        return similar


def _count(places: list[Place]) -> Counts:
    counts: Counts = {}
    for text, at, weight in places:
        symbol = text[at]
        counts[symbol] = counts.get(symbol, 0) + weight
    return counts


def _head(place: Place) -> str:
    """The first token of the place's line."""
    text, at, _ = place
    start = text.rfind(EOL, 0, at) + 1
    return text[start + 1]


def _next_line(place: Place) -> str:
    """What the line below the place's begins with."""
    text, at, _ = place
    end = text.find(EOL, at)
    return text[end + 1 : end + 3] if end >= 0 else ""
