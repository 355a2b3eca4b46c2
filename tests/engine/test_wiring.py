"""The parts put together: what one of them does in a thread of its own reaches the editor on the loop."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from fim_lsp.answer import Level
from fim_lsp.cli.wiring import make_service
from fim_lsp.context.gatherer import Gatherer
from tests.engine.test_service import Editor


class Careful(Editor):
    """Notes in which threads it is told something."""

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[int, str]] = []

    def tell(self, cause: str, message: str, level: Level = "warning") -> None:
        self.told.append((threading.get_ident(), message))


async def test_a_broken_settings_file_that_a_thread_finds_is_told_on_the_loop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fim_lsp.cli.wiring.user_file", lambda: tmp_path / "none.toml")
    monkeypatch.setattr("fim_lsp.cli.backends.state_file", lambda: tmp_path / "state.json")
    editor = Careful()
    service = make_service(editor)
    service.configure([{"provider": "lookup"}], [str(tmp_path)])
    (tmp_path / ".fim-lsp.toml").write_text("[completion\n")
    gatherer = next(one for one in service._parts.observers if isinstance(one, Gatherer))
    await asyncio.to_thread(gatherer._may_leave, str(tmp_path / "a.py"))
    await asyncio.sleep(0)
    await service.close()
    assert [(thread, "cannot be read" in message) for thread, message in editor.told] == [(threading.get_ident(), True)]
