"""`textDocument/completion`: the completion menu, for editors that have no ghost text.

One item, which shows the whole suggestion beside it. It shares the menu with language servers that know the code, so it
sorts behind their items, and it is not waited for longer than the editor's menu can bear: an empty, incomplete answer
makes the editor ask again at the next key, when the text is there.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable
from typing import TYPE_CHECKING

from lsprotocol import types

from fim_lsp.document import Snapshot, Suggestion
from fim_lsp.errors import describe
from fim_lsp.lsp.client import Client
from fim_lsp.lsp.convert import Cursor, to_command, to_range, with_lf
from fim_lsp.lsp.fitting import before_what_follows, within_indent, without_indent
from fim_lsp.reasons import Reason
from fim_lsp.settings.layers import from_editor

if TYPE_CHECKING:
    from fim_lsp.lsp.server import Server

log = logging.getLogger(__name__)

WAIT_S = 0.15
"""Editors such as Sublime Text show their menu only when the last server has answered."""
WAITS_S = {
    "helix": 1.5,  # opens the menu with what is there after 250 ms, and adds what comes later
    "eglot": 1.5,  # one server a buffer, and it gives up waiting at the next key
}
WITHOUT_GHOST_TEXT = ("helix", "eglot", "kakoune-lsp", "kak-lsp", "sublime text lsp", "vim-lsp", "vim")
"""`clientInfo.name`, lower case. lsp-mode is not here: it has ghost text and merely does not declare it.

Kate is not here because it gives no name; its users switch the menu on.
"""
KAKOUNE = ("kakoune-lsp", "kak-lsp")
"""Inserts an item as a snippet, with an indent of its own and without `$1`, unless its whole text is what filters it.
It replaces nothing right of the cursor, and its lines end with LF, whatever they end with in the file.
"""
TRIGGERS = [".", "("]
"""Few, and such as others have too: Helix asks every server when any server's trigger is typed."""
WORD_LENGTH = 100
LABEL_LENGTH = 60
SORTS_LAST = "\U0010fffd"

_WORD = re.compile(r"\w+$")
_TICKS = re.compile("`{3,}")


def is_wanted(client: Client) -> bool:
    """As far as the editor says; the other sources of settings are not read before `initialize` is answered."""
    menu = from_editor(client.options).values.get("menu")
    setting = menu.get("completion") if isinstance(menu, dict) else None
    if setting in ("on", "off"):
        return bool(setting == "on")
    return client.name in WITHOUT_GHOST_TEXT and not client.inline_completion


def comes_late(ls: Server) -> bool:
    """Another source of settings wants the menu, and the client can still be told."""
    return ls.engine.settings.menu.completion == "on" and not ls.offers_menu and ls.client.registers_menu


def options() -> types.CompletionOptions:
    return types.CompletionOptions(trigger_characters=TRIGGERS)


def complete(ls: Server, params: types.CompletionParams) -> Awaitable[types.CompletionList] | types.CompletionList:
    uri = params.text_document.uri
    if ls.engine.settings.menu.completion == "off":
        return _incomplete([])
    frozen = ls.sync.freeze(uri, params.position)
    if frozen is None:
        ls.engine.refused(uri, Reason.UNKNOWN_DOCUMENT)
        return _incomplete([])
    snapshot, cursor = frozen
    return _answer(ls, snapshot, cursor, WAITS_S.get(ls.client.name, WAIT_S))


async def _answer(ls: Server, snapshot: Snapshot, cursor: Cursor, wait_s: float) -> types.CompletionList:
    # Never `invoked`: menus open by themselves, and the request does not tell whether this one did.
    asked = ls.in_background(ls.engine.complete(snapshot, invoked=False, menu=True))
    try:
        answer = await asyncio.wait_for(asyncio.shield(asked), wait_s)
    except TimeoutError:
        return _incomplete([])  # what comes later is remembered for the next key
    except asyncio.CancelledError:
        asked.cancel()
        raise
    except Exception as error:
        log.error("a completion failed: %s", describe(error))
        return _incomplete([])
    suggestions = (_fitted(ls.client, snapshot, suggestion) for suggestion in answer.suggestions[:1])
    return _incomplete([to_menu_item(ls.client, snapshot, cursor, one) for one in suggestions if one.text])


def _fitted(client: Client, snapshot: Snapshot, suggestion: Suggestion) -> Suggestion:
    if client.name in KAKOUNE:
        return before_what_follows(snapshot, suggestion)
    return within_indent(snapshot, suggestion) if _indents(client) else suggestion


def _indents(client: Client) -> bool:
    """Puts an indent before each further line of an item, whatever we say."""
    return client.indents_menu_lines and not client.takes_menu_lines


def _incomplete(items: list[types.CompletionItem]) -> types.CompletionList:
    """Always incomplete: the next key may have a better answer."""
    return types.CompletionList(is_incomplete=True, items=items)


def to_menu_item(client: Client, snapshot: Snapshot, cursor: Cursor, suggestion: Suggestion) -> types.CompletionItem:
    """Replaces the word before the cursor and begins with it, since menus filter their items by that word.

    Its lines end as the document's do: Helix puts them into the file as they are.
    """
    word_match = _WORD.search(snapshot.line_before[-WORD_LENGTH:])
    word = word_match[0] if word_match else ""
    text = word + with_lf(suggestion.text)
    new_text = without_indent(snapshot, text) if _indents(client) else text
    label = next((line.strip() for line in text.splitlines() if line.strip()), "")
    lines = text.count("\n") + 1
    source = suggestion.provider or "fim-lsp"
    is_kakoune = client.name in KAKOUNE
    return types.CompletionItem(
        label=label if len(label) <= LABEL_LENGTH else label[: LABEL_LENGTH - 1] + "…",
        kind=types.CompletionItemKind.Text,
        detail=source if lines == 1 else f"{source}, {lines} lines",
        documentation=_preview(text, snapshot.language) if client.markdown else text,
        sort_text=SORTS_LAST,
        filter_text=text if is_kakoune else text.partition("\n")[0] or label,
        insert_text_format=types.InsertTextFormat.PlainText,
        insert_text_mode=types.InsertTextMode.AsIs if client.takes_menu_lines else None,
        text_edit=types.TextEdit(
            to_range(snapshot, cursor, suggestion, len(word)),
            new_text if is_kakoune else new_text.replace("\n", cursor.line_end),
        ),
        command=to_command(suggestion) if suggestion.id else None,
    )


def _preview(text: str, language: str) -> types.MarkupContent:
    ticks = "`" * max((len(run) + 1 for run in _TICKS.findall(text)), default=3)
    return types.MarkupContent(types.MarkupKind.Markdown, f"{ticks}{language}\n{text}\n{ticks}")
