"""The gate is a promise: on code that nothing was fitted on, what is shown is right about as often as it says.

The places are few, so the margins are wide; `python -m tests.bench.lookup` measures the real thing.
"""

from __future__ import annotations

import email
import random
from pathlib import Path

import pytest

from fim_lsp.document import Snapshot
from fim_lsp.languages import get
from fim_lsp.lookup import Lookup
from fim_lsp.lookup.builder import build

PLACES = 150
MARGIN = 0.2
FOLDER = Path(email.__file__).parent


@pytest.fixture(scope="module")
def shown() -> list[tuple[float, bool]]:
    """Probability and rightness of every guess at seeded places, at the lowest gate."""
    files = [(str(path), path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.py"))]
    index = build(files, get("python"))
    chance, found = random.Random(5), []
    for path, text in chance.choices(files, k=PLACES):
        lines = text.split("\n")
        number = chance.choice([at for at, line in enumerate(lines) if len(line.strip()) > 6])
        line = lines[number].rstrip()
        column = chance.randrange(len(line) - len(line.lstrip()), len(line) - 2)
        lookup = Lookup()
        lookup.adopt("python", index)
        index.hide(path)
        before = "\n".join([*lines[:number], line[:column]])
        after = "\n" + "\n".join(lines[number + 1 :])
        guess = lookup.complete(Snapshot("", "python", 1, before, after, path, number), gate=0.15, max_lines=1)
        index.show(path)
        if guess is not None:
            found.append((guess.probability, line[column:].startswith(guess.text)))
    return found


@pytest.mark.parametrize("gate", [0.15, 0.35, 0.55, 0.75])
def test_what_is_sure_enough_is_right_often_enough(shown: list[tuple[float, bool]], gate: float) -> None:
    kept = [is_right for probability, is_right in shown if probability >= gate]
    assert len(kept) > PLACES * (1 - gate) / 5
    assert sum(kept) / len(kept) >= gate - MARGIN


def test_the_surer_are_right_more_often(shown: list[tuple[float, bool]]) -> None:
    ordered = [is_right for _, is_right in sorted(shown)]
    half = len(ordered) // 2
    assert sum(ordered[half:]) > sum(ordered[:half])
