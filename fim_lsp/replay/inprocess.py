"""An engine in this process, told what the language server layer would tell it: for virtual time."""

from __future__ import annotations

import asyncio

from fim_lsp.answer import Answer, Engine
from fim_lsp.document import Edit
from fim_lsp.replay.buffer import Buffer
from fim_lsp.replay.editors import Reply
from fim_lsp.replay.ghost import Item


class InProcess:
    """Meets `editors.Server`."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def opened(self, buffer: Buffer) -> None:
        self._engine.opened(buffer)

    def changed(self, buffer: Buffer, edit: Edit) -> None:
        start = buffer.text.count("\n", 0, edit.offset)
        self._engine.edited(buffer, start, edit.removed.count("\n") + 1, edit.inserted.count("\n") + 1)
        if self._engine.follows(buffer.uri):
            self._engine.typed(buffer.snapshot(edit.offset + len(edit.inserted)), edit)

    def closed(self, buffer: Buffer) -> None:
        self._engine.closed(buffer.uri)

    def ask(self, buffer: Buffer) -> asyncio.Future[Reply]:
        snapshot, cursor = buffer.snapshot(), buffer.cursor

        async def ask() -> Reply:
            return _reply(await self._engine.complete(snapshot, invoked=False), cursor)

        return asyncio.create_task(ask())

    def cancel(self, pending: asyncio.Future[Reply]) -> None:
        pending.cancel()

    def accepted(self, item: Item) -> None:
        if item.id:
            self._engine.accepted(item.id)


def _reply(answer: Answer, cursor: int) -> Reply:
    if answer.superseded:
        return Reply()
    items = tuple(Item(one.text, cursor, cursor + one.replaces, one.id) for one in answer.suggestions)
    return Reply(items, why=f"{answer.reason} {answer.detail}".strip())
