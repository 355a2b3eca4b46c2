"""What followed where the text was like here: counts of next tokens, one set for each way of being alike.

Nothing is counted ahead. A context is a short string of symbols, and its places are found when they are asked for:
in the document and the open ones by scanning (20,000 tokens take some 10 µs), in the project through its index.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from fim_lsp.lookup.index import DEPTH, Index
from fim_lsp.lookup.lexer import is_wordlike
from fim_lsp.lookup.text import View
from fim_lsp.lookup.vocabulary import UNKNOWN, Vocabulary

Counts = dict[str, float]

ORDERS = (1, 2, 3, 4, 6)
"""Lengths of contexts that are told apart; in the project also 8."""
CHANNELS = (
    "word",
    *(f"project {order}" for order in ORDERS),
    *(f"open {order}" for order in ORDERS),
    *(f"file {order}" for order in ORDERS),
    "project 8",
    "line",
)
"""The ways of being alike, the vaguest first."""

_NEAR_TOKENS = 300
"""At this distance a place in the same document weighs half."""
_PLACES_BEFORE, _PLACES_AFTER, _PLACES_OPEN = 40, 20, 24


@dataclass(slots=True)
class Surroundings:
    """Everything a guess at one cursor may be made from."""

    view: View
    vocabulary: Vocabulary
    others: Sequence[str] = ()
    """The symbols of other open documents, nearest first."""
    index: Index | None = None
    _translated: dict[str, str] = field(default_factory=dict)

    def evidence(self, line: str, typed: str = "") -> dict[str, Counts]:
        """Per channel what followed; `line` is the cursor's line so far, with its start."""
        context = (self.view.before[-DEPTH:] + line)[-DEPTH:]
        found: dict[str, Counts] = {}
        self._file(context, line, found)
        self._open(context, found)
        self._project(context, found)
        if is_wordlike((typed.strip() or " ")[0]):
            found["word"] = self._words(typed.strip())
        return found

    def _words(self, beginning: str) -> Counts:
        """The document's words that begin so, by how often and how near they are."""
        before, after, token = self.view.before, self.view.after, self.vocabulary.token
        alike = [symbol for symbol in set(before + after) if token(symbol).startswith(beginning)]
        near = sorted(alike, key=before.rfind)[-_PLACES_OPEN:]
        return {symbol: before.count(symbol) + after.count(symbol) / 2 for symbol in near}

    def _file(self, context: str, line: str, found: dict[str, Counts]) -> None:
        before, after = self.view.before + line, self.view.after
        here = len(before)
        places = [(at, here - at) for at in _backward(before, context[-1], here - 1, _PLACES_BEFORE)]
        places += [(at, at) for at in _forward(after, context[-1], _PLACES_AFTER)]
        found["file 1"] = _weigh(before, after, here, places)
        for order in ORDERS[1:]:
            pattern = context[-order:]
            if len(pattern) < order:
                break
            places = [(at, here - at) for at in _backward(before, pattern, here - 1, _PLACES_BEFORE)]
            places += [(at, at) for at in _forward(after, pattern, _PLACES_AFTER)]
            if not places:
                break
            found[f"file {order}"] = _weigh(before, after, here, places)
        if len(line) > 2:
            pattern = line[1:]
            places = [(at, here - at) for at in _backward(before, pattern, here - 1, _PLACES_BEFORE)]
            places += [(at, at) for at in _forward(after, pattern, _PLACES_AFTER)]
            if places:
                found["line"] = _weigh(before, after, here, places)

    def _open(self, context: str, found: dict[str, Counts]) -> None:
        for order in ORDERS:
            pattern = context[-order:]
            counts: Counts = {}
            for text in self.others:
                for at in _forward(text, pattern, _PLACES_OPEN):
                    counts[text[at]] = counts.get(text[at], 0) + 1
            if not counts:
                break
            found[f"open {order}"] = counts

    def _project(self, context: str, found: dict[str, Counts]) -> None:
        if self.index is None:
            return
        known = self.index.vocabulary.known
        pattern = "".join([known(self.vocabulary.token(symbol)) for symbol in reversed(context)])
        if UNKNOWN in pattern:
            pattern = pattern[: pattern.index(UNKNOWN)]
        if not pattern:
            return
        for segment in self.index.segments:
            for at, length in segment.neighbours(pattern):
                symbol = self._translate(segment.symbols[at - 1])
                for order in (*ORDERS, 8):
                    if order > length:
                        break
                    counts = found.setdefault(f"project {order}", {})
                    counts[symbol] = counts.get(symbol, 0) + 1

    def _translate(self, symbol: str) -> str:
        """From the project's vocabulary to the documents'."""
        known = self._translated.get(symbol)
        if known is None:
            assert self.index is not None
            known = self._translated[symbol] = self.vocabulary.symbol(self.index.vocabulary.token(symbol))
        return known


def _backward(text: str, pattern: str, end: int, most: int) -> Iterator[int]:
    """Ends of `pattern` in `text[:end]`, the last first."""
    size = len(pattern)
    for _ in range(most):
        end = text.rfind(pattern, 0, end)
        if end < 0:
            return
        yield end + size
        end += size - 1


def _forward(text: str, pattern: str, most: int) -> Iterator[int]:
    """Ends of `pattern` in `text` that something follows, the first first."""
    size, at = len(pattern), -1
    for _ in range(most):
        at = text.find(pattern, at + 1, len(text) - 1)
        if at < 0:
            return
        yield at + size


def _weigh(before: str, after: str, here: int, places: list[tuple[int, int]]) -> Counts:
    counts: Counts = {}
    split = next((number for number, (at, away) in enumerate(places) if away == at), len(places))
    for number, (at, away) in enumerate(places):
        symbol = before[at] if number < split else after[at]
        counts[symbol] = counts.get(symbol, 0) + 1 / (1 + away / _NEAR_TOKENS)
    return counts
