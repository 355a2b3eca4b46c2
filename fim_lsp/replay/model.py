"""What a simulated Codestral says: the text of the files it knows, with errors at seeded places.

Pure. It finds the place by the end of the prompt and the head of the suffix, as nothing else tells it where it is. At a
trap it says another word of the file until the right one has been begun: asking twice gives no second chance.
It stops at the end of the hole, at the end of a block, and after a dozen lines.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

MOST_LINES = 12
BLOCK_ENDS_HEEDED = 0.15
"""At so many ends of a block, seeded by place, the model stops."""
TRAP_EVERY = 330
"""One trap for so many characters of text, in the mean."""

_WORD = re.compile(r"[A-Za-z_]\w{2,}")
_TOKEN = re.compile(r" ?[A-Za-z]{1,8}|\s?_\w{1,7}|[0-9]{1,3}| ?[^\w\s]{1,3}|\n[ \t]{0,16}|[ \t]{1,16}|\s|\w")


def tokens(text: str) -> list[str]:
    """Cut at about 3.7 characters of code a token; joined they give the text again."""
    return _TOKEN.findall(text)


@dataclass(frozen=True, slots=True)
class Trap:
    """At `start` the model takes the word for another one; once its first letter has been typed it knows better."""

    start: int
    end: int
    wrong: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a prompt is in a file, and where the hole ends."""

    text: KnownText
    start: int
    end: int
    agreement: int
    """How many characters of the prompt's end and the suffix's head were recognised."""


class KnownText:
    """One file, and where the model errs in it."""

    def __init__(self, text: str, seed: int, trap_every: float) -> None:
        self.text = text
        self._seed = seed
        self._trap_every = trap_every

    @cached_property
    def traps(self) -> list[Trap]:
        words = list(_WORD.finditer(self.text))
        share = min(0.9, len(self.text) / self._trap_every / max(1, len(words)))
        names = sorted({word[0] for word in words})
        return [trap for word in words if (trap := self._trap(word, share, names))]

    def _trap(self, word: re.Match[str], share: float, names: Sequence[str]) -> Trap | None:
        random = Random(f"{self._seed}:{word.start()}:{word[0]}")
        if random.random() >= share:
            return None
        wrong = random.choice(names)
        if wrong[0] == word[0][0]:
            wrong = ("new_" if wrong[0] != "n" else "old_") + wrong
        return Trap(word.start(), word.end(), wrong)

    def told(self, start: int, end: int) -> str:
        """The text from `start` to `end`, as the model believes it to be."""
        return "".join(self._pieces(start, end))

    def _pieces(self, start: int, end: int) -> Iterator[str]:
        first = bisect_left(self.traps, start, key=lambda trap: trap.start)
        for trap in self.traps[first:]:
            if trap.start >= end:
                break
            yield self.text[start : trap.start]
            yield trap.wrong
            start = trap.end
        yield self.text[start:end]

    def locate(self, prompt: str, suffix: str) -> Place | None:
        """None if nothing of the prompt's end is recognised."""
        above, _, line = prompt.rpartition("\n")
        places: list[Place] = []
        for end, own, recognised in self._ends(suffix):
            found = self._line_start(above, end)
            if found is not None:
                start = self._in_line(found[0], line, end)
                places.append(Place(self, start, self._before_closers(start, end, own), found[1] + recognised))
        return max(places, key=lambda place: (place.agreement, place.start - place.end), default=None)

    def _ends(self, suffix: str) -> Iterator[tuple[int, str, int]]:
        """Where the suffix may begin in the file; what stands before that, which are brackets the editor has closed;
        and how many characters were recognised.
        """
        if not suffix.strip():
            yield len(self.text) - (len(suffix) if self.text.endswith(suffix) else 0), "", 0
            return
        at = 0
        for _ in range(4):
            head = suffix[at : at + 160]
            if len(head.strip()) < min(8, len(suffix.strip())):
                break
            found = self.text.find(head)
            if found >= 0:
                while found >= 0:
                    yield found, suffix[:at], len(head)
                    found = self.text.find(head, found + 1)
                return
            line_end = suffix.find("\n", at + (suffix[at : at + 1] == "\n"))
            if line_end < 0:
                break
            at = line_end
        yield len(self.text), "", 0

    def _line_start(self, above: str, end: int) -> tuple[int, int] | None:
        """Start of the line that the prompt ends in, and how many characters above it agree."""
        for reach in (400, 120, 60, 30, 12):
            tail = above[-reach:]
            if not tail.strip():
                return (0, 0) if not above else None
            found = self.text.rfind(tail + "\n", 0, end + 1)
            if found >= 0:
                return found + len(tail) + 1, len(tail)
        return None

    def _in_line(self, line_start: int, line: str, end: int) -> int:
        """Where in its line the text goes on, if `line` of it stands in the prompt, rightly or wrongly."""
        line_end = self.text.find("\n", line_start)
        line_end = len(self.text) if line_end < 0 else line_end
        known = self.text[line_start:line_end]
        if not line.strip() and known.strip():
            blanks = len(known) - len(known.lstrip())
            return line_start + (len(line) if known.startswith(line) else blanks)
        return min(line_start + len(line), line_end, max(line_start, end))

    def _before_closers(self, start: int, end: int, own: str) -> int:
        """The suffix begins with brackets that the text has, too: the model ends where they begin."""
        if not own.strip():
            return end
        line_end = self.text.find("\n", start)
        if own.split("\n")[0].strip():
            found = self.text.rfind(own.split("\n")[0].strip(), start, line_end)
            return found if found >= start else min(line_end, end)
        found = self.text.find(own.rstrip(), start, end)
        return found if found >= 0 else end


class Model:
    """Knows some files and completes in them."""

    def __init__(self, texts: Sequence[str], seed: int, trap_every: float = TRAP_EVERY) -> None:
        self._seed = seed
        self._known = [KnownText(text, seed, trap_every) for text in texts]

    def say(self, prompt: str, suffix: str) -> str:
        """All it has to say, before `max_tokens`; empty where it knows nothing."""
        places = [place for known in self._known if (place := known.locate(prompt, suffix))]
        if not places:
            return ""
        place = max(places, key=lambda place: place.agreement)
        return place.text.told(place.start, _stop(place.text.text, place.start, place.end, self._seed))


def _stop(text: str, start: int, end: int, seed: int) -> int:
    """A blank line before something less indented ends a block; a dozen lines are the end in any case."""
    line_start = text.rfind("\n", 0, start) + 1
    indent = _indent(text, line_start)
    at, lines = start, 0
    while (line_end := text.find("\n", at, end)) >= 0:
        lines += bool(text[at:line_end].strip())
        following = line_end + 1
        ended = text[following : following + 1] == "\n" and _less_indented(text, following, indent)
        ended = ended and Random(f"{seed}:{following}:stop").random() < BLOCK_ENDS_HEEDED
        if lines and (lines >= MOST_LINES or ended):
            return line_end
        at = following
    return max(start, end)


def _less_indented(text: str, at: int, indent: int) -> bool:
    while at < len(text) and text[at] == "\n":
        at += 1
    return _indent(text, at) < indent


def _indent(text: str, line_start: int) -> int:
    at = line_start
    while at < len(text) and text[at] in " \t":
        at += 1
    return at - line_start
