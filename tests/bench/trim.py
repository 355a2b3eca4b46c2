"""What trimming costs: a place and its shape per request, a finish per answer, on files of 5,000 lines and small ones.

Run with `python tests/bench/trim.py`. Times are CPU time, so that a busy machine does not show. Every figure is for one
request at a random cursor of a real file of Python's standard library, completed with the lines that stand there, plus
what models add: the next lines again and closers.
"""

from __future__ import annotations

import random
import sys
import sysconfig
import time
from collections.abc import Callable
from pathlib import Path

from fim_lsp import languages, shape, trim
from fim_lsp.document import SIDE_LIMIT, Snapshot

REQUESTS = 600
LINES = 5_000
TABLE = "{:<44} {:>9} {:>9} {:>9}"


def main() -> None:
    """Print the table, and fail where the promise of 5 ms is not kept."""
    library = Path(sysconfig.get_path("stdlib"))
    small = (library / "textwrap.py").read_text(encoding="utf-8")
    print(TABLE.format(f"ms per request, {REQUESTS} requests", "p50", "p99", "max"))
    worst = 0.0
    for name, text in (("500 lines", small), (f"{LINES:,} lines", large(library))):
        for part, run in (("shape, place, stop and finish", whole), ("finish again (cache hit, same place)", again)):
            times = sorted(measure(text, run, random.Random(7)))
            print(TABLE.format(f"{name}: {part}", *(f"{percentile(times, p):.3f}" for p in (0.5, 0.99, 1.0))))
            worst = max(worst, percentile(times, 0.99))
    sys.exit(worst > 5)


def large(library: Path) -> str:
    """A file of 5,000 lines of real code."""
    lines: list[str] = []
    for name in ("argparse.py", "typing.py", "inspect.py", "ast.py"):
        lines += (library / name).read_text(encoding="utf-8").split("\n")
    return "\n".join(lines[:LINES]) + "\n"


def measure(text: str, run: Callable[[Snapshot, str], float], rng: random.Random) -> list[float]:
    return [run(*request(text, rng)) for _ in range(REQUESTS)]


def request(text: str, rng: random.Random) -> tuple[Snapshot, str]:
    """A cursor, and what a model says there: the next five lines and what follows them."""
    at = rng.randrange(len(text) - 1_000)
    end = at
    for _ in range(5):
        end = text.find("\n", end) + 1 or len(text)
    said = text[at : min(end, at + 600)]
    before, after = text[:at], text[at + len(said) :]
    snapshot = Snapshot("file:///x.py", "python", 1, before[-SIDE_LIMIT:], after[:SIDE_LIMIT], line=before.count("\n"))
    return snapshot, said + after[:200] + ")"


def whole(snapshot: Snapshot, said: str) -> float:
    started = time.thread_time()
    at = place(snapshot)
    trim.stop(said, at)
    trim.finish(said, at, ended=True)
    return (time.thread_time() - started) * 1_000


def again(snapshot: Snapshot, said: str) -> float:
    at = place(snapshot)
    trim.finish(said, at, ended=True)
    started = time.thread_time()
    trim.finish(said, at, ended=True)
    return (time.thread_time() - started) * 1_000


def place(snapshot: Snapshot) -> trim.Place:
    language = languages.get(snapshot.language)
    return trim.Place.of(snapshot, language, shape.decide(snapshot, language, mode="auto", max_lines=0))


def percentile(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


if __name__ == "__main__":
    main()
