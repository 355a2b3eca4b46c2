"""Gathers what the model should read besides the text around the cursor: once per place, within a deadline.

The choice made at a place is kept until the cursor moves on (to another function or file, far away, or to new imports):
a prompt whose snippets change at every key would be read anew at every key. Gathering is a walk of small steps in a
worker thread, with a look at the clock between them.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Protocol, TypeVar

from fim_lsp import languages
from fim_lsp.context import files as disk
from fim_lsp.context.choice import choose
from fim_lsp.context.files import Files, Open, Text, key
from fim_lsp.context.imports import imports
from fim_lsp.context.memory import NEAR_LINES, VISIT_LINES, Places
from fim_lsp.context.outline import Outline
from fim_lsp.context.place import Place, indent_at, names_around, names_near
from fim_lsp.document import Document, Snapshot
from fim_lsp.languages import Language
from fim_lsp.prompt.head import open_headers
from fim_lsp.prompt.layout import nearest_window
from fim_lsp.providers.base import Snippet
from fim_lsp.settings.model import Context

DEADLINE_MS = 16.0
"""Of the 30 ms that context and prompt may take together; the last step may run over by a few."""
KEPT_LINES = 30
"""How far the cursor moves within a function before the choice is made anew."""
MOST_CHOICES = 16
LONGEST_EDIT_LINES = 16
"""A longer edit is a paste or a formatter, no place where somebody works."""
REACH_CHARS = 50_000
"""So much of the document on either side of the cursor is looked at."""

T = TypeVar("T")


class Run(Protocol):
    """Does work elsewhere, so that the event loop goes on."""

    def __call__(self, work: Callable[[], T], /) -> Awaitable[T]: ...


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen at a place, with the file of each, and what makes it that place."""

    scope: Hashable
    line: int
    files: Mapping[Snippet, str]


class Gatherer:
    """One for all documents of an editor; an `Observer`. Called on the event loop; `run` does the work elsewhere."""

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        may_leave: Callable[[str], bool],
        read_file: disk.ReadFile = disk.read_file,
        list_folder: disk.ListFolder = disk.list_folder,
        stamp: disk.Stamp = disk.stamp,
        run: Run = asyncio.to_thread,
        deadline_ms: float = DEADLINE_MS,
    ) -> None:
        self._clock = clock
        self._may_leave = may_leave
        self._files = Files(may_leave=may_leave, read_file=read_file, list_folder=list_folder, stamp=stamp)
        self._run = run
        self._deadline_s = deadline_ms / 1000
        self._edits = Places(clock, NEAR_LINES)
        self._visits = Places(clock, VISIT_LINES)
        self._choices: OrderedDict[str, Choice] = OrderedDict()
        self._worker = asyncio.Lock()

    # What the engine asks

    async def snippets(self, snapshot: Snapshot, settings: Context, *, folder: str | None) -> tuple[Snippet, ...]:
        """What else to read at this place, best first. How much of it fits is for the prompt to decide."""
        if not settings.enabled:
            return ()
        scope = _scope(snapshot), settings, folder
        choice = self._choices.get(snapshot.uri)
        if choice is None or choice.scope != scope or abs(choice.line - snapshot.line) > KEPT_LINES:
            began = self._clock()
            choice = Choice(scope, snapshot.line, await self._gather(snapshot, settings, folder, began))
            if choice.files or self._time_left(began) > 0:  # a machine too busy to look at all may look again
                self._keep(snapshot.uri, choice)
        own = snapshot.path or snapshot.uri
        return tuple(snippet for snippet, path in choice.files.items() if path == own or self._may_leave(path))

    async def warm(self, document: Document, *, folder: str | None) -> None:
        """Read ahead what the first request in a document will need; gives way to requests after every file."""
        texts = self._files.freeze()
        if folder is None or document.path is None:
            return
        text = texts.get(key(document.uri, document.path))
        if text is None:
            return
        for path in await self._in_worker(partial(self._files.related, text, folder)):
            await self._in_worker(partial(self._files.prepare, path, folder, texts))

    async def _gather(
        self, snapshot: Snapshot, settings: Context, folder: str | None, began: float
    ) -> dict[Snippet, str]:
        texts, edits, visits = self._files.freeze(), self._edits.latest(), self._visits.latest()

        def work() -> dict[Snippet, str]:
            window = nearest_window(snapshot, settings.max_tokens)
            place = self._place(snapshot, folder, texts, *window)
            left = partial(self._time_left, began)
            return choose(place, settings, edits=edits, visits=visits, near=window, time_left=left)

        return await self._in_worker(work)

    async def _in_worker(self, work: Callable[[], T]) -> T:
        """One at a time, also where nobody waits any more: a thread goes on to its end."""

        async def alone() -> T:
            async with self._worker:
                return await self._run(work)

        return await asyncio.shield(asyncio.ensure_future(alone()))

    def _time_left(self, began: float) -> float:
        """The share of the time that is left, from 1 down to 0 and below."""
        return 1 - (self._clock() - began) / self._deadline_s

    def _keep(self, uri: str, choice: Choice) -> None:
        self._choices[uri] = choice
        self._choices.move_to_end(uri)
        while len(self._choices) > MOST_CHOICES:
            self._choices.popitem(last=False)

    def _place(self, snapshot: Snapshot, folder: str | None, texts: Open, prefix: str, suffix: str) -> Place:
        path = snapshot.path or snapshot.uri
        before = snapshot.before[-REACH_CHARS:]
        lines = (before + snapshot.after[:REACH_CHARS]).split("\n")
        line = before.count("\n")
        text = Text(path, languages.get(snapshot.language), lines, texts.get(path))
        return Place(
            text=text,
            document=key(snapshot.uri, path),
            line=line,
            first_line=snapshot.line - line,
            indent=indent_at(lines, line),
            near=names_near(lines, line, text.language.keywords),
            around=names_around(lines, line),
            shown=range(line - prefix.count("\n"), line + suffix.count("\n") + 1),
            folder=folder,
            look_up=cache(lambda other: self._files.look_up(other, folder, texts)),
            files_in=self._files.files_in,
            beside=self._files.beside(path, folder) if folder is not None else (),
            opened=[name for name, other in reversed(texts.items()) if other.path != path],
        )

    # What the editor tells

    def opened(self, document: Document) -> None:
        self._files.opened(document)

    def edited(self, document: Document, start: int, removed: int, added: int) -> None:
        self._files.edited(document)
        if document.path is None:
            return
        name = key(document.uri, document.path)
        self._visits.shift(name, start, removed, added)
        self._edits.shift(name, start, removed, added)
        if max(removed, added) <= LONGEST_EDIT_LINES:
            self._edits.add(name, start, start + max(added, 1))

    def closed(self, uri: str) -> None:
        self._files.closed(uri)
        self._choices.pop(uri, None)

    def visited(self, snapshot: Snapshot) -> None:
        """The user works here: asks for a completion, or moved the cursor."""
        if snapshot.path is not None:
            self._visits.add(key(snapshot.uri, snapshot.path), snapshot.line, snapshot.line + 1)


def _scope(snapshot: Snapshot) -> Hashable:
    """What makes a place: the functions and classes around it, and what the file imports."""
    language = languages.get(snapshot.language)
    return _scope_below(snapshot.before[: snapshot.before.rfind("\n") + 1], language)


@lru_cache(maxsize=4)
def _scope_below(above: str, language: Language) -> Hashable:
    """As long as one types in a line, nothing above it changes."""
    headers = open_headers(above)[::-1]
    around = tuple(each.name for each in Outline(headers, language).definitions if each.kind != "value")
    return around, imports(above, language)
