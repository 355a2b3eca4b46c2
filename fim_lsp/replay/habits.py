"""The rhythm of one person: gaps between keys, pauses, slips, how long reading takes.

Everything is drawn from the seed and the place in the text, never from what happened before: whichever server is being
measured, the person pauses and slips at the same places.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp
from random import Random

PAUSE_MS = 400
"""A rest at least this long counts as a pause: the person has time to look up."""

_NEIGHBOURS = {a: row[max(0, at - 1) : at] + row[at + 1 : at + 2] for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
               for at, a in enumerate(row)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Habits:
    """Medians and shares; the defaults are of a programmer who types about 60 words a minute between pauses."""

    seed: int
    gap_ms: float = 115
    gap_spread: float = 0.5
    pause_ms: float = 900
    pause_spread: float = 0.45
    pause_after_line: float = 0.4
    pause_after_word: float = 0.2
    pause_in_word: float = 0.08
    review_ms: float = 450
    """The rest after a suggestion was accepted."""
    review_spread: float = 0.4
    slip_share: float = 0.02
    """Of the letters typed."""
    attention: float = 0.2
    """In so many pauses the person looks at suggestions; after an acceptance always."""
    glance_share: float = 0.08
    """After so many of the keys between pauses a suggestion is noticed, if one is there."""
    notice_ms: float = 150
    read_line_ms: float = 250
    whole_share: float = 0.3
    """How often a suggestion of several lines is read to its end and taken as a whole where lines can be taken."""

    words_share: float = 0.1
    """How often a line that is right at its beginning is taken word by word."""

    def rest_ms(self, place: int, just_typed: str) -> float:
        """How long nothing is typed after the key that made the text `place` characters long."""
        random = self._random(place, "rest")
        if random.random() < self._pause_share(just_typed):
            return _clip(_lognormal(random, self.pause_ms, self.pause_spread), PAUSE_MS, 4000)
        return _clip(_lognormal(random, self.gap_ms, self.gap_spread), 30, 350)

    def review_rest_ms(self, place: int) -> float:
        return _clip(_lognormal(self._random(place, "review"), self.review_ms, self.review_spread), 150, 3000)

    def takes_words(self, place: int) -> bool:
        """Whether the person goes word by word through a line that is right only at its beginning."""
        return self._random(place, "words").random() < self.words_share

    def slip(self, place: int, wanted: str) -> str | None:
        """The neighbouring key that is hit instead of the wanted one, if this is a place where the person slips."""
        random = self._random(place, "slip")
        neighbours = _NEIGHBOURS.get(wanted.lower(), "")
        if neighbours and random.random() < self.slip_share:
            return random.choice(neighbours)
        return None

    def unnoticed(self, place: int) -> int:
        """How many more keys are pressed before a slip is noticed."""
        return self._random(place, "notice").randrange(3)

    def looks_up(self, place: int) -> bool:
        """Whether the person looks at suggestions in the pause at this place, or thinks of something else."""
        return self._random(place, "look").random() < self.attention

    def glances(self, place: int) -> bool:
        """Whether a suggestion that is on the screen while typing is noticed after the key at this place."""
        return self._random(place, "glance").random() < self.glance_share

    def reads_on(self, place: int) -> bool:
        """Whether a suggestion of several lines is read to its end here."""
        return self._random(place, "whole").random() < self.whole_share

    def reading_ms(self, lines: int) -> float:
        return self.notice_ms + self.read_line_ms * lines

    def _pause_share(self, just_typed: str) -> float:
        if just_typed.endswith(("\n", " ", "\t")) and "\n" in just_typed:
            return self.pause_after_line
        return self.pause_in_word if just_typed[-1:].isalnum() else self.pause_after_word

    def _random(self, place: int, purpose: str) -> Random:
        return Random(f"{self.seed}:{place}:{purpose}")


def _lognormal(random: Random, median: float, spread: float) -> float:
    return median * exp(random.gauss(0, spread))


def _clip(value: float, low: float, high: float) -> float:
    return max(low, min(high, value))
