"""What the engine knows of an editor's document: frozen text around a cursor, and an edit to suggest there.

Offsets count characters (Unicode code points) and line ends are always LF.
Columns in UTF-16 units and CRLF exist in `fim_lsp.lsp.convert` only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

SIDE_LIMIT = 200_000
"""At most this many characters are frozen on either side of the cursor, whatever the size of the document."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A document as it stood at one moment, seen from the cursor."""

    uri: str
    language: str
    """The editor's language id, as sent: `python`, `typescriptreact`, …"""
    version: int
    before: str
    """The text up to the cursor, LF only; its head is cut off if it is longer than `SIDE_LIMIT`."""
    after: str
    """The text from the cursor on, LF only; its tail is cut off if it is longer than `SIDE_LIMIT`."""
    path: str | None = None
    """Absolute path, or None for a document that is not a file."""
    line: int = 0
    """Number of the cursor's line in the whole document, from 0."""
    before_is_cut: bool = False
    after_is_cut: bool = False

    @property
    def line_before(self) -> str:
        """The cursor's line, up to the cursor."""
        return self.before[self.before.rfind("\n") + 1 :]

    @property
    def line_after(self) -> str:
        """The cursor's line, from the cursor to its end (without the line end)."""
        end = self.after.find("\n")
        return self.after if end < 0 else self.after[:end]


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of a document: at `offset`, `removed` was replaced by `inserted` (LF only).

    It comes with the snapshot taken at its end: `snapshot.before[edit.offset :] == edit.inserted`.
    """

    offset: int
    removed: str
    inserted: str


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text to insert at the cursor of the snapshot that it was made for.

    `text` goes in at the cursor and takes the place of the next `replaces` characters of the cursor's line:
    those are 0, or a subsequence of `text`, so that an editor which draws ghost text around what
    stands there can show it.
    """

    text: str
    replaces: int = 0
    provider: str = ""
    id: str = field(default="", compare=False)
    """Stable while the user types along what is shown; sent back with `fim-lsp.accepted`."""


class Document(Protocol):
    """A live document of the editor, read-only.

    Nobody holds one across an `await`: freeze a `Snapshot`, or copy lines.
    """

    @property
    def uri(self) -> str: ...
    @property
    def path(self) -> str | None: ...
    @property
    def language(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def lines(self) -> Sequence[str]:
        """The lines without their ends; at least one; the last is empty where the text ends with a line end.

        A line of more than 200,000 characters may lack all but its beginning.
        """
        ...


class Observer(Protocol):
    """Whoever keeps something about documents up to date. Called on the event loop, in order, and must be quick."""

    def opened(self, document: Document) -> None: ...
    def edited(self, document: Document, start: int, removed: int, added: int) -> None:
        """Lines `start` … `start + removed - 1` of the old text became `start` … `start + added - 1` of `document`."""
        ...

    def closed(self, uri: str) -> None: ...


def is_of_word(char: str) -> bool:
    """Whether a character can be part of an identifier."""
    return char.isalnum() or char == "_"


def count_common(one: str, other: str) -> int:
    """How many characters both begin with."""
    shorter = min(len(one), len(other))
    return next((at for at in range(shorter) if one[at] != other[at]), shorter)
