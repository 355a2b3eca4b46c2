"""What the engine can make the editor show."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import pytest

from fim_lsp.answer import Status
from fim_lsp.lsp import host
from fim_lsp.reasons import Reason
from tests.lsp.editor import NEVER, Editor, settle

BUSY, IDLE = Status("busy", None, "mistral"), Status("idle", None, "mistral")


def initialize_without_initialized(editor: Editor) -> Any:
    return editor.request("initialize", {"capabilities": editor.capabilities})


async def test_a_message_comes_once_per_cause(editor: Editor) -> None:
    for cause, message in [("auth", "No."), ("auth", "No!"), ("network", "Gone."), ("auth", "No.")]:
        editor.engine.host.tell(cause, message)
    editor.engine.host.tell("news", "Hello.", "info")

    shown = [(params["type"], params["message"]) for params in editor.notified("window/showMessage")]
    assert shown == [(2, "No."), (2, "Gone."), (3, "Hello.")]


async def test_nothing_is_shown_before_initialized() -> None:
    editor = Editor(experimental={"fimLsp": {"status": True}})
    await initialize_without_initialized(editor)

    editor.engine.host.tell("auth", "No.")
    editor.engine.host.status(BUSY)
    editor.engine.host.log("error", "Oh.")
    assert [message for message in editor.received if "method" in message] == []
    editor.notify("initialized", {})

    methods = [message["method"] for message in editor.received if "method" in message]
    assert methods == ["window/showMessage", "fim-lsp/status", "window/logMessage"]
    await editor.close()


async def test_status_for_those_who_want_it() -> None:
    editor = Editor(experimental={"fimLsp": {"status": True}}, window={"workDoneProgress": True})
    await editor.initialize()

    for status in (BUSY, BUSY, Status("error", Reason.AUTH, "mistral", "Refused."), IDLE):
        editor.engine.host.status(status)

    assert editor.notified("fim-lsp/status") == [
        {"state": "busy", "reason": None, "provider": "mistral", "message": ""},
        {"state": "error", "reason": "auth", "provider": "mistral", "message": "Refused."},
        {"state": "idle", "reason": None, "provider": "mistral", "message": ""},
    ]
    assert editor.notified("window/workDoneProgress/create") == []
    await editor.close()


async def test_no_status_for_others(editor: Editor) -> None:
    editor.engine.host.status(BUSY)
    await settle()

    assert [message for message in editor.received if "method" in message] == []


async def test_long_work_is_shown_as_progress_and_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "CALM_S", 0)
    editor = Editor(window={"workDoneProgress": True})
    await editor.initialize()

    editor.engine.host.status(BUSY)
    await settle()
    editor.engine.host.status(IDLE)
    await settle()

    [create] = editor.notified("window/workDoneProgress/create")
    begin, end = editor.notified("$/progress")
    assert begin["token"] == end["token"] == create["token"]
    assert begin["value"] == {"kind": "begin", "title": "fim-lsp", "message": "mistral", "cancellable": False}
    assert end["value"] == {"kind": "end"}
    await editor.close()


@pytest.mark.parametrize("turns", range(25))
async def test_every_beginning_has_its_end(turns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whichever turn of the loop the work ends in, also that of the client's answer."""
    monkeypatch.setattr(host, "CALM_S", 0)
    editor = Editor(window={"workDoneProgress": True})
    await editor.initialize()

    editor.engine.host.status(BUSY)
    for _ in range(turns):
        await asyncio.sleep(0)
    editor.engine.host.status(IDLE)
    await settle()

    kinds = [one["value"]["kind"] for one in editor.notified("$/progress")]
    assert kinds in ([], ["begin", "end"])
    await editor.close()


async def test_short_work_is_not_shown() -> None:
    editor = Editor(window={"workDoneProgress": True})
    await editor.initialize()

    for _ in range(5):
        editor.engine.host.status(BUSY)
        await settle()
        editor.engine.host.status(IDLE)
        await settle()

    assert [message for message in editor.received if "method" in message] == []
    await editor.close()


@pytest.mark.parametrize("answer", [NEVER])
async def test_work_that_is_over_before_the_client_agrees_is_not_shown(
    answer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host, "CALM_S", 0)
    editor = Editor(window={"workDoneProgress": True})
    editor.answers["window/workDoneProgress/create"] = answer
    await editor.initialize()

    editor.engine.host.status(BUSY)
    await settle()
    editor.engine.host.status(IDLE)
    await settle()

    assert editor.notified("$/progress") == []
    await editor.close()


async def test_the_log_goes_to_the_editor_from_the_configured_level_on(editor: Editor) -> None:
    def log_all() -> None:
        for level in ("debug", "info", "warning", "error"):
            editor.engine.host.log(level, level)  # type: ignore[arg-type]

    log_all()
    editor.notify("workspace/didChangeConfiguration", {"settings": {"log_level": "debug"}})
    log_all()

    logged = [(params["type"], params["message"]) for params in editor.notified("window/logMessage")]
    assert logged[:2] == [(2, "warning"), (1, "error")]
    assert logged[-4:] == [(4, "debug"), (3, "info"), (2, "warning"), (1, "error")]
    assert len(logged) == 6


async def test_a_server_that_has_closed_logs_no_more(editor: Editor) -> None:
    before = len(logging.getLogger("fim_lsp").handlers)

    await editor.close()

    assert len(logging.getLogger("fim_lsp").handlers) == before - 1
