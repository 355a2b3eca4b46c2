"""What the comparison servers share: the engine's interface, a plain window, no opinion on anything else."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence
from typing import Protocol

from fim_lsp.answer import Answer, Decision, Selected, Status
from fim_lsp.document import Document, Edit, Snapshot, Suggestion
from fim_lsp.providers.base import Delta, Prompt, Sampling
from fim_lsp.reasons import Reason
from fim_lsp.settings.model import Settings

BEFORE, AFTER = 2600, 1000
"""Characters of the document in a prompt: what the engine sends of a long document, in the mean."""


class Source(Protocol):
    def generate(self, prompt: Prompt, sampling: Sampling, *, invoked: bool) -> AsyncGenerator[Delta, None]: ...


class Peer:
    """Answers requests, ignores everything else."""

    def __init__(self, source: Source, configured: Callable[[object], None] = lambda settings: None) -> None:
        self._source = source
        self._configured = configured
        self._settings = Settings()

    def configure(self, editor_settings: Sequence[object], folders: Sequence[str]) -> None:
        """Only what came with `initialize` counts."""
        self._configured(editor_settings[0])

    @property
    def settings(self) -> Settings:
        return self._settings

    def start(self) -> None: ...

    async def complete(
        self, snapshot: Snapshot, *, invoked: bool, selected: Selected | None = None, menu: bool = False
    ) -> Answer:
        raise NotImplementedError

    def follows(self, uri: str) -> bool:
        return False

    def typed(self, snapshot: Snapshot, edit: Edit) -> None: ...
    def rewritten(self, uri: str) -> None: ...
    def opened(self, document: Document) -> None: ...
    def edited(self, document: Document, start: int, removed: int, added: int) -> None: ...
    def closed(self, uri: str) -> None: ...
    def refused(self, uri: str, reason: Reason) -> None: ...
    def files_changed(self, paths: Sequence[str]) -> None: ...
    def accepted(self, suggestion_id: str) -> None: ...

    def why(self) -> list[Decision]:
        return []

    def status(self) -> Status:
        return Status("idle")

    def toggle(self) -> bool:
        return True

    def snooze(self, minutes: float) -> None: ...
    def clear(self) -> None: ...
    async def close(self) -> None: ...

    def _ask(self, snapshot: Snapshot) -> AsyncGenerator[Delta, None]:
        window = Prompt(snapshot.before[-BEFORE:], snapshot.after[:AFTER], language=snapshot.language)
        return self._source.generate(window, Sampling(), invoked=False)


def answer(text: str) -> Answer:
    """The text as it is, or silence."""
    return Answer((Suggestion(text),)) if text.strip() else Answer(reason=Reason.EMPTY)
