"""What everything is made of: the one place where the parts of a server are put together."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence

from fim_lsp.answer import Host
from fim_lsp.cli.backends import Backends
from fim_lsp.context.gatherer import Gatherer
from fim_lsp.document import Document, Snapshot
from fim_lsp.lookup.engine import Lookup
from fim_lsp.lookup.feeder import Feeder
from fim_lsp.privacy.gate import Gate
from fim_lsp.prompting import Prompter
from fim_lsp.reasons import Reason
from fim_lsp.service import Parts, Service
from fim_lsp.settings.layers import Problem
from fim_lsp.settings.model import Settings
from fim_lsp.settings.sources import Sources, user_file

READ_PAUSE_S = 0.002
"""Between two slices of reading open documents: whatever else there is to do comes first."""


def make_service(host: Host) -> Service:
    """A service for one editor."""
    return _Workshop(host).service


class _Workshop:
    """Holds what the parts share."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._gate = Gate()
        self._sources = Sources(environ=os.environ, user_file=user_file(), report=self._report)
        self._lookup = Lookup()
        self._feeder = Feeder(self._lookup, may_leave=self._may_be_context)
        self._gatherer = Gatherer(clock=time.monotonic, may_leave=self._may_be_context)
        self._backends = Backends(host, self._lookup, lambda: self._sources.for_document(None))
        prompter = Prompter(
            gatherer=self._gatherer,
            settings_for=lambda path: self._sources.for_document(path).settings,
            folder_of=self._sources.folder_of,
        )
        reading = _Reading(self._lookup)
        self.service = Service(
            host,
            Parts(
                settings=self._sources,
                refusal=self._refusal,
                source=self._backends.source,
                make_prompt=prompter.make,
                observers=(self._lookup, reading, self._feeder, self._gatherer, prompter),
                visited=self._gatherer.visited,
                folders=self._folders,
                start=lambda: self._backends.warm(self._sources.for_document(None).settings),
                files_changed=self._feeder.changed,
                clear=self._backends.clear,
                close=self._close,
            ),
        )

    def _report(self, problem: Problem) -> None:
        self._host.tell(f"settings:{problem}", str(problem))

    def _folders(self, folders: Sequence[str]) -> None:
        self._gate.configure(folders)
        self._feeder.configure(folders)
        self._backends.configured()

    def _refusal(self, snapshot: Snapshot, settings: Settings) -> tuple[Reason, str] | None:
        verdict = self._gate.may_leave(snapshot.path, settings.privacy, uri=snapshot.uri)
        return None if verdict.allowed or verdict.reason is None else (verdict.reason, verdict.rule)

    def _may_be_context(self, path: str) -> bool:
        return self._gate.may_leave(path, self._sources.for_document(path).settings.privacy).allowed

    async def _close(self) -> None:
        self._feeder.close()
        await self._backends.close()


class _Reading:
    """Lets the embedded engine read what was opened or changed, in slices, when nothing else is to be done."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._task: asyncio.Task[None] | None = None

    def opened(self, document: Document) -> None:
        self._go_on()

    def edited(self, document: Document, start: int, removed: int, added: int) -> None:
        self._go_on()

    def closed(self, uri: str) -> None:
        """Nothing to read."""

    def _go_on(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._read())

    async def _read(self) -> None:
        while True:
            await asyncio.sleep(READ_PAUSE_S)
            if not self._lookup.work():
                return
