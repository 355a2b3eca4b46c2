"""From a question at a cursor to the prompt that may be sent: redacted, with snippets, laid out within the budget."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

from cachetools import LRUCache

from fim_lsp import prompt as prompts
from fim_lsp.context.gatherer import Gatherer
from fim_lsp.document import Document, Snapshot
from fim_lsp.generation import Ask, Refused
from fim_lsp.privacy.redact import Redactor
from fim_lsp.providers.base import Prompt, Snippet
from fim_lsp.reasons import Reason
from fim_lsp.settings.model import Settings

CLEAN_SNIPPETS = 200
"""So many snippets are remembered without their secrets."""
LAST_PROMPTS = 16


class Prompter:
    """Makes prompts for all documents; an `Observer` of them only to forget the closed ones."""

    def __init__(
        self,
        *,
        gatherer: Gatherer,
        settings_for: Callable[[str | None], Settings],
        folder_of: Callable[[str | None], str | None],
    ) -> None:
        self._gatherer = gatherer
        self._settings_for = settings_for
        self._folder_of = folder_of
        self._redactor = Redactor()
        self._clean: LRUCache[Snippet, Snippet] = LRUCache(CLEAN_SNIPPETS)
        self._last: LRUCache[str, Prompt] = LRUCache(LAST_PROMPTS)

    async def make(self, ask: Ask) -> Prompt:
        """Raises Refused where the cursor is in a secret."""
        settings, folder = self._settings_for(ask.snapshot.path), self._folder_of(ask.snapshot.path)
        snapshot = self._without_secrets(ask.snapshot, settings)
        snippets: tuple[Snippet, ...] = ()
        if ask.source.reads_context:
            snippets = await self._gatherer.snippets(ask.snapshot, settings.context, folder=folder)
        built = prompts.build(
            snapshot,
            budget_tokens=settings.context.max_tokens,
            snippets=[self._clean_snippet(snippet) for snippet in snippets] if settings.privacy.redact else snippets,
            path=_relative(snapshot.path, folder),
            project=os.path.basename(folder) if folder else "",
            closers=len(ask.closers),
            head=settings.context.enabled and settings.context.head,
            previous=self._last.get(snapshot.uri),
        )
        self._last[snapshot.uri] = built
        return replace(built, uri=snapshot.uri, line=snapshot.line)

    def opened(self, document: Document) -> None:
        """Nothing is known of it yet."""

    def edited(self, document: Document, start: int, removed: int, added: int) -> None:
        """The next prompt shows."""

    def closed(self, uri: str) -> None:
        self._last.pop(uri, None)
        self._redactor.forget(uri)

    def _without_secrets(self, snapshot: Snapshot, settings: Settings) -> Snapshot:
        if not settings.privacy.redact:
            return snapshot
        redacted = self._redactor.snapshot(snapshot)
        if redacted.rule:
            raise Refused(Reason.REDACTED, redacted.rule)
        return redacted.snapshot

    def _clean_snippet(self, snippet: Snippet) -> Snippet:
        if snippet not in self._clean:
            self._clean[snippet] = replace(snippet, text=self._redactor.text(snippet.text))
        return self._clean[snippet]


def _relative(path: str | None, folder: str | None) -> str:
    if path is None:
        return ""
    return os.path.relpath(path, folder).replace(os.sep, "/") if folder else os.path.basename(path)
