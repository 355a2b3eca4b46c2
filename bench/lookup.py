"""What the embedded engine is worth: `python bench/lookup.py [--count N] [--language L] [--gates …]`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from lookup_corpora import CORPORA
from lookup_places import Corpus, Opened, Place, places, uri

from fim_lsp.lookup import Lookup
from fim_lsp.lookup.builder import build

GATES = (0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.85)
SEED = 7


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

    def row(self) -> str:
        def share(part: int, whole: int) -> str:
            return f"{100 * part / whole if whole else 0:8.1f}"

        return " ".join(
            [
                share(self.shown, self.asked),
                share(self.right, self.characters),
                share(self.perfect, self.asked),
                share(self.saved, self.removed),
                share(self.wholly_right, self.shown),
            ]
        )


def common(text: str, truth: str) -> int:
    for at, (one, other) in enumerate(zip(text, truth, strict=False)):
        if one != other:
            return at
    return min(len(text), len(truth))


HEAD = "  coverage precision perfect   saved  right to its end, of shown"


def engine_at(corpus: Corpus, place: Place, lookup: Lookup) -> None:
    for path, text in corpus.siblings(place.path):
        lookup.opened(Opened(uri(path), path, corpus.language.id, text.split("\n")))
    lookup.opened(Opened(uri(place.path), place.path, corpus.language.id, place.lines()))
    while lookup.work():
        pass


def close(corpus: Corpus, place: Place, lookup: Lookup) -> None:
    for path, _ in corpus.siblings(place.path):
        lookup.closed(uri(path))
    lookup.closed(uri(place.path))


def measure(corpora: Iterable[Corpus], count: int, gates: Sequence[float], seed: int) -> dict[object, Tally]:
    tallies: dict[object, Tally] = {}
    for corpus in corpora:
        started = time.perf_counter()
        index = build(corpus.files, corpus.language)
        took = time.perf_counter() - started
        size = sum(len(text) for _, text in corpus.files)
        made_of = f"{len(corpus.files)} files, {size / 1e6:.2f} MB, {len(index)} tokens"
        print(f"  {corpus.name}: {made_of}, indexed in {took:.2f} s")
        lookup = Lookup()
        lookup.adopt(corpus.language.id, index)
        for place in places(corpus, count, seed):
            engine_at(corpus, place, lookup)
            snapshot = place.snapshot(corpus.language)
            for gate in gates:
                started = time.thread_time()  # of the processor: other work on the machine does not count
                guess = lookup.complete(snapshot, gate=gate)
                took = (time.thread_time() - started) * 1e3
                for key in (gate, (corpus.name, gate), (place.kind, gate)):
                    tally = tallies.setdefault(key, Tally())
                    tally.add(guess.text if guess else "", place.removed)
                    tally.took_ms.append(took)
            for name, baseline in BASELINES.items():
                tallies.setdefault(name, Tally()).add(baseline(place), place.removed)
            close(corpus, place, lookup)
    return tallies


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
    import re
    from collections import Counter

    head = re.search(r"\w+$", place.lines()[place.line][: place.column])
    if head is None:
        return ""
    words = Counter(re.findall(r"\w+", "\n".join(place.lines())))
    alike = [word for word in words if word.startswith(head[0]) and word != head[0]]
    return max(alike, key=lambda word: words[word])[len(head[0]) :] if alike else ""


BASELINES: dict[str, Callable[[Place], str]] = {"whole line": whole_line, "frequent word": frequent_word}


def report(tallies: dict[object, Tally], gates: Sequence[float]) -> None:
    print(f"  gate          {HEAD}")
    for name in BASELINES:
        print(f"  {name:14} {tallies[name].row()}")
    for gate in gates:
        tally = tallies[gate]
        times = sorted(tally.took_ms)
        p50, p99 = times[len(times) // 2], times[int(len(times) * 0.99)]
        print(f"  {gate:<14} {tally.row()}   {p50:.1f} / {p99:.1f} ms (p50 / p99)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", action="append", help="python, held-out, typescript, go, rust")
    parser.add_argument("--count", type=int, default=120, help="places for each package")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--gates", type=float, nargs="*", default=GATES)
    parser.add_argument("--by", action="store_true", help="print each package and each kind of place, too")
    arguments = parser.parse_args()
    for name in arguments.set or CORPORA:
        print(name)
        corpora = [corpus for corpus in CORPORA[name]() if corpus.files]
        if not corpora:
            print("  no such code on this machine")
            continue
        tallies = measure(corpora, arguments.count, arguments.gates, arguments.seed)
        report(tallies, arguments.gates)
        if arguments.by:
            for key, tally in tallies.items():
                if isinstance(key, tuple):
                    print(f"  {key[0]:>16} {key[1]:.2f} {tally.row()}")


if __name__ == "__main__":
    main()
