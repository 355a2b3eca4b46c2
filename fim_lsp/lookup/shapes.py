"""How code goes when its names are forgotten: which kind of token comes next, and which name is said again.

This is what lets a name be guessed where it never stood before: after `self.x = ` the name that stood behind the
point often comes once more, whatever it is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fim_lsp.lookup.index import SHAPE_DEPTH, Counts
from fim_lsp.lookup.surroundings import Surroundings, ends_after, ends_before
from fim_lsp.lookup.vocabulary import WORD_SHAPES

SHAPE_ORDERS = (2, 4, SHAPE_DEPTH)
_PLACES = 40
_REPEAT_ORDER = 4
_REPEAT_WINDOW = 40


class Shapes:
    """The surroundings of one cursor with the names forgotten."""

    def __init__(self, around: Surroundings) -> None:
        self._around, view = around, around.view
        self._text, self._before, self._after = view.near_before, view.shapes_before, view.shapes_after

    def next(self, line: str) -> Iterator[tuple[str, Mapping[str, float]]]:
        """Per kind of context (`file shape 2`, …) the counts of the shapes that followed it."""
        before, after = self._before + self._around.vocabulary.shapes(line), self._after
        index = self._around.index
        for order in SHAPE_ORDERS:
            pattern = before[-order:]
            counts: Counts = {}
            for at in ends_before(before, pattern, len(before) - 1, _PLACES):
                counts[before[at]] = counts.get(before[at], 0) + 1
            for at in ends_after(after, pattern, _PLACES // 2):
                counts[after[at]] = counts.get(after[at], 0) + 1
            if counts:
                yield f"file shape {order}", counts
            if index is not None and (counts := index.next_shapes(pattern)):
                yield f"project shape {order}", counts

    def repeats(self, line: str) -> dict[int, int]:
        """Where the shapes were alike: how many names back was the name that came next; -1: it was none of them."""
        text, shapes = self._text + line, self._before + self._around.vocabulary.shapes(line)
        counts: dict[int, int] = {}
        for at in ends_before(shapes, shapes[-_REPEAT_ORDER:], len(shapes) - 1, _PLACES // 2):
            if shapes[at] in WORD_SHAPES:
                first = max(0, at - _REPEAT_WINDOW)
                rank = _names_back(text[first:at], shapes[first:at], text[at])
                counts[rank] = counts.get(rank, 0) + 1
        return counts

    def recent_names(self, line: str, most: int) -> list[str]:
        """The names used last, the nearest first."""
        text = (self._text[-400:] + line)[::-1]
        shape = self._around.vocabulary.shape
        names: dict[str, None] = {}
        for symbol in text:
            if symbol not in names and shape(symbol) in WORD_SHAPES:
                names[symbol] = None
                if len(names) == most:
                    break
        return list(names)


def _names_back(text: str, shapes: str, symbol: str) -> int:
    at = text.rfind(symbol)
    if at < 0:
        return -1
    return len({text[i] for i in range(at + 1, len(text)) if shapes[i] in WORD_SHAPES})
