"""How much of a removed line the prompt offers: the share of its identifiers that can be read. No model is asked.

    python -m tests.bench.context [FOLDER …] [--installed] [--places 400] [--lines 1] [--words] [--cold] [--budget 2048]
                                  [--seed 1] [--sources] [--budgets] [--shares] [--speed]

Each place removes a line from one file in a copy of the package (`context_places.py`) and asks for the prompt there.
The document has just been opened, nothing else is, and nothing has been edited. Identifiers that stand in the file's
own window count for both sides of every comparison. The deadline is that of users, in processor time, so that a busy
machine gives the same figures. Beside the figures stand two limits: all files of the package without a budget, and
everything at all, which is what the file's own share leaves to be gained.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch

import msgspec

from fim_lsp import languages, prompt
from fim_lsp.context import Gatherer
from fim_lsp.prompt import layout
from fim_lsp.providers.base import Prompt
from fim_lsp.settings.model import Context
from tests.bench.context_places import IDENTIFIER, Hole, Package, identifiers, installed, words

PACKAGES = (
    "asyncio email http unittest logging importlib concurrent multiprocessing xml json rich pygls httpx hypothesis"
)
PACKAGES += " _pytest aiohttp mypy"
"""What weights and shares were chosen on."""
BUDGETS = (512, 1024, 4096, 8192)
SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6)
SOURCES = ("definitions", "similar", "head", "edits", "visits")
OFF = dict.fromkeys(SOURCES, False)
T = TypeVar("T")


@dataclass(frozen=True)
class Variant:
    """A way to make the prompt."""

    name: str
    settings: Context
    share: float = layout.SNIPPETS_SHARE
    base: int = 0
    """Number of the variant it is compared with."""


Result = tuple[Hole, list[int]]
"""A place, and how many of its identifiers each variant offers."""


def variants(options: argparse.Namespace) -> list[Variant]:
    """What is compared; everything else is set beside the first."""
    found = [Variant("own file only", Context(enabled=False, max_tokens=options.budget))]
    everything = Context(max_tokens=options.budget)
    found.append(Variant("with context", everything))
    for source in SOURCES if options.sources else ():
        found.append(Variant(f"without {source}", msgspec.structs.replace(everything, **{source: False})))
    for source in SOURCES if options.sources else ():
        found.append(Variant(f"only {source}", msgspec.structs.replace(everything, **(OFF | {source: True}))))
    for share in SHARES if options.shares else ():
        found.append(Variant(f"snippets may take {share:.0%}", everything, share))
    for budget in BUDGETS if options.budgets else ():
        found.append(Variant(f"own file only, {budget} tokens", Context(enabled=False, max_tokens=budget)))
        found.append(Variant(f"with context, {budget} tokens", Context(max_tokens=budget), base=len(found) - 1))
    return found


def measure(package: Package, holes: Sequence[Hole], compared: Sequence[Variant], *, cold: bool) -> Iterator[Result]:
    for hole in holes:
        hole.path.write_text(hole.before + hole.after, "utf-8", newline="\n")
        offered = [_offered(asyncio.run(_first_prompt(hole, package.folder, each, cold=cold))) for each in compared]
        yield hole, [len(hole.wanted & names) for names in offered]
        hole.path.write_text(package.texts[hole.path], "utf-8", newline="\n")


def _offered(made: Prompt) -> frozenset[str]:
    return frozenset(IDENTIFIER.findall("\n".join([made.prefix, made.suffix, *(each.text for each in made.snippets)])))


async def _first_prompt(hole: Hole, folder: Path, variant: Variant, *, cold: bool) -> Prompt:
    gatherer = _gatherer()
    if not cold and variant.settings.enabled:
        document = _opened(hole.path, hole.before + hole.after)
        gatherer.opened(document)
        await gatherer.warm(document, folder=str(folder))
    with patch.object(layout, "SNIPPETS_SHARE", variant.share):
        return await _prompt(gatherer, hole, folder, variant.settings)


async def _prompt(gatherer: Gatherer, hole: Hole, folder: Path, settings: Context) -> Prompt:
    snippets = await gatherer.snippets(hole.snapshot, settings, folder=str(folder))
    return prompt.build(
        hole.snapshot,
        budget_tokens=settings.max_tokens,
        snippets=snippets,
        head=settings.enabled and settings.head,
        path=hole.path.relative_to(folder).as_posix(),
    )


def _gatherer() -> Gatherer:
    return Gatherer(clock=time.thread_time, may_leave=lambda path: True, run=_at_once)


async def _at_once(work: Callable[[], T], /) -> T:
    return work()


@dataclass
class OpenFile:
    """A document of an editor."""

    uri: str
    path: str
    language: str
    lines: list[str]
    version: int = 1


def _opened(path: Path, text: str) -> OpenFile:
    return OpenFile(path.as_uri(), str(path), languages.from_path(str(path)).id, text.split("\n"))


def speed(package: Package, count: int, rng: random.Random) -> list[float]:
    """Milliseconds of processor time for context and prompt at `count` places, with 50 files of the package open."""
    gatherer = _gatherer()
    files = rng.sample(sorted(package.texts), min(50, len(package.texts)))
    for path in files:
        gatherer.opened(_opened(path, package.texts[path]))
    taken = []
    for _ in range(count):
        path = rng.choice(files)
        text = package.texts[path]
        offset = rng.randrange(len(text) + 1)
        hole = Hole(path, languages.from_path(str(path)), text[:offset], text[offset:])
        began = time.thread_time()
        asyncio.run(_prompt(gatherer, hole, package.folder, Context()))
        taken.append((time.thread_time() - began) * 1000)
    return taken


# Tables


def report(results: dict[str, list[Result]], compared: Sequence[Variant]) -> None:
    every = [each for some in results.values() for each in some]
    elsewhere = [each for each in every if each[0].elsewhere]
    print(f"{'package':20} {'places':>6} {'own file only':>14} {'with context':>19} {'whole package':>14}")
    for name, some in [*results.items(), ("all", every)]:
        own, known = _share(some, 0), _ratio(sum(hole.known for hole, _ in some), _count(some, 0))
        print(f"{name:20} {len(some):6} {own:14.3f} {_share(some, 1):11.3f}  {_of(some, 1, 0)} {known:>14}")
    print(f"{'names elsewhere':20} {len(elsewhere):6} {_share(elsewhere, 0):14.3f}", end=" ")
    print(f"{_share(elsewhere, 1):11.3f}  {_of(elsewhere, 1, 0)}")
    wanted = sum(len(hole.wanted) for hole, _ in every)
    print(f"\nIf everything were offered that can stand in code: {_ratio(wanted, _count(every, 0))}")
    if len(compared) > 2:
        print(f"\n{'share of identifiers offered':34} {'all places':>18} {'names elsewhere':>20}")
    for number, variant in enumerate(compared if len(compared) > 2 else ()):
        cells = [f"{_share(some, number):.3f}  {_of(some, number, variant.base)}" for some in (every, elsewhere)]
        print(f"{variant.name:34} {cells[0]:>18} {cells[1]:>20}")


def _count(some: Sequence[Result], number: int) -> int:
    return sum(counts[number] for _, counts in some)


def _share(some: Sequence[Result], number: int) -> float:
    return _count(some, number) / max(1, sum(len(hole.wanted) for hole, _ in some))


def _of(some: Sequence[Result], number: int, base: int) -> str:
    return _ratio(_count(some, number), _count(some, base))


def _ratio(count: int, base: int) -> str:
    return f"×{count / max(1, base):.3f}"


# The command line


def main() -> None:
    options = _options()
    tuned = [Path(str(spec.origin)).parent for spec in filter(None, map(_spec, PACKAGES.split()))]
    folders = installed(frozenset(PACKAGES.split())) if options.installed else options.packages or tuned
    rng, compared = random.Random(options.seed), variants(options)
    results: dict[str, list[Result]] = {}
    taken: list[float] = []
    for folder in folders:
        places = -(-options.places // len(folders))
        with tempfile.TemporaryDirectory() as copy:
            package = Package.copy(folder, Path(copy).resolve())
            if options.speed:
                taken += speed(package, places, rng)
            else:
                count = words if options.words else identifiers
                holes = list(package.holes(places, rng, lines=options.lines, count=count))
                results[folder.name] = list(measure(package, holes, compared, cold=options.cold))
        print(f"{folder.name} …", file=sys.stderr)
    if taken:
        print(f"context and prompt, 50 open files, ms: p50 {statistics.median(taken):.1f}, ", end="")
        print(f"p99 {statistics.quantiles(taken, n=100)[98]:.1f}, max {max(taken):.1f} ({len(taken)} places)")
    else:
        report(results, compared)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="How much of a removed line the prompt offers.")
    parser.add_argument("packages", nargs="*", type=_folder, help="folders or names; else those it was tuned on")
    parser.add_argument("--installed", action="store_true", help="all installed packages that nothing was tuned on")
    parser.add_argument("--places", type=int, default=400)
    parser.add_argument("--lines", type=int, default=1, help="how many lines are removed")
    parser.add_argument("--words", action="store_true", help="strings, comments and built-in names count as well")
    parser.add_argument("--cold", action="store_true", help="the document is opened with the very request")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--budget", type=int, default=2048)
    parser.add_argument("--sources", action="store_true", help="each source off, and alone")
    parser.add_argument("--budgets", action="store_true", help=f"also with {BUDGETS} tokens")
    parser.add_argument("--shares", action="store_true", help="by how much of the budget snippets may take")
    parser.add_argument("--speed", action="store_true", help="time with 50 open files")
    return parser.parse_args()


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
