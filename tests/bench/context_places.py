"""Places for `context.py`: lines removed from a copy of a package, and what of them counts.

Nothing holds what was removed: the copy on disk lacks it, too. What counts are the identifiers of the code: no keywords
or built-in names, no words in strings and comments. Counted as words, everything of three letters and more does.
"""

from __future__ import annotations

import builtins
import random
import re
import sysconfig
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from fim_lsp import languages
from fim_lsp.document import Snapshot
from fim_lsp.languages import Language

IDENTIFIER = re.compile(r"[^\W\d]\w*")
WORD = re.compile(r"[^\W\d]\w{2,}")
STRING = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")
BUILT_IN = {*dir(builtins), "self", "cls", "this"}
TESTS = {"test", "tests", "testdata"}
LONGEST_LINE_CHARS = 160
SMALLEST_FILE_LINES = 30
FEWEST_MODULES = 20

Count = Callable[[Sequence[str], int, int, Language], frozenset[str]]
"""(lines of a file, first line removed, line after the last, language) → what counts of the removed lines."""


@dataclass(frozen=True)
class Hole:
    """A cursor where lines were removed. They have an indent, and that stands left of it."""

    path: Path
    language: Language
    before: str
    after: str
    wanted: frozenset[str] = frozenset()
    known: int = 0
    """How many of those any file of the package holds."""
    elsewhere: bool = False
    """Other files of the package hold one of them that its own file does not."""

    @property
    def snapshot(self) -> Snapshot:
        path = str(self.path)
        line = self.before.count("\n")
        return Snapshot(self.path.as_uri(), self.language.id, 1, self.before, self.after, path=path, line=line)


@dataclass
class Package:
    """A copy of a package's sources, in a workspace folder of its own."""

    folder: Path
    texts: dict[Path, str] = field(default_factory=dict)

    @staticmethod
    def copy(source: Path, into: Path) -> Package:
        package = Package(into)
        for path in sorted(source.rglob("*")):
            language = languages.from_path(str(path))
            if not path.is_file() or not language.keywords or TESTS & set(path.parts):
                continue
            try:
                text = path.read_text("utf-8").replace("\r\n", "\n")
            except (UnicodeDecodeError, OSError):
                continue
            copy = into / source.name / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text, "utf-8", newline="\n")
            package.texts[copy] = text
        return package

    def holes(self, places: int, rng: random.Random, *, lines: int, count: Count) -> Iterator[Hole]:
        """Any file, any line of it, as likely as any other; where nothing counts, another is drawn."""
        names = {path: frozenset(IDENTIFIER.findall(text)) for path, text in self.texts.items()}
        files = [path for path, text in self.texts.items() if text.count("\n") >= SMALLEST_FILE_LINES]
        while files and places:
            path = rng.choice(files)
            others = frozenset().union(*(names[other] for other in names if other != path))
            hole = self._hole(path, others, rng, lines, count)
            if hole is not None:
                yield hole
                places -= 1

    def _hole(self, path: Path, others: frozenset[str], rng: random.Random, count: int, wants: Count) -> Hole | None:
        language = languages.from_path(str(path))
        lines = self.texts[path].split("\n")
        start = rng.randrange(len(lines))
        end = min(start + count, len(lines))
        wanted = wants(lines, start, end, language)
        if not wanted or max(map(len, lines[start:end])) > LONGEST_LINE_CHARS:
            return None
        indent = lines[start][: len(lines[start]) - len(lines[start].lstrip())]
        before, after = "\n".join([*lines[:start], indent]), "\n".join(["", *lines[end:]])
        here = frozenset(IDENTIFIER.findall(before + after))
        known = wanted & (here | others)
        return Hole(path, language, before, after, wanted, len(known), bool(known - here))


def identifiers(lines: Sequence[str], start: int, end: int, language: Language) -> frozenset[str]:
    """Names a model must learn from the prompt: no words in strings or comments, nothing that the language brings."""
    found: set[str] = set()
    for number in range(start, end):
        if not _in_prose(lines, number, language):
            line = STRING.sub('""', lines[number])
            for mark in language.line_comment:
                line = line.split(mark)[0]
            found.update(IDENTIFIER.findall(line))
    return frozenset(found) - language.keywords - BUILT_IN


def words(lines: Sequence[str], start: int, end: int, language: Language) -> frozenset[str]:
    """Everything that looks like a name, wherever it stands."""
    return frozenset(WORD.findall("\n".join(lines[start:end]))) - language.keywords


def _in_prose(lines: Sequence[str], number: int, language: Language) -> bool:
    """In a comment or a long string, as far as one can tell from delimiters above."""
    text = lines[number].strip()
    if text.startswith((*language.line_comment, "*", "/*", '"', "'")):
        return True
    above = "\n".join(lines[:number])
    if any(above.count(start) % 2 for start, end in language.long_strings if start == end):
        return True
    return any(above.rfind(start) > above.rfind(end) for start, end in language.block_comment if start != end)


def installed(without: frozenset[str]) -> list[Path]:
    """All packages installed here that have many modules, in alphabetical order."""
    folders = sorted(Path(sysconfig.get_path("purelib")).iterdir(), key=lambda path: path.name.lower())
    return [
        folder
        for folder in folders
        if folder.name.isidentifier()
        and folder.name not in without
        and sum(not TESTS & set(path.parts) for path in folder.rglob("*.py")) >= FEWEST_MODULES
    ]
