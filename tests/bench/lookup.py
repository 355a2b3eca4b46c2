"""What the embedded engine is worth, beside two baselines: `python -m tests.bench.lookup`.

At seeded places of real code the rest of a line is removed (the lines after it stay), three siblings are open, and the
package's other files are indexed. Coverage: share of places with something shown. Precision: right leading characters
of those shown. Perfect: the whole rest, of all places. Saved: keys, if only what is right to its end is taken, one
key each. Times are of the processor, so that other work on the machine does not count.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from fim_lsp.document import Snapshot
from fim_lsp.lookup import Lookup
from fim_lsp.lookup.builder import build
from fim_lsp.lookup.index import Index
from tests.bench.lookup_corpora import CORPORA, PACKAGES
from tests.bench.lookup_places import Corpus, Opened, Place, places, uri

GATES = (0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85)
SEED = 7
PLACES_A_SET = 720
ANSWERS = 200
HEAD = "coverage precision  perfect    saved right to its end (of shown)"

Tallies = dict[object, "Tally"]


@dataclass
class Tally:
    """Shown texts against what was removed."""

    asked: int = 0
    shown: int = 0
    characters: int = 0
    right: int = 0
    perfect: int = 0
    wholly_right: int = 0
    saved: int = 0
    removed: int = 0
    took_ms: list[float] = field(default_factory=list)

    def add(self, text: str, truth: str) -> None:
        self.asked += 1
        self.removed += len(truth)
        if not text:
            return
        self.shown += 1
        right = common(text, truth)
        self.characters += len(text)
        self.right += right
        self.perfect += text == truth
        if right == len(text):
            self.wholly_right += 1
            self.saved += len(text) - 1

    @property
    def saved_share(self) -> float:
        return self.saved / max(1, self.removed)

    def __str__(self) -> str:
        pairs = (
            *((self.shown, self.asked), (self.right, self.characters), (self.perfect, self.asked)),
            *((self.saved, self.removed), (self.wholly_right, self.shown)),
        )
        return " ".join(f"{100 * part / max(1, whole):8.1f}" for part, whole in pairs)

    def times(self) -> str:
        return "{:.1f} / {:.1f} ms".format(*quantiles(self.took_ms))


def common(text: str, truth: str) -> int:
    """How many leading characters agree."""
    pairs = enumerate(zip(text, truth, strict=False))
    return next((at for at, (one, other) in pairs if one != other), min(len(text), len(truth)))


def quantiles(values: Sequence[float]) -> tuple[float, float]:
    """p50 and p99."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)]


def measure(corpora: Iterable[Corpus], count: int, gates: Sequence[float], seed: int, is_fitted: bool) -> Tallies:
    tallies: Tallies = {}
    for corpus in corpora:
        lookup = Lookup(is_fitted=is_fitted)
        lookup.adopt(corpus.language.id, build(corpus.files, corpus.language))
        for place in places(corpus, count, seed):
            open_at(corpus, place, lookup)
            for gate in gates:
                guess, took_ms = timed(lookup.complete, place.snapshot(corpus.language), gate=gate)
                for key in (gate, (corpus.name, gate), (place.kind, gate)):
                    tally = tallies.setdefault(key, Tally())
                    tally.add(guess.text if guess else "", place.removed)
                    tally.took_ms.append(took_ms)
            for name, baseline in BASELINES.items():
                tallies.setdefault(name, Tally()).add(baseline(place), place.removed)
            close(corpus, place, lookup)
    return tallies


def open_at(corpus: Corpus, place: Place, lookup: Lookup) -> None:
    for path, text in corpus.siblings(place.path):
        lookup.opened(Opened(uri(path), path, corpus.language.id, text.split("\n")))
    lookup.opened(Opened(uri(place.path), place.path, corpus.language.id, place.lines()))
    while lookup.work():
        pass


def close(corpus: Corpus, place: Place, lookup: Lookup) -> None:
    for path, _ in corpus.siblings(place.path):
        lookup.closed(uri(path))
    lookup.closed(uri(place.path))


def timed(call: Callable[..., Any], *given: Any, **named: Any) -> tuple[Any, float]:
    """What it returns, and the milliseconds that it took."""
    started = time.thread_time()
    return call(*given, **named), (time.thread_time() - started) * 1e3


def whole_line(place: Place) -> str:
    """The rest of the most recent earlier line that begins alike."""
    lines = place.lines()
    head = lines[place.line].lstrip()
    for line in reversed(lines[: place.line]):
        body = line.strip()
        if head and body.startswith(head) and len(body) > len(head):
            return body[len(head) :]
    return ""


def frequent_word(place: Place) -> str:
    """The rest of the document's most frequent word that begins like the one at the cursor."""
    head = re.search(r"\w+$", place.lines()[place.line])
    if head is None:
        return ""
    words = Counter(re.findall(r"\w+", "\n".join(place.lines())))
    alike = [word for word in words if word.startswith(head[0]) and word != head[0]]
    return max(alike, key=lambda word: words[word])[len(head[0]) :] if alike else ""


BASELINES: dict[str, Callable[[Place], str]] = {"whole line": whole_line, "frequent word": frequent_word}


