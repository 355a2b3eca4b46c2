"""A notebook in VS Code's own editor: a cell is completed with the cells around it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.editors.editor import eventually
from tests.editors.upstream import Upstream
from tests.editors.vscode import VSCode

CELLS = (
    ("markdown", "# Prices\n\nAll in cents."),
    ("code", "def with_tax(cents, rate):\n    return round(cents * (1 + rate))"),
    ("code", "total = "),
    ("code", "print(total)"),
    ("markdown", "The end."),
)


@pytest.fixture
def notebook(work: Path) -> Path:
    path = work / "prices.ipynb"
    cells: list[dict[str, object]] = [
        {"cell_type": kind, "metadata": {}, "source": text.splitlines(keepends=True)}
        | ({"execution_count": None, "outputs": []} if kind == "code" else {})
        for kind, text in CELLS
    ]
    python = {"language_info": {"name": "python"}, "kernelspec": {"name": "python3", "display_name": "Python 3"}}
    path.write_text(json.dumps({"cells": cells, "metadata": python, "nbformat": 4, "nbformat_minor": 5}))
    return path


def show(code: VSCode, notebook: Path) -> None:
    code.revived()  # by then VS Code knows its extensions, and opens the file as a notebook
    code.page.locator(f'.explorer-folders-view .monaco-list-row[aria-label^="{notebook.name}"]').first.dblclick()


def edit(code: VSCode, number: int) -> None:
    """Put the cursor at the end of a code cell, counted from 0."""
    code.page.locator(".notebook-editor .code-cell-row .cell-editor-container").nth(number).click()
    code.page.locator(".notebook-editor .code-cell-row.focused .monaco-editor.focused").wait_for()
    code.page.keyboard.press("Control+End")


def test_a_cell_is_completed_with_the_cells_around_it(notebook: Path, code: VSCode, upstream: Upstream) -> None:
    upstream.knows["total = w"] = "ith_tax(1_000, 0.19)"
    show(code, notebook)
    edit(code, 1)
    code.type("w")
    code.see("ith_tax(1_000, 0.19)")

    sent = upstream.server.requests[-1].body
    assert sent["prompt"] == (
        "# # Prices\n#\n# All in cents.\ndef with_tax(cents, rate):\n    return round(cents * (1 + rate))\ntotal = w"
    )
    assert sent["suffix"] == "\nprint(total)\n# The end."

    code.press("accept")
    code.save()
    eventually(lambda: "total = with_tax(1_000, 0.19)" in notebook.read_text(), "the cell holds what was accepted")


def test_a_new_cell_stands_between_its_neighbours(notebook: Path, code: VSCode, upstream: Upstream) -> None:
    upstream.knows["half = t"] = "otal / 2"
    show(code, notebook)
    edit(code, 1)
    code.command("Notebook: Insert Code Cell Below")
    code.page.locator(".notebook-editor .code-cell-row").nth(3).wait_for()
    edit(code, 2)
    code.type("half = t")
    code.see("otal / 2")

    sent = upstream.server.requests[-1].body
    assert sent["prompt"].endswith("\ntotal = \nhalf = t")
    assert sent["suffix"] == "\nprint(total)\n# The end."
