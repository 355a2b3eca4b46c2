"""Each request goes straight to the model; its first line is shown when it is there. Nothing is kept."""

from __future__ import annotations

from contextlib import aclosing

from fim_lsp.answer import Answer, Selected
from fim_lsp.document import Snapshot
from fim_lsp.replay.peers.base import Peer, answer


class Direct(Peer):
    async def complete(
        self, snapshot: Snapshot, *, invoked: bool, selected: Selected | None = None, menu: bool = False
    ) -> Answer:
        text = ""
        async with aclosing(self._ask(snapshot)) as deltas:
            async for delta in deltas:
                text += delta.text
                if "\n" in text.lstrip():
                    break
        content = len(text) - len(text.lstrip())
        return answer(text[:content] + text[content:].split("\n")[0])