def report(tallies: Tallies, gates: Sequence[float]) -> None:
    print(f"  {'gate':14} {HEAD}, answer p50 / p99")
    for name in BASELINES:
        print(f"  {name:14} {tallies[name]}")
    for gate in gates:
        times_baseline = tallies[gate].saved_share / max(1e-9, tallies["whole line"].saved_share)
        print(f"  {gate:<14} {tallies[gate]}   {tallies[gate].times()}   saved {times_baseline:.1f} x whole line")
    kept = [gate for gate in gates if tallies[gate].wholly_right >= (gate - 0.1) * tallies[gate].shown]
    print(
        f"  the promise (right to its end at least gate - 0.1 of the time) holds at {len(kept)} of {len(gates)} gates"
    )


def report_costs() -> None:
    """Index, answers, edits and the first answer after opening, on 5 MB of this environment's packages."""
    corpus = packages(5_000_000)
    size = sum(len(text) for _, text in corpus.files) / 1e6
    index, took_ms = timed(build, corpus.files, corpus.language)
    print(
        f"  index of {size:.1f} MB in {len(corpus.files)} files: {took_ms / 1e3:.1f} s, {index.size_bytes / 1e6:.0f} MB"
    )
    for gate, asked in ((0.65, "automatic"), (0.15, "invoked")):
        shares = [answer_times(corpus, index, gate), answer_times(corpus, Index(corpus.language), gate)]
        print(
            "  answer, {}: {:.1f} / {:.1f} ms (p50 / p99); nothing indexed: {:.1f} / {:.1f} ms".format(
                asked, *chain(*shares)
            )
        )
    report_document("\n".join(text for _, text in corpus.files).split("\n")[20_000:22_000], index)


def packages(most: int) -> Corpus:
    files, size = [], 0
    python = Corpus.read("packages", PACKAGES, (".py",), ("__pycache__",))
    for path, text in python.files:
        if size + len(text) <= most:
            files.append((path, text))
            size += len(text)
    return Corpus("packages", tuple(files), python.language)


def answer_times(corpus: Corpus, index: Index, gate: float) -> tuple[float, float]:
    """Of the first answer at each place, with three siblings open."""
    lookup, answers = Lookup(), []
    lookup.adopt(corpus.language.id, index)
    for place in places(corpus, ANSWERS, SEED):
        open_at(corpus, place, lookup)
        answers.append(timed(lookup.complete, place.snapshot(corpus.language), gate=gate)[1])
        close(corpus, place, lookup)
    return quantiles(answers)


def report_document(document: list[str], index: Index) -> None:
    """Opening, editing and reading a document of 2,000 lines."""
    lookup = Lookup()
    lookup.adopt("python", index)
    opened = Opened("file:///large.py", "/large.py", "python", document)
    middle = Snapshot(
        opened.uri, "python", 1, "\n".join(document[:1000]) + "\n    ", "\n" + "\n".join(document[1001:]), line=1000
    )
    _, open_ms = timed(lookup.opened, opened)
    _, answer_ms = timed(lookup.complete, middle, gate=0.15)
    print(f"  a document of 2,000 lines: opened in {open_ms:.1f} ms, first answer in {answer_ms:.1f} ms more")
    while lookup.work():
        pass
    edits, slices = [], []
    for number in range(0, 2000, 4):
        edits.append(timed(lookup.edited, opened, number, 1, 1)[1] + timed(lookup.work)[1])
    lookup.opened(opened)
    while True:
        is_more, slice_ms = timed(lookup.work)
        slices.append(slice_ms)
        if not is_more:
            break
    print("  edited line: {:.2f} / {:.2f} ms (p50 / p99)".format(*quantiles(edits)))
    print("  slice of reading in the background: {:.2f} / {:.2f} ms (p50 / p99)".format(*quantiles(slices)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--set", action="append", choices=CORPORA, help="only these")
    parser.add_argument("--folder", action="append", default=[], help="SUFFIX=PATH, such as .ts=../project/src")
    parser.add_argument("--places", type=int, default=PLACES_A_SET, help="for each set")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--gates", type=float, nargs="*", default=GATES)
    parser.add_argument("--unfitted", action="store_true", help="without the fitted weights")
    parser.add_argument("--costs", action="store_true", help="only these, or after the sets that are named")
    parser.add_argument("--by", action="store_true", help="print each package and each kind of place, too")
    arguments = parser.parse_args()
    folders = [Corpus.read(path, Path(path), (suffix,)) for suffix, path in (f.split("=", 1) for f in arguments.folder)]
    chosen = arguments.set or ([] if arguments.costs else CORPORA)
    sets = {"folders": folders} if folders else {name: CORPORA[name]() for name in chosen}
    for name, corpora in sets.items():
        present = [corpus for corpus in corpora if corpus.files]
        print(f"{name}: {', '.join(corpus.name for corpus in present) or 'no such code on this machine'}")
        if not present:
            continue
        each = max(1, arguments.places // len(present))
        tallies = measure(present, each, arguments.gates, arguments.seed, not arguments.unfitted)
        report(tallies, arguments.gates)
        if arguments.by:
            for key, tally in tallies.items():
                if isinstance(key, tuple):
                    print(f"  {key[0]:>20} {key[1]:.2f} {tally}")
    if arguments.costs or not (arguments.set or folders):
        print("costs")
        report_costs()


if __name__ == "__main__":
    main()
