"""A line of megabytes in pieces: an edit copies one of them, where a string would be copied as a whole."""

from __future__ import annotations

PIECE_CHARS = 50_000


class LongLine:
    """Reads like a string, as far as documents read lines: its length, and parts of it."""

    def __init__(self, line: str) -> None:
        self._pieces = _cut(line)
        self._length = len(line)

    def __len__(self) -> int:
        return self._length

    def __str__(self) -> str:
        return "".join(self._pieces)

    def __getitem__(self, part: slice) -> str:
        start, stop, _ = part.indices(self._length)
        found, at = [], 0
        for piece in self._pieces:
            if at >= stop:
                break
            if at + len(piece) > start:
                found.append(piece[max(0, start - at) : stop - at])
            at += len(piece)
        return "".join(found)

    def replace(self, start: int, end: int, text: str) -> None:
        first, before = self._find(start)
        last, before_last = self._find(end)
        head, tail = self._pieces[first][: start - before], self._pieces[last][end - before_last :]
        self._pieces[first : last + 1] = _cut(head + text + tail)
        self._length += len(text) - (end - start)

    def _find(self, index: int) -> tuple[int, int]:
        """The piece that holds or ends at `index`, and how many characters stand before it."""
        at = 0
        for number, piece in enumerate(self._pieces):
            if index <= at + len(piece):
                return number, at
            at += len(piece)
        raise IndexError(index)


def _cut(text: str) -> list[str]:
    """At least one piece, none much longer than it should be."""
    if len(text) <= 2 * PIECE_CHARS:
        return [text]
    return [text[start : start + PIECE_CHARS] for start in range(0, len(text), PIECE_CHARS)]
