"""`workspace/executeCommand`."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lsp.editor import Editor

NAMES = ["accepted", "why", "status", "toggle", "snooze", "clear"]


def run(name: str, *arguments: Any) -> dict[str, Any]:
    return {"command": f"fim-lsp.{name}", "arguments": list(arguments)}


async def test_are_listed() -> None:
    result = await Editor().initialize()

    assert result["capabilities"]["executeCommandProvider"]["commands"] == [f"fim-lsp.{name}" for name in NAMES]


async def test_why(editor: Editor) -> None:
    [decision] = await editor.request("workspace/executeCommand", run("why"))

    expected = {
        "at_s": 1.5,
        "uri": "file:///a.py",
        "version": 3,
        "line": 0,
        "column": 4,
        "invoked": False,
        "shown": 0,
        "reason": "empty",
        "explanation": "Nothing.",
        "provider": "fake",
        "detail": "",
        "timings_ms": {"total": 1.25},
    }
    assert expected.items() <= decision.items()


async def test_status(editor: Editor) -> None:
    status = await editor.request("workspace/executeCommand", run("status"))

    assert {"state": "idle", "reason": None, "provider": "fake", "message": ""}.items() <= status.items()


async def test_toggle_tells_what_it_is_now(editor: Editor) -> None:
    assert await editor.request("workspace/executeCommand", run("toggle")) is False
    assert await editor.request("workspace/executeCommand", run("toggle")) is True


@pytest.mark.parametrize(("arguments", "minutes"), [([], 60.0), ([5], 5.0), ([0.5], 0.5), ([0], 0.0)])
async def test_snooze(editor: Editor, arguments: list[Any], minutes: float) -> None:
    await editor.request("workspace/executeCommand", run("snooze", *arguments))

    assert ("snooze", minutes) in editor.engine.events


async def test_clear(editor: Editor) -> None:
    await editor.request("workspace/executeCommand", {"command": "fim-lsp.clear"})

    assert ("clear",) in editor.engine.events


INVALID = [
    run("unknown"),
    {"command": "status"},
    run("accepted"),
    run("accepted", 7),
    run("accepted", None),
    run("snooze", "long"),
    run("snooze", -1),
    run("snooze", True),
    {"command": 7},
    {},
]


@pytest.mark.parametrize("params", INVALID)
async def test_invalid(editor: Editor, params: dict[str, Any]) -> None:
    assert await editor.error("workspace/executeCommand", params) == -32602
