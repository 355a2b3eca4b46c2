"""How long the event loop is held while a project is indexed: `python -m tests.bench.lookup_gaps`.

A probe runs every millisecond, and the times between its runs are the loop's gaps. They are taken while the server's
own feeder and its worker index 5 MB of files, open documents among them; and, turn by turn, while a process of the
same kind reads the same files for nobody: so what is due to a busy machine is in both rows, and the difference is ours.
The processor time between two runs is what the loop itself did; other work on the machine is not in it.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from fim_lsp.lookup import Lookup
from fim_lsp.lookup.feeder import Feeder
from fim_lsp.privacy.gate import Gate
from fim_lsp.settings.model import Privacy
from tests.bench.lookup_corpora import PACKAGES
from tests.bench.lookup_places import Corpus, Opened, uri

BOUND_MS = 5.0
PROBE_S = 0.001
SIZE = 5_000_000
DOCUMENTS = 4
FOR_NOBODY = """
import os, pathlib, sys
from fim_lsp.languages import get
from fim_lsp.lookup.builder import Builder
os.nice(10) if hasattr(os, "nice") else None
builder = Builder(get("python"))
for path in sorted(pathlib.Path(sys.argv[1]).rglob("*.py")):
    for batch in builder.feed(str(path), path.read_text("utf-8", "replace")):
        pass
"""


@dataclass
class Gaps:
    """Between two runs of the probe, beyond the pause that was asked for."""

    waited_ms: list[float] = field(default_factory=list)
    worked_ms: list[float] = field(default_factory=list)

    @asynccontextmanager
    async def probed(self) -> AsyncIterator[None]:
        probe = asyncio.create_task(self._probe())
        try:
            yield
        finally:
            probe.cancel()
            with suppress(asyncio.CancelledError):
                await probe

    async def _probe(self) -> None:
        while True:
            began, worked = time.perf_counter(), time.thread_time()
            await asyncio.sleep(PROBE_S)
            self.waited_ms.append((time.perf_counter() - began - PROBE_S) * 1e3)
            self.worked_ms.append((time.thread_time() - worked) * 1e3)

    def __str__(self) -> str:
        waited, worked = sorted(self.waited_ms), sorted(self.worked_ms)
        over = sum(gap > BOUND_MS for gap in waited)
        return (
            f"{_at(waited, 0.5):6.2f} {_at(waited, 0.99):7.2f} {_at(waited, 0.999):7.2f} {waited[-1]:7.2f}"
            f" {over:6} of {len(waited):<7} {_at(worked, 0.999):7.2f} {worked[-1]:7.2f}"
        )


def _at(ordered: Sequence[float], share: float) -> float:
    return ordered[int((len(ordered) - 1) * share)]


def write_project(folder: Path) -> list[Path]:
    """Copies of this environment's packages."""
    size, written = 0, []
    for path, text in Corpus.read("packages", PACKAGES, (".py",), ("__pycache__",)).files:
        if size + len(text) <= SIZE:
            size += len(text)
            copy = folder / Path(path).relative_to(PACKAGES)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text(text, "utf-8")
            written.append(copy)
    return written


async def index(folder: Path, files: Sequence[Path], gaps: Gaps) -> float:
    """As the server does it; gives the seconds that it took."""
    gate = Gate()
    gate.configure([str(folder)])
    lookup = Lookup()
    feeder = Feeder(lookup, may_leave=lambda path: gate.may_leave(path, Privacy()).allowed)
    feeder.configure([str(folder)])
    opened = files[:: len(files) // DOCUMENTS]
    documents = [Opened(uri(str(path)), str(path), "python", path.read_text("utf-8").split("\n")) for path in opened]
    began = time.perf_counter()
    async with gaps.probed():
        await asyncio.sleep(0.02)
        for document in documents:
            lookup.opened(document)
            feeder.opened(document)
            await asyncio.sleep(0.02)
        await feeder.settled()
    feeder.close()
    assert sum(len(each) for _, each in lookup.indices()) > SIZE / 10, "the project was not read"
    return time.perf_counter() - began


async def read_for_nobody(folder: Path, gaps: Gaps) -> float:
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(sys.executable, "-P", "-c", FOR_NOBODY, str(folder))
    async with gaps.probed():
        await process.wait()
    return time.perf_counter() - began


async def measure(rounds: int) -> None:
    indexing, nobody = Gaps(), Gaps()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = write_project(folder)
        took = [(await read_for_nobody(folder, nobody), await index(folder, files, indexing)) for _ in range(rounds)]
    seconds = [sum(each) / rounds for each in zip(*took, strict=True)]
    print(
        f"  {'gaps of the loop, ms':34} {'p50':>6} {'p99':>7} {'p99.9':>7} {'max':>7} {'over 5':>17}  work p99.9, max"
    )
    print(f"  {'5 MB read by another, for nobody':34} {nobody}   in {seconds[0]:.1f} s")
    print(f"  {'5 MB indexed for the server':34} {indexing}   in {seconds[1]:.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    asyncio.run(measure(parser.parse_args().rounds))


if __name__ == "__main__":
    main()
