"""What a person sees in a suggestion: how far it is what they were about to write."""

from __future__ import annotations

import re
from dataclasses import dataclass

from fim_lsp.replay.ghost import Ghost, first_line, is_subsequence

_WORD = re.compile(r"\s*(?:\w+|[^\w\s]+)")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Lengths count characters of the suggestion's text."""

    right: int
    """So many of its first characters are what the person wants."""
    whole: bool
    """All of it is right, and what it leaves right of the cursor is right too."""
    first_line: bool
    lines_read: int
    """Up to the first line that is wrong, or to the end."""


def judge(ghost: Ghost, wanted: str, own_closers: str) -> Verdict:
    """`wanted` is all that is still to be written; `own_closers` is what the editor put right of the cursor."""
    text = ghost.text
    right = agreement(text, wanted)
    first = first_line(text)
    whole = right == len(text) and _fits(own_closers[ghost.covers :], wanted[right:])
    return Verdict(
        right=right,
        whole=whole,
        first_line=whole if first == text else right >= len(first) and _fits(own_closers, wanted[len(first) :]),
        lines_read=text[:right].lstrip("\n").count("\n") + 1,
    )


def agreement(one: str, other: str) -> int:
    """How many characters both begin with."""
    return next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def next_line(text: str) -> int:
    """How much VS Code's "accept line" takes: through the first line end."""
    end = text.find("\n")
    return len(text) if end < 0 else end + 1


def next_word(text: str) -> int:
    """How much "accept word" takes."""
    word = _WORD.match(text)
    return word.end() if word else len(text)


def _fits(own_closers: str, wanted: str) -> bool:
    """Whether the brackets that stay right of the cursor are still to come; if not, they would stand there twice."""
    return is_subsequence(own_closers.split("\n")[0], wanted.split("\n")[0])
