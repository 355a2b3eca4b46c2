"""Fits the weights of the embedded engine and writes `fim_lsp/lookup/weights.py`: `python -m tests.bench.fit_lookup`.

They are fitted on the source that the running interpreter ships with, without the packages that `tests/bench/lookup.py`
measures on and without tests: at seeded places the rest of a line is removed, and the weights are those that make the
tokens that stood there most probable. Only the weights are kept, nothing of the text. Needs numpy.
"""

from __future__ import annotations

import argparse
import random
import sys
from array import array
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

import fim_lsp.lookup.weights as weights_module
from fim_lsp.lookup import Lookup
from fim_lsp.lookup.builder import build
from fim_lsp.lookup.lexer import END_OF_LINE, lex
from fim_lsp.lookup.signals import BUCKETS, SIGNALS
from fim_lsp.lookup.vocabulary import UNKNOWN
from tests.bench.lookup_corpora import MEASURED, STDLIB
from tests.bench.lookup_places import Corpus, Opened, Place, places, uri

FOLDERS = (
    *("json", "logging", "multiprocessing", "xml", "concurrent", "importlib", "idlelib", "distutils", "lib2to3"),
    *("tkinter", "ctypes", "sqlite3", "urllib", "wsgiref", "curses", "collections", "dbm", "html", "xmlrpc", "venv"),
    *("tomllib", "zoneinfo", "ensurepip", "re", "."),
)
PLACES_PER_FILE_KB = 1.4
EPOCHS = 160
RATE = 0.05
PENALTY, BUCKET_PENALTY = 2e-5, 2e-4
WITHOUT_PROJECT, WITHOUT_SIBLINGS = 0.2, 0.25
VALIDATED = 0.1


@dataclass
class Data:
    """Decisions, candidates and signals as flat columns."""

    row: array = field(default_factory=lambda: array("i"))
    column: array = field(default_factory=lambda: array("i"))
    value: array = field(default_factory=lambda: array("f"))
    decision: array = field(default_factory=lambda: array("i"))
    """Of each row (candidate)."""
    bucket: array = field(default_factory=lambda: array("i"))
    right: array = field(default_factory=lambda: array("b"))
    decisions: int = 0
    unreachable: int = 0

    def add(self, signals: dict[str, dict[int, float]], bucket: int, truth: str) -> None:
        if truth not in signals:
            self.unreachable += 1
            truth = UNKNOWN
        for symbol, named in signals.items():
            row = len(self.decision)
            self.decision.append(self.decisions)
            self.bucket.append(bucket)
            self.right.append(symbol == truth)
            for column, value in named.items():
                self.row.append(row)
                self.column.append(column)
                self.value.append(value)
        self.decisions += 1


def corpora() -> list[Corpus]:
    found = []
    for folder in FOLDERS:
        skip = ["__pycache__", "test", "site-packages", *MEASURED]
        if folder == ".":
            files = tuple(
                (str(path), path.read_text("utf-8", "replace"))
                for path in sorted(STDLIB.glob("*.py"))
                if path.stat().st_size < 400_000
            )
            found.append(Corpus(folder, files, found[0].language))
        else:
            found.append(Corpus.read(folder, STDLIB / folder, (".py",), skip))
    return [corpus for corpus in found if len(corpus.files) > 1]


def collect(corpus: Corpus, data: Data, seed: int, scale: float) -> None:
    chance = random.Random(f"{seed} {corpus.name} fit")
    index = build(corpus.files, corpus.language)
    count = max(12, int(sum(len(text) for _, text in corpus.files) / 1000 * PLACES_PER_FILE_KB * scale))
    for place in places(corpus, count, seed):
        lookup = Lookup()
        if chance.random() >= WITHOUT_PROJECT:
            lookup.adopt(corpus.language.id, index)
        if chance.random() >= WITHOUT_SIBLINGS:
            for path, text in corpus.siblings(place.path):
                lookup.opened(Opened(uri(path), path, corpus.language.id, text.split("\n")))
        lookup.opened(Opened(uri(place.path), place.path, corpus.language.id, place.lines()))
        while lookup.work():
            pass
        follow(lookup, corpus, place, data)
        index.show(place.path)
        for path, _ in corpus.siblings(place.path):
            index.show(path)


