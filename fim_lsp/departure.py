"""How a document has left a generated text: by a slip that will be taken back, by an indent, or for good.

Only the text itself tells: what was typed since the two parted is held against what the text has there.
"""

from __future__ import annotations

from dataclasses import dataclass

from fim_lsp.document import count_common, is_of_word

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "qwertzuiop", "yxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn")
"""Of the keyboards that Latin letters are mostly typed on."""


@dataclass(frozen=True, slots=True)
class Departure:
    """What was typed since the document and the text parted, and what the text says from there on."""

    typed: str
    said: str
    inside_word: bool
    """A character of a word stands before both."""

    @property
    def is_blank(self) -> bool:
        """Enter or an indent that the text does not have."""
        return not self.typed.strip()

    @property
    def is_slip(self) -> bool:
        """One wrong key, and since then what the text says, as if that key had been right.

        Inside a word the first wrong key cannot be told from another idea; the second one can. Where a word begins,
        other ideas are likelier, unless the key lies beside the right one.
        """
        typed, said = self.typed, self.said
        if not all(is_of_word(char) for char in typed):
            return False
        if not self.inside_word:
            return _lie_side_by_side(typed[0], said[:1]) and _agree(typed[1:], said[1:])
        return (
            _agree(typed[1:], said[1:])  # one key for another
            or _agree(typed[1:], said)  # one too many
            or _agree(typed, said[1:])  # one left out
            or (typed[:2] == said[1::-1] and _agree(typed[2:], said[2:]))  # two in the wrong order
        )


def parted(typed: str, text: str, left: str = "") -> Departure | None:
    """The departure of what was typed where a text begins from what the text says; None: there is none.

    Who types on beyond the text's end does not depart from it. `left` is the character before the text.
    """
    at = count_common(typed, text)
    if at in (len(typed), len(text)):
        return None
    return Departure(typed[at:], text[at:], is_of_word((left + typed[:at])[-1:]))


def _lie_side_by_side(one: str, other: str) -> bool:
    pair = one.lower() + other.lower()
    return any(len(pair) == 2 and (pair in row or pair[::-1] in row) for row in _ROWS)


def _agree(one: str, other: str) -> bool:
    """As far as both go: a text may not have said more yet."""
    return one.startswith(other) or other.startswith(one)
