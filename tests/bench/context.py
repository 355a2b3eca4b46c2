"""How much of a removed line the prompt offers: the share of its identifiers that can be read. No model is asked.

    python tests/bench/context.py [FOLDER …] [--places 400] [--seed 1] [--budget 2048] [--sources] [--budgets] [--speed]

Each place removes one line of one file in a copy of the package and asks for the prompt there, of a cold `Gatherer` and
with nothing else open. Nothing holds the removed line: the copy on disk lacks it, too. Identifiers that stand in the
file's own window count for both sides of every comparison; words in strings and comments, keywords and built-in names
do not count. The deadline is that of users, in processor time, so that a busy machine gives the same figures.
"""

from __future__ import annotations

import argparse
import asyncio
import builtins
import importlib.util
import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import TypeVar

import msgspec

from fim_lsp import languages, prompt
from fim_lsp.context import Gatherer
from fim_lsp.document import Snapshot
from fim_lsp.languages import Language
from fim_lsp.providers.base import Prompt
from fim_lsp.settings.model import Context

PACKAGES = (
    "asyncio email http unittest logging importlib concurrent multiprocessing xml json rich pygls httpx hypothesis"
)
PACKAGES += " _pytest aiohttp mypy"
BUDGETS = (512, 1024, 4096, 8192)
T = TypeVar("T")
SOURCES = ("definitions", "similar", "head", "edits", "visits")
OFF = dict.fromkeys(SOURCES, False)
IDENTIFIER = re.compile(r"[^\W\d]\w*")
STRING = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")
BUILT_IN = {*dir(builtins), "self", "cls", "this"}
LONGEST_LINE_CHARS = 160
SMALLEST_FILE_LINES = 30


@dataclass(frozen=True)
class Hole:
    """One removed line."""

    path: Path
    language: Language
    before: str
    after: str
    wanted: frozenset[str]
    elsewhere: bool
    """Other files of the package hold an identifier of it that its own file does not."""
    known: int = 0
    """How many of its identifiers any file of the package holds."""

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
            if not path.is_file() or not language.keywords or {"test", "tests", "testdata"} & set(path.parts):
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

    def holes(self, count: int, rng: random.Random) -> Iterator[Hole]:
        names = {path: frozenset(IDENTIFIER.findall(text)) for path, text in self.texts.items()}
        files = [path for path, text in self.texts.items() if text.count("\n") >= SMALLEST_FILE_LINES]
        while files and count:
            path = rng.choice(files)
            others = frozenset().union(*(names[other] for other in names if other != path))
            hole = self._hole(path, others, rng)
            if hole is not None:
                yield hole
                count -= 1

    def _hole(self, path: Path, others: frozenset[str], rng: random.Random) -> Hole | None:
        language = languages.from_path(str(path))
        lines = self.texts[path].split("\n")
        number = rng.randrange(len(lines))
        line = lines[number]
        wanted = _identifiers(line, language)
        if not wanted or len(line) > LONGEST_LINE_CHARS or _in_prose(lines, number, language):
            return None
        indent = line[: len(line) - len(line.lstrip())]
        before, after = "\n".join([*lines[:number], indent]), "\n".join(["", *lines[number + 1 :]])
        here = frozenset(IDENTIFIER.findall(before + after))
        known = wanted & (here | others)
        return Hole(path, language, before, after, wanted, bool(known - here), len(known))


def _identifiers(line: str, language: Language) -> frozenset[str]:
    """Names a model must learn from the prompt: no words in strings or comments, nothing that the language brings."""
    line = STRING.sub('""', line)
    for mark in language.line_comment:
        line = line.split(mark)[0]
    return frozenset(IDENTIFIER.findall(line)) - language.keywords - BUILT_IN


def _in_prose(lines: Sequence[str], number: int, language: Language) -> bool:
    """In a comment or a long string, as far as one can tell from delimiters above."""
    text = lines[number].strip()
    if text.startswith((*language.line_comment, "*", "/*", '"', "'")):
        return True
    above = "\n".join(lines[:number])
    if any(above.count(start) % 2 for start, end in language.long_strings if start == end):
        return True
    return any(above.rfind(start) > above.rfind(end) for start, end in language.block_comment if start != end)


async def _at_once(work: Callable[[], T], /) -> T:
    return work()


def _gatherer() -> Gatherer:
    return Gatherer(clock=time.thread_time, may_leave=lambda path: True, run=_at_once)


async def _prompt(gatherer: Gatherer, snapshot: Snapshot, folder: Path, settings: Context) -> Prompt:
    snippets = await gatherer.snippets(snapshot, settings, folder=str(folder))
    return prompt.build(
        snapshot,
        budget_tokens=settings.max_tokens,
        snippets=snippets,
        head=settings.enabled and settings.head,
        path=Path(snapshot.path or "").relative_to(folder).as_posix(),
    )


def _offered(made: Prompt) -> frozenset[str]:
    return frozenset(IDENTIFIER.findall("\n".join([made.prefix, made.suffix, *(each.text for each in made.snippets)])))


def measure(package: Package, holes: Sequence[Hole], settings: Sequence[Context]) -> Iterator[tuple[Hole, list[int]]]:
    """For each hole, how many of the identifiers wanted are offered under each of `settings`."""
    for hole in holes:
        hole.path.write_text(hole.before + hole.after, "utf-8", newline="\n")
        prompts = [asyncio.run(_prompt(_gatherer(), hole.snapshot, package.folder, each)) for each in settings]
        yield hole, [len(hole.wanted & _offered(made)) for made in prompts]
        hole.path.write_text(package.texts[hole.path], "utf-8", newline="\n")


