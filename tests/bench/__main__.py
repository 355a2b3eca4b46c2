"""Every figure, one bench after another, and a table at the end: `python -m tests.bench [--full] [NAME …]`.

Each bench is a program of its own, runs alone and has a time of its own, after which it is ended and said so. The
quick way takes less than ten minutes on two cores; `--full` takes as many samples as the figures in docs/ were made
with. The table is read from what the benches print, so nothing stands there that cannot be seen above it.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
FULL_TIMES = 8
"""So much longer may a bench take with `--full`."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table: where it stands in the output, and what it should be."""

    what: str
    pattern: str
    """Each group is one number of the row; the first occurrence counts."""
    target: str
    reaches: Callable[..., bool] | None = None
    """Given the numbers; None where there is no target."""


@dataclass(frozen=True, slots=True)
class Bench:
    heading: str
    quick: tuple[str, ...] = ()
    full: tuple[str, ...] = ()
    most_s: float = 60.0
    figures: tuple[Figure, ...] = ()


def at_most(*most: float) -> Callable[..., bool]:
    return lambda *numbers: all(number <= limit for number, limit in zip(numbers, most, strict=False))


def at_least(*least: float) -> Callable[..., bool]:
    return lambda *numbers: all(number >= limit for number, limit in zip(numbers, least, strict=False))


N = r"([\d.,]+)"

BENCHES: Mapping[str, Bench] = {
    "server": Bench(
        "The language server alone, beside pygls as it comes",
        most_s=100,
        figures=(
            Figure(
                "start → initialize, ms; of stock pygls",
                rf"initialize p50: {N} ms.*?: {N} of it",
                "≤ 260; ≤ 0.75",
                at_most(260, 0.75),
            ),
            Figure("didChange, 50,000 lines ÷ 100 lines", rf"didChange, ours: .*µs: {N} times", "≤ 1.3", at_most(1.3)),
            Figure("RSS of the idle server, MB", rf"idle server, ours: {N} MB", "≤ 70", at_most(70)),
        ),
    ),
    "latency": Bench(
        "The whole server, with a model's server behind it",
        quick=("--rounds", "200", "--cancels", "1000"),
        full=("--rounds", "600", "--cancels", "3000"),
        most_s=75,
        figures=(
            Figure(
                "added latency, hot, p50, µs (out, in, sum)",
                rf"hot, fim-lsp +{N} +{N} +{N}",
                "sum ≤ 1000",
                lambda way_out, way_in, both: both <= 1000,
            ),
            Figure("  pygls and httpx, in turns", rf"hot, pygls and httpx +{N} +{N} +{N}", ""),
            Figure(
                "added latency, paced, p50, µs (out, in, sum)",
                rf"paced, fim-lsp +{N} +{N} +{N}",
                "sum ≤ 3000",
                lambda way_out, way_in, both: both <= 3000,
            ),
            Figure("  pygls and httpx, in turns", rf"paced, pygls and httpx +{N} +{N} +{N}", ""),
            Figure("typed along, ms (p50, p99)", rf"answer: p50 {N} ms, p99 {N} ms", "≤ 0.5, ≤ 3", at_most(0.5, 3)),
            Figure("stream closed once left, ms (p50, p99)", rf"left it: p50 {N} ms, p99 {N} ms", "≤ 20", at_most(20)),
            Figure(
                "cancelled requests; sockets, threads, streams left",
                rf"{N} cancelled requests leave {N} sockets, {N} threads, {N} streams",
                "…; 0, 0, 0",
                lambda count, *left: not any(left),
            ),
            Figure("the next request ÷ the usual", rf"next request takes {N} ×", "about 1", at_most(1.5)),
        ),
    ),
    "upstream": Bench(
        "The HTTP layers alone, beside plain httpx and aiohttp",
        quick=("--rounds", "200"),
        most_s=40,
        figures=(Figure("prompt to first word, hot, p50, µs (out, in, sum)", rf"fim-lsp +{N} +{N} +{N}", ""),),
    ),
    "cancels": Bench(
        "Requests left in their first 2 ms, in one process",
        quick=("--cancels", "1000"),
        full=("--cancels", "3000"),
        most_s=40,
        figures=(
            Figure(
                "left by cancels: sockets, tasks",
                r"cancels leave (-?\d+) sockets and (-?\d+) tasks",
                "0, 0",
                at_most(0, 0),
            ),
        ),
    ),
    "trim": Bench("Trimming a stream", most_s=40),
    "lookup_cold": Bench(
        "The embedded engine, just started",
        quick=("--places", "24"),
        most_s=120,
        figures=(
            Figure(
                "lookup, cold: saved, × the line that begins alike",
                rf"automatic .*saved {N} x whole line",
                "≥ 2.5",
                at_least(2.5),
            ),
        ),
    ),
    "replay": Bench(
        "Typing simulated in virtual time", quick=("--seeds", "4", "--seconds", "20"), full=("--seeds", "28"), most_s=70
    ),
    "scale": Bench(
        "Many people at one upstream",
        quick=("--engines", "30", "--servers", "4"),
        most_s=70,
        figures=(
            Figure("requests without an answer", rf"requests without an answer: {N}", "0", at_most(0)),
            Figure("upstream streams not closed", rf"streams not closed: {N}", "0", at_most(0)),
        ),
    ),
}
MODULES = {"cancels": "upstream"}
"""Benches that are another one's module with other arguments."""


def run(name: str, bench: Bench, *, full: bool) -> str:
    """What it printed, which is shown while it comes."""
    print(f"\n== {name}: {bench.heading}", flush=True)
    arguments = (bench.full or ()) if full else bench.quick
    most_s = bench.most_s * (FULL_TIMES if full else 1)
    command = [sys.executable, "-m", f"tests.bench.{MODULES.get(name, name)}", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    alarm = threading.Timer(most_s, process.terminate)
    alarm.start()
    begun = time.monotonic()
    said = ""
    assert process.stdout is not None
    for line in process.stdout:
        said += line
        print(f"   {line}", end="", flush=True)
    alarm.cancel()
    code = process.wait()
    took_s = time.monotonic() - begun
    print(f"   [{took_s:.0f} s{'' if code == 0 else ', cut short' if took_s >= most_s else f', failed: {code}'}]")
    return said


def rows(bench: Bench, said: str) -> list[tuple[str, str, str, str]]:
    """Figure, reached, target, and whether that is enough."""
    made = []
    for figure in bench.figures:
        found = re.search(figure.pattern, said)
        if found is None:
            made.append((figure.what, "not printed", figure.target, "?"))
            continue
        numbers = [float(group.replace(",", "").rstrip(".")) for group in found.groups()]
        mark = "" if figure.reaches is None else "yes" if figure.reaches(*numbers) else "no"
        made.append((figure.what, ", ".join(found.groups()), figure.target, mark))
    return made


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"only these: {', '.join(BENCHES)}")
    parser.add_argument("--full", action="store_true", help="as many samples as the figures in docs/ were made with")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - BENCHES.keys():
        parser.error(f"there is no bench {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    table = []
    for name in arguments.names or BENCHES:
        said = run(name, BENCHES[name], full=arguments.full)
        table += rows(BENCHES[name], said)
    if table:
        print(f"\n{'figure':54} {'reached':>22}  {'target':18} reached?")
    for what, reached, target, mark in table:
        print(f"{what:54} {reached:>22}  {target:18} {mark}")


if __name__ == "__main__":
    main()
