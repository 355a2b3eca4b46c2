"""What followed where the text was like here: counts of next tokens, one set for each way of being alike.

Nothing is counted ahead. A context is a short string of symbols, and its places are found when they are asked for:
in the document and the open ones by scanning (20,000 tokens take some 10 µs), in the project through its index.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from fim_lsp.lookup.calls import Call, argument, innermost_call
from fim_lsp.lookup.index import DEPTH, Index
from fim_lsp.lookup.text import View
from fim_lsp.lookup.vocabulary import EOL, UNKNOWN, Vocabulary

Counts = dict[str, float]
Place = tuple[str, int, float]
"""A text, where in it the next symbol stands, and what it weighs."""

ORDERS = (1, 2, 3, 4, 6)
"""Lengths of contexts that are told apart; in the project also the longest."""
CHANNELS = (
    *(f"project {order}" for order in ORDERS),
    *(f"open {order}" for order in ORDERS),
    *(f"file {order}" for order in ORDERS),
    f"project {DEPTH}",
    "same head",
    "same next",
    "aligned",
    "line after one",
    "line after two",
    "line",
    "project argument",
    "argument",
)
"""The ways of being alike, the vaguest first."""

_NEAR_TOKENS = 300
"""At this distance a place in the same document weighs half."""
_BEFORE, _AFTER, _OPEN = 40, 20, 48
"""So many places are looked at on each side of the cursor, and in the open documents."""
_PARALLEL_LINES = 3
_ARGUMENT_TOKENS = 10


class Surroundings:
    """Everything a guess at one cursor may be made from."""

    def __init__(self, view: View, vocabulary: Vocabulary, others: str = "", index: Index | None = None) -> None:
        self.view = view
        self.vocabulary = vocabulary
        self.others = others
        """The symbols of other open documents, the nearest first."""
        self.index = index
        self._translated: dict[str, str] = {}
        self._arguments: dict[Call, tuple[list[str], list[str]]] = {}

    def evidence(self, line: str) -> dict[str, Counts]:
        """Per channel what followed; `line` is the cursor's line so far, with its start."""
        context = (self.view.before[-DEPTH:] + line)[-DEPTH:]
        found: dict[str, Counts] = {}
        before = self.view.before + line
        self._file(context, line, before, found)
        self._open(context, found)
        self._project(context, found)
        self._lines(line, found)
        self._call(line, before, found)
        return {channel: counts for channel, counts in found.items() if counts}

    def project_words(self, beginning: str) -> list[str]:
        """The project's words that begin so."""
        return list(map(self._translate, self.index.words(beginning))) if self.index is not None else []

    def _file(self, context: str, line: str, before: str, found: dict[str, Counts]) -> None:
        nearest: list[Place] = []
        for order in ORDERS:
            places = self._places(context[-order:], before)
            if not places:
                break
            found[f"file {order}"] = _count(places)
            if order <= 2:
                nearest += places
        if len(line) > 2:
            found["line"] = _count(self._places(line[1:], before))
            found["same head"] = _count([place for place in nearest if _head(place) == line[1]])
        if following := self.view.after[:2]:
            found["same next"] = _count([place for place in nearest if _next_line(place) == following])

    def _places(self, pattern: str, before: str) -> list[Place]:
        """Where the document holds `pattern` besides here, the nearest of either side."""
        after, here = self.view.after, len(before)
        places = [
            (before, at, 1 / (1 + (here - at) / _NEAR_TOKENS)) for at in ends_before(before, pattern, here - 1, _BEFORE)
        ]
        places += [(after, at, 1 / (1 + at / _NEAR_TOKENS)) for at in ends_after(after, pattern, _AFTER)]
        return places

    def _open(self, context: str, found: dict[str, Counts]) -> None:
        for order in ORDERS:
            pattern = context[-order:]
            places = [(self.others, at, 1.0) for at in ends_after(self.others, pattern, _OPEN)]
            if not places:
                break
            found[f"open {order}"] = _count(places)

    def _project(self, context: str, found: dict[str, Counts]) -> None:
        if self.index is None:
            return
        pattern = self._in_project(context[::-1]).partition(UNKNOWN)[0]
        by_length: list[Counts] = [{} for _ in range(DEPTH + 1)]
        for segment, at, length in self.index.neighbours(pattern) if pattern else ():
            symbol = segment.symbols[at - 1]
            by_length[length][symbol] = by_length[length].get(symbol, 0) + 1
        counts: Counts = {}
        for length in range(DEPTH, 0, -1):
            for symbol, count in by_length[length].items():
                symbol = self._translate(symbol)
                counts[symbol] = counts.get(symbol, 0) + count
            if length in ORDERS or length == DEPTH:
                found[f"project {length}"] = dict(counts)

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
        for distance, row in enumerate(reversed(self.view.rows_before[-_PARALLEL_LINES:]), 1):
            if size < len(row) and row[size - 1] == line[-1]:
                aligned[row[size]] = aligned.get(row[size], 0) + 1 / distance
        found["aligned"] = aligned

    def _call(self, line: str, before: str, found: dict[str, Counts]) -> None:
        """What was passed at the same place of the same call, or is declared there."""
        call, given = innermost_call(before[-250:], self.vocabulary.nesting)
        if call is None:
            return
        if call not in self._arguments:
            self._arguments[call] = self._passed(call, before), self._passed_in_project(call)
        for channel, passed in zip(("argument", "project argument"), self._arguments[call], strict=True):
            counts: Counts = {}
            for tokens in passed:
                if tokens.startswith(given) and len(tokens) > len(given):
                    symbol = tokens[len(given)]
                    counts[symbol] = counts.get(symbol, 0) + 1
            found[channel] = counts

    def _passed(self, call: Call, before: str) -> list[str]:
        nesting = self.vocabulary.nesting
        places = self._places(call.name + call.bracket, before)
        places += [(self.others, at, 1.0) for at in ends_after(self.others, call.name + call.bracket, _OPEN)]
        passed = (argument(text[at : at + 60], call.position, nesting) for text, at, _ in places)
        return [tokens[:_ARGUMENT_TOKENS] for tokens in passed if tokens]

    def _passed_in_project(self, call: Call) -> list[str]:
        if self.index is None:
            return []
        pattern = self._in_project(call.bracket + call.name)
        if UNKNOWN in pattern:
            return []
        found = []
        for segment, at, length in self.index.neighbours(pattern):
            if length == len(pattern):
                text = segment.symbols[max(0, at - 60) : at][::-1]
                tokens = argument(text, call.position, self.index.vocabulary.nesting)
                found.append("".join(map(self._translate, tokens[:_ARGUMENT_TOKENS])))
        return found

    @cached_property
    def _similar_rows(self) -> dict[str, list[tuple[str, float]]]:
        """Per number of lines before that begin alike: the lines that stand behind such."""
        before, after = self.view.rows_before, self.view.rows_after
        heads_before, heads_after = ("".join([row[1] for row in rows]) for rows in (before, after))
        similar: dict[str, list[tuple[str, float]]] = {}
        for name, alike in (("line after one", 1), ("line after two", 2)):
            if len(before) < alike:
                break
            pattern, count = heads_before[-alike:], len(before)
            rows = [
                (before[at], 1 / (1 + (count - at) / 40))
                for at in ends_before(heads_before, pattern, count - 1, _BEFORE)
            ]
            rows += [(after[at], 1 / (1 + at / 40)) for at in ends_after(heads_after, pattern, _AFTER)]
            similar[name] = [(row, weight) for row, weight in rows if row[0] == self.view.start]
        return similar

    def _in_project(self, symbols: str) -> str:
        known, token = self.index.vocabulary.known, self.vocabulary.token  # type: ignore[union-attr]
        return "".join([known(token(symbol)) for symbol in symbols])

    def _translate(self, symbol: str) -> str:
        """From the project's vocabulary to the documents'."""
        known = self._translated.get(symbol)
        if known is None:
            assert self.index is not None
            known = self._translated[symbol] = self.vocabulary.symbol(self.index.vocabulary.token(symbol))
        return known


def ends_before(text: str, pattern: str, end: int, most: int) -> Iterator[int]:
    """Ends of `pattern` in `text[:end]`, the last first."""
    size = len(pattern)
    for _ in range(most):
        end = text.rfind(pattern, 0, end)
        if end < 0:
            return
        yield end + size
        end += size - 1


def ends_after(text: str, pattern: str, most: int) -> Iterator[int]:
    """Ends of `pattern` in `text` that something follows, the first first."""
    size, at = len(pattern), -1
    for _ in range(most):
        at = text.find(pattern, at + 1, len(text) - 1)
        if at < 0:
            return
        yield at + size


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