def speed(package: Package, count: int, rng: random.Random) -> list[float]:
    """Milliseconds of processor time for context and prompt at `count` places, with 50 files of the package open."""
    gatherer = _gatherer()
    files = rng.sample(sorted(package.texts), min(50, len(package.texts)))
    for path in files:
        language = languages.from_path(str(path)).id
        gatherer.opened(OpenFile(path.as_uri(), str(path), language, package.texts[path].split("\n")))
    taken = []
    for _ in range(count):
        path = rng.choice(files)
        text = package.texts[path]
        offset = rng.randrange(len(text) + 1)
        hole = Hole(path, languages.from_path(str(path)), text[:offset], text[offset:], frozenset(), False)
        began = time.thread_time()
        asyncio.run(_prompt(gatherer, hole.snapshot, package.folder, Context()))
        taken.append((time.thread_time() - began) * 1000)
    return taken


@dataclass
class OpenFile:
    """A document of an editor."""

    uri: str
    path: str
    language: str
    lines: list[str]
    version: int = 1


def variants(options: argparse.Namespace) -> dict[str, Context]:
    """What is compared, by name; everything else is set beside the first."""
    found = {"own file only": Context(enabled=False, max_tokens=options.budget)}
    found["with context"] = everything = Context(max_tokens=options.budget)
    for source in SOURCES if options.sources else ():
        found[f"without {source}"] = msgspec.structs.replace(everything, **{source: False})
    for source in SOURCES if options.sources else ():
        found[f"only {source}"] = msgspec.structs.replace(everything, **(OFF | {source: True}))
    for budget in BUDGETS if options.budgets else ():
        found[f"own file only, {budget} tokens"] = Context(enabled=False, max_tokens=budget)
        found[f"with context, {budget} tokens"] = Context(max_tokens=budget)
    return found


def report(results: Sequence[tuple[Hole, list[int]]], names: Sequence[str]) -> None:
    every = [(hole, counts) for hole, counts in results]
    elsewhere = [(hole, counts) for hole, counts in results if hole.elsewhere]
    print(f"{len(every)} places, {len(elsewhere)} of them with a name that only other files hold\n")
    print(f"{'share of identifiers offered':34} {'all places':>18} {'names elsewhere':>20}")
    for number, name in enumerate(names):
        base = number - 1 if name.startswith("with context,") else 0
        cells = []
        for part in (every, elsewhere):
            wanted = max(1, sum(len(hole.wanted) for hole, _ in part))
            offered, of_base = (sum(counts[at] for _, counts in part) for at in (number, base))
            cells.append(f"{offered / wanted:.3f}  ×{offered / max(1, of_base):.3f}")
        print(f"{name:34} {cells[0]:>18} {cells[1]:>20}")


def reachable(results: Sequence[tuple[Hole, list[int]]]) -> None:
    """What could be reached at best: every identifier that any file of the package holds."""
    wanted = sum(len(hole.wanted) for hole, _ in results)
    own = sum(counts[0] for _, counts in results)
    known = sum(hole.known for hole, _ in results)
    print(f"\nAll files of the package, without a budget: {known / max(1, wanted):.3f}  ×{known / max(1, own):.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(description="How much of a removed line the prompt offers.")
    parser.add_argument("packages", nargs="*", type=_folder, help="folders or names; else some of this Python's own")
    parser.add_argument("--places", type=int, default=400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--budget", type=int, default=2048)
    parser.add_argument("--sources", action="store_true", help="each source off, and alone")
    parser.add_argument("--budgets", action="store_true", help=f"also with {BUDGETS} tokens")
    parser.add_argument("--speed", action="store_true", help="time with 50 open files")
    options = parser.parse_args()
    folders = options.packages or [Path(str(spec.origin)).parent for spec in filter(None, map(_spec, PACKAGES.split()))]
    rng = random.Random(options.seed)
    compared = variants(options)
    results: list[tuple[Hole, list[int]]] = []
    taken: list[float] = []
    for folder in folders:
        with tempfile.TemporaryDirectory() as copy:
            package = Package.copy(folder, Path(copy).resolve())
            if options.speed:
                taken += speed(package, options.places // len(folders), rng)
            else:
                holes = list(package.holes(-(-options.places // len(folders)), rng))
                results += measure(package, holes, list(compared.values()))
        print(f"{folder.name} …", file=sys.stderr)
    if taken:
        print(f"context and prompt, 50 open files, ms: p50 {statistics.median(taken):.1f}, ", end="")
        print(f"p99 {statistics.quantiles(taken, n=100)[98]:.1f}, max {max(taken):.1f} ({len(taken)} places)")
    else:
        report(results, list(compared))
        reachable(results)


def _folder(package: str) -> Path:
    if os.path.isdir(package):
        return Path(package)
    if (spec := _spec(package)) is None:
        raise argparse.ArgumentTypeError(f"{package} is neither a folder nor installed here")
    return Path(str(spec.origin)).parent


def _spec(name: str) -> ModuleSpec | None:
    return importlib.util.find_spec(name) if name.isidentifier() else None


if __name__ == "__main__":
    main()
