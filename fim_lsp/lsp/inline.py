"""`textDocument/inlineCompletion`: ghost text.

What each answer means to the editors: `null` leaves what is shown (a newer request is on its way), `[]` clears it,
and an error is for a request that the editor itself cancelled. An automatic request never fails in any other way.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Iterable
from typing import TYPE_CHECKING

from lsprotocol import types

from fim_lsp.answer import Selected
from fim_lsp.document import Snapshot, Suggestion
from fim_lsp.errors import describe
from fim_lsp.lsp.convert import Cursor, to_item
from fim_lsp.lsp.fitting import before_what_follows
from fim_lsp.reasons import Reason

if TYPE_CHECKING:
    from fim_lsp.lsp.server import Server

log = logging.getLogger(__name__)

Items = list[types.InlineCompletionItem]


def complete(ls: Server, params: types.InlineCompletionParams) -> Awaitable[Items | None] | Items:
    uri = params.text_document.uri
    # The request names no version: it means the document as the last change left it, so it is frozen here and now.
    frozen = ls.sync.freeze(uri, params.position)
    if frozen is None:
        ls.engine.refused(uri, Reason.UNKNOWN_DOCUMENT)
        return []
    snapshot, cursor = frozen
    invoked = params.context.trigger_kind == types.InlineCompletionTriggerKind.Invoked
    selected = _selected(ls, uri, cursor, params.context.selected_completion_info)
    return _answer(ls, snapshot, cursor, selected, invoked=invoked)


async def _answer(
    ls: Server, snapshot: Snapshot, cursor: Cursor, selected: Selected | None, *, invoked: bool
) -> Items | None:
    try:
        answer = await ls.engine.complete(snapshot, invoked=invoked, selected=selected)
        if answer.superseded:
            return None
        suggestions: Iterable[Suggestion] = answer.suggestions
        if ls.client.jetbrains:
            suggestions = (before_what_follows(snapshot, suggestion) for suggestion in suggestions)
        return [to_item(snapshot, cursor, suggestion, selected) for suggestion in suggestions if suggestion.text]
    except Exception as error:
        log.error("a completion failed: %s", describe(error))
        return []


def _selected(ls: Server, uri: str, cursor: Cursor, info: types.SelectedCompletionInfo | None) -> Selected | None:
    """The menu's item, if what it replaces lies around the cursor on its line; else it says nothing to us."""
    document = ls.sync.documents.get(uri)
    if document is None or info is None:
        return None
    start, end = document.place(info.range.start), document.place(info.range.end)
    if not start <= cursor.place <= end or start.line != end.line:
        return None
    return Selected(info.text, cursor.place.offset - start.offset)
