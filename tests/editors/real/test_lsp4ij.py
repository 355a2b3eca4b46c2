"""JetBrains IDEs cannot be had for tests: the library that LSP4IJ speaks LSP with can, and what LSP4IJ does is little.

Not among the tests that always run: it needs Java. `tests/editors/conftest.py` says how to run it.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.editors.profiles import CACHE
from tests.editors.upstream import Upstream

IDE = Path(__file__).parents[1] / "Lsp4ij.java"


@pytest.mark.parametrize(
    ("code", "said", "accepted"),
    [
        pytest.param("total = ⟦⟧\n", "price * count", "total = price * count", id="at the end of a line"),
        pytest.param("print(⟦⟧)\n", '"hello")', 'print("hello")', id="before a bracket that the IDE has closed"),
        pytest.param('face = "👩‍👩‍👧 𝄞 é" + ⟦⟧\n', "smile()", 'face = "👩‍👩‍👧 𝄞 é" + smile()', id="behind emoji"),
    ],
)
def test_accepts(
    environment: dict[str, str], upstream: Upstream, work: Path, code: str, said: str, accepted: str
) -> None:
    before, after = code.split("⟦⟧")
    upstream.knows[before] = said
    file = work / "sums.py"
    file.write_text(before + after)
    column = len(before.encode("utf-16-le")) // 2
    ide = ["java", "-Dfile.encoding=UTF-8", "-cp", f"{CACHE / 'lsp4j'}/*", str(IDE), "fim-lsp", str(file), "0"]
    run = subprocess.run([*ide, str(column)], env=environment, capture_output=True, timeout=120, check=False)
    assert run.stdout.decode().splitlines() == [accepted], run.stderr.decode()
    assert run.returncode == 0
