"""Notebooks: which cells there are in which order, and what a cell's snapshot sees of its neighbours.

Cells are ordinary open documents; nothing else in the program knows that they belong together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from lsprotocol import types

from fim_lsp import languages
from fim_lsp.document import SIDE_LIMIT, Snapshot
from fim_lsp.lsp.documents import TextDocument


@dataclass(slots=True)
class Notebook:
    """The cells' URIs in their order."""

    uri: str
    cells: list[str]

    def splice(self, change: types.NotebookCellArrayChange) -> None:
        added = [cell.document for cell in change.cells or ()]
        self.cells[change.start : change.start + change.delete_count] = added


class Notebooks:
    """All open notebooks."""

    def __init__(self, documents: Mapping[str, TextDocument]) -> None:
        self._documents = documents
        self._open: dict[str, Notebook] = {}

    def open(self, uri: str, cells: Iterable[types.NotebookCell]) -> Notebook:
        notebook = self._open[uri] = Notebook(uri, [cell.document for cell in cells])
        return notebook

    def get(self, uri: str) -> Notebook | None:
        return self._open.get(uri)

    def close(self, uri: str) -> Notebook | None:
        return self._open.pop(uri, None)

    def with_neighbours(self, snapshot: Snapshot) -> Snapshot:
        """A cell's snapshot with the cells above it in `before` and those below it in `after`."""
        notebook = next((one for one in self._open.values() if snapshot.uri in one.cells), None)
        if notebook is None:
            return snapshot
        position = notebook.cells.index(snapshot.uri)
        above = self._texts(reversed(notebook.cells[:position]), snapshot.language)
        below = self._texts(notebook.cells[position + 1 :], snapshot.language)
        before = "".join([*(text + "\n" for text in reversed(above)), snapshot.before])
        after = "".join([snapshot.after, *("\n" + text for text in below)])
        return replace(
            snapshot,
            before=before[-SIDE_LIMIT:],
            after=after[:SIDE_LIMIT],
            before_is_cut=snapshot.before_is_cut or len(before) > SIDE_LIMIT,
            after_is_cut=snapshot.after_is_cut or len(after) > SIDE_LIMIT,
        )

    def _texts(self, cells: Iterable[str], language: str) -> list[str]:
        """The cells' texts, the nearest first, no more than there is room for."""
        texts: list[str] = []
        size = 0
        for uri in cells:
            cell = self._documents.get(uri)
            if cell is not None and (text := text_for(cell, language)):
                texts.append(text)
                size += len(text)
            if size > SIDE_LIMIT:
                break
        return texts


def text_for(cell: TextDocument, language: str) -> str:
    """A cell as code of `language` reads it: as it is, or as comments if it is of another language."""
    if cell.language == language:
        return "\n".join(cell.lines)
    marks = languages.get(language).comment
    return "\n".join(_commented(cell.lines, *marks)) if marks else ""


def _commented(lines: Sequence[str], opening: str, closing: str) -> Iterable[str]:
    return (f"{opening} {line} {closing}".rstrip() for line in lines)
