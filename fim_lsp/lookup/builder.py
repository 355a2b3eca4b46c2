"""Makes an index out of files, batch by batch: the first batches are small, so that the nearest files soon count.

It may run in another process than the one that answers: see `worker`.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from math import inf
from sys import getsizeof

from fim_lsp.languages import Language
from fim_lsp.lookup.index import DEPTH, SHAPE_DEPTH, Batch, Index, Sample, Segment
from fim_lsp.lookup.text import Reader, Text
from fim_lsp.lookup.vocabulary import COMMON, UNKNOWN

_BATCH_TOKENS = (8_000, 20_000, 60_000, 200_000)
"""Of the first batch, the second … and all others."""
_SHAPE_TOKENS = 100_000
"""So much of a project shows how code of its language goes."""
_BYTES_PER_PLACE, _BYTES_PER_TOKEN, _BYTES_PER_FILE = 4, 16, 250
"""What an index holds besides the texts: of a place its rank, of a token three numbers, of a file where it is."""


class Builder:
    """Feed it files of one language, then finish; both give batches for an `Index` of that language."""

    def __init__(
        self,
        language: Language,
        tokens: Sequence[str] = (),
        frequency: Sequence[int] = (),
        max_bytes: float = inf,
    ) -> None:
        """`tokens` and `frequency` are the index's that the batches are for; it grows by at most `max_bytes`."""
        self.is_full = False
        """A file was left out, for it would have taken too much."""
        self._room = max_bytes
        self._reader = Reader(language)
        self._reader.vocabulary.extend(tokens[len(COMMON) :])
        self._waiting: list[tuple[str, str]] = []
        self._waiting_tokens = self._waiting_bytes = 0
        self._batches = 0
        self._frequency: Counter[int] = Counter(dict(enumerate(frequency)))
        self._known = len(self._reader.vocabulary)
        """So many tokens of the vocabulary were handed over, or are in every one."""
        self._shapes = ""

    def feed(self, path: str, text: str) -> Iterator[Batch]:
        known = len(self._reader.vocabulary)
        symbols = Text(text.split("\n"), self._reader).whole() + UNKNOWN
        size = self._size_bytes(path, symbols, known)
        if size > self._room:
            self.is_full = True
            return
        self._room -= size
        self._waiting_bytes += size
        self._waiting.append((path, symbols))
        self._waiting_tokens += len(symbols)
        if self._waiting_tokens >= _BATCH_TOKENS[min(self._batches, len(_BATCH_TOKENS) - 1)]:
            yield self._batch()

    def finish(self) -> Iterator[Batch]:
        if self._waiting:
            yield self._batch()

    def _size_bytes(self, path: str, symbols: str, known: int) -> int:
        """About what a file, and the tokens that it is the first to have, take of an index's memory."""
        vocabulary = self._reader.vocabulary
        tokens = vocabulary.since(known)
        width = 2 if len(vocabulary) < 0x10000 else 4
        names = sum(map(getsizeof, tokens)) + _BYTES_PER_TOKEN * len(tokens)
        sampled = min(len(symbols), _SHAPE_TOKENS - len(self._shapes)) * (2 + _BYTES_PER_PLACE)
        return len(symbols) * (width + _BYTES_PER_PLACE) + sampled + getsizeof(path) + _BYTES_PER_FILE + names

    def _batch(self) -> Batch:
        segment, vocabulary = _segment(self._waiting), self._reader.vocabulary
        self._frequency.update(map(ord, segment.symbols))
        frequency = array("I", [self._frequency[number] for number in range(len(vocabulary))])
        tokens, first = vocabulary.since(self._known), self._known
        by_name = array("I", sorted(range(first, first + len(tokens)), key=lambda number: tokens[number - first]))
        batch = Batch(segment, tokens, by_name, frequency, self._sample(segment), self._waiting_bytes)
        self._waiting, self._waiting_tokens, self._waiting_bytes = [], 0, 0
        self._batches += 1
        self._known = len(vocabulary)
        return batch

    def _sample(self, segment: Segment) -> Sample | None:
        room = _SHAPE_TOKENS - len(self._shapes)
        if room <= 0:
            return None
        shapes = self._shapes = self._shapes + self._reader.vocabulary.shapes(segment.symbols[:room])
        return Sample(shapes, array("I", sorted(range(len(shapes)), key=lambda at: shapes[at : at + SHAPE_DEPTH])))


def build(files: Iterable[tuple[str, str]], language: Language) -> Index:
    """The index of `(path, text)` pairs, all of one language."""
    index, builder = Index(language), Builder(language)
    for path, text in files:
        for batch in builder.feed(path, text):
            index.add(batch)
    for batch in builder.finish():
        index.add(batch)
    return index


def _segment(files: list[tuple[str, str]]) -> Segment:
    symbols = "".join(symbols[::-1] for _, symbols in files)
    order = array("I", sorted(range(len(symbols)), key=lambda at: symbols[at : at + DEPTH]))
    starts, at = array("I"), 0
    for _, text in files:
        starts.append(at)
        at += len(text)
    return Segment(symbols, order, [path for path, _ in files], starts)
