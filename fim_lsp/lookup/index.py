"""The project's text, sorted by what comes before each token.

Files of a language are joined into segments of symbols, kept backwards. The positions of a segment, sorted by the
symbols that follow them in that backward text, form a suffix array: where a context would be inserted, its
neighbours are the places that match it longest, and the symbol in front of each is what came next there.
That is 6 bytes a token, whatever the number of contexts asked for.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import nlargest
from sys import getsizeof

from fim_lsp.languages import Language
from fim_lsp.lookup.vocabulary import Vocabulary

DEPTH = 8
"""The longest context that is told apart."""
_PLACES, _LEAST_PLACES = 50, 5
"""So many places are looked at on either side of a context, shared among the segments; and at least in each."""
_MOST_WORDS = 20
_SHAPE_PLACES = 40
_MOST_PATTERNS = 4096
_BYTES_PER_TOKEN_KNOWN = 190


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

    def neighbours(self, pattern: str, most: int) -> Iterator[tuple[int, int]]:
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

    def _file(self, at: int) -> int:
        return bisect_right(self.starts, at) - 1


@dataclass(frozen=True, slots=True)
class Batch:
    """What one segment adds to an index; small enough to be handed from one process to another at once."""

    segment: Segment
    tokens: list[str]
    """Those that the vocabulary did not have before."""
    words: list[str]
    """The names and numbers among them, sorted."""
    frequency: array[int]
    """Per symbol how often it stands in the index and in this."""
    shapes: str
    """Of a part of the segment, backwards."""


class Index:
    """The segments of one language and the vocabulary they are written in."""

    def __init__(self, language: Language) -> None:
        self.vocabulary = Vocabulary(language.keywords)
        self.segments: list[Segment] = []
        self._where: dict[str, tuple[Segment, int]] = {}
        """Path to segment and number in it."""
        self.frequency = array("I")
        """Per symbol how often it stands in the text."""
        self._words: list[list[str]] = []
        self._held: dict[str, bool] = {}
        self._shapes = ""
        """Of a part of the text, backwards: enough to know how code of this language goes."""
        self._next_shapes: dict[str, dict[str, float]] = {}

    def neighbours(self, pattern: str) -> Iterator[tuple[Segment, int, int]]:
        """Segment, position and length of match, for the places that match `pattern` (a context, backwards) longest."""
        most = max(_LEAST_PLACES, _PLACES // (len(self.segments) or 1))
        for segment in self.segments:
            for at, length in segment.neighbours(pattern, most):
                yield segment, at, length

    def words(self, beginning: str) -> list[str]:
        """Symbols of words that begin so and stand in a file that counts, the most frequent of them."""
        symbols: list[str] = []
        for words in self._words:
            first, last = bisect_left(words, beginning), bisect_right(words, beginning + "\U0010ffff")
            symbols += map(self.vocabulary.known, words[first:last])
        frequent = nlargest(_MOST_WORDS, symbols, key=lambda symbol: self.frequency[ord(symbol)])
        return [symbol for symbol in frequent if self.holds(symbol)]

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

    def add(self, batch: Batch) -> None:
        """Files of the same path are replaced."""
        for number, path in enumerate(batch.segment.paths):
            self._silence(path)
            self._where[path] = batch.segment, number
        self.vocabulary.extend(batch.tokens)
        self.segments.append(batch.segment)
        self.frequency = batch.frequency
        self._words.append(batch.words)
        self._shapes += batch.shapes
        self._next_shapes.clear()
        self._held.clear()

    def remove(self, path: str) -> None:
        """Forget a file; its text is never read again."""
        self._silence(path)
        self._where.pop(path, None)
        self._held.clear()

    def hide(self, path: str) -> None:
        """Leave a file out while it is open."""
        if path in self._where:
            segment, number = self._where[path]
            segment.hidden.add(number)
            self._held.clear()

    def show(self, path: str) -> None:
        """It is closed: what is on disk counts again."""
        if path in self._where:
            segment, number = self._where[path]
            segment.hidden.discard(number)
            self._held.clear()

    def _silence(self, path: str) -> None:
        if path in self._where:
            segment, number = self._where[path]
            segment.dead.add(number)

    def __len__(self) -> int:
        """In tokens."""
        return sum(len(segment.symbols) for segment in self.segments)

    @property
    def size_bytes(self) -> int:
        """About what it takes of memory."""
        texts = sum(getsizeof(segment.symbols) + getsizeof(segment.order) for segment in self.segments)
        return texts + len(self.vocabulary) * _BYTES_PER_TOKEN_KNOWN
