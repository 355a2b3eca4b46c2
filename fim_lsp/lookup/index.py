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

from fim_lsp.languages import Language
from fim_lsp.lookup.vocabulary import COMMON, NESTING, UNKNOWN

Counts = dict[str, float]
DEPTH = 8
"""The longest context that is told apart."""
_PLACES, _LEAST_PLACES = 50, 5
"""So many places are looked at on either side of a context, shared among the segments; and at least in each."""
_MOST_WORDS = 20
SHAPE_DEPTH = 6
"""The longest run of shapes that is told apart."""
_SHAPE_PLACES = 40
_MOST_PATTERNS = 4096
_MOST_KNOWN = 4096


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

    def neighbours(self, pattern: str, most: int) -> list[tuple[int, int]]:
        """Position and length of match, for the places around `pattern` (a context, backwards) in sorted order."""
        symbols, order, found = self.symbols, self.order, []
        middle = bisect_left(order, pattern, key=lambda at: symbols[at : at + DEPTH])
        for side in (order[middle : middle + most], reversed(order[max(0, middle - most) : middle])):
            match, length = pattern, len(pattern)
            for at in side:
                while not symbols.startswith(match, at):
                    match = match[:-1]
                    length -= 1
                if not length:
                    break
                if at:
                    found.append((at, length))
        silent = self.dead | self.hidden
        return [place for place in found if bisect_right(self.starts, place[0]) - 1 not in silent] if silent else found

    def _file(self, at: int) -> int:
        return bisect_right(self.starts, at) - 1


@dataclass(frozen=True, slots=True)
class Sample:
    """The shapes of a part of the text, backwards, and its places in the order of what follows them there."""

    shapes: str = ""
    order: array[int] = field(default_factory=lambda: array("I"))

    def following(self, pattern: str, most: int) -> Counts:
        """How often which shape stands in front of `pattern`, by that many places spread over all of them."""
        shapes, size = self.shapes, len(pattern)
        counts: Counts = {}
        first = bisect_left(self.order, pattern, key=lambda at: shapes[at : at + size])
        last = bisect_right(self.order, pattern, key=lambda at: shapes[at : at + size])
        taken = min(last - first, most)
        for number in range(taken):
            at = self.order[first + number * (last - first) // taken]
            if at:
                counts[shapes[at - 1]] = counts.get(shapes[at - 1], 0) + 1
        return counts


@dataclass(frozen=True, slots=True)
class Batch:
    """What one segment adds to an index; all that takes long is done where it is made."""

    segment: Segment
    tokens: list[str]
    """Those that the index did not have before."""
    by_name: array[int]
    """Their numbers in the index, sorted by token."""
    frequency: array[int]
    """Per number how often the token stands in the index and in this."""
    sample: Sample | None
    """Of all that was read so far, where it grew."""
    size_bytes: int


class Index:
    """The segments of one language, and the tokens by number that they are written in.

    To add to it takes far below a millisecond, however much it is: nothing is hashed, tokens are found by bisection.
    """

    def __init__(self, language: Language) -> None:
        self.language = language
        self.tokens = list(COMMON)
        self.segments: list[Segment] = []
        self.nesting: dict[str, int] = {}
        """Of brackets and commas, as a vocabulary has it."""
        self.frequency = array("I")
        """Per token how often it stands in the text."""
        self.size_bytes = 0
        """What it takes of memory."""
        self._by_name = [array("I", sorted(range(len(COMMON)), key=COMMON.__getitem__))]
        self._where: dict[str, tuple[Segment, int]] = {}
        """Path to segment and number in it."""
        self._known: dict[str, str] = {}
        self._held: dict[str, bool] = {}
        self._sample = Sample()
        """Enough to know how code of this language goes."""
        self._next_shapes: dict[str, Counts] = {}

    def neighbours(self, pattern: str) -> Iterator[tuple[Segment, list[tuple[int, int]]]]:
        """Per segment position and length of match, for the places that match `pattern` (backwards) longest."""
        most = max(_LEAST_PLACES, _PLACES // (len(self.segments) or 1))
        for segment in self.segments:
            yield segment, segment.neighbours(pattern, most)

    def known(self, token: str) -> str:
        """Its symbol, or `UNKNOWN`."""
        symbol = self._known.get(token)
        if symbol is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            symbol = self._known[token] = self._find(token)
        return symbol

    def token(self, symbol: str) -> str:
        return self.tokens[ord(symbol)]

    def words(self, beginning: str) -> list[str]:
        """Symbols of words that begin so and stand in a file that counts, the most frequent of them."""
        token, numbers = self.tokens.__getitem__, array("I")
        for by_name in self._by_name:
            first = bisect_left(by_name, beginning, key=token)
            numbers += by_name[first : bisect_right(by_name, beginning + "\U0010ffff", key=token)]
        frequent = map(chr, nlargest(_MOST_WORDS, numbers, key=self.frequency.__getitem__))
        return [symbol for symbol in frequent if self.holds(symbol)]

    def holds(self, symbol: str) -> bool:
        """Whether a file that counts has the token."""
        if symbol not in self._held:
            self._held[symbol] = any(segment.holds(symbol) for segment in self.segments)
        return self._held[symbol]

    def next_shapes(self, pattern: str) -> Counts:
        """How often which shape followed these shapes, in a sample."""
        counts = self._next_shapes.get(pattern)
        if counts is None:
            if len(self._next_shapes) >= _MOST_PATTERNS:
                self._next_shapes.clear()
            counts = self._next_shapes[pattern] = self._sample.following(pattern[::-1], _SHAPE_PLACES)
        return counts

    def add(self, batch: Batch) -> None:
        """Files of the same path are replaced."""
        for number, path in enumerate(batch.segment.paths):
            self._silence(path)
            self._where[path] = batch.segment, number
        self.tokens += batch.tokens
        self.segments.append(batch.segment)
        self.frequency = batch.frequency
        self.size_bytes += batch.size_bytes
        self._by_name.append(batch.by_name)
        if batch.sample is not None and len(batch.sample.shapes) > len(self._sample.shapes):
            self._sample = batch.sample
            self._next_shapes.clear()
        self._known.clear()
        self._held.clear()
        self._note_nesting(batch.by_name)

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

    def _note_nesting(self, by_name: array[int]) -> None:
        for token, turn in NESTING.items():
            symbol = self._among(by_name, token)
            if symbol is not None:
                self.nesting[symbol] = turn

    def _find(self, token: str) -> str:
        found = (self._among(by_name, token) for by_name in self._by_name)
        return next(filter(None, found), UNKNOWN)

    def _among(self, by_name: array[int], token: str) -> str | None:
        at = bisect_left(by_name, token, key=self.tokens.__getitem__)
        return chr(by_name[at]) if at < len(by_name) and self.tokens[by_name[at]] == token else None

    def __len__(self) -> int:
        """In tokens."""
        return sum(len(segment.symbols) for segment in self.segments)
