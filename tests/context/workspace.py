"""A workspace in memory: files, what was read of them, and a gatherer on it. Time stands still unless it is moved."""

from __future__ import annotations

import os
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from textwrap import dedent
from typing import TypeVar

from fim_lsp.context import Gatherer
from fim_lsp.document import Snapshot
from fim_lsp.languages import from_path
from fim_lsp.providers.base import Snippet
from fim_lsp.settings.model import Context

T = TypeVar("T")
FOLDER = os.path.join(os.path.abspath(os.sep), "work space")


@dataclass
class Editor:
    """An open document."""

    uri: str
    path: str | None
    language: str
    lines: list[str]
    version: int = 1


@dataclass
class Workspace:
    """Files by path relative to the folder."""

    files: dict[str, str]
    may_leave: Callable[[str], bool] = lambda path: True
    read: list[str] = field(default_factory=list)
    now_s: float = 0.0
    step_s: float = 0.0
    """How much time each look at the clock takes."""

    def __post_init__(self) -> None:
        self.files = {name: dedent(text).lstrip("\n") for name, text in self.files.items()}
        self.gatherer = Gatherer(
            clock=self._clock,
            may_leave=lambda path: self.may_leave(self.name(path)),
            read_file=self._read_file,
            list_folder=self._list_folder,
            stamp=self._stamp,
            run=at_once,
        )

    def path(self, name: str) -> str:
        return os.path.normpath(os.path.join(FOLDER, name))

    def name(self, path: str) -> str:
        return os.path.relpath(path, FOLDER).replace(os.sep, "/")

    def snapshot(self, name: str, mark: str = "⟦⟧", text: str | None = None) -> Snapshot:
        """The file with the cursor at its mark."""
        before, _, after = (self.files[name] if text is None else text).partition(mark)
        line = before.count("\n")
        return Snapshot(f"file:///{name}", from_path(name).id, 1, before, after, path=self.path(name), line=line)

    def open(self, name: str) -> Editor:
        text = self.files[name].replace("⟦⟧", "")
        document = Editor(f"file:///{name}", self.path(name), from_path(name).id, text.split("\n"))
        self.gatherer.opened(document)
        return document

    async def snippets(
        self, name: str, settings: Context | None = None, *, text: str | None = None
    ) -> tuple[Snippet, ...]:
        return await self.gatherer.snippets(self.snapshot(name, text=text), settings or Context(), folder=FOLDER)

    def _clock(self) -> float:
        self.now_s += self.step_s
        return self.now_s

    def _read_file(self, path: str) -> str | None:
        self.read.append(self.name(path))
        text = self.files.get(self.name(path))
        return None if text is None else text.replace("⟦⟧", "")

    def _stamp(self, path: str, folder: str) -> Hashable:
        assert folder == FOLDER
        text = self.files.get(self.name(path))
        return None if text is None else hash(text)

    def _list_folder(self, path: str) -> Sequence[str]:
        start = self.name(path) + "/"
        start = "" if start == "./" else start
        return sorted({name[len(start) :].split("/")[0] for name in self.files if name.startswith(start)})


async def at_once(work: Callable[[], T], /) -> T:
    return work()


def only(*sources: str) -> Context:
    """Settings with these sources on."""
    return Context(**{name: name in sources for name in ("definitions", "edits", "visits", "similar", "head")})
