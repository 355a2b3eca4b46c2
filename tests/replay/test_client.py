"""What the simulated editors say on the wire: positions in UTF-16, whatever stands in the line."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from fim_lsp.document import Edit
from fim_lsp.replay.buffer import Buffer
from fim_lsp.replay.client import ProcessServer
from fim_lsp.replay.editors import Reply
from fim_lsp.replay.ghost import Item
from tests.replay.pages import SOURCES

TEXT = "a = 1\n🙂é = f(x)\nend\n"


class Wire(ProcessServer):
    """Keeps what would be sent."""

    def __init__(self) -> None:
        super().__init__(Path.cwd(), settings={})
        self.sent: list[dict[str, Any]] = []

    def _send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)


def buffer() -> Buffer:
    return Buffer(SOURCES[0].path, "python", TEXT)


@pytest.mark.parametrize(
    ("offset", "removed", "inserted", "start", "end"),
    [
        (TEXT.index("x"), "x", "y", (1, 8), (1, 9)),
        (TEXT.index("("), "", "🙂", (1, 7), (1, 7)),
        (TEXT.index("1"), "1\n🙂", "", (0, 4), (1, 2)),
        (len(TEXT), "", "\n", (3, 0), (3, 0)),
    ],
)
def test_an_edit(offset: int, removed: str, inserted: str, start: tuple[int, int], end: tuple[int, int]) -> None:
    wire, document = Wire(), buffer()
    edit = Edit(offset, removed, inserted)
    document.apply(edit, offset + len(inserted))
    wire.changed(document, edit)
    params = wire.sent[0]["params"]
    change = params["contentChanges"][0]
    assert params["textDocument"]["version"] == 2
    assert tuple(change["range"]["start"].values()) == start
    assert tuple(change["range"]["end"].values()) == end
    assert change["text"] == inserted


async def answer(result: object = None, error: dict[str, Any] | None = None) -> Reply:
    """Ask after `f(` of the second line."""
    wire, document = Wire(), buffer()
    document.cursor = TEXT.index("x")
    pending = wire.ask(document)
    assert wire.sent[0]["params"]["position"] == {"line": 1, "character": 8}
    message: dict[str, Any] = {"id": wire.sent[0]["id"]}
    wire._take_answer({**message, "error": error} if error else {**message, "result": result})
    async with asyncio.timeout(5):
        return await pending


def item(text: str, start: tuple[int, int], end: tuple[int, int]) -> dict[str, Any]:
    places = [{"line": line, "character": character} for line, character in (start, end)]
    command = {"title": "", "command": "fim-lsp.accepted", "arguments": ["7"]}
    return {"insertText": text, "range": {"start": places[0], "end": places[1]}, "command": command}


async def test_answers() -> None:
    at = TEXT.index("x")
    assert await answer([item("y)", (1, 8), (1, 10))]) == Reply((Item("y)", at, at + 2, "7"),))
    assert await answer({"items": [item("🙂é", (1, 0), (1, 8))]}) == Reply((Item("🙂é", 6, at, "7"),))
    assert await answer([]) == Reply(())
    assert await answer(None) == Reply()
    assert await answer(error={"code": -32800, "message": "cancelled"}) == Reply(cancelled=True)
    assert await answer(error={"code": -32603, "message": "broken"}) == Reply(error="broken")


async def test_an_item_of_several_lines_is_a_fault_that_is_seen() -> None:
    reply = await answer([item("y", (1, 8), (2, 0))])
    assert reply.items is not None
    assert not reply.items[0].start <= TEXT.index("x") <= reply.items[0].end


async def test_a_request_is_cancelled_by_its_id() -> None:
    wire, document = Wire(), buffer()
    pending = wire.ask(document)
    wire.cancel(pending)
    assert wire.sent[1] == {"method": "$/cancelRequest", "params": {"id": wire.sent[0]["id"]}}
    wire._take_answer({"id": wire.sent[0]["id"], "error": {"code": -32800, "message": "cancelled"}})
    assert (await pending).cancelled
    wire.cancel(pending)
    assert len(wire.sent) == 2
