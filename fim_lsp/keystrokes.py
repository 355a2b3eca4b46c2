"""What kind of change a change is, told from the change alone.

Editors send what happened to the text, not which key was pressed; asking early and waiting depend on the difference
between a typed key, a deletion, and everything else (pastes, formatters, undo, accepted suggestions).
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto

from fim_lsp.closers import added, opened_block
from fim_lsp.document import Edit, Snapshot, is_of_word


class Key(Enum):
    """How an edit came about, as far as the text tells."""

    WORD = auto()
    """A character of a word."""
    OTHER = auto()
    """Any other single character, or a pair that the editor completed."""
    BLANK = auto()
    """Enter with the indent that follows it, a tab, a space, or a corrected indent."""
    DELETION = auto()
    ACCEPTANCE = auto()
    """A suggestion, or its first line or word: the edit alone does not tell it from a paste."""
    BULK = auto()
    """Paste, undo, formatting."""

    @property
    def asks(self) -> bool:
        """Whether the editor is about to ask after it. What undo takes away looks like a deletion."""
        return self not in (Key.DELETION, Key.BULK)


def key_of(edit: Edit) -> Key:
    """The kind of key behind an edit."""
    inserted, removed = edit.inserted, edit.removed
    if not inserted:
        return Key.DELETION if removed and "\n" not in removed.rstrip(" \t\n") and len(removed) <= 40 else Key.BULK
    if not inserted.strip(" \t\n") and not removed.strip(" \t"):
        return Key.BLANK if inserted.count("\n") <= 2 else Key.BULK
    key = inserted.lstrip(" \t") if not removed.strip(" \t") and removed else inserted  # it has corrected the indent
    if len(key) == 1 and (len(removed) <= 1 or not removed.strip(" \t")):
        return Key.WORD if is_of_word(key) else Key.OTHER
    return Key.OTHER if len(inserted) - len(added(inserted)) == 1 and not removed else Key.BULK


def with_cursor(snapshot: Snapshot, edit: Edit, expected: str = "") -> Snapshot:
    """The snapshot with the cursor where the user most likely has it.

    That is in the pair or the tag, on the line opened within one, or, after Enter on a blank line, behind the indent
    of the new line, whichever of the two line ends the edit is told by. `expected`: what is shown at the cursor; a
    closing tag that it begins with was accepted.
    """
    closers = "" if edit.removed else added(edit.inserted)
    if closers and (closers != edit.inserted or _is_of_tag(snapshot.before, closers, expected)):
        return moved_back(snapshot, len(closers))
    if snapshot.after[:1] in ("}", ")", "]"):
        return moved_back(snapshot, len(opened_block(edit.inserted)))
    blanks = len(snapshot.line_after)
    if edit.inserted == "\n" and blanks and not snapshot.line_after.strip():
        return replace(snapshot, before=snapshot.before + snapshot.after[:blanks], after=snapshot.after[blanks:])
    return snapshot


def _is_of_tag(before: str, closing_tag: str, expected: str) -> bool:
    """Whether an editor has brought the closing tag, a moment after the `>` that it belongs to."""
    return before.removesuffix(closing_tag).endswith(">") and not expected.startswith(closing_tag)


def moved_back(snapshot: Snapshot, characters: int) -> Snapshot:
    """The same document with the cursor so many characters further left."""
    if not characters:
        return snapshot
    between = snapshot.before[-characters:]
    return replace(
        snapshot,
        before=snapshot.before[:-characters],
        after=between + snapshot.after,
        line=snapshot.line - between.count("\n"),
    )
