"""Places to measure the embedded engine at: the rest of a line of real code is removed, the lines after it stay.

The engine is handed texts and reads no file, so it cannot see what was removed: the document is cut before it is
opened, and the project's index leaves out the file that is open.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fim_lsp.document import Snapshot
from fim_lsp.languages import Language, from_path

LEAST_REMOVED = 3
SIBLINGS = 3
_LARGEST_FILE = 400_000


@dataclass(frozen=True)
class Corpus:
    """A folder of source files in one language."""

    name: str
    files: tuple[tuple[str, str], ...]
    language: Language

    @classmethod
    def read(cls, name: str, root: Path, suffixes: Sequence[str], skip: Sequence[str] = ()) -> Corpus:
        found = []
        for path in sorted(root.rglob("*")) if root.is_dir() else []:
            inside = path.relative_to(root).as_posix()
            if path.suffix in suffixes and path.is_file() and not any(part in inside for part in skip):
                text = path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
                if 0 < len(text) <= _LARGEST_FILE:
                    found.append((str(path), text))
        return cls(name, tuple(found), from_path("a" + suffixes[0]))

    def siblings(self, path: str) -> list[tuple[str, str]]:
        """Files of the same folder, or where there are too few, of the next ones."""
        others = [file for file in self.files if file[0] != path]
        others.sort(
            key=lambda file: (Path(file[0]).parent != Path(path).parent, abs(len(file[0]) - len(path)), file[0])
        )
        return others[:SIBLINGS]


@dataclass(frozen=True)
class Place:
    """A line cut at `column`; what stood there is `removed`."""

    path: str
    text: str
    line: int
    column: int
    kind: str

    @property
    def removed(self) -> str:
        return self.text.split("\n")[self.line][self.column :].rstrip()

    def snapshot(self, language: Language) -> Snapshot:
        lines = self.text.split("\n")
        before = "\n".join([*lines[: self.line], lines[self.line][: self.column]])
        after = "".join("\n" + line for line in lines[self.line + 1 :])
        return Snapshot(uri(self.path), language.id, 1, before, after, self.path, self.line)

    def lines(self) -> list[str]:
        """The document as it is open, cut."""
        lines = self.text.split("\n")
        return [*lines[: self.line], lines[self.line][: self.column], *lines[self.line + 1 :]]


@dataclass(frozen=True)
class Opened:
    """A document as the editor has it."""

    uri: str
    path: str
    language: str
    lines: Sequence[str]
    version: int = 1


def uri(path: str) -> str:
    return "file://" + path


def places(corpus: Corpus, count: int, seed: int) -> Iterator[Place]:
    """`count` places: a third at the start of a line's code, a third within it, a third behind an opening bracket."""
    if not corpus.files:
        return
    chance = random.Random(f"{seed} {corpus.name}")
    sizes = [len(text) for _, text in corpus.files]
    code = {path: code_lines(text, corpus.language) for path, text in corpus.files}
    made = 0
    while made < count:
        (path, text), kind = chance.choices(corpus.files, sizes)[0], ("start", "middle", "bracket")[made % 3]
        if not code[path]:
            continue
        number = chance.choice(code[path])
        column = _column(text.split("\n")[number].rstrip(), kind, chance)
        if column is not None:
            made += 1
            yield Place(path, text, number, column, kind)


def code_lines(text: str, language: Language) -> list[int]:
    """Numbers of the lines that are neither blank nor comment nor within a long string or comment."""
    kept, closing = [], ""
    pairs = (*language.long_strings, *language.block_comment)
    for number, line in enumerate(text.split("\n")):
        body = line.strip()
        if closing:
            if closing in body:
                closing = ""
            continue
        opening = min(((body.find(begin), end) for begin, end in pairs if begin in body), default=None)
        if opening is not None:
            if body.find(opening[1], opening[0] + 3) < 0:
                closing = opening[1]
            continue
        if body and not body.startswith(language.line_comment or ("#",)):
            kept.append(number)
    return kept


def _column(line: str, kind: str, chance: random.Random) -> int | None:
    first, last = len(line) - len(line.lstrip()), len(line) - LEAST_REMOVED
    if kind == "start":
        columns = [first]
    elif kind == "middle":
        columns = list(range(first + 1, last + 1))
    else:
        columns = [at + 1 for at, character in enumerate(line) if character in "([{"]
    columns = [column for column in columns if column <= last]
    return chance.choice(columns) if columns else None
