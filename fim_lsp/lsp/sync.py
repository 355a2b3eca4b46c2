"""What the editor says about its documents, applied in order and told to the observer.

Nothing here answers anything or waits for anything. A change of a document that was never opened is no reason to bother
people: it is noted in the log, and requests for that document get nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from typing import Protocol

from lsprotocol import types

from fim_lsp.document import Edit, Observer, Snapshot
from fim_lsp.lsp.convert import Cursor, Encoding
from fim_lsp.lsp.documents import TextDocument, Touched
from fim_lsp.lsp.notebooks import Notebooks
from fim_lsp.lsp.uris import to_path

log = logging.getLogger(__name__)


class Follower(Observer, Protocol):
    """An observer that also follows what is being typed; an `Engine` is one."""

    def follows(self, uri: str) -> bool: ...
    def typed(self, snapshot: Snapshot, edit: Edit) -> None: ...
    def rewritten(self, uri: str) -> None: ...


class Sync:
    """The open documents and notebooks, kept as the editor has them."""

    def __init__(self, follower: Follower, encoding: Encoding) -> None:
        self._encoding = encoding
        self.documents: dict[str, TextDocument] = {}
        self._notebooks = Notebooks(self.documents)
        self._follower = follower

    def freeze(self, uri: str, position: types.Position) -> tuple[Snapshot, Cursor] | None:
        """The document as it stands now, seen from a position; None if it is not open."""
        document = self.documents.get(uri)
        if document is None:
            return None
        place = document.place(position)
        return self._notebooks.with_neighbours(document.freeze(place)), document.cursor(place)

    def open(self, item: types.TextDocumentItem, path: str | None = None) -> None:
        self.close(item.uri)
        document = TextDocument(item, path or to_path(item.uri), self._encoding)
        self.documents[document.uri] = document
        self._follower.opened(document)

    def change(
        self, identifier: types.VersionedTextDocumentIdentifier, changes: Sequence[types.TextDocumentContentChangeEvent]
    ) -> None:
        document = self.documents.get(identifier.uri)
        if document is None:
            return log.warning("a change of a document that is not open was ignored")
        document.version = identifier.version
        touched = Touched()
        for change in changes:
            splice = document.change(change, touched)
            if splice.removed or splice.added:
                self._follower.edited(document, splice.start, splice.removed, splice.added)
        if not touched.is_empty and self._follower.follows(document.uri):
            self._tell_what_was_typed(document, touched)

    def _tell_what_was_typed(self, document: TextDocument, touched: Touched) -> None:
        if (typed := document.typed(touched)) is None:
            return self._follower.rewritten(document.uri)
        edit, snapshot = typed
        if not edit.removed and not edit.inserted:
            return  # a text was replaced by itself
        whole = self._notebooks.with_neighbours(snapshot)
        shift = len(whole.before) - len(snapshot.before)
        self._follower.typed(whole, Edit(edit.offset + shift, edit.removed, edit.inserted))

    def close(self, uri: str) -> None:
        if self.documents.pop(uri, None) is not None:
            self._follower.closed(uri)

    def open_notebook(self, params: types.DidOpenNotebookDocumentParams) -> None:
        self._notebooks.open(params.notebook_document.uri, params.notebook_document.cells)
        self._open_cells(params.notebook_document.uri, params.cell_text_documents)

    def change_notebook(self, params: types.DidChangeNotebookDocumentParams) -> None:
        notebook = self._notebooks.get(params.notebook_document.uri)
        if notebook is None:
            return log.warning("a change of a notebook that is not open was ignored")
        cells = params.change.cells
        if cells is None:
            return
        if cells.structure is not None:
            notebook.splice(cells.structure.array)
            for closed in cells.structure.did_close or ():
                self.close(closed.uri)
            self._open_cells(notebook.uri, cells.structure.did_open or ())
        for content in cells.text_content or ():
            self.change(content.document, content.changes)

    def close_notebook(self, params: types.DidCloseNotebookDocumentParams) -> None:
        notebook = self._notebooks.close(params.notebook_document.uri)
        listed = [cell.uri for cell in params.cell_text_documents]
        for uri in dict.fromkeys([*listed, *(notebook.cells if notebook else ())]):
            self.close(uri)

    def _open_cells(self, notebook_uri: str, items: Iterable[types.TextDocumentItem]) -> None:
        # A cell is as private as the notebook that it is a part of, so it goes by the notebook's path.
        path = to_path(notebook_uri)
        for item in items:
            self.open(item, path)
