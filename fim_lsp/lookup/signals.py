"""A candidate's signals: everything that speaks for or against a token at a place, as named numbers.

The fitted model weighs them (`weights`), and the fitting script reads them from the same functions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from heapq import nlargest
from math import log, log1p

from fim_lsp.document import is_of_word
from fim_lsp.lookup.evidence import CHANNELS, Evidence
from fim_lsp.lookup.index import Counts
from fim_lsp.lookup.lexer import CLOSES, OPENS
from fim_lsp.lookup.search import State
from fim_lsp.lookup.shapes import SHAPE_ORDERS, Shapes
from fim_lsp.lookup.surroundings import Surroundings
from fim_lsp.lookup.vocabulary import EOL, NUMBER, UNKNOWN, WORD_SHAPES

SIGNALS = (
    *(f"{channel}: {what}" for channel in CHANNELS for what in ("count", "seen", "only")),
    *(f"{where} shape {order}" for where in ("file", "project") for order in SHAPE_ORDERS),
    *("name", "repeats", "on this line", "repeats on this line", "as typed", "to come"),
    *("distance", "not above", "soon below", "only below", "on next line", "frequency", "from elsewhere"),
    *("end", "end in brackets", "end before deeper line"),
    *("unknown", "unknown after keys", "novelty", "unknown without evidence"),
)
COLUMN = {signal: column for column, signal in enumerate(SIGNALS)}
BUCKETS = (1, 2, 3, 4, 6, 8)
"""The longest context found anywhere; each has its own weights."""

Signals = dict[int, float]
"""Column to value; what is absent is 0."""

_BEST, _BEST_OF_VAGUE = 6, 10
"""So many candidates are taken from each channel; the second where a single token is the context."""
_RECENT_NAMES = 12
_DOCUMENT_WORDS = 30
_SOON_TOKENS = 60
_FREQUENCY_TOKENS = 4000
_UNSEEN_COUNT = 0.08
_UNSEEN_SHAPE = 0.1

_ON_LINE, _REPEATS, _REPEATS_ON_LINE = COLUMN["on this line"], COLUMN["repeats"], COLUMN["repeats on this line"]
_TO_COME = COLUMN["to come"]
_NAME: Signals = {COLUMN["name"]: 1}
_AS_TYPED: Signals = {COLUMN["as typed"]: 1}


@dataclass(frozen=True, slots=True)
class Case:
    """The candidates at one place. Many of them share what is told of their kind."""

    told: dict[str, list[Signals]]
    """Per candidate; no signal is told twice."""
    counts: list[tuple[int, Counts]]
    """Per channel, by the column of its `count`: how often what followed. It may be no candidate, or `UNKNOWN`, where
    it says nothing."""

    def signals(self) -> dict[str, Signals]:
        """All of each candidate."""
        found: dict[str, Signals] = {symbol: {} for symbol in self.told}
        for column, counts in self.counts:
            only = log1p(sum(counts.values())) if len(counts) == 1 else 0.0
            for symbol in counts.keys() & found.keys() - {UNKNOWN}:
                found[symbol] |= {column: counted(counts[symbol]), column + 1: 1, column + 2: only}
        for symbol, groups in self.told.items():
            for group in groups:
                found[symbol] |= group
        return found

    def scores(self, weights: Sequence[float]) -> dict[str, float]:
        """Of each candidate the sum of its signals, each times its weight: as of `signals`, and much quicker."""
        worth: dict[int, float] = {}
        scores: dict[str, float] = {}
        for symbol, groups in self.told.items():
            score = 0.0
            for group in groups:
                known = worth.get(id(group))
                if known is None:
                    known = worth[id(group)] = sum([weights[column] * value for column, value in group.items()])
                score += known
            scores[symbol] = score
        unknown = scores[UNKNOWN]
        for column, counts in self.counts:
            often, seen, only = weights[column : column + 3]
            if len(counts) == 1:
                seen += only * log1p(sum(counts.values()))
            for symbol, count in counts.items():
                if symbol in scores:
                    scores[symbol] += seen + often * counted(count)
        return scores | {UNKNOWN: unknown}


def counted(count: float) -> float:
    """What a count says: the first tells most."""
    return log(count / _UNSEEN_COUNT + 1)


class Scene:
    """What is told from the surroundings once per answer."""

    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.evidence = Evidence(around)
        self._shapes = Shapes(around)
        self._shape = around.vocabulary.shape
        after = around.view.after
        self._next_line = after[: after.find(EOL) + 1]
        self._next_is_deeper = bool(after) and around.vocabulary.token(after[0])[1:2] == ">"
        self._shape_signals: dict[str, _ShapeSignals] = {}
        self._standings: dict[str, Signals] = {}

    def bucket(self, evidence: Mapping[str, Counts]) -> int:
        """Which weights hold here."""
        for order in reversed(BUCKETS):
            if any(f"{place} {order}" in evidence for place in ("project", "open", "file")):
                return BUCKETS.index(order)
        return 0

    def case(self, state: State, evidence: Mapping[str, Counts]) -> Case:
        """What speaks for each candidate that the state allows, and for `UNKNOWN`: it stands for all other tokens."""
        names = self._shapes.recent_names(state.line, _RECENT_NAMES)
        shapes, repeats = self._next_shapes(state.line), self._repeats(state, names)
        told: dict[str, list[Signals]] = {}
        for symbol in self._candidates(state, evidence, names):
            shape = self._shape(symbol)
            groups = told[symbol] = [shapes[shape]]
            if symbol == EOL:
                groups.append(self._end(state))
                continue
            said_again = repeats.get(symbol, repeats[""]) if shape in WORD_SHAPES else {}
            if shape in WORD_SHAPES:
                groups += (_NAME, said_again)
            if symbol in state.line:
                groups.append({_ON_LINE: 1, _REPEATS_ON_LINE: said_again.get(_REPEATS, 0.0)})
            groups.append(self._standing(symbol))
            if state.typed:
                left = len(self.around.vocabulary.token(symbol)) - len(state.typed.strip())
                groups.append({_TO_COME: log1p(left)} if left > 0 else _AS_TYPED)
        told[UNKNOWN] = [self._unknown(state, evidence), shapes.of_names(), repeats[""]]
        return Case(told, [(COLUMN[f"{channel}: count"], counts) for channel, counts in evidence.items()])

    def _candidates(self, state: State, evidence: Mapping[str, Counts], names: list[str]) -> list[str]:
        symbols: dict[str, None] = {}
        for channel, counts in evidence.items():
            most = _BEST_OF_VAGUE if channel.endswith(" 1") else _BEST
            best = counts if len(counts) <= most else nlargest(most, counts, key=counts.__getitem__)
            symbols.update(dict.fromkeys(best))
        symbols.update(dict.fromkeys(names))
        if state.typed:
            symbols.update(dict.fromkeys(map(self.around.vocabulary.known, _as_typed(state.typed))))
        if is_of_word(state.typed.strip()[:1] or " "):
            symbols.update(dict.fromkeys(self._words(state.typed.strip())))
        token, allows = self.around.vocabulary.token, state.allows
        return [symbol for symbol in symbols if allows(token(symbol))]

    def _words(self, beginning: str) -> list[str]:
        """Words of the document and the project that begin so."""
        before, token = self.around.view.before, self.around.vocabulary.token
        alike = sorted(symbol for symbol in self.around.view.symbols if token(symbol).startswith(beginning))
        return [*nlargest(_DOCUMENT_WORDS, alike, key=before.rfind), *self.around.project_words(beginning)]

    def _next_shapes(self, line: str) -> _ShapeSignals:
        """The same for all lines of the same shapes."""
        shapes = self.around.vocabulary.shapes(line)
        signals = self._shape_signals.get(shapes)
        if signals is None:
            signals = self._shape_signals[shapes] = _ShapeSignals(self._shapes, line)
        return signals

    def _repeats(self, state: State, names: list[str]) -> dict[str, Signals]:
        """Per recent name (for all others: ""), how often the name so far back was said again, against chance."""
        counts = self._shapes.repeats(state.line)
        total = sum(counts.values())
        if not total:
            return {"": {}}
        ranks = {"": -1} | {name: rank for rank, name in enumerate(names)}
        chance = (total + 1) / (_RECENT_NAMES + 1)
        return {name: {_REPEATS: log((counts.get(rank, 0) + _UNSEEN_SHAPE) / chance)} for name, rank in ranks.items()}

    def _standing(self, symbol: str) -> Signals:
        """Where in the document a token stands; the same for the whole answer."""
        signals = self._standings.get(symbol)
        if signals is not None:
            return signals
        signals = self._standings[symbol] = {}
        view = self.around.view
        above, below = view.before.rfind(symbol), view.after.find(symbol)
        if above >= 0:
            signals[COLUMN["distance"]] = log1p(len(view.before) - above)
        else:
            signals[COLUMN["not above"]] = 1
            signals[COLUMN["only below" if below >= 0 else "from elsewhere"]] = 1
        if 0 <= below < _SOON_TOKENS:
            signals[COLUMN["soon below"]] = 1
        if symbol in self._next_line:
            signals[COLUMN["on next line"]] = 1
        frequency = view.before.count(symbol, max(0, len(view.before) - _FREQUENCY_TOKENS))
        signals[COLUMN["frequency"]] = log1p(frequency)
        return signals

    def _end(self, state: State) -> Signals:
        return {
            COLUMN["end"]: 1,
            COLUMN["end in brackets"]: float(bool(state.brackets)),
            COLUMN["end before deeper line"]: float(self._next_is_deeper),
        }

    def _unknown(self, state: State, evidence: Mapping[str, Counts]) -> Signals:
        signals: Signals = {COLUMN["unknown"]: 1, COLUMN["unknown after keys"]: float(len(state.typed.strip()))}
        vague = evidence.get("file 2") or evidence.get("file 1")
        if vague:
            signals[COLUMN["novelty"]] = len(vague) / (sum(vague.values()) + 0.5)
        if not evidence:
            signals[COLUMN["unknown without evidence"]] = 1
        return signals


def _as_typed(typed: str) -> list[str]:
    """The tokens that what is typed may be all of."""
    whole = typed if not is_of_word(typed[-1]) else typed.strip()
    return [whole + space + mark for space in ("", " ") for mark in ("", OPENS, CLOSES)]


class _ShapeSignals(dict[str, Signals]):
    """Per shape, how likely it is to come next; made when asked for."""

    def __init__(self, shapes: Shapes, line: str) -> None:
        self._counts = [(COLUMN[kind], counts, sum(counts.values()) + 1) for kind, counts in shapes.next(line)]

    def __missing__(self, shape: str) -> Signals:
        signals = self[shape] = {
            column: log((counts.get(shape, 0) + _UNSEEN_SHAPE) / total) for column, counts, total in self._counts
        }
        return signals

    def of_names(self) -> Signals:
        """The likelihood that any name or number comes next."""
        kinds = (*WORD_SHAPES, NUMBER)
        return {
            column: log((sum(counts.get(shape, 0) for shape in kinds) + _UNSEEN_SHAPE) / total)
            for column, counts, total in self._counts
        }
