"""Reads a project and makes its index, in a process of its own.

So no reading, lexing or sorting ever holds the server's event loop, and what it takes of memory goes back with the
process. It decides nothing: which folders are entered and which files are read is answered by the server, name by
name. It writes nothing but its standard output.
"""

from __future__ import annotations

import contextlib
import heapq
import os
import pickle
import sys
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import BinaryIO

from fim_lsp.languages import Language, from_path, get
from fim_lsp.lookup.builder import Builder
from fim_lsp.lookup.index import Batch

_Allowed = Callable[[list[str]], list[str]]

LARGEST_FILE_BYTES = 400_000
LONGEST_LINE_CHARS = 2_000
"""Files with longer lines are generated or data."""
_NICENESS = 10


@dataclass(frozen=True)
class Job:
    """What to read: the whole of `root`, nearest to `start` first, or just `files`."""

    language: str
    root: str = ""
    start: str = ""
    files: tuple[str, ...] = ()
    tokens: list[str] = field(default_factory=list)
    frequency: array[int] = field(default_factory=lambda: array("I"))
    """The vocabulary of the index that the result is for, and how often it has each symbol."""
    max_bytes: int = 0
    """So much memory may what is read take in the index."""


@dataclass(frozen=True)
class Names:
    """Files and folders found; answered by the list of those that may be read, in the order to read them in."""

    paths: list[str]


def main() -> None:
    source, target = sys.stdin.buffer, sys.stdout.buffer
    with contextlib.suppress(EOFError, OSError):  # the server is gone, and nobody wants the rest
        job: Job = pickle.load(source)
        for batch in work(job, source, target):
            _send(target, batch)
            _give_way()
        _send(target, None)


@cache
def _give_way() -> None:
    """The first batch is what somebody may be waiting for."""
    with contextlib.suppress(AttributeError, OSError):
        os.nice(_NICENESS)


def work(job: Job, source: BinaryIO, target: BinaryIO) -> Iterator[Batch]:
    language = get(job.language)
    builder = Builder(language, job.tokens, job.frequency, job.max_bytes)

    def allowed(paths: list[str]) -> list[str]:
        if not paths:
            return []
        _send(target, Names(paths))
        answer: list[str] = pickle.load(source)
        return answer

    for path in allowed(list(job.files)) if job.files else _walk(job, language, allowed):
        text = read(path)
        if text is not None:
            yield from builder.feed(path, text)
        if builder.is_full:
            break
    yield from builder.finish()


def read(path: str) -> str | None:
    """A file's text with LF, or None where it is missing, large, binary or generated."""
    try:
        with open(path, "rb") as file:
            data = file.read(LARGEST_FILE_BYTES + 1)
        text = None if b"\0" in data or len(data) > LARGEST_FILE_BYTES else data.decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
    if text is None or max(map(len, text.splitlines()), default=0) > LONGEST_LINE_CHARS:
        return None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _walk(job: Job, language: Language, allowed: _Allowed) -> Iterator[str]:
    """Files of the language below the root: those beside `start` first, then ever farther ones."""
    queue = [(0, job.start)]
    seen = {job.start}
    while queue:
        steps, folder = heapq.heappop(queue)
        files, folders = _list(folder, language)
        parent = os.path.dirname(folder)
        if folder != job.root and parent not in seen and len(parent) >= len(job.root):
            seen.add(parent)
            heapq.heappush(queue, (steps + 1, parent))
        fresh = [inner for inner in folders if inner not in seen]
        permitted = allowed([*files, *fresh])
        for inner in set(fresh).intersection(permitted):
            seen.add(inner)
            heapq.heappush(queue, (steps + 1, inner))
        yield from filter(set(files).__contains__, permitted)


def _list(folder: str, language: Language) -> tuple[list[str], list[str]]:
    """The folder's files of the language, and its folders; links are not followed."""
    files, folders = [], []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_dir(follow_symlinks=False):
                folders.append(entry.path)
            elif entry.is_file(follow_symlinks=False) and from_path(entry.name) is language:
                files.append(entry.path)
    return files, folders


def _send(target: BinaryIO, message: object) -> None:
    pickle.dump(message, target, pickle.HIGHEST_PROTOCOL)
    target.flush()
