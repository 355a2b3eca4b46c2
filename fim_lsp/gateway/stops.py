"""Cuts a text at the first stop string that is completed, also where chunks split it. Two verbs: feed and finish.

Services know stop strings too, but some take only four, and some none. Any chunking gives the same answer, since it is
the stop that ends first which counts, as if the text came letter by letter.
"""

from __future__ import annotations

from collections.abc import Iterable


class Stops:
    def __init__(self, stops: Iterable[str]) -> None:
        """Empty strings stop nothing."""
        self._stops = tuple(stop for stop in stops if stop)
        self._longest = max(map(len, self._stops), default=0)
        self._held = ""
        self.hit = False
        """A stop has been found: nothing more comes out."""

    def feed(self, text: str) -> str:
        """What is certain now: it holds no stop and no stop begins in it."""
        if self.hit or not self._stops:
            return "" if self.hit else text
        text = self._held + text
        end = self._first(text)
        if end is None:
            certain = len(text) - self._open(text)
            self._held = text[certain:]
            return text[:certain]
        self.hit, self._held = True, ""
        return text[:end]

    def finish(self) -> str:
        """What looked like the beginning of a stop and was none."""
        held, self._held = self._held, ""
        return held

    def _first(self, text: str) -> int | None:
        """Where the stop begins that is completed first; of those that end together, the longest."""
        found = ((at + len(stop), at) for stop in self._stops if (at := text.find(stop)) >= 0)
        return min(found, default=(0, None))[1]

    def _open(self, text: str) -> int:
        """How many characters at the end may be the beginning of a stop."""
        for length in range(min(self._longest - 1, len(text)), 0, -1):
            end = text[-length:]
            if any(stop.startswith(end) for stop in self._stops):
                return length
        return 0
