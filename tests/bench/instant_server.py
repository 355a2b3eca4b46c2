"""Our server with an engine that answers at once: what is left is the cost of the server itself."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from fim_lsp.answer import Answer, Decision, Host, Selected, Status
from fim_lsp.document import Document, Edit, Snapshot, Suggestion
from fim_lsp.lsp.run import run
from fim_lsp.reasons import Reason
from fim_lsp.settings.model import Settings


class InstantEngine:
    """With `--follow` it follows every key, as an engine does while a generation is live."""

    settings = Settings()
    follow = "--follow" in sys.argv

    def __init__(self, host: Host) -> None:
        self._answer = Answer((Suggestion("completed()", id="1"),))

    async def complete(
        self, snapshot: Snapshot, *, invoked: bool, selected: Selected | None = None, menu: bool = False
    ) -> Answer:
        return self._answer

    def configure(self, editor_settings: object, folders: Sequence[str]) -> None: ...
    def start(self) -> None: ...
    def follows(self, uri: str) -> bool:
        return self.follow

    def typed(self, snapshot: Snapshot, edit: Edit) -> None: ...
    def rewritten(self, uri: str) -> None: ...
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
    def opened(self, document: Document) -> None: ...
    def edited(self, document: Document, start: int, removed: int, added: int) -> None: ...
    def closed(self, uri: str) -> None: ...
    async def close(self) -> None: ...


if __name__ == "__main__":
    run(InstantEngine)
