"""Looking for secrets costs the line that changed, and remembers no more than the text at hand asks for."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from fim_lsp.document import Snapshot
from fim_lsp.privacy import redact
from fim_lsp.privacy.redact import Redactor
from fim_lsp.privacy.secrets_in_lines import Facts, facts_of

LONG = [f"    value_{number} = compute(number={number})" for number in range(8_000)]


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lines that were looked at."""
    looked: list[str] = []

    def watched(lines: Sequence[str], *, is_config: bool) -> list[Facts]:
        looked.extend(lines)
        return facts_of(lines, is_config=is_config)

    monkeypatch.setattr(redact, "facts_of", watched)
    return looked


def look(redactor: Redactor, before: str, after: str = "", uri: str = "file:///a.py") -> None:
    redactor.snapshot(Snapshot(uri, "python", 1, before, after))


@contextmanager
def growth_kb() -> Iterator[list[float]]:
    tracemalloc.start()
    try:
        grown: list[float] = []
        yield grown
        grown.append(tracemalloc.get_traced_memory()[0] / 1e3)
    finally:
        tracemalloc.stop()


def test_in_a_long_document_one_line_is_looked_at_a_key(looked: list[str]) -> None:
    """More lines than are remembered of short texts, and the cursor goes from line to line, twice around."""
    redactor = Redactor()
    for _ in range(2):
        look(redactor, "\n".join(LONG))
    looked.clear()
    at = 4_000
    for step in range(60):
        line = at + step % 20
        before, after = "\n".join([*LONG[:line], f"    typed_{step}"]), "\n".join(["", *LONG[line:]])
        look(redactor, before, after)
        look(redactor, before, after)
    assert len(looked) < 60 * 5


def test_a_day_of_lines_is_not_kept() -> None:
    redactor = Redactor()
    look(redactor, "\n".join(LONG[:100]))
    with growth_kb() as grown:
        for page in range(100):
            lines = [f"    value_{page}_{number} = compute(number={number}, page={page})" for number in range(300)]
            redactor.text("\n".join(lines))
            look(redactor, "\n".join(lines))
    assert grown[0] < 1_500


def test_keys_in_a_line_of_a_machine_are_not_kept() -> None:
    redactor = Redactor()
    with growth_kb() as grown:
        for size in range(15_000, 15_600):
            look(redactor, "x=1\n" + "ab;" * (size // 3))
    assert grown[0] < 500


def test_what_was_closed_is_freed() -> None:
    redactor = Redactor()
    with growth_kb() as grown:
        for number in range(4):
            uri = f"file:///{number}.py"
            look(redactor, "\n".join(LONG), "\n".join(LONG), uri)
            redactor.forget(uri)
        for page in range(2):  # others take the room that their lines had
            redactor.text("\n".join(f"{page} {line}" for line in LONG[:1_500]))
    assert grown[0] < 1_500
