"""How VS Code and Neovim ask for ghost text, keep it, drop it and accept it.

Nothing here knows what is right: an editor shows what it was given. Both were modelled after the editors' sources:
VS Code 1.139 with vscode-languageclient 10, Neovim 0.12's `vim.lsp.inline_completion`.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Protocol

from fim_lsp.document import Edit
from fim_lsp.replay.buffer import Buffer
from fim_lsp.replay.ghost import Ghost, Item, continues, seen
from fim_lsp.replay.record import Asked, Outcome, Record


@dataclass(frozen=True, slots=True)
class Reply:
    """`items` is None for null: nothing is said, what is shown stays."""

    items: tuple[Item, ...] | None = None
    cancelled: bool = False
    error: str = ""
    why: str = ""
    """Why there is nothing to show, if that is known here."""


class Server(Protocol):
    """What an editor needs of a language server."""

    def opened(self, buffer: Buffer) -> None: ...
    def changed(self, buffer: Buffer, edit: Edit) -> None:
        """`buffer` is as it stands after the edit."""
        ...

    def closed(self, buffer: Buffer) -> None: ...
    def ask(self, buffer: Buffer) -> asyncio.Future[Reply]:
        """Ask for a suggestion at the buffer's cursor as it stands now. The future never raises."""
        ...

    def cancel(self, pending: asyncio.Future[Reply]) -> None: ...
    def accepted(self, item: Item) -> None: ...


class Checks(Protocol):
    """Looks at each item with eyes that the editor does not have."""

    def fault(self, item: Item, text: str, cursor: int) -> str: ...
    def departed(self, before: str) -> None: ...


class Editor:
    """What both editors have in common."""

    name = ""
    wait_ms = 0.0
    closes_pairs = True
    takes_parts = True
    """Whether a line or a word of a suggestion can be accepted."""

    def __init__(self, server: Server, buffer: Buffer, record: Record, checks: Checks) -> None:
        self._server = server
        self._record = record
        self._checks = checks
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._pending: list[asyncio.Future[Reply]] = []
        self._item: Item | None = None
        self.buffer = buffer
        self.screen_changed = asyncio.Event()
        server.opened(buffer)

    @property
    def now_ms(self) -> float:
        return (self._loop.time() - self._began) * 1000

    @property
    def ghost(self) -> Ghost | None:
        """What the person sees."""
        return seen(self._item, self.buffer)

    def edit(self, edit: Edit, cursor: int) -> None:
        """The document changes, whatever the reason."""
        self.buffer.apply(edit, cursor)
        self._server.changed(self.buffer, edit)
        self._checks.departed(self.buffer.before)
        self._carry(edit)
        self._schedule()

    def move(self, cursor: int) -> None:
        """The cursor goes elsewhere; the text stays."""
        self.buffer.cursor = cursor
        self._checks.departed(self.buffer.before)
        self._show(None)

    def accept(self) -> None:
        """Take the whole suggestion."""
        item = self._item
        assert item is not None
        self._item = None
        removed = self.buffer.text[item.start : item.end]
        self.edit(Edit(item.start, removed, item.text), item.start + len(item.text))
        if item.id:
            self._server.accepted(item)

    def accept_part(self, length: int) -> None:
        """Take the first characters of the suggestion; the rest stays on the screen."""
        ghost = self.ghost
        assert ghost is not None
        cursor = self.buffer.cursor
        self.edit(Edit(cursor, "", ghost.text[:length]), cursor + length)

    @property
    def pending(self) -> list[asyncio.Future[Reply]]:
        """Requests without an answer."""
        return list(self._pending)

    def stop_asking(self) -> None:
        if self._timer:
            self._timer.cancel()

    def close(self) -> None:
        self.stop_asking()
        self._cancel_pending()
        self._server.closed(self.buffer)

    def _carry(self, edit: Edit) -> None:
        """Take the shown item along with an edit; what lies within its range makes the range grow or shrink."""
        item = self._item
        if item is None:
            return
        end = edit.offset + len(edit.removed)
        inside = item.start <= edit.offset and end <= item.end
        grown = len(edit.inserted) - len(edit.removed)
        self._show(replace(item, end=item.end + grown) if inside else None)

    def _show(self, item: Item | None) -> None:
        self._item = item
        self.screen_changed.set()

    def _schedule(self) -> None:
        if self._timer:
            self._timer.cancel()
        self._timer = self._loop.call_later(self.wait_ms / 1000, self._ask)

    def _ask(self) -> None:
        buffer, asked = self.buffer, Asked(self.now_ms)
        text, cursor, version = buffer.text, buffer.cursor, buffer.version
        self._record.asked.append(asked)
        pending = self._server.ask(buffer)
        self._pending.append(pending)

        def answered(done: asyncio.Future[Reply]) -> None:
            if done in self._pending:
                self._pending.remove(done)
            if done.cancelled():
                asked.answered_ms, asked.outcome = self.now_ms, "cancelled"
                return
            reply = done.result()
            asked.answered_ms = self.now_ms
            asked.outcome = _outcome(reply)
            if reply.items:
                asked.fault = self._checks.fault(reply.items[0], text, cursor)
            if not reply.cancelled and not reply.error:
                self._answered(reply, version)

        pending.add_done_callback(answered)

    def _answered(self, reply: Reply, version: int) -> None:
        raise NotImplementedError

    def _replace_item(self, item: Item | None) -> None:
        """Another item takes the place of the shown one; it is a flicker if a suggestion still good goes or changes."""
        before = self.ghost
        self._show(item)
        after = self.ghost
        if before is not None and not continues(before, after):
            self._record.flickers += 1

    def _cancel_pending(self) -> None:
        for pending in list(self._pending):
            self._server.cancel(pending)
        self._pending.clear()


