"""The embedded engine over a folder: no model, no key, no network, and the same answer twice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fim_lsp.gateway.folder import head
from fim_lsp.prompt import tokens
from tests.gateway.serving import gateway

PYTHON = """\
def open_ledger(path, currency):
    ledger = Ledger(path, currency)
    ledger.check_balance()
    return ledger


def close_ledger(ledger):
    ledger.check_balance()
    ledger.write_summary()
    return ledger
"""
SCRIPT = """\
export function openWindow(screen) {
  const handle = screen.allocate();
  handle.raiseAbove();
  return handle;
}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    folder.mkdir()
    (folder / "books.py").write_text(PYTHON * 3)
    (folder / "window.js").write_text(SCRIPT * 3)
    (folder / ".env").write_text("SECRET_TOKEN = 'canary-4711'\n")
    (folder / ".gitignore").write_text("private.py\n")
    (folder / "private.py").write_text("def hidden(secret):\n    secret.whisper_canary()\n" * 20)
    return folder


async def ask(project: Path, tmp_path: Path, **fields: Any) -> list[dict[str, Any]]:
    """The same question three times, the last time to another process's worth of engine."""
    choices = []
    for times in (2, 1):
        async with gateway(tmp_path, "", folder=str(project)) as served:
            for _ in range(times):
                answer = await served.ask(**{"suffix": "\n", "temperature": 1.5, "random_seed": 7, **fields})
                assert answer.status_code == 200
                choices.append(answer.json()["choices"][0])
    return choices


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("def audit(ledger):\n    ledger.check_", "balance"),
        ("function move(handle) {\n  handle.raise", "Above"),
    ],
)
async def test_it_knows_the_folder(project: Path, tmp_path: Path, prompt: str, expected: str) -> None:
    for choice in await ask(project, tmp_path, prompt=prompt):
        assert choice["message"]["content"].startswith(expected)


async def test_what_may_not_leave_is_not_said(project: Path, tmp_path: Path) -> None:
    for prompt in ("def audit(secret):\n    secret.whisper_", "SECRET_TOKEN = "):
        for choice in await ask(project, tmp_path, prompt=prompt):
            assert "canary" not in choice["message"]["content"]


async def test_a_limit_on_tokens(project: Path, tmp_path: Path) -> None:
    (choice, *_) = await ask(project, tmp_path, prompt="def audit(ledger):\n    ledger.check_", max_tokens=1)
    assert choice["finish_reason"] == "length"
    assert tokens.estimate(choice["message"]["content"]) <= 1


@pytest.mark.parametrize("most", [1, 2, 3, 5, 100])
def test_head(most: int) -> None:
    text = "balance(ledger)"
    cut = head(text, most)
    assert text.startswith(cut)
    assert tokens.estimate(cut) <= most
    assert cut == text or tokens.estimate(text[: len(cut) + 1]) > most
