"""`textDocument/completion`: the menu, for editors without ghost text."""

from __future__ import annotations

from typing import Any

import pytest

from fim_lsp.document import Snapshot, Suggestion
from fim_lsp.lsp import menu
from fim_lsp.lsp.client import Client
from fim_lsp.lsp.convert import ENCODINGS, Cursor, Place
from fim_lsp.settings.model import Menu
from tests.lsp.editor import URI, Editor, settle
from tests.lsp.fake_engine import FakeEngine


def asks(line: int, character: int, kind: int = 1) -> dict[str, Any]:
    position = {"line": line, "character": character}
    return {"textDocument": {"uri": URI}, "position": position, "context": {"triggerKind": kind}}


WANTED = [
    # client, declares inline completion, setting, offered
    ("helix", False, "auto", True),
    ("helix", True, "auto", False),
    ("Eglot", False, "auto", True),
    ("Sublime Text LSP", False, "auto", True),
    ("emacs", False, "auto", False),
    ("Visual Studio Code", True, "auto", False),
    ("Neovim", False, "auto", False),
    ("unheard of", False, "auto", False),
    ("unheard of", False, "on", True),
    ("Visual Studio Code", True, "on", True),
    ("helix", False, "off", False),
]


@pytest.mark.parametrize(("name", "declares", "setting", "offered"), WANTED)
async def test_is_offered_where_there_is_no_ghost_text(name: str, declares: bool, setting: str, offered: bool) -> None:
    editor = Editor(textDocument={"inlineCompletion": {}} if declares else {})

    result = await editor.initialize(clientInfo={"name": name}, initializationOptions={"menu": {"completion": setting}})

    assert ("completionProvider" in result["capabilities"]) == offered
    assert "inlineCompletionProvider" in result["capabilities"]


async def test_a_user_file_can_bring_it_where_the_client_can_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(FakeEngine, "menu", Menu(completion="on"))
    for dynamic in (True, False):
        editor = Editor(textDocument={"completion": {"dynamicRegistration": dynamic}})

        await editor.initialize()
        await settle()

        registered = editor.notified("client/registerCapability")
        methods = [one["method"] for params in registered for one in params["registrations"]]
        assert methods == ["textDocument/completion"] * dynamic
        await editor.close()


async def test_a_user_file_can_take_it_away(editor: Editor) -> None:
    editor.engine.menu = Menu(completion="off")
    editor.open("x")

    assert await editor.request("textDocument/completion", asks(0, 1)) == {"isIncomplete": True, "items": []}
    assert editor.engine.asked == []


async def test_one_item_that_replaces_the_word_before_the_cursor(editor: Editor) -> None:
    editor.open("é😀 = pri)")
    editor.server.engine.text = "nt(\n    1\n)"  # type: ignore[attr-defined]

    result = await editor.request("textDocument/completion", asks(0, 9))

    assert result == {
        "isIncomplete": True,
        "items": [
            {
                "label": "print(",
                "kind": 1,
                "detail": "fake, 3 lines",
                "documentation": "print(\n    1\n)",
                "sortText": menu.SORTS_LAST,
                "filterText": "print(",
                "insertTextFormat": 1,
                "textEdit": {
                    "range": {"start": {"line": 0, "character": 6}, "end": {"line": 0, "character": 9}},
                    "newText": "print(\n    1\n)",
                },
                "command": {"title": "Accepted", "command": "fim-lsp.accepted", "arguments": ["id-1"]},
            }
        ],
    }
    assert not editor.engine.asked[0][1]  # never by hand


@pytest.mark.parametrize(
    ("text", "line", "line_end"),
    [
        ("def f():\r\n    \r\n", 1, "\r\n"),
        ("def f():\r\n    ", 1, "\r\n"),
        ("def f():\n    ", 1, "\n"),
        ("    ", 0, "\n"),
        ("def f():\r\n    \nmixed", 1, "\n"),
    ],
)
async def test_lines_end_as_the_documents_do(editor: Editor, text: str, line: int, line_end: str) -> None:
    editor.open(text)
    editor.engine.text = "if x:\n        y()"

    (item,) = (await editor.request("textDocument/completion", asks(line, 4)))["items"]

    assert item["textEdit"]["newText"] == f"if x:{line_end}        y()"
    assert item["documentation"] == "if x:\n        y()"


async def test_the_preview_is_markdown_where_the_client_shows_it() -> None:
    editor = Editor(textDocument={"completion": {"completionItem": {"documentationFormat": ["plaintext", "markdown"]}}})
    await editor.initialize()
    editor.open("x = ")

    result = await editor.request("textDocument/completion", asks(0, 4))

    expected = {"kind": "markdown", "value": "```python\ncompleted()\n```"}
    assert result["items"][0]["documentation"] == expected
    await editor.close()


def made(before: str, text: str, replaces: int = 0, after: str = "") -> Any:
    client = Client.of(
        {"capabilities": {"textDocument": {"completion": {"completionItem": {"documentationFormat": ["markdown"]}}}}}
    )
    snapshot = Snapshot("file:///a", "markdown", 1, before, after)
    cursor = Cursor(Place(0, len(before)), len(before), ENCODINGS["utf-32"])
    return menu.to_menu_item(client, snapshot, cursor, Suggestion(text, replaces))


def test_the_label_is_short_and_never_empty() -> None:
    assert made("", "\n    return 1").label == "return 1"
    assert made("x = ", "a" * 500).label == "a" * 59 + "…"
    assert made("", "\n    return 1").filter_text == "return 1"


def test_the_preview_cannot_end_its_own_fence() -> None:
    assert made("", "```\ncode\n````").documentation.value.startswith("`````markdown\n")


def test_the_range_covers_what_is_replaced() -> None:
    item = made("f(a", "b)", 1, ")")

    assert item.text_edit.new_text == "ab)"
    assert (item.text_edit.range.start.character, item.text_edit.range.end.character) == (2, 4)


def test_a_very_long_word_is_no_trouble() -> None:
    assert made("a " * 50_000 + "b" * 100_000, "c").text_edit.new_text == "b" * menu.WORD_LENGTH + "c"


@pytest.mark.parametrize("text", ["# nothing", "# null", "# fail"])
async def test_nothing_to_offer(editor: Editor, text: str) -> None:
    editor.open(text)

    assert await editor.request("textDocument/completion", asks(0, 99)) == {"isIncomplete": True, "items": []}


async def test_a_document_that_is_not_open(editor: Editor) -> None:
    assert await editor.request("textDocument/completion", asks(0, 0)) == {"isIncomplete": True, "items": []}
    assert ("unknown-document", URI) in editor.engine.events


async def test_the_popup_does_not_wait_and_the_engine_goes_on(editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(menu, "WAIT_S", 0)
    editor.open("# hang")

    result = await editor.request("textDocument/completion", asks(0, 6))

    assert result == {"isIncomplete": True, "items": []}
    assert len(editor.engine.asked) == 1
    assert editor.engine.cancelled == 0


async def test_cancelling_reaches_the_engine(editor: Editor) -> None:
    editor.open("# hang")
    running = editor.begin("textDocument/completion", asks(0, 6), 7)
    await settle()

    editor.notify("$/cancelRequest", {"id": 7})

    assert (await running)["error"]["code"] == -32800
    await settle()
    assert editor.engine.cancelled == 1
