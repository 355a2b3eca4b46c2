"""`textDocument/inlineCompletion`: what each kind of answer is to the editor."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fim_lsp.answer import Selected
from tests.lsp.editor import INVOKED, URI, Editor, asked_at, insert, replace, settle


async def test_an_item(editor: Editor) -> None:
    editor.open("x = ")

    assert await editor.complete(0, 4) == [
        {
            "insertText": "completed()",
            "range": {"start": {"line": 0, "character": 4}, "end": {"line": 0, "character": 4}},
            "command": {"title": "Accepted", "command": "fim-lsp.accepted", "arguments": ["id-1"]},
        }
    ]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        pytest.param("# nothing", [], id="nothing to say clears what is shown"),
        pytest.param("# null", None, id="superseded leaves what is shown"),
        pytest.param("# fail", [], id="a failure is not the user's business"),
    ],
)
async def test_answers_without_items(editor: Editor, text: str, answer: Any) -> None:
    editor.open(text)

    assert await editor.complete(0, 99) == answer


async def test_a_failure_is_logged_without_the_code(editor: Editor, caplog: pytest.LogCaptureFixture) -> None:
    editor.open("SECRET # fail")

    await editor.complete(0, 99)

    assert "KeyError in complete" in caplog.text
    assert "SECRET" not in caplog.text + json.dumps(editor.received)


async def test_a_document_that_is_not_open(editor: Editor) -> None:
    assert await editor.complete(0, 0) == []

    assert ("unknown-document", URI) in editor.engine.events
    assert editor.engine.asked == []


@pytest.mark.parametrize(("trigger", "invoked"), [(1, True), (2, False)])
async def test_by_hand_or_not(editor: Editor, trigger: int, invoked: bool) -> None:
    editor.open("x")

    await editor.complete(0, 1, triggerKind=trigger)

    assert editor.engine.asked[-1][1:] == (invoked, None)


async def test_the_document_is_frozen_when_the_request_arrives(editor: Editor) -> None:
    """What comes in the same breath after a request is not what it asked about."""
    editor.open("one")

    first = editor.begin_complete(0, 3)
    editor.change(replace(0, 0, 0, 3, "two"))
    second = editor.begin_complete(0, 3)
    editor.change(replace(0, 0, 0, 3, "three"), version=3)

    assert len((await first)["result"]) == len((await second)["result"]) == 1
    assert [snapshot.before for snapshot, _, _ in editor.engine.asked] == ["one", "two"]
    assert [snapshot.version for snapshot, _, _ in editor.engine.asked] == [1, 2]


async def test_the_snapshot(editor: Editor) -> None:
    editor.open("a\r\nb = c\r\nd", uri="file:///project/my%20file%23.py")

    await editor.complete(1, 4, uri="file:///project/my%20file%23.py")

    snapshot = editor.engine.asked[0][0]
    assert (snapshot.before, snapshot.after) == ("a\nb = ", "c\nd")
    assert (snapshot.path, snapshot.language, snapshot.line) == ("/project/my file#.py", "python", 1)


async def test_the_empty_last_line(editor: Editor) -> None:
    editor.open("ab\ncd\n")

    [item] = await editor.complete(2, 0)

    assert editor.engine.asked[0][0].before == "ab\ncd\n"
    assert item["range"]["start"] == {"line": 2, "character": 0}


async def test_a_position_beyond_the_end_is_the_end(editor: Editor) -> None:
    editor.open("ab\ncd")

    [item] = await editor.complete(9, 9)

    assert item["range"]["start"] == item["range"]["end"] == {"line": 1, "character": 2}


@pytest.mark.parametrize(("encoding", "character"), [("utf-8", 11), ("utf-16", 6), ("utf-32", 5)])
async def test_columns_are_the_clients(encoding: str, character: int) -> None:
    editor = Editor(general={"positionEncodings": [encoding, "utf-16"]})
    result = await editor.initialize()
    editor.open("é漢😀 =x")

    [item] = await editor.complete(0, character)

    assert result["capabilities"]["positionEncoding"] == encoding
    assert editor.engine.asked[0][0].after == "x"
    assert item["range"]["start"]["character"] == character
    await editor.close()


def selected(text: str, *columns: int, line: int = 0) -> dict[str, Any]:
    start, end = ({"line": line, "character": column} for column in columns)
    return {"text": text, "range": {"start": start, "end": end}}


async def test_the_selected_menu_item_goes_to_the_engine_and_the_range_starts_with_it(editor: Editor) -> None:
    editor.open("😀.pri)")
    editor.server.engine.text = "nt()"  # type: ignore[attr-defined]

    [item] = await editor.complete(0, 6, selectedCompletionInfo=selected("print", 3, 6))

    assert editor.engine.asked[0][2] == Selected("print", 3)
    assert item["insertText"] == "print()"
    assert item["range"] == {"start": {"line": 0, "character": 3}, "end": {"line": 0, "character": 6}}


@pytest.mark.parametrize(
    ("info", "start"),
    [
        (selected("print", 1, 3), 2),
        (selected("print", 3, 3), 0),
        (selected("print", 1, 5), 2),
        (selected("print", 4, 5), None),
        (selected("print", 0, 2), None),
        (selected("print", 1, 3, line=1), None),
        (None, None),
    ],
)
async def test_a_menu_item_that_is_elsewhere_says_nothing(editor: Editor, info: Any, start: int | None) -> None:
    editor.open("print\nprint")

    await editor.complete(0, 3, selectedCompletionInfo=info)

    assert editor.engine.asked[0][2] == (None if start is None else Selected("print", start))


async def test_needs_no_capability_of_the_client(editor: Editor) -> None:
    """Emacs lsp-mode does not declare what it can do."""
    result = await Editor().initialize()

    assert result["capabilities"]["inlineCompletionProvider"] == {"workDoneProgress": False}


async def test_requests_run_side_by_side(editor: Editor) -> None:
    editor.open("# hang\nx = ")
    hanging = editor.begin_complete(0, 6)
    await settle()

    assert await editor.complete(1, 4, triggerKind=INVOKED)

    assert not hanging.done()


async def test_a_long_line_is_cut_and_the_columns_are_not(editor: Editor) -> None:
    editor.open("é" * 300_000)
    editor.change(insert(0, 250_000, "😀"))

    [item] = await editor.complete(0, 250_002)

    snapshot = editor.engine.asked[0][0]
    assert len(snapshot.before) == 200_000
    assert snapshot.before_is_cut
    assert not snapshot.after_is_cut
    assert item["range"]["start"]["character"] == 250_002


async def test_the_accept_command_reaches_the_engine(editor: Editor) -> None:
    editor.open("x")
    [item] = await editor.complete(0, 1)

    command = {"command": item["command"]["command"], "arguments": item["command"]["arguments"]}
    assert await editor.request("workspace/executeCommand", command) is None

    assert editor.engine.accepted_ids == ["id-1"]


async def test_asks_nothing_of_the_client_while_it_waits(editor: Editor) -> None:
    """Helix answers nothing while it waits."""
    editor.open("x")
    before = len(editor.received)

    await editor.request("textDocument/inlineCompletion", asked_at(0, 1))

    assert len(editor.received) == before + 1
