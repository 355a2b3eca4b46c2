from __future__ import annotations

from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import pytest

from tests.cli.processes import Finished, environment, run

Run = Callable[..., Coroutine[Any, Any, Finished]]

REPEATING = """\
def load_users(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def load_orders(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def load_items(path):
    with open("""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A workspace folder with a file that all but completes itself."""
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / ".git").mkdir()
    (folder / "load.py").write_text(REPEATING)
    return folder


@pytest.fixture
def fim_lsp(tmp_path: Path, work: Path) -> Run:
    """`await fim_lsp("config", "--json", stdin=b"", FIM_LSP_ENABLED="false")`"""

    async def call(*arguments: str, stdin: bytes = b"", **variables: str) -> Finished:
        return await run(*arguments, folder=work, env=environment(tmp_path, **variables), stdin=stdin)

    return call
