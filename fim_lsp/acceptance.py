"""What became of a suggestion, told from the document's changes alone, since editors do not say.

An accepted suggestion arrives as one edit that inserts what was shown, or its first words or line;
typing it letter by letter is agreement; anything else that departs from it is a rejection.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from fim_lsp.closers import added
from fim_lsp.document import Edit, Snapshot

Fate = Literal["whole", "line", "word", "typed", "rejected"]


@dataclass(slots=True)
class Counters:
    """How often each thing happened; numbers only."""

    shown: int = 0
    whole: int = 0
    line: int = 0
    word: int = 0
    typed: int = 0
    rejected: int = 0
    characters: int = 0
    """Characters that came from accepted suggestions."""


@dataclass(slots=True)
class Shown:
    """The suggestion that stands in the editor now: what is left of it, and the text before it."""

    before: str
    rest: str
    covered: str = ""
    """What stands right of the cursor that the suggestion takes the place of."""


@dataclass(slots=True)
class Acceptance:
    """Follows one document's suggestion through its edits."""

    counters: Counters = field(default_factory=Counters)
    shown: Shown | None = None
    rejections: int = 0
    """Rejected in a row."""

    def show(self, snapshot: Snapshot, text: str, replaces: int = 0) -> None:
        """A suggestion was answered; the same one seen on after a key counts once."""
        tail = snapshot.before[-200:]
        standing = self.shown
        if standing is None or standing.before != tail or standing.rest != text:
            self.counters.shown += 1
        self.shown = Shown(tail, text, snapshot.after[:replaces])

    @property
    def expected(self) -> str:
        """What is left of the suggestion that stands in the editor."""
        return self.shown.rest if self.shown is not None else ""

    def edited(self, snapshot: Snapshot, edit: Edit) -> Fate | None:
        """What an edit says of the suggestion; the snapshot's cursor is where the user's is now."""
        shown = self.shown
        if shown is None:
            return None
        before, rest = snapshot.before, shown.rest
        closers = added(edit.inserted) if not edit.removed else ""
        inserted = edit.inserted.removesuffix(closers) if snapshot.after.startswith(closers) else edit.inserted
        if closers and not inserted:
            return None  # the editor has closed a tag
        for taken in _taken(inserted, rest):
            if before.endswith((shown.before + rest[:taken])[-200:]):
                return self._took(snapshot, taken)
        self.shown = None
        if edit.inserted:
            self.counters.rejected += 1
            self.rejections += 1
            return "rejected"
        return None

    def _took(self, snapshot: Snapshot, taken: int) -> Fate | None:
        assert self.shown is not None
        part, rest, covered = self.shown.rest[:taken], self.shown.rest[taken:], self.shown.covered
        if covered.endswith(rest) and snapshot.after.startswith(rest):
            rest = ""  # a change is told without what it has in common with the text it replaced
        self.shown = Shown(snapshot.before[-200:], rest, covered) if rest else None
        if rest and (taken == 1 or not part.strip()):
            return None
        self.rejections = 0
        fate = _fate(part, rest)
        setattr(self.counters, fate, getattr(self.counters, fate) + 1)
        if fate != "typed":
            self.counters.characters += taken
        return fate


def _taken(inserted: str, rest: str) -> list[int]:
    """How much of the suggestion an insertion may have taken: editors may replace what stands before it, too."""
    lengths = [len(inserted)] if rest.startswith(inserted) and inserted else []
    for start in range(1, min(len(inserted), 400)):
        if rest.startswith(inserted[start:]):
            lengths.append(len(inserted) - start)
    return lengths


def _fate(part: str, rest: str) -> Fate:
    if len(part) == 1:
        return "typed"
    if not rest:
        return "whole"
    return "line" if rest.startswith("\n") or part.endswith("\n") else "word"
