"""Servers for the simulated editors, without an engine."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from fim_lsp.document import Edit
from fim_lsp.replay.buffer import Buffer
from fim_lsp.replay.editors import Reply
from fim_lsp.replay.ghost import Item


@dataclass
class Scripted:
    """Answers with `say(before, after)` after `delay_s`; the text goes in at the cursor."""

    say: Callable[[str, str], Reply | str]
    delay_s: float = 0.0
    heard: list[str] = field(default_factory=list)

    def opened(self, buffer: Buffer) -> None:
        self.heard.append("open")

    def changed(self, buffer: Buffer, edit: Edit) -> None:
        self.heard.append(f"{edit.removed!r} → {edit.inserted!r}")

    def closed(self, buffer: Buffer) -> None:
        self.heard.append("close")

    def ask(self, buffer: Buffer) -> asyncio.Future[Reply]:
        before, after, cursor = buffer.before, buffer.after, buffer.cursor

        async def answer() -> Reply:
            await asyncio.sleep(self.delay_s)
            said = self.say(before, after)
            return said if isinstance(said, Reply) else Reply((Item(said, cursor, cursor),) if said else ())

        self.heard.append("ask")
        return asyncio.create_task(answer())

    def cancel(self, pending: asyncio.Future[Reply]) -> None:
        self.heard.append("cancel")
        pending.cancel()

    def accepted(self, item: Item) -> None:
        self.heard.append("accepted")


def silent() -> Scripted:
    return Scripted(lambda before, after: "")
