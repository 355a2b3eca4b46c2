"""What is left of a suggestion for an editor that cannot take all of it. The notation is that of the pages of cases."""

from __future__ import annotations

import re
from typing import Any

import pytest

from fim_lsp.document import Snapshot, Suggestion
from fim_lsp.lsp.fitting import before_what_follows, within_indent, without_indent
from tests.lsp.editor import URI, Editor

NOTATION = re.compile(r"(?P<before>.*)⟦(?P<text>.*)⟧(?:⟨(?P<replaced>.*)⟩)?(?P<after>.*)", re.DOTALL)


def read(page: str) -> tuple[Snapshot, Suggestion]:
    match = NOTATION.fullmatch(page)
    assert match
    replaced = match["replaced"] or ""
    snapshot = Snapshot(URI, "python", 1, match["before"], replaced + match["after"])
    return snapshot, Suggestion(match["text"], len(replaced))


BEFORE_WHAT_FOLLOWS = [
    ('print(⟦"a")⟧⟨)⟩', 'print(⟦"a"⟧)'),
    ('print("⟦a", b)⟧⟨")⟩', 'print("⟦a⟧")'),
    ("f(⟦g(1), 2):⟧⟨)⟩", "f(⟦g(1), 2⟧)"),
    ("f(⟦\n    1,\n)\nprint()⟧⟨)⟩\n", "f(⟦\n    1,\n)\nprint(⟧)\n"),
    ("f(⟦)⟧⟨)⟩", "f(⟦⟧)"),
    ("x = ⟦1⟧ + 2", "x = ⟦1⟧ + 2"),
]


@pytest.mark.parametrize(("page", "expected"), BEFORE_WHAT_FOLLOWS)
def test_nothing_right_of_the_cursor_is_replaced(page: str, expected: str) -> None:
    assert before_what_follows(*read(page)) == read(expected)[1]


WITHIN_INDENT = [
    ("    if x:⟦\n        y()\n\n        z()⟧", "    if x:⟦\n        y()\n\n        z()⟧"),
    ("    if x:⟦\n        y()\nz()⟧", "    if x:⟦\n        y()⟧"),
    ("        return⟦ x\n    else⟧", "        return⟦ x⟧"),
    ("        pass⟦\n    else⟧", "        pass⟦⟧"),
    ("\tif x {⟦\n\t\ty()\n\t}⟧", "\tif x {⟦\n\t\ty()\n\t}⟧"),
    ("    f(⟦\n        1,\n    )⟧⟨)⟩", "    f(⟦\n        1,\n    )⟧⟨)⟩"),
    ("    f(⟦\n        1,\n)⟧⟨)⟩", "    f(⟦\n        1,\n⟧)"),
    ("  ⟦x\n  y⟧", "  ⟦x\n  y⟧"),
]


@pytest.mark.parametrize(("page", "expected"), WITHIN_INDENT)
def test_no_line_with_less_indent_than_the_cursors(page: str, expected: str) -> None:
    assert within_indent(*read(page)) == read(expected)[1]


def test_the_editors_share_of_the_indent_goes() -> None:
    snapshot, suggestion = read("    if x:⟦\n        y()\n\n    z()⟧")

    assert without_indent(snapshot, suggestion.text) == "\n    y()\n\nz()"


SUBLIME = {"insertTextMode": 2, "completionItem": {"insertTextModeSupport": {"valueSet": [2]}}}
VS_CODE = {"insertTextMode": 2, "completionItem": {"insertTextModeSupport": {"valueSet": [1, 2]}}}
AS_EVER: dict[str, Any] = {}


@pytest.mark.parametrize(
    ("completion", "new_text", "mode"),
    [
        pytest.param(SUBLIME, "if x:\n    y()\nz()", None, id="indents by itself, and cannot be asked not to"),
        pytest.param(VS_CODE, "if x:\n        y()\n    z()", 1, id="can be asked not to"),
        pytest.param(AS_EVER, "if x:\n        y()\n    z()", None, id="does not say"),
    ],
)
async def test_lines_of_a_menu_item(completion: dict[str, Any], new_text: str, mode: int | None) -> None:
    editor = Editor(textDocument={"completion": completion})
    await editor.initialize(initializationOptions={"menu": {"completion": "on"}})
    editor.open("def f():\n    ")
    editor.engine.text = "if x:\n        y()\n    z()"
    place = {"textDocument": {"uri": URI}, "position": {"line": 1, "character": 4}, "context": {"triggerKind": 1}}

    (item,) = (await editor.request("textDocument/completion", place))["items"]

    assert item["textEdit"]["newText"] == new_text
    assert item.get("insertTextMode") == mode
    assert item["documentation"] == "if x:\n        y()\n    z()"
    await editor.close()


async def test_kakoune_is_given_text_that_it_takes_for_no_snippet() -> None:
    editor = Editor()
    await editor.initialize(clientInfo={"name": "kakoune-lsp"})
    editor.open("def f():\r\n    fo)")
    editor.engine.text, editor.engine.replaces = "r $1 in (x):\n        y()", 1
    place = {"textDocument": {"uri": URI}, "position": {"line": 1, "character": 6}, "context": {"triggerKind": 1}}

    (item,) = (await editor.request("textDocument/completion", place))["items"]
    assert item["textEdit"]["newText"] == item["filterText"] == "for $1 in (x):\n        y("
    assert item["textEdit"]["range"]["end"] == {"line": 1, "character": 6}
    await editor.close()


PYCHARM = {"name": "PyCharm 2026.1", "version": "PyCharm (build PY-261.23892.409)"}
VS_CODE_ITSELF = {"name": "Visual Studio Code", "version": "1.139.0"}


@pytest.mark.parametrize(("client", "left"), [(PYCHARM, []), (VS_CODE_ITSELF, [")"])])
async def test_ghost_text_in_an_ide_of_jetbrains(client: dict[str, str], left: list[str]) -> None:
    editor = Editor()
    await editor.initialize(clientInfo=client)
    editor.open("f()")
    editor.engine.text, editor.engine.replaces = ")", 1

    assert [item["insertText"] for item in await editor.complete(0, 2)] == left

    editor.engine.text = "1)"
    (item,) = await editor.complete(0, 2)
    end = item["range"]["end"]["character"]
    assert (item["insertText"], end) == (("1)", 3) if left else ("1", 2))
    await editor.close()