class VsCode(Editor):
    """Waits 50 ms after a change, cancels at each change, drops answers for an older version."""

    name = "vscode"
    wait_ms = 50.0

    def _carry(self, edit: Edit) -> None:
        """Typing along keeps the item; deleting, or leaving its text, takes it away."""
        super()._carry(edit)
        if self._item and (len(edit.removed) > len(edit.inserted) or self.ghost is None):
            self._show(None)

    def _schedule(self) -> None:
        self._cancel_pending()
        super()._schedule()

    def move(self, cursor: int) -> None:
        """Asks only when something is typed."""
        self._cancel_pending()
        self.stop_asking()
        super().move(cursor)

    def _answered(self, reply: Reply, version: int) -> None:
        if version != self.buffer.version:
            return
        self._replace_item(reply.items[0] if reply.items else None)


class Neovim(Editor):
    """A 200 ms timer; never cancels while typing; the last answer wins, for whatever text; null changes nothing."""

    name = "neovim"
    wait_ms = 200.0
    closes_pairs = False
    takes_parts = False

    def move(self, cursor: int) -> None:
        super().move(cursor)
        self._schedule()

    def accept(self) -> None:
        self._cancel_pending()
        super().accept()

    def _answered(self, reply: Reply, version: int) -> None:
        if reply.items is not None:
            self._replace_item(self._grown(reply.items[0]) if reply.items else None)

    def _grown(self, item: Item) -> Item:
        """The range of a late answer grows over what was typed since, if that is what the item says."""
        cursor = self.buffer.cursor
        typed = self.buffer.text[item.start : cursor]
        return replace(item, end=cursor) if item.end < cursor and item.text.startswith(typed) else item


EDITORS: dict[str, type[Editor]] = {editor.name: editor for editor in (VsCode, Neovim)}


def _outcome(reply: Reply) -> Outcome:
    if reply.error:
        return "error"
    if reply.cancelled:
        return "cancelled"
    if reply.items is None:
        return "null"
    return "item" if reply.items else "empty"
