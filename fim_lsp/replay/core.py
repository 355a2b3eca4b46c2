"""The engine by itself, on a model in this process: no settings files, no network, no context from other places.

For virtual time. The whole server is measured over stdio.
"""

from __future__ import annotations

import asyncio

from fim_lsp import prompt as prompts
from fim_lsp.answer import Answer, Selected
from fim_lsp.desk import Setup
from fim_lsp.document import Document, Edit, Snapshot
from fim_lsp.engine import Engine
from fim_lsp.generation import Ask, Source
from fim_lsp.lookup import Lookup
from fim_lsp.lookup.source import LookupSource
from fim_lsp.providers.base import Prompt
from fim_lsp.replay.peers import Peer
from fim_lsp.settings import model as settings
from fim_lsp.settings.model import Completion


class CoreEngine(Peer):
    """`fim_lsp.engine.Engine` behind the interface of the language server."""

    def __init__(
        self, source: Source, completion: Completion, budget_tokens: int, *, while_waiting: bool = False
    ) -> None:
        """`while_waiting`: the embedded engine, which knows the open documents, guesses until the model answers."""
        super().__init__(source)
        self._lookup = Lookup()
        self._follows_texts = while_waiting
        guess = LookupSource(self._lookup, settings.Lookup).sure if while_waiting else None
        self._setup = Setup(completion, source, guess=guess)
        self._budget_tokens = budget_tokens
        self._prompts: dict[str, Prompt] = {}
        self._engine = Engine(
            setup_for=lambda snapshot: self._setup,
            make_prompt=self._make_prompt,
            clock=asyncio.get_running_loop().time,
            crashed=_raise,
        )

    async def complete(
        self, snapshot: Snapshot, *, invoked: bool, selected: Selected | None = None, menu: bool = False
    ) -> Answer:
        return await self._engine.complete(snapshot, invoked=invoked, selected=selected, menu=menu)

    def follows(self, uri: str) -> bool:
        return self._engine.follows(uri)

    def typed(self, snapshot: Snapshot, edit: Edit) -> None:
        self._engine.typed(snapshot, edit)

    def rewritten(self, uri: str) -> None:
        self._engine.rewritten(uri)

    def opened(self, document: Document) -> None:
        if self._follows_texts:
            self._lookup.opened(document)

    def edited(self, document: Document, start: int, removed: int, added: int) -> None:
        if self._follows_texts:
            self._lookup.edited(document, start, removed, added)
            self._lookup.work()
        self._engine.edited(document.uri, start, added)

    def closed(self, uri: str) -> None:
        self._engine.closed(uri)
        self._lookup.closed(uri)
        self._prompts.pop(uri, None)

    async def close(self) -> None:
        await self._engine.close()

    async def _make_prompt(self, ask: Ask) -> Prompt:
        uri = ask.snapshot.uri
        built = prompts.build(
            ask.snapshot,
            budget_tokens=self._budget_tokens,
            closers=len(ask.closers),
            previous=self._prompts.get(uri),
        )
        self._prompts[uri] = built
        return built


def _raise(error: Exception) -> None:
    raise error
