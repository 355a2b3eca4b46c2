"""What everything is made of: the one place where the parts of a server are put together."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from fim_lsp.answer import Host
from fim_lsp.cli.backends import Backends
from fim_lsp.context.gatherer import Gatherer
from fim_lsp.document import Document, Snapshot
from fim_lsp.lookup.engine import Lookup
from fim_lsp.lookup.feeder import Feeder
from fim_lsp.lookup.source import LookupSource
from fim_lsp.privacy.gate import Gate
from fim_lsp.privacy.redact import Redactor
from fim_lsp.prompting import Prompter
from fim_lsp.reasons import Reason
from fim_lsp.service import Parts, Service
from fim_lsp.settings.layers import Problem
from fim_lsp.settings.model import Privacy, Settings
from fim_lsp.settings.sources import Sources, user_file


def make_service(host: Host) -> Service:
    """A service for one editor."""
    return _Workshop(host).service


class _Workshop:
    """Holds what the parts share."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._loop = asyncio.get_running_loop()
        self._gate = Gate()
        self._sources = Sources(environ=os.environ, user_file=user_file(), report=self._report)
        self._lookup = Lookup(may_leave=self._may_be_context)
        self._redactor = Redactor()
        self._privacy = Privacy()
        self._feeder = Feeder(self._lookup, may_leave=self._may_be_context)
        self._gatherer = Gatherer(clock=time.monotonic, may_leave=self._may_be_context)
        self._backends = Backends(host, self._lookup, lambda: self._sources.for_document(None))
        prompter = Prompter(
            gatherer=self._gatherer,
            settings_for=lambda path: self._sources.for_document(path).settings,
            folder_of=self._sources.folder_of,
        )
        self._ahead = _Ahead(self._gatherer, self._folder_for)
        self.service = Service(
            host,
            Parts(
                settings=self._sources,
                refusal=self._refusal,
                source=self._backends.source,
                providers=self._backends.status,
                make_prompt=prompter.make,
                observers=(self._lookup, self._feeder, self._gatherer, prompter, self._ahead),
                visited=self._gatherer.visited,
                folders=self._folders,
                start=lambda: self._backends.warm(self._sources.for_document(None).settings),
                files_changed=self._feeder.changed,
                clear=self._backends.clear,
                close=self._close,
                guess=self._guess,
            ),
        )

    def _report(self, problem: Problem) -> None:
        """Settings are looked up in the gatherer's thread, too; the host is told on the loop."""
        with suppress(RuntimeError):  # the loop is closed: nobody is there to hear it
            self._loop.call_soon_threadsafe(self._host.tell, f"settings:{problem}", str(problem))

    def _folders(self, folders: Sequence[str]) -> None:
        settings = self._sources.for_document(None).settings
        self._gate.configure(folders)
        self._feeder.configure(folders, max_memory_bytes=settings.lookup.max_memory_mb * 1_000_000)
        if settings.privacy != self._privacy:
            self._privacy = settings.privacy
            self._feeder.reconsider()
        self._backends.configured()

    def _refusal(self, snapshot: Snapshot, settings: Settings) -> tuple[Reason, str] | None:
        verdict = self._gate.may_leave(snapshot.path, settings.privacy, uri=snapshot.uri)
        return None if verdict.allowed or verdict.reason is None else (verdict.reason, verdict.rule)

    def _may_be_context(self, path: str) -> bool:
        return self._gate.may_leave(path, self._sources.for_document(path).settings.privacy).allowed

    def _guess(self, settings: Settings) -> Callable[[Snapshot], str] | None:
        """What the embedded engine is all but sure of, while a model is asked."""
        if not settings.lookup.while_waiting or not self._backends.source(settings).reads_context:
            return None
        redact = self._redactor.text if settings.privacy.redact else None
        return LookupSource(self._lookup, lambda: settings.lookup, redact=redact).sure

    def _folder_for(self, document: Document) -> str | None:
        """The workspace folder of a document whose context a model will read; None: nothing is to be read ahead."""
        settings = self._sources.for_document(document.path).settings
        wanted = settings.enabled and settings.context.enabled and self._backends.source(settings).reads_context
        return self._sources.folder_of(document.path) if wanted else None

    async def _close(self) -> None:
        self._ahead.close()
        self._feeder.close()
        await self._backends.close()


class _Ahead:
    """Reads what the first request in a document will need as its context, when the document is opened."""

    def __init__(self, gatherer: Gatherer, folder_for: Callable[[Document], str | None]) -> None:
        self._gatherer = gatherer
        self._folder_for = folder_for
        self._warming: set[asyncio.Task[None]] = set()

    def opened(self, document: Document) -> None:
        folder = self._folder_for(document)
        if folder is not None:
            warming = asyncio.get_running_loop().create_task(self._gatherer.warm(document, folder=folder))
            self._warming.add(warming)
            warming.add_done_callback(self._warming.discard)

    def edited(self, document: Document, start: int, removed: int, added: int) -> None:
        """The gatherer follows the documents by itself."""

    def closed(self, uri: str) -> None:
        """So it does here."""

    def close(self) -> None:
        for task in self._warming:
            task.cancel()