def follow(lookup: Lookup, corpus: Corpus, place: Place, data: Data) -> None:
    """Every decision on the way from the cursor to the end of the line as it was."""
    inquiry = lookup.inquire(place.snapshot(corpus.language))
    truth = [*lex(place.text.split("\n")[place.line].strip(), corpus.language), END_OF_LINE]
    state = inquiry.state
    for token in truth[len(state.line) - 1 :]:
        if not state.allows(token):
            return
        evidence = inquiry.scene.evidence.of(state.line)
        signals = inquiry.scene.case(state, evidence).signals()
        symbol = inquiry.vocabulary.known(token)
        data.add(signals, inquiry.scene.bucket(evidence), symbol)
        if symbol not in signals or symbol == UNKNOWN or token == END_OF_LINE:
            return
        state = state.then(symbol, token)


def fit(data: Data, seed: int) -> tuple[np.ndarray, list[str]]:
    row, column = np.frombuffer(data.row, np.int32), np.frombuffer(data.column, np.int32)
    value = np.frombuffer(data.value, np.float32)
    decision, right = np.frombuffer(data.decision, np.int32), np.frombuffer(data.right, np.int8).astype(np.float32)
    bucket = np.frombuffer(data.bucket, np.int32)
    width, rows = len(SIGNALS), len(decision)
    cell = bucket[row] * width + column
    starts = np.flatnonzero(np.diff(decision, prepend=-1))
    held = np.random.default_rng(seed).random(data.decisions) < VALIDATED
    train = (~held)[decision].astype(np.float32)
    shared, own = np.zeros(width), np.zeros(width * len(BUCKETS))
    moments = [np.zeros_like(x) for x in (shared, own, shared, own)]
    best, best_loss, log = (shared, own), np.inf, []
    for epoch in range(1, EPOCHS + 1):
        score = np.bincount(row, value * (shared[column] + own[cell]), rows)
        score -= np.maximum.reduceat(score, starts)[decision]
        probability = np.exp(score)
        probability /= np.add.reduceat(probability, starts)[decision]
        loss = -np.log(np.maximum(probability[right > 0], 1e-12))
        validated = loss[held].mean()
        if validated < best_loss:
            best, best_loss = (shared.copy(), own.copy()), validated
        if epoch % 20 == 0 or epoch == 1:
            log.append(f"epoch {epoch}: {loss[~held].mean():.4f} fitted, {validated:.4f} validated (nats a token)")
            print(" ", log[-1], flush=True)
        slope = (probability - right) * train / (~held).sum()
        by_cell = np.bincount(cell, value * slope[row], len(own))
        slopes = (by_cell.reshape(-1, width).sum(0) + PENALTY * shared, by_cell + BUCKET_PENALTY * own)
        rate = RATE * (1 - epoch / (EPOCHS + 1)) ** 0.5
        for number, (weights, slope_of) in enumerate(zip((shared, own), slopes, strict=True)):
            first, second = moments[number], moments[number + 2]
            first += 0.1 * (slope_of - first)
            second += 0.01 * (slope_of**2 - second)
            weights -= rate * (first / (1 - 0.9**epoch)) / (np.sqrt(second / (1 - 0.99**epoch)) + 1e-9)
    log.append(f"kept: {best_loss:.4f} validated")
    print(" ", log[-1])
    return (best[0] + best[1].reshape(-1, width)), log


def write(weights: np.ndarray, data: Data, places_from: str) -> None:
    lines = [
        '"""What each signal weighs, one number for each bucket of `signals.BUCKETS`.',
        "",
        f"Made by `python -m tests.bench.fit_lookup` with Python {sys.version_info.major}.{sys.version_info.minor}:",
        f"fitted on {data.decisions} tokens of its standard library",
        f"({places_from}).",
        "Do not edit.",
        '"""',
        "",
        "from __future__ import annotations",
        "",
        "# fmt: off",
        "WEIGHTS: dict[str, tuple[float, ...]] = {",
    ]
    for column, signal in enumerate(SIGNALS):
        numbers = ", ".join(f"{number:.3f}" for number in weights[:, column])
        lines.append(f'    "{signal}": ({numbers}),')
    lines += ["}", "# fmt: on", ""]
    Path(weights_module.__file__).write_text("\n".join(lines), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--scale", type=float, default=1.0, help="more or fewer places")
    arguments = parser.parse_args()
    data, used = Data(), corpora()
    for corpus in used:
        collect(corpus, data, arguments.seed, arguments.scale)
        print(f"  {corpus.name}: {data.decisions} tokens, {len(data.value) / 1e6:.1f} M signals", flush=True)
    print(f"  {data.unreachable} of {data.decisions} were not among the candidates")
    weights, _ = fit(data, arguments.seed)
    write(weights, data, "all of it but tests and " + ", ".join(MEASURED))


if __name__ == "__main__":
    main()
