"""Where the user has been: recently edited and recently visited places, as line ranges that move with the text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

MOST_PLACES = 40
NEAR_LINES = 6
"""Two edits closer than this are one place."""
VISIT_LINES = 20
"""Two visits closer than this are one place."""
MOST_LINES = 40
"""An edit longer than this (a paste, a formatter, another branch) is no place but an upheaval."""


@dataclass(slots=True)
class LineRange:
    """Lines `start` … `end - 1` of a document."""

    document: str
    """What it goes by, as `files.key` says."""
    start: int
    end: int
    at_s: float
    weight: int = 1
    """How many edits it took, or how many times it was visited."""

    def touches(self, document: str, start: int, end: int, margin: int) -> bool:
        return self.document == document and self.start - margin <= end and start <= self.end + margin


class Places:
    """Places of one kind, the latest last, bounded."""

    def __init__(self, clock: Callable[[], float], margin_lines: int) -> None:
        self._clock = clock
        self._margin = margin_lines
        self._places: list[LineRange] = []

    def add(self, document: str, start: int, end: int) -> None:
        place = LineRange(document, start, end, self._clock())
        for other in [each for each in self._places if each.touches(document, start, end, self._margin)]:
            if max(place.end, other.end) - min(place.start, other.start) > MOST_LINES:
                continue
            self._places.remove(other)
            place.start, place.end = min(place.start, other.start), max(place.end, other.end)
            place.weight += other.weight
        self._places.append(place)
        del self._places[:-MOST_PLACES]

    def shift(self, document: str, start: int, removed: int, added: int) -> None:
        """Lines `start` … `start + removed - 1` of the document became `added` lines."""
        for place in self._places:
            if place.document == document and place.end > start and place.start >= start + removed:
                place.start += added - removed
                place.end += added - removed
            elif place.document == document and place.end > start:
                place.start = min(place.start, start + added)
                place.end = max(place.start + 1, place.end + added - removed)

    def latest(self) -> list[LineRange]:
        """Copies, the latest first; of places left within a minute of each other, the one that took more edits."""
        now = self._clock()
        latest = [replace(place) for place in reversed(self._places)]
        return sorted(latest, key=lambda place: (int((now - place.at_s) // 60), -place.weight))
