"""Notebooks: a cell is completed with its neighbours around it."""

from __future__ import annotations

from typing import Any

from fim_lsp.document import SIDE_LIMIT
from tests.lsp.editor import Editor, insert

NOTEBOOK = "file:///project/a.ipynb"


def cell(name: str) -> str:
    return f"vscode-notebook-cell:/project/a.ipynb#{name}"


def document(name: str, text: str, language: str = "python") -> dict[str, Any]:
    return {"uri": cell(name), "languageId": language, "version": 1, "text": text}


def listed(name: str, kind: int = 2) -> dict[str, Any]:
    return {"kind": kind, "document": cell(name), "metadata": {"a": {"b": [1, None]}}}


def open_notebook(editor: Editor, *cells: dict[str, Any]) -> None:
    names = [one["uri"].partition("#")[2] for one in cells]
    notebook = {
        "uri": NOTEBOOK,
        "notebookType": "jupyter-notebook",
        "version": 1,
        "metadata": {"kernel": {"x": 1}},
        "cells": [listed(name) for name in names],
    }
    editor.notify("notebookDocument/didOpen", {"notebookDocument": notebook, "cellTextDocuments": list(cells)})


def change_notebook(editor: Editor, **cells: Any) -> None:
    params = {"notebookDocument": {"uri": NOTEBOOK, "version": 2}, "change": {"cells": cells}}
    editor.notify("notebookDocument/didChange", params)


async def seen_from(editor: Editor, name: str, line: int, character: int) -> tuple[str, str]:
    await editor.complete(line, character, uri=cell(name))
    snapshot = editor.engine.asked[-1][0]
    return snapshot.before, snapshot.after


async def test_is_offered_for_every_kind_of_notebook(editor: Editor) -> None:
    result = await Editor().initialize()

    assert result["capabilities"]["notebookDocumentSync"] == {"notebookSelector": [{"notebook": "*"}]}


async def test_cells_around_a_cell(editor: Editor) -> None:
    open_notebook(editor, document("1", "import os\n"), document("2", "x = \ny"), document("3", "z\n"))

    assert await seen_from(editor, "2", 0, 4) == ("import os\n\nx = ", "\ny\nz\n")
    assert await seen_from(editor, "1", 1, 0) == ("import os\n", "\nx = \ny\nz\n")
    assert await seen_from(editor, "3", 0, 1) == ("import os\n\nx = \ny\nz", "\n")


async def test_cells_of_other_languages_are_comments(editor: Editor) -> None:
    open_notebook(
        editor,
        document("1", "# Title\n\ntext", "markdown"),
        document("2", "x", "python"),
        document("3", "select 1", "sql"),
    )

    assert await seen_from(editor, "2", 0, 1) == ("# # Title\n#\n# text\nx", "\n# select 1")


async def test_a_cell_goes_by_the_path_of_its_notebook(editor: Editor) -> None:
    open_notebook(editor, document("1", "x"))

    assert editor.engine.documents[cell("1")].path == "/project/a.ipynb"
    await seen_from(editor, "1", 0, 1)
    assert editor.engine.asked[-1][0].path == "/project/a.ipynb"


async def test_a_cell_opened_without_its_notebook_goes_by_the_path_in_its_name(editor: Editor) -> None:
    editor.notify("textDocument/didOpen", {"textDocument": document("1", "x")})

    assert editor.engine.documents[cell("1")].path == "/project/a.ipynb"


async def test_answers_are_in_the_cells_own_lines(editor: Editor) -> None:
    open_notebook(editor, document("1", "a\nb\nc"), document("2", "one\ntwo"))

    [item] = await editor.complete(1, 3, uri=cell("2"))

    assert item["range"]["start"] == {"line": 1, "character": 3}
    assert editor.engine.asked[-1][0].line == 1


async def test_typing_in_a_cell(editor: Editor) -> None:
    open_notebook(editor, document("1", "a\nb"), document("2", "x = "))

    content = {"document": {"uri": cell("2"), "version": 2}, "changes": [insert(0, 4, "f")]}
    change_notebook(editor, textContent=[content])

    [(snapshot, edit)] = editor.engine.edits
    assert snapshot.before == "a\nb\nx = f"
    assert snapshot.before[edit.offset :] == edit.inserted == "f"
    assert snapshot.version == 2
    assert [event[2:] for event in editor.engine.events if event[0] == "edited"] == [(0, 1, 1)]


async def test_cells_come_move_and_go(editor: Editor) -> None:
    open_notebook(editor, document("1", "one"), document("2", "two"))

    array = {"start": 1, "deleteCount": 0, "cells": [listed("new")]}
    change_notebook(editor, structure={"array": array, "didOpen": [document("new", "x")]})
    assert await seen_from(editor, "new", 0, 1) == ("one\nx", "\ntwo")

    change_notebook(editor, structure={"array": {"start": 0, "deleteCount": 2, "cells": [listed("new"), listed("1")]}})
    assert await seen_from(editor, "new", 0, 1) == ("x", "\none\ntwo")

    array = {"start": 1, "deleteCount": 1}
    change_notebook(editor, structure={"array": array, "didClose": [{"uri": cell("1")}]})
    assert await seen_from(editor, "2", 0, 3) == ("x\ntwo", "")
    assert set(editor.engine.documents) == {cell("new"), cell("2")}


async def test_other_changes_are_taken_note_of(editor: Editor) -> None:
    open_notebook(editor, document("1", "one"))

    change_notebook(editor, data=[listed("1")])
    params = {"notebookDocument": {"uri": NOTEBOOK, "version": 3}, "change": {"metadata": {"x": {"y": 1}}}}
    editor.notify("notebookDocument/didChange", params)
    editor.notify("notebookDocument/didSave", {"notebookDocument": {"uri": NOTEBOOK}})

    assert await seen_from(editor, "1", 0, 3) == ("one", "")


async def test_close(editor: Editor) -> None:
    open_notebook(editor, document("1", "one"), document("2", "two"))

    params = {"notebookDocument": {"uri": NOTEBOOK}, "cellTextDocuments": [{"uri": cell("1")}]}
    editor.notify("notebookDocument/didClose", params)

    assert editor.engine.documents == {}
    assert await editor.complete(0, 0, uri=cell("2")) == []


async def test_a_notebook_that_is_not_open(editor: Editor) -> None:
    change_notebook(editor, structure={"array": {"start": 0, "deleteCount": 0, "cells": [listed("1")]}})
    editor.notify("notebookDocument/didClose", {"notebookDocument": {"uri": NOTEBOOK}, "cellTextDocuments": []})

    assert editor.notified("window/showMessage") == []


async def test_large_cells_are_cut(editor: Editor) -> None:
    open_notebook(editor, document("1", "a" * SIDE_LIMIT), document("2", "xy"), document("3", "b" * SIDE_LIMIT))

    before, after = await seen_from(editor, "2", 0, 1)

    assert (len(before), len(after)) == (SIDE_LIMIT, SIDE_LIMIT)
    assert before.endswith("a\nx")
    assert after.startswith("y\nb")
    assert editor.engine.asked[-1][0].before_is_cut
    assert editor.engine.asked[-1][0].after_is_cut
