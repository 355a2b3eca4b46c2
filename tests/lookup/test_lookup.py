"""What the embedded engine says, as tables: the mark ⟦…⟧ is the cursor and what must be shown there."""

from __future__ import annotations

import pytest

from fim_lsp.document import Snapshot
from fim_lsp.lookup import Lookup

SAID = {
    "a name that the file knows": """
        timeout_seconds = 5
        retries = timeout_seconds
        limit = timeout_seconds
        print(timeou⟦t_seconds⟧)
    """,
    "a line that was there before": """
        first = registry.lookup(name)
        other = registry.lookup(name)
        again = registry.lookup(name)
        third = registry.loo⟦kup(name)⟧
    """,
}
SILENT = {
    "nothing is known": "x = com⟦⟧",
    "an empty document": "⟦⟧",
}


@pytest.mark.parametrize("page", SAID.values(), ids=SAID)
def test_says(page: str) -> None:
    assert_shows(page, gate=0.3)


@pytest.mark.parametrize("page", SILENT.values(), ids=SILENT)
def test_silent(page: str) -> None:
    assert_shows(page, gate=0.15)


def assert_shows(page: str, gate: float) -> None:
    before, marked = page.split("⟦")
    expected, after = marked.split("⟧")
    guess = Lookup().complete(Snapshot("file:///a.py", "python", 1, before, after, line=before.count("\n")), gate=gate)
    assert (guess.text if guess else "") == expected
