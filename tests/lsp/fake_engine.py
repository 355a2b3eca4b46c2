"""An engine that says what a test tells it to say, and remembers what it was told."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from typing import Any

from fim_lsp.answer import Answer, Decision, Host, Selected, Status
from fim_lsp.document import Document, Edit, Snapshot, Suggestion
from fim_lsp.reasons import Reason
from fim_lsp.settings.layers import from_editor
from fim_lsp.settings.model import Menu, Settings


class FakeEngine:
    """Scripted by words in the last line before the cursor, so that tests of a whole process can use it as well.

    `# hang`: never answers; `# fail`: raises; `# nothing`: no suggestion; `# null`: superseded; the words of
    `MISDEEDS`: does what no engine should; otherwise it answers `text`, at once.
    """

    text = "completed()"
    replaces = 0
    menu = Menu()

    def __init__(self, host: Host) -> None:
        self.host = host
        self.configured: list[tuple[list[Mapping[str, Any]], list[str]]] = []
        """The parts of what the editor sent, and the folders."""
        self.asked: list[tuple[Snapshot, bool, Selected | None]] = []
        self.events: list[tuple[Any, ...]] = []
        self.edits: list[tuple[Snapshot, Edit]] = []
        self.rewritten_uris: list[str] = []
        self.documents: dict[str, Document] = {}
        self.accepted_ids: list[str] = []
        self.cancelled = 0
        self.on = True
        self.closed_down = False
        self.log_level = "warning"

    def configure(self, editor_settings: Sequence[object], folders: Sequence[str]) -> None:
        self.configured.append(([from_editor(sent).values for sent in editor_settings], list(folders)))
        settings = {name: value for values in self.configured[-1][0] for name, value in values.items()}
        self.menu = Menu(**settings["menu"]) if "menu" in settings else self.menu
        self.log_level = settings.get("log_level", "warning")
        self.text = settings.get("text", self.text)

    @property
    def settings(self) -> Settings:
        return Settings(menu=self.menu, log_level=self.log_level)  # type: ignore[arg-type]

    def start(self) -> None:
        self.events.append(("start",))

    async def complete(
        self, snapshot: Snapshot, *, invoked: bool, selected: Selected | None = None, menu: bool = False
    ) -> Answer:
        self.asked.append((snapshot, invoked, selected))
        line = snapshot.line_before
        if "# hang" in line:
            try:
                await asyncio.get_running_loop().create_future()
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
        for word, misdeed in MISDEEDS.items():
            if word in line:
                await misdeed(self.host)
        if "# fail" in line:
            raise KeyError(snapshot.before)
        if "# null" in line:
            return Answer(reason=Reason.SUPERSEDED, superseded=True)
        if "# nothing" in line:
            return Answer(reason=Reason.EMPTY)
        return Answer((Suggestion(self.text, self.replaces, "fake", "id-1"),), provider="fake")

    def follows(self, uri: str) -> bool:
        return True

    def typed(self, snapshot: Snapshot, edit: Edit) -> None:
        self.edits.append((snapshot, edit))

    def rewritten(self, uri: str) -> None:
        self.rewritten_uris.append(uri)

    def refused(self, uri: str, reason: Reason) -> None:
        self.events.append((reason, uri))

    def files_changed(self, paths: Sequence[str]) -> None:
        self.events.append(("files", *paths))

    def accepted(self, suggestion_id: str) -> None:
        self.accepted_ids.append(suggestion_id)

    def why(self) -> list[Decision]:
        return [Decision(1.5, "file:///a.py", 3, 0, 4, False, 0, Reason.EMPTY, "Nothing.", "fake", "", {"total": 1.25})]

    def status(self) -> Status:
        return Status("idle", None, "fake")

    def toggle(self) -> bool:
        self.on = not self.on
        return self.on

    def snooze(self, minutes: float) -> None:
        self.events.append(("snooze", minutes))

    def clear(self) -> None:
        self.events.append(("clear",))

    async def close(self) -> None:
        self.closed_down = True

    def opened(self, document: Document) -> None:
        self.documents[document.uri] = document

    def edited(self, document: Document, start: int, removed: int, added: int) -> None:
        self.events.append(("edited", document.uri, start, removed, added))

    def closed(self, uri: str) -> None:
        del self.documents[uri]


async def _spin(host: Host) -> None:
    while True:
        pass


async def _sleep_in_a_thread(host: Host) -> None:
    await asyncio.to_thread(time.sleep, 600)


async def _print(host: Host) -> None:
    print("Content-Length: 3\r\n\r\nabc", flush=True)


async def _read_stdin_in_a_child(host: Host) -> None:
    subprocess.run([sys.executable, "-c", "import sys; sys.stdin.read()"], check=True, timeout=60)  # noqa: ASYNC221


async def _log_much(host: Host) -> None:
    for _ in range(5000):
        host.log("error", "x" * 1000)


MISDEEDS = {
    "# spin": _spin,
    "# thread": _sleep_in_a_thread,
    "# print": _print,
    "# child": _read_stdin_in_a_child,
    "# log": _log_much,
}
