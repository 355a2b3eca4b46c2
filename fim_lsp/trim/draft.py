"""What goes through the rules: a suggestion in the making, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from fim_lsp.trim.place import Place


@dataclass(frozen=True, slots=True)
class Draft:
    """A text for the cursor, and how many characters right of the cursor it takes the place of."""

    text: str
    replaces: int = 0
    ended: bool = True
    """Whether the model has said all it had to say."""

    def cut(self, length: int) -> Draft:
        """The draft without what follows the first `length` characters."""
        return self.with_text(self.text[:length]) if length < len(self.text) else self

    def with_text(self, text: str) -> Draft:
        return Draft(text, self.replaces, self.ended)


@dataclass(frozen=True, slots=True)
class Dropped:
    """Nothing is to be shown, and which rule said so."""

    rule: str
    """A stable word."""
    sentence: str
    """What is wrong with the text, for people."""


class Stop(NamedTuple):
    """A generation may end: `text[:cut]` is all that can ever be of use.

    `known` is the length of text at which this could first be said. Of several stops the one known first holds,
    which makes the outcome independent of how the text was cut into chunks.
    """

    known: int
    cut: int


Rule = Callable[[Draft, Place], Draft | Dropped]
StopRule = Callable[[str, Place], Stop | None]
