"""The project's text, sorted by what comes before each token.

Files of a language are joined into segments of symbols, kept backwards. The positions of a segment, sorted by the
symbols that follow them in that backward text, form a suffix array: where a context would be inserted, its
neighbours are the places that match it longest, and the symbol in front of each is what came next there.
That is 6 bytes a token, whatever the number of contexts asked for.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from heapq import nlargest

from fim_lsp.languages import Language
from fim_lsp.lookup.text import Reader, Text
from fim_lsp.lookup.vocabulary import UNKNOWN, Vocabulary

DEPTH = 8
"""The longest context that is told apart."""
SEGMENT_TOKENS = 200_000
SHAPE_TOKENS = 100_000
_MOST_WORDS = 20
_SHAPE_PLACES = 40
_MOST_PATTERNS = 4096
NEIGHBOURS = 20
"""So many places are looked at on either side, per segment."""


@dataclass(slots=True)
class Segment:
    """Files joined, backwards."""

    symbols: str
    order: array[int]
    paths: list[str]
    starts: array[int]
    """Where each file's stretch of `symbols` begins, ascending."""
    dead: set[int] = field(default_factory=set)
    """Numbers of files that were removed or replaced since."""
    hidden: set[int] = field(default_factory=set)
    """Numbers of files that are open: their live text counts instead."""

    def holds(self, symbol: str) -> bool:
        """Whether a file that counts has the token."""
        silent = self.dead | self.hidden
        at = self.symbols.find(symbol)
        while at >= 0 and silent:
            number = self._file(at)
            if number not in silent:
                return True
            at = self.symbols.find(symbol, self.starts[number + 1]) if number + 1 < len(self.starts) else -1
        return at >= 0

    def neighbours(self, pattern: str, most: int = NEIGHBOURS) -> Iterator[tuple[int, int]]:
        """Position and length of match, for the places around `pattern` (a context, backwards) in sorted order."""
        symbols, order = self.symbols, self.order
        silent = self.dead | self.hidden
        middle = bisect_left(order, pattern, key=lambda at: symbols[at : at + DEPTH])
        for side in (order[middle : middle + most], reversed(order[max(0, middle - most) : middle])):
            length = len(pattern)
            for at in side:
                while length and not symbols.startswith(pattern[:length], at):
                    length -= 1
                if not length:
                    break
                if at and not (silent and self._file(at) in silent):
                    yield at, length

    def find(self, path: str) -> set[int]:
        return {number for number, known in enumerate(self.paths) if known == path}

    def _file(self, at: int) -> int:
        return bisect_right(self.starts, at) - 1


def build(files: Iterable[tuple[str, str]], language: Language) -> Index:
    """The index of `(path, text)` pairs, all of one language."""
    index = Index(Vocabulary(language.keywords))
    reader = Reader(language, index.vocabulary)
    waiting: list[tuple[str, str]] = []
    tokens = 0
    for path, text in files:
        symbols = Text(text.split("\n"), reader).whole() + UNKNOWN
        waiting.append((path, symbols))
        tokens += len(symbols)
        if tokens >= SEGMENT_TOKENS:
            index.add(_segment(waiting))
            waiting, tokens = [], 0
    if waiting:
        index.add(_segment(waiting))
    return index


class Index:
    """The segments of one language and the vocabulary they are written in."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.segments: list[Segment] = []
        self._frequency: Counter[str] = Counter()
        self._words: list[str] | None = None
        self._held: dict[str, bool] = {}
        self._shapes = ""
        """Of a part of the text, backwards: enough to know how code of this language goes."""
        self._next_shapes: dict[str, dict[str, float]] = {}

    def words(self, beginning: str) -> list[str]:
        """Symbols of words that begin so and stand in a file that counts, the most frequent of them."""
        if self._words is None:
            self._words = sorted(self.vocabulary.words())
        first = bisect_left(self._words, beginning)
        last = bisect_right(self._words, beginning + "\U0010ffff")
        symbols = map(self.vocabulary.known, self._words[first:last])
        return [
            symbol for symbol in nlargest(_MOST_WORDS, symbols, key=self._frequency.__getitem__) if self.holds(symbol)
        ]

    def holds(self, symbol: str) -> bool:
        """Whether a file that counts has the token."""
        if symbol not in self._held:
            self._held[symbol] = any(segment.holds(symbol) for segment in self.segments)
        return self._held[symbol]

    def next_shapes(self, pattern: str) -> dict[str, float]:
        """How often which shape followed these shapes, in a sample."""
        counts = self._next_shapes.get(pattern)
        if counts is None:
            if len(self._next_shapes) >= _MOST_PATTERNS:
                self._next_shapes.clear()
            counts = self._next_shapes[pattern] = {}
            backwards, at = pattern[::-1], 0
            for _ in range(_SHAPE_PLACES):
                at = self._shapes.find(backwards, at + 1)
                if at < 0:
                    break
                counts[self._shapes[at - 1]] = counts.get(self._shapes[at - 1], 0) + 1
        return counts

    def add(self, segment: Segment) -> None:
        for path in segment.paths:
            self.remove(path)
        self.segments.append(segment)
        self._frequency.update(segment.symbols)
        self._words = None
        self._held.clear()
        if len(self._shapes) < SHAPE_TOKENS:
            self._shapes += self.vocabulary.shapes(segment.symbols[:SHAPE_TOKENS])
            self._next_shapes.clear()

    def remove(self, path: str) -> None:
        """Forget a file; its text is never read again."""
        for segment in self.segments:
            segment.dead |= segment.find(path)
        self._held.clear()

    def hide(self, path: str) -> None:
        """Leave a file out while it is open."""
        for segment in self.segments:
            segment.hidden |= segment.find(path)
        self._held.clear()

    def show(self, path: str) -> None:
        """It is closed: what is on disk counts again."""
        for segment in self.segments:
            segment.hidden -= segment.find(path)
        self._held.clear()

    def __len__(self) -> int:
        """In tokens."""
        return sum(len(segment.symbols) for segment in self.segments)


def _segment(files: list[tuple[str, str]]) -> Segment:
    symbols = "".join(symbols[::-1] for _, symbols in files)
    order = array("I", sorted(range(len(symbols)), key=lambda at: symbols[at : at + DEPTH]))
    starts, at = array("I"), 0
    for _, text in files:
        starts.append(at)
        at += len(text)
    return Segment(symbols, order, [path for path, _ in files], starts)
