"""Notebooks: all cells go by one path, and still each is a document of its own."""

from __future__ import annotations

from pathlib import PurePath

from fim_lsp.document import Snapshot
from fim_lsp.settings.model import Context
from tests.context.workspace import FOLDER, Editor, Workspace, only

SIMILAR = "def add_to_cart(self, item):\n    price = convert(item.price, rates.today())\n    self.{}(price)\n"
CART = {"shop/cart.py": "def add(self, item):\n    price = convert(item.price, rates.today())\n    ⟦⟧\n"}
NAMES = ("first", "second", "third")
NOTEBOOK = "shop/study.ipynb"


def cell(workspace: Workspace, number: int, text: str, language: str = "python") -> Editor:
    path = workspace.path(NOTEBOOK)
    uri = f"vscode-notebook-cell:{PurePath(path).as_posix()}#W{number}sZmlsZQ%3D%3D"
    document = Editor(uri, path, language, text.split("\n"))
    workspace.gatherer.opened(document)
    return document


def seen_from(document: Editor, line: int, above: str = "", below: str = "") -> Snapshot:
    """A cell with the cursor at the end of a line, as it is frozen: among its neighbours, counting its own lines."""
    before = above + "\n".join(document.lines[: line + 1])
    after = "\n".join(["", *document.lines[line + 1 :]]) + below
    return Snapshot(document.uri, document.language, 1, before, after, path=document.path, line=line)


async def texts(workspace: Workspace, settings: Context, snapshot: Snapshot | None = None) -> str:
    snapshot = snapshot or workspace.snapshot("shop/cart.py")
    found = await workspace.gatherer.snippets(snapshot, settings, folder=FOLDER)
    return "\n".join(f"{snippet.path}\n{snippet.text}" for snippet in found)


async def test_every_cell_is_looked_at() -> None:
    workspace = Workspace(CART)
    for number, name in enumerate(NAMES):
        cell(workspace, number, f"{name}_price = convert(item.price, {name}_rates.today({name}))\n{name}_price.show()")

    found = await texts(workspace, only("similar"))

    assert all(f"{name}_price" in found for name in NAMES)


async def test_a_cell_far_down_is_found() -> None:
    workspace = Workspace(CART)
    for number in range(40):
        cell(workspace, number, f"# Step {number}", "markdown")
        cell(workspace, 100 + number, f"frame_{number} = load({number})\nframe_{number}.describe()")
    cell(workspace, 999, SIMILAR.format("last_cell"))

    assert "last_cell" in await texts(workspace, only("similar"))


async def test_an_edited_cell_is_read_as_it_stands() -> None:
    workspace = Workspace(CART)
    cell(workspace, 1, "import os")
    second = cell(workspace, 2, SIMILAR.format("before_the_edit"))
    assert "before_the_edit" in await texts(workspace, only("similar"))
    second.lines[:] = SIMILAR.format("after_the_edit").split("\n")
    workspace.gatherer.edited(second, 0, 4, 4)
    workspace.gatherer.closed("file:///shop/cart.py")  # the choice is made anew

    found = await texts(workspace, only("similar"))

    assert "after_the_edit" in found
    assert "before_the_edit" not in found


async def test_an_edit_is_found_at_its_line_of_its_cell() -> None:
    workspace = Workspace(CART)
    cell(workspace, 1, "\n".join(f"first_cell_{number} = 1" for number in range(60)))
    second = cell(workspace, 2, "\n".join(f"second_cell_{number} = 2" for number in range(60)))
    workspace.gatherer.edited(second, 40, 1, 1)
    workspace.gatherer.edited(cell(workspace, 3, "text", "markdown"), 0, 1, 1)

    found = await texts(workspace, only("edits"))

    assert "second_cell_40 =" in found
    assert "first_cell" not in found


async def test_edits_of_the_own_cell_are_found_below_the_cells_above() -> None:
    workspace = Workspace(CART)
    above = "\n".join(f"cell_above_{number} = compute()" for number in range(300)) + "\n"
    own = cell(workspace, 2, "\n".join(f"own_cell_{number} = compute()" for number in range(3000)))
    cell(workspace, 1, above)
    workspace.gatherer.edited(own, 1000, 1, 1)

    found = await texts(workspace, only("edits"), seen_from(own, 2500, above))

    assert "own_cell_1000 =" in found
    assert "cell_above" not in found


async def test_visits_count_by_cell() -> None:
    workspace = Workspace(CART)
    lines = [f"{{}}_{number} = compute()" for number in range(60)]
    first = cell(workspace, 1, "\n".join(lines).format(*["first"] * 60))
    second = cell(workspace, 2, "\n".join(lines).format(*["second"] * 60))
    workspace.gatherer.visited(seen_from(first, 5))
    workspace.gatherer.visited(seen_from(second, 50))

    found = await texts(workspace, only("visits"))

    assert "first_5 " in found
    assert "second_50 " in found
    assert "second_5 " not in found


async def test_the_own_notebook_is_not_offered_twice() -> None:
    workspace = Workspace(CART)
    first = cell(workspace, 1, SIMILAR.format("first_cell"))
    second = cell(workspace, 2, "def add(self, item):\n    price = convert(item.price, rates.today())\n    ")

    found = await texts(workspace, Context(), seen_from(second, 2, above="\n".join(first.lines) + "\n"))

    assert "first_cell" not in found


async def test_imports_of_a_cell_lead_from_the_notebooks_folder() -> None:
    workspace = Workspace({"shop/money.py": "def convert(amount, exchange_rate):\n    return amount\n"})
    first = cell(workspace, 1, "from money import convert")
    second = cell(workspace, 2, "price = convert(")

    found = await texts(workspace, only("definitions"), seen_from(second, 0, above="\n".join(first.lines) + "\n"))

    assert "exchange_rate" in found


async def test_closed_cells_are_forgotten() -> None:
    workspace = Workspace({**CART, NOTEBOOK: '{"cells": ["on_disk"]}'})
    one = cell(workspace, 1, SIMILAR.format("one_cell"))
    workspace.gatherer.edited(one, 0, 1, 1)
    assert "one_cell" in await texts(workspace, Context())
    workspace.gatherer.closed(one.uri)
    workspace.gatherer.closed("file:///shop/cart.py")

    found = await texts(workspace, Context())

    assert "one_cell" not in found
    assert "on_disk" not in found


async def test_a_secret_notebook_stays_here_with_all_its_cells() -> None:
    workspace = Workspace(CART, may_leave=lambda name: name != NOTEBOOK)
    for number in range(3):
        document = cell(workspace, number, SIMILAR.format("canary_4711"))
        workspace.gatherer.edited(document, 0, 1, 1)
        workspace.gatherer.visited(seen_from(document, 1))

    assert "canary_4711" not in await texts(workspace, Context())
