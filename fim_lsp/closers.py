"""Closing brackets and quotes that the editor puts in by itself, right of the cursor.

They are not the user's text: the model does better without them, and what it says takes their place.
They are recognised from the change itself (`(` that arrives as `()`), and held against the text from then on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fim_lsp.document import Edit, Snapshot

CLOSER_OF = {"(": ")", "[": "]", "{": "}", '"': '"', "'": "'", "`": "`", "<": ">"}
_QUOTES = "\"'`"
_BLANKS = (" ", "\t", "\n")
_REST = 200
_TAG = re.compile(r">?(</[\w.:-]*>)")
_OPENED_BLOCK = re.compile(r"\n[ \t]*(\n[ \t]*)")


def added(inserted: str) -> str:
    """The closers that an editor has added to what was typed, at the end of what was inserted; "": none.

    One to an opener (`()`, `""`), three to the last of three quotes, and a closing tag to the `>` of the one that it
    closes, or to nothing at all: some editors bring it a moment later.
    """
    if len(inserted) == 2 and CLOSER_OF.get(inserted[0]) == inserted[1]:
        return inserted[1]
    if len(inserted) == 4 and inserted[0] in _QUOTES and inserted == 4 * inserted[0]:
        return inserted[1:]
    tag = _TAG.fullmatch(inserted)
    return tag[1] if tag else ""


def opened_block(inserted: str) -> str:
    """What Enter between a bracket and its closer puts right of the cursor: a line end, and the closer's indent."""
    opened = _OPENED_BLOCK.fullmatch(inserted)
    return opened[1] if opened else ""


def closing(typed: str, pending: str = "") -> str:
    """The closers that an editor which closes brackets has put right of the cursor while `typed` was typed.

    `pending` are those that stood there before, innermost first.
    """
    stack = list(reversed(pending))
    for char in typed:
        if char in _QUOTES:
            if stack and stack[-1] == char:
                stack.pop()
            elif not (stack and stack[-1] in _QUOTES):
                stack.append(char)
        elif stack and stack[-1] in _QUOTES:
            continue
        elif char in "([{":
            stack.append(CLOSER_OF[char])
        elif stack and char == stack[-1]:
            stack.pop()
    return "".join(reversed(stack))


def length_of(closers: str, after: str, *, spaced: bool) -> int | None:
    """How many characters of `after` the closers take up that it begins with; None: it does not.

    `spaced`: there may be blanks before each: Enter between a bracket and its closer puts it on a line of its own.
    """
    at = 0
    for closer in closers:
        while spaced and after[at : at + 1] in _BLANKS:
            at += 1
        if not after.startswith(closer, at):
            return None
        at += 1
    return at


@dataclass(slots=True)
class AutoClosers:
    """The closers one editor has put right of the cursor of one document, innermost first."""

    closers: str = ""
    rest: str = ""
    """What follows them: they are still the editor's while this is what follows."""

    def edited(self, snapshot: Snapshot, edit: Edit) -> None:
        """Takes note of an edit; `snapshot` has the cursor where the user has it (inside a pair just put in)."""
        inner = added(edit.inserted)
        if inner and not edit.removed and snapshot.after.startswith(inner):
            outer = self.standing(snapshot.after[len(inner) :])
            self.closers = inner + outer
            self.rest = snapshot.after[len(self.closers) :][:_REST]
        elif below := opened_block(edit.inserted):
            closers = self.standing(snapshot.after[len(below) :])
            self.closers = below + closers if closers else ""
        else:
            self.closers = self.standing(snapshot.after)

    def standing(self, after: str) -> str:
        """Those of the closers that `after` still begins with."""
        for skipped in range(len(self.closers)):
            closers = self.closers[skipped:]
            if after.startswith(closers) and after[len(closers) :][:_REST] == self.rest:
                return closers
        return ""
