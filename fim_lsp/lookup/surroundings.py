"""Everything a guess at one cursor may be made from, and where in it something stands.

A context is a short string of symbols, and its places are found when they are asked for: in the document and the open
ones by scanning (20,000 tokens take some 10 µs), in the project through its index.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from fim_lsp.lookup.index import Index
from fim_lsp.lookup.text import View
from fim_lsp.lookup.vocabulary import UNKNOWN, Vocabulary

Place = tuple[str, int, float]
"""A text, where in it the next symbol stands, and what it weighs."""

NEAR_TOKENS = 300
"""At this distance a place in the same document weighs half."""
BEFORE, AFTER, OPEN = 40, 20, 48
"""So many places are looked at on each side of the cursor, and in the open documents."""


class Surroundings:
    """Everything a guess at one cursor may be made from."""

    def __init__(self, view: View, vocabulary: Vocabulary, others: str = "", index: Index | None = None) -> None:
        self.view = view
        self.vocabulary = vocabulary
        self.others = others
        """The symbols of other open documents, the nearest first."""
        self.index = index
        self._translated: dict[str, str] = {}
        self._known: dict[str, str] = {}

    def places(self, pattern: str, before: str) -> list[Place]:
        """Where the document holds `pattern` besides here, the nearest of either side."""
        after, here = self.view.after, len(before)
        places = [
            (before, at, 1 / (1 + (here - at) / NEAR_TOKENS)) for at in ends_before(before, pattern, here - 1, BEFORE)
        ]
        places += [(after, at, 1 / (1 + at / NEAR_TOKENS)) for at in ends_after(after, pattern, AFTER)]
        return places

    def nested_places(self, context: str, orders: Sequence[int], before: str) -> Iterator[tuple[int, list[Place]]]:
        """The places of the last token of `context`, of the last two …, as long as there are any."""
        return _nested(context, orders, lambda pattern: self.places(pattern, before), AFTER)

    def nested_open_places(self, context: str, orders: Sequence[int]) -> Iterator[tuple[int, list[Place]]]:
        """The same in the other open documents."""
        return _nested(context, orders, self.open_places, OPEN)

    def open_places(self, pattern: str) -> list[Place]:
        """Where the other open documents hold it."""
        return [(self.others, at, 1.0) for at in ends_after(self.others, pattern, OPEN)]

    def project_places(self, context: str) -> Iterator[tuple[str, list[tuple[int, int]]]]:
        """Where the project matches the longest part of `context`: per text, which is backwards, places and lengths."""
        if self.index is not None:
            pattern = self._in_project(context[::-1])
            for segment, places in self.index.neighbours(pattern) if pattern else ():
                yield segment.symbols, places

    def project_words(self, beginning: str) -> list[str]:
        """The project's words that begin so."""
        return list(map(self.translate, self.index.words(beginning))) if self.index is not None else []

    def _in_project(self, symbols: str) -> str:
        """The beginning of `symbols` that the project has a word for, in its numbers."""
        assert self.index is not None
        known = self._known
        for symbol in symbols:
            if symbol not in known:
                known[symbol] = self.index.known(self.vocabulary.token(symbol))
        return "".join([known[symbol] for symbol in symbols]).partition(UNKNOWN)[0]

    def translate(self, symbol: str) -> str:
        """From the project's vocabulary to the documents'."""
        known = self._translated.get(symbol)
        if known is None:
            assert self.index is not None
            known = self._translated[symbol] = self.vocabulary.symbol(self.index.token(symbol))
        return known


def _nested(
    context: str, orders: Sequence[int], find: Callable[[str], list[Place]], most: int
) -> Iterator[tuple[int, list[Place]]]:
    """Where all places of a context are known, those of a longer one are among them."""
    places: list[Place] = []
    for order in orders:
        pattern = context[-order:]
        if 0 < len(places) < most:
            size = len(pattern)
            places = [place for place in places if place[1] >= size and place[0].startswith(pattern, place[1] - size)]
        else:
            places = find(pattern)
        if not places:
            return
        yield order, places


def ends_before(text: str, pattern: str, end: int, most: int) -> list[int]:
    """Ends of `pattern` in `text[:end]`, the last first."""
    size, ends = len(pattern), []
    find = text.rfind
    for _ in range(most):
        end = find(pattern, 0, end)
        if end < 0:
            break
        end += size
        ends.append(end)
        end -= 1
    return ends


def ends_after(text: str, pattern: str, most: int) -> list[int]:
    """Ends of `pattern` in `text` that something follows, the first first."""
    size, ends, at, last = len(pattern), [], -1, len(text) - 1
    find = text.find
    for _ in range(most):
        at = find(pattern, at + 1, last)
        if at < 0:
            break
        ends.append(at + size)
    return ends
