"""A candidate's signals: everything that speaks for or against a token at a place, as named numbers.

The fitted model weighs them (`weights`), and the fitting script reads them from the same functions.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cached_property
from heapq import nlargest
from itertools import islice
from math import log, log1p

from fim_lsp.lookup.evidence import CHANNELS, ORDERS, Counts, Surroundings
from fim_lsp.lookup.index import DEPTH
from fim_lsp.lookup.lexer import is_wordlike
from fim_lsp.lookup.search import State
from fim_lsp.lookup.vocabulary import EOL, NUMBER, UNKNOWN, WORD_SHAPES

SHAPE_ORDERS = (2, 4, 6)
SIGNALS = (
    *(f"{channel}: {what}" for channel in CHANNELS for what in ("count", "seen", "only")),
    *(f"{where} shape {order}" for where in ("file", "project") for order in SHAPE_ORDERS),
    *("repeats", "distance", "not above", "soon below", "only below", "on next line", "on this line", "frequency"),
    *("name", "from project", "as typed", "to come", "end", "end in brackets", "end before deeper line"),
    *("unknown", "unknown after keys", "unknown is a name", "novelty", "unknown without evidence"),
)
COLUMN = {signal: column for column, signal in enumerate(SIGNALS)}
BUCKETS = (1, 2, 3, 4, 6, 8)
"""The longest context found anywhere; each has its own weights."""

Signals = dict[int, float]
"""Column to value; what is absent is 0."""

_BEST, _BEST_OF_VAGUE = 6, 10
_RECENT_NAMES = 12
_NEAR_SYMBOLS = 400
_SHAPE_WINDOW = 6000
_SHAPE_PLACES = 40
_BACKWARD_LOOK = 40
_SEEN = 0.08


class Scene:
    """What is told from the surroundings once per answer."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self._shape = around.vocabulary.shape
        view = around.view
        self.next_line = view.after[: view.after.find(EOL) + 1]
        self.next_is_deeper = around.vocabulary.token(view.after[0])[1] == ">" if view.after else False
        self._shapes_before = around.vocabulary.shapes(view.before[-_SHAPE_WINDOW:])
        self._shapes_after = around.vocabulary.shapes(view.after[: _SHAPE_WINDOW // 2])

    def bucket(self, evidence: Mapping[str, Counts]) -> int:
        longest = max(
            (o for o in (*ORDERS, DEPTH) for place in ("project", "open", "file") if f"{place} {o}" in evidence),
            default=1,
        )
        return BUCKETS.index(longest)

    def signals(self, state: State, evidence: Mapping[str, Counts]) -> dict[str, Signals]:
        """Of each candidate that the state allows, and of `UNKNOWN`, which stands for all other tokens."""
        names = self._recent_names(state.line)
        candidates = self._candidates(state, evidence, names)
        found: dict[str, Signals] = {symbol: {} for symbol in candidates}
        for channel, counts in evidence.items():
            _weigh_channel(COLUMN[f"{channel}: count"], counts, found)
        shapes = self._next_shapes(state.line)
        repeats = self._repeats(state.line)
        for symbol, signals in found.items():
            self._weigh_shape(self._shape(symbol), shapes, signals)
            self._weigh_token(symbol, state, names, repeats, signals)
        found[UNKNOWN] = self._unknown(state, evidence, shapes)
        return found

    def _candidates(self, state: State, evidence: Mapping[str, Counts], names: list[str]) -> list[str]:
        symbols: dict[str, None] = {}
        for channel, counts in evidence.items():
            best = _BEST_OF_VAGUE if channel[-2:] == " 1" else _BEST
            symbols.update(
                dict.fromkeys(counts if len(counts) <= best else nlargest(best, counts, key=counts.__getitem__))
            )
        symbols.update(dict.fromkeys(names))
        if state.typed and is_wordlike(state.typed.strip()[:1] or " "):
            symbols.update(dict.fromkeys(self._words(state.typed.strip())))
        token, allows = self.around.vocabulary.token, state.allows
        return [symbol for symbol in symbols if allows(token(symbol))]

    def _words(self, beginning: str) -> list[str]:
        """Words of the document and the project that begin so."""
        before, token = self.around.view.before, self.around.vocabulary.token
        alike = [symbol for symbol in self._document_symbols if token(symbol).startswith(beginning)]
        return [*nlargest(30, alike, key=before.rfind), *self.around.project_words(beginning)]

    @cached_property
    def _document_symbols(self) -> set[str]:
        return set(self.around.view.before).union(self.around.view.after)

    def _recent_names(self, line: str) -> list[str]:
        """The names used last, the nearest first."""
        names: dict[str, None] = {}
        text = (self.around.view.before[-_NEAR_SYMBOLS:] + line)[::-1]
        for symbol in text:
            if symbol not in names and self._shape(symbol) in WORD_SHAPES:
                names[symbol] = None
                if len(names) == _RECENT_NAMES:
                    break
        return list(names)

    def _next_shapes(self, line: str) -> list[tuple[int, Counts, float]]:
        """Per column: counts of shapes that followed the shapes here, and their sum."""
        line_shapes = self.around.vocabulary.shapes(line)
        before = self._shapes_before + line_shapes
        index = self.around.index
        found = []
        for order in SHAPE_ORDERS:
            pattern = before[-order:]
            counts: Counts = {}
            for at in islice(_backward(before, pattern, len(before) - 1), _SHAPE_PLACES):
                counts[before[at]] = counts.get(before[at], 0) + 1
            for at in islice(_forward(self._shapes_after, pattern), _SHAPE_PLACES // 2):
                counts[self._shapes_after[at]] = counts.get(self._shapes_after[at], 0) + 1
            found.append((COLUMN[f"file shape {order}"], counts, sum(counts.values())))
            counts = {}
            if index is not None:
                text, pattern = index.shapes, pattern[::-1]
                for at in islice(_all(text, pattern), _SHAPE_PLACES):
                    counts[text[at - 1]] = counts.get(text[at - 1], 0) + 1
            found.append((COLUMN[f"project shape {order}"], counts, sum(counts.values())))
        return found

    def _weigh_shape(self, shape: str, shapes: Iterable[tuple[int, Counts, float]], signals: Signals) -> None:
        for column, counts, total in shapes:
            if total:
                signals[column] = log((counts.get(shape, 0) + 0.1) / (total + 1))

    def _repeats(self, line: str) -> Counts:
        """Where the shapes were alike: how many names back was the name that came next (-1: it was none of them)."""
        text = self.around.view.before[-_SHAPE_WINDOW:] + line
        shapes = self._shapes_before + self.around.vocabulary.shapes(line)
        counts: Counts = {}
        for at in islice(_backward(shapes, shapes[-4:], len(shapes) - 1), _SHAPE_PLACES // 2):
            if shapes[at] in WORD_SHAPES:
                rank = _names_back(
                    text[max(0, at - _BACKWARD_LOOK) : at], shapes[max(0, at - _BACKWARD_LOOK) : at], text[at]
                )
                counts[str(rank)] = counts.get(str(rank), 0) + 1
        return counts

    def _weigh_token(self, symbol: str, state: State, names: list[str], repeats: Counts, signals: Signals) -> None:
        view, total = self.around.view, sum(repeats.values())
        if symbol == EOL:
            signals[COLUMN["end"]] = 1
            signals[COLUMN["end in brackets"]] = float(bool(state.brackets))
            signals[COLUMN["end before deeper line"]] = float(self.next_is_deeper)
            return
        if self._shape(symbol) in WORD_SHAPES:
            signals[COLUMN["name"]] = 1
            if total:
                rank = str(names.index(symbol)) if symbol in names else "-1"
                signals[COLUMN["repeats"]] = log((repeats.get(rank, 0) + 0.1) / (total + 1))
        if state.typed:
            token = self.around.vocabulary.token(symbol)
            left = len(token) - len(state.typed.strip())
            signals[COLUMN["as typed" if left <= 0 else "to come"]] = 1 if left <= 0 else log1p(left)
        at = view.before.rfind(symbol)
        if symbol in state.line:
            signals[COLUMN["on this line"]] = 1
        if at >= 0:
            signals[COLUMN["distance"]] = log1p(len(view.before) - at)
        else:
            signals[COLUMN["not above"]] = 1
        if 0 <= (below := view.after.find(symbol)) < 60:
            signals[COLUMN["soon below"]] = 1
        if at < 0 <= below:
            signals[COLUMN["only below"]] = 1
        if at < 0 and below < 0:
            signals[COLUMN["from project"]] = 1
        if symbol in self.next_line:
            signals[COLUMN["on next line"]] = 1
        signals[COLUMN["frequency"]] = log1p(view.before.count(symbol, max(0, len(view.before) - 4000)))

    def _unknown(
        self, state: State, evidence: Mapping[str, Counts], shapes: list[tuple[int, Counts, float]]
    ) -> Signals:
        signals: Signals = {COLUMN["unknown"]: 1, COLUMN["unknown after keys"]: float(len(state.typed.strip()))}
        for column, counts, total in shapes:
            if total:
                names = sum(count for shape, count in counts.items() if shape in WORD_SHAPES or shape == NUMBER)
                signals[column] = log((names + 0.1) / (total + 1))
        vague = evidence.get("file 2") or evidence.get("file 1")
        if vague:
            signals[COLUMN["novelty"]] = len(vague) / (sum(vague.values()) + 0.5)
        if not evidence:
            signals[COLUMN["unknown without evidence"]] = 1
        return signals


def _weigh_channel(column: int, counts: Counts, found: dict[str, Signals]) -> None:
    """How often a candidate followed, whether it did at all, and how much it alone did."""
    only = log1p(sum(counts.values())) if len(counts) == 1 else 0.0
    for symbol, count in counts.items():
        signals = found.get(symbol)
        if signals is not None:
            signals[column] = log((count + _SEEN) / _SEEN)
            signals[column + 1] = 1
            if only:
                signals[column + 2] = only


def _names_back(text: str, shapes: str, symbol: str) -> int:
    at = text.rfind(symbol)
    if at < 0:
        return -1
    return len({text[i] for i in range(at + 1, len(text)) if shapes[i] in WORD_SHAPES})


def _backward(text: str, pattern: str, end: int) -> Iterable[int]:
    size = len(pattern)
    while (end := text.rfind(pattern, 0, end)) >= 0:
        yield end + size
        end += size - 1


def _forward(text: str, pattern: str) -> Iterable[int]:
    size, at = len(pattern), -1
    while (at := text.find(pattern, at + 1, len(text) - 1)) >= 0:
        yield at + size


def _all(text: str, pattern: str) -> Iterable[int]:
    at = 0
    while (at := text.find(pattern, at + 1)) >= 0:
        yield at
