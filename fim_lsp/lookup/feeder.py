"""Keeps `Lookup` supplied, and never holds the event loop: the open documents are read in slices when it is idle, the
project by one worker process at a time.

The worker lists and reads; which names it may read is asked here of `may_leave`, in slices on the event loop, each
time anew. What comes back is added there too. Nothing is written to disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import pickle
import subprocess
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import fim_lsp
from fim_lsp.document import Document
from fim_lsp.languages import Language, from_path, get
from fim_lsp.lookup.engine import Lookup
from fim_lsp.lookup.index import Batch, Index
from fim_lsp.lookup.worker import Job, Names

logger = logging.getLogger(__name__)

CHANGES_PAUSE_S = 0.5
"""Changed files are read again when no other has changed for so long."""
MOST_CHANGES = 12
"""After so many errands for changed files the index is in too many pieces, and made anew."""
RULE_FILES = frozenset({".gitignore", ".fimignore", ".fim-lsp.toml"})
_ROOT = str(Path(fim_lsp.__file__).parents[1])
SLICE_S, SLICE_PAUSE_S = 0.002, 0.001


@dataclass(frozen=True)
class _Errand:
    job: Job
    index: Index
    """Where the batches go."""


class Feeder:
    """An `Observer`, told after its `Lookup`. The first document of a language has its project read."""

    def __init__(self, lookup: Lookup, *, may_leave: Callable[[str], bool], max_memory_bytes: int = 60_000_000) -> None:
        self._lookup = lookup
        self._may_leave = may_leave
        self._max_memory_bytes = max_memory_bytes
        self._folders: list[str] = []
        self._read: dict[tuple[str, str], str] = {}
        """Language and workspace folder to the folder from which it was read."""
        self._open: dict[str, tuple[Language, str]] = {}
        """The open documents' languages and paths by URI."""
        self._waiting: deque[_Errand] = deque()
        self._changed: set[str] = set()
        self._changes: Counter[str] = Counter()
        self._timer: asyncio.TimerHandle | None = None
        self._slice: asyncio.TimerHandle | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._is_reading = False
        """An errand is on its way; `_process` follows."""
        self._is_closed = False
        self._settled = asyncio.Event()
        self._settled.set()

    def configure(self, folders: Sequence[str], *, max_memory_bytes: int | None = None) -> None:
        """The workspace folders' paths, and what the index may take. What was read of other folders is forgotten."""
        self._max_memory_bytes = max_memory_bytes or self._max_memory_bytes
        self._folders = [os.path.abspath(folder) for folder in folders]
        stays = {place: start for place, start in self._read.items() if place[1] in self._folders}
        if len(stays) < len(self._read):
            self._read = stays
            self.reconsider()
        for language, path in self._open.values():
            self._begin(language, path)

    def opened(self, document: Document) -> None:
        self._read_documents()
        if document.path is not None:
            opened = self._open[document.uri] = get(document.language), os.path.abspath(document.path)
            self._begin(*opened)

    def edited(self, document: Document, start: int, removed: int, added: int) -> None:
        self._read_documents()

    def closed(self, uri: str) -> None:
        """What is on disk is told by `changed`."""
        self._open.pop(uri, None)

    def changed(self, paths: Sequence[str]) -> None:
        """These files were written, made or deleted."""
        if any(os.path.basename(path) in RULE_FILES for path in paths):
            return self.reconsider()
        self._changed.update(os.path.abspath(path) for path in paths)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = asyncio.get_running_loop().call_later(CHANGES_PAUSE_S, self._read_changed)
        self._settle()

    def reconsider(self) -> None:
        """What may be read has changed: forget the project at once, and read it anew."""
        self._changes.clear()
        self._waiting.clear()
        self._lookup.forget_projects()
        for (language, folder), start in self._read.items():
            self._send_out(language, root=folder, start=start)

    def close(self) -> None:
        """End the worker at once."""
        self._is_closed = True
        self._waiting.clear()
        self._changed.clear()
        for timer in (self._timer, self._slice):
            if timer is not None:
                timer.cancel()
        if self._process is not None:
            self._process.kill()
        self._settle()

    def _read_documents(self) -> None:
        """A slice now and then, whenever the loop has nothing else to do, until all is read."""
        if self._slice is None:
            self._slice = asyncio.get_running_loop().call_later(SLICE_PAUSE_S, self._read_slice)

    def _read_slice(self) -> None:
        self._slice = None
        if not self._is_closed and self._lookup.work():
            self._read_documents()

    async def settled(self) -> None:
        """Wait until all that is known to have changed is read, or the feeder is closed and its worker gone."""
        await self._settled.wait()

    def _settle(self) -> None:
        """Keep `_settled` true to its name."""
        is_busy = self._is_reading or bool(self._waiting or self._changed)
        (self._settled.clear if is_busy else self._settled.set)()

    def _begin(self, language: Language, path: str) -> None:
        folder = next((folder for folder in self._folders if path.startswith(os.path.join(folder, ""))), None)
        if folder is None or (language.id, folder) in self._read:
            return
        start = self._read[language.id, folder] = os.path.dirname(path)
        self._send_out(language.id, root=folder, start=start)

    def _read_changed(self) -> None:
        changed, self._changed = sorted(self._changed), set()
        for language, index in self._lookup.indices():
            paths = tuple(path for path in changed if from_path(path).id == language)
            if not paths:
                continue
            for path in paths:
                index.remove(path)
            self._changes[language] += 1
            if self._changes[language] > MOST_CHANGES:
                self._begin_anew(language)
            else:
                self._send_out(language, files=paths)
        self._settle()

    def _begin_anew(self, language: str) -> None:
        self._changes.pop(language)
        self._lookup.forget_project(language)
        for (known, folder), start in self._read.items():
            if known == language:
                self._send_out(language, root=folder, start=start)

    def _send_out(self, language: str, root: str = "", start: str = "", files: tuple[str, ...] = ()) -> None:
        index = self._lookup.index(language)
        room = self._max_memory_bytes - sum(index.size_bytes for _, index in self._lookup.indices())
        tokens, frequency = list(index.tokens), index.frequency
        self._enqueue(_Errand(Job(language, root, start, files, tokens, frequency, max(0, room)), index))

    def _enqueue(self, errand: _Errand) -> None:
        self._waiting.append(errand)
        self._next()
        self._settle()

    def _next(self) -> None:
        if self._is_reading or self._is_closed or not self._waiting:
            return
        self._is_reading = True
        errand, loop = self._waiting.popleft(), asyncio.get_running_loop()
        threading.Thread(target=self._run, args=(errand, loop), daemon=True).start()

    def _run(self, errand: _Errand, loop: asyncio.AbstractEventLoop) -> None:
        """In a thread, for to start a process takes a while: see to one errand."""
        with contextlib.suppress(OSError):  # without a worker the open documents are all there is
            if errand.job.root:  # the first question reads ignore files and imports what understands them
                self._may_leave(errand.job.start)
            self._process = _start()
            self._talk(self._process, errand, loop)
        with contextlib.suppress(RuntimeError):  # the loop is gone
            loop.call_soon_threadsafe(self._ended)

    def _talk(self, process: subprocess.Popen[bytes], errand: _Errand, loop: asyncio.AbstractEventLoop) -> None:
        """Hand the worker its job and answer what it asks, until it ends."""
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            if self._is_closed:
                return
            _send(process, errand.job)
            while (message := pickle.load(process.stdout)) is not None:
                if isinstance(message, Names):
                    question = self._permitted(message.paths)
                    _send(process, asyncio.run_coroutine_threadsafe(question, loop).result())
                else:
                    loop.call_soon_threadsafe(self._add, errand.index, message)
        except Exception:  # the worker or the server ended: what has come is kept, and nobody waits for the rest
            logger.debug("the project was not read to its end", exc_info=True)
        finally:
            process.kill()
            process.wait()
            for stream in (process.stdin, process.stdout):
                with contextlib.suppress(OSError):
                    stream.close()

    def _add(self, index: Index, batch: Batch) -> None:
        if not self._is_closed:
            self._lookup.add(index, batch)

    def _ended(self) -> None:
        self._process, self._is_reading = None, False
        self._next()
        self._settle()

    async def _permitted(self, paths: list[str]) -> list[str]:
        """Those that may be read, found out without holding the loop; last those that are open and known by that."""
        permitted, still_open = [], {path for _, path in self._open.values()}
        rest = time.monotonic() + SLICE_S
        for path in paths:
            if self._may_leave(path):
                permitted.append(path)
            if time.monotonic() > rest:
                await asyncio.sleep(0)
                rest = time.monotonic() + SLICE_S
        return sorted(permitted, key=still_open.__contains__)


def _start() -> subprocess.Popen[bytes]:
    """The worker, with this package, the standard library and nothing else: so it is there in a moment."""
    program = f"import sys; sys.path.append({_ROOT!r}); from fim_lsp.lookup.worker import main; main()"
    flags: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)  # on Windows
    return subprocess.Popen(
        [sys.executable, "-P", "-S", "-c", program],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        creationflags=flags,
    )


def _send(process: subprocess.Popen[bytes], message: object) -> None:
    assert process.stdin is not None
    pickle.dump(message, process.stdin, pickle.HIGHEST_PROTOCOL)
    process.stdin.flush()
