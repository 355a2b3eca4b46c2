"""A document as the simulated editor holds it: one text, one cursor, a version."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fim_lsp.document import SIDE_LIMIT, Edit, Snapshot


class Buffer:
    """Meets the `Document` protocol, so that an engine in this process can be told about it."""

    def __init__(self, path: Path, language: str, text: str) -> None:
        self._path = path
        self._language = language
        self._version = 1
        self._lines: list[str] | None = None
        self.text = text
        self.cursor = 0

    @property
    def uri(self) -> str:
        return self._path.as_uri()

    @property
    def path(self) -> str:
        return str(self._path)

    @property
    def language(self) -> str:
        return self._language

    @property
    def version(self) -> int:
        return self._version

    @property
    def lines(self) -> Sequence[str]:
        if self._lines is None:
            self._lines = self.text.split("\n")
        return self._lines

    @property
    def before(self) -> str:
        return self.text[: self.cursor]

    @property
    def after(self) -> str:
        return self.text[self.cursor :]

    def apply(self, edit: Edit, cursor: int) -> None:
        """Change the text and put the cursor where the editor puts it."""
        end = edit.offset + len(edit.removed)
        assert self.text[edit.offset : end] == edit.removed, "the edit is for another text"
        self.text = self.text[: edit.offset] + edit.inserted + self.text[end:]
        self.cursor = cursor
        self._version += 1
        self._lines = None

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column in characters, both from 0."""
        return self.text.count("\n", 0, offset), offset - self.text.rfind("\n", 0, offset) - 1

    def snapshot(self, cursor: int | None = None) -> Snapshot:
        at = self.cursor if cursor is None else cursor
        return Snapshot(
            uri=self.uri,
            language=self.language,
            version=self.version,
            before=self.text[max(0, at - SIDE_LIMIT) : at],
            after=self.text[at : at + SIDE_LIMIT],
            path=self.path,
            line=self.text.count("\n", 0, at),
            before_is_cut=at > SIDE_LIMIT,
            after_is_cut=len(self.text) - at > SIDE_LIMIT,
        )
