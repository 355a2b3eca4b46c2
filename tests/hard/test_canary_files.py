"""Files whose text must not leave, beside one that may: open and closed, imported, edited, visited, linked to."""

from __future__ import annotations

import os
import random
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fim_server import FimServer
from tests.hard.stack import SILENT, Editor, everything_sent, running

SECRET_NAMES = (
    *(".env", ".env.local", "prod.env", "server.pem", "tls.key", "id_rsa", "id_ed25519", "store.p12", "vault.kdbx"),
    *("credentials", "secrets.py", ".netrc", ".npmrc", ".pypirc", ".bash_history", "kubeconfig", "terraform.tfvars"),
    *(".aws/credentials", ".ssh/config", ".kube/config", ".git/config", ".docker/config.json", "client_secret_1.json"),
)
IGNORED_NAMES = (
    "ignored_by_git.py",
    "ignored_by_fim.py",
    "ignored_by_settings.py",
    "ignored_by_project.py",
    "private/deep/inside.py",
    "build/out.py",
)
APP = """\
from ignored_by_git import load_orders, Ledger
from ignored_by_fim import load_orders as again
from ignored_by_settings import load_orders as third
from ignored_by_project import load_orders as fourth
from private.deep.inside import load_orders as fifth
from linked_out import load_orders as sixth
from linked_folder.outer import load_orders as seventh
from secrets import load_orders as eighth
from neighbour import load_orders as ninth


def load_items(path):
    with open(path) as file:
        ledger = Ledger(file)
        return load_orders(ledger)


def load_all(path):
    """


class Canaries:
    """Made-up words, one a file. They look like names, so nothing but the file's own rule can hold them back."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)
        self.words: dict[str, str] = {}

    def text(self, place: str) -> str:
        """Code that any search for context would love to take."""
        word = self.words[place] = "kept_" + "".join(self._rng.choices(string.ascii_lowercase, k=14))
        return (
            f"class Ledger:\n    {word} = 1\n\n    def __init__(self, file):\n        self.{word} = file\n\n\n"
            f"def load_orders(ledger, {word}=None):\n    with open(path) as file:\n        return ledger.{word}(file)\n"
        )

    def write(self, path: Path) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.text(str(path)))
        return path


@pytest.fixture(params=range(int(os.environ.get("TEST_SEEDS", "1"))))
def canaries(request: pytest.FixtureRequest) -> Canaries:
    return Canaries(request.param)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """A repository with rules of every kind."""
    work = tmp_path / "work"
    (work / ".git" / "info").mkdir(parents=True)
    (work / ".gitignore").write_text("ignored_by_git.py\nbuild/\n")
    (work / ".git" / "info" / "exclude").write_text("private/\n")
    (work / ".fimignore").write_text("ignored_by_fim.*\n")
    (work / ".fim-lsp.toml").write_text('[privacy]\nignore = ["ignored_by_project.*"]\n')
    (work / "app.py").write_text(APP)
    return work


@pytest.fixture
def forbidden(tmp_path: Path, work: Path, canaries: Canaries) -> list[Path]:
    """Files below the workspace that no request may hold a word of."""
    paths = [canaries.write(work / name) for name in (*SECRET_NAMES, *IGNORED_NAMES)]
    outside = canaries.write(tmp_path / "elsewhere" / "outer.py")
    canaries.write(tmp_path / "elsewhere" / "linked_out.py")
    if os.name != "nt":  # making a link there needs a privilege
        (work / "linked_out.py").symlink_to(tmp_path / "elsewhere" / "linked_out.py")
        (work / "linked_folder").symlink_to(outside.parent, target_is_directory=True)
        (work / "innocent.py").symlink_to(work / "ignored_by_git.py")
        (work / "harmless.py").symlink_to(work / ".env")
        paths += [work / "innocent.py", work / "harmless.py"]
    return paths


async def work_in(editor: Editor, uri: str, *, edits: int = 3) -> None:
    """As people do: go here and there, type, ask."""
    for number in range(edits):
        at = editor.texts[uri].rfind("\n", 0, len(editor.texts[uri]) * (number + 1) // edits)
        editor.edit(uri, at, at, f"\n    value_{number} = load_orders(")
        await editor.ask(uri, at + 2, invoked=number % 2 == 0)
        await editor.ask(uri, invoked=number % 2 == 1)


async def test_no_word_of_a_forbidden_file_is_sent(
    tmp_path: Path, work: Path, forbidden: list[Path], canaries: Canaries
) -> None:
    allowed = canaries.write(work / "neighbour.py")
    opened = canaries.write(work / "opened.py")
    rules = {"ignore": ["ignored_by_settings.*"]}
    async with FimServer(SILENT) as upstream, running(tmp_path, work, upstream, privacy=rules) as editor:
        app = (work / "app.py").as_uri()
        editor.open(app, APP)
        await work_in(editor, app)  # all others closed
        editor.open(opened.as_uri(), opened.read_text())
        for path in forbidden:
            editor.open(path.as_uri(), path.read_text())
            before = len(upstream.requests)
            await work_in(editor, path.as_uri())
            assert await editor.reason() in ("secret-file", "ignored"), path
            assert len(upstream.requests) == before, path
        await editor.command("clear")
        await work_in(editor, app, edits=6)  # all others open, and just edited
        for path in forbidden:
            editor.close(path.as_uri())
        await editor.command("clear")
        await work_in(editor, app, edits=6)
        sent = everything_sent([*upstream.requests, *upstream.probes])
    for shared in (allowed, opened):
        assert canaries.words.pop(str(shared)) in sent, f"the search for context works, so {shared.name} is found"
    assert [place for place, word in canaries.words.items() if word in sent] == []


async def test_a_file_outside_is_completed_by_itself_and_is_no_ones_context(
    tmp_path: Path, work: Path, canaries: Canaries
) -> None:
    """Unlike other words, its own may leave, but only in requests for itself."""
    outside = canaries.write(tmp_path / "elsewhere" / "outer.py")
    beside = canaries.write(tmp_path / "elsewhere" / "beside.py")
    async with FimServer(SILENT) as upstream, running(tmp_path, work, upstream) as editor:
        for path in (outside, beside):
            editor.open(path.as_uri(), path.read_text())
        await work_in(editor, outside.as_uri())
        assert canaries.words[str(outside)] in (own := everything_sent(upstream.requests))
        assert canaries.words[str(beside)] not in own
        upstream.requests.clear()
        app = (work / "app.py").as_uri()
        editor.open(app, APP)
        await work_in(editor, app)
        assert upstream.requests
        assert [word for word in canaries.words.values() if word in everything_sent(upstream.requests)] == []


async def test_a_rule_made_while_we_run_holds_from_the_next_request(
    tmp_path: Path, work: Path, canaries: Canaries
) -> None:
    neighbour = canaries.write(work / "neighbour.py")
    word = canaries.words[str(neighbour)]
    async with FimServer(SILENT) as upstream, running(tmp_path, work, upstream) as editor:
        app = (work / "app.py").as_uri()
        editor.open(neighbour.as_uri(), neighbour.read_text())
        editor.open(app, APP)
        await work_in(editor, app)
        assert word in everything_sent(upstream.requests)
        upstream.requests.clear()
        (work / ".fimignore").write_text("neighbour.py\n")
        editor.edit(app, len(editor.texts[app]), len(editor.texts[app]), "\n    again = load_orders(")
        await work_in(editor, app)
        assert upstream.requests
        assert word not in everything_sent(upstream.requests)


def _notebook(folder: Path, name: str, cells: list[str]) -> Iterator[dict[str, object]]:
    for number, text in enumerate(cells):
        uri = f"vscode-notebook-cell:{(folder / name).as_uri()[7:]}#{number}"
        yield {"uri": uri, "languageId": "python", "version": 1, "text": text}


@pytest.mark.parametrize("name", ["ignored_by_fim.ipynb", "secrets.ipynb", ".env.ipynb"])
async def test_cells_of_a_forbidden_notebook(tmp_path: Path, work: Path, canaries: Canaries, name: str) -> None:
    cells = list(_notebook(work, name, [canaries.text("first"), canaries.text("second"), "x = "]))
    kinds = [{"kind": 2, "document": cell["uri"]} for cell in cells]
    async with FimServer(SILENT) as upstream, running(tmp_path, work, upstream) as editor:
        notebook = {"uri": (work / name).as_uri(), "notebookType": "jupyter-notebook", "version": 1, "cells": kinds}
        editor.notify("notebookDocument/didOpen", {"notebookDocument": notebook, "cellTextDocuments": cells})
        for cell in cells:
            editor.texts[str(cell["uri"])] = str(cell["text"])
            assert not await editor.ask(str(cell["uri"]))
            assert await editor.reason() in ("secret-file", "ignored")
        app = (work / "app.py").as_uri()
        editor.open(app, APP)
        await work_in(editor, app)
        assert upstream.requests
        sent = everything_sent(upstream.requests)
    assert [place for place, word in canaries.words.items() if word in sent] == []


async def test_a_second_workspace_folder_keeps_its_own_rules(tmp_path: Path, work: Path, canaries: Canaries) -> None:
    """Its forbidden files stay forbidden, whichever folder asks; so do the files of a folder that has left."""
    other = tmp_path / "other"
    other.mkdir()
    (other / ".fimignore").write_text("hidden.py\n")
    for name in ("hidden.py", ".env", "id_rsa"):
        canaries.write(other / name)
    added = {"added": [{"uri": other.as_uri(), "name": "other"}], "removed": []}
    async with FimServer(SILENT) as upstream, running(tmp_path, work, upstream) as editor:
        editor.notify("workspace/didChangeWorkspaceFolders", {"event": added})
        for path in sorted(other.iterdir()):
            editor.open(path.as_uri(), path.read_text())
            if path.name != ".fimignore":
                assert not await editor.ask(path.as_uri()), path
        app = (work / "app.py").as_uri()
        editor.open(app, APP)
        await work_in(editor, app)
        gone = {"added": [], "removed": added["added"]}
        editor.notify("workspace/didChangeWorkspaceFolders", {"event": gone})
        await work_in(editor, app)
        assert upstream.requests
        sent = everything_sent(upstream.requests)
    assert [place for place, word in canaries.words.items() if word in sent] == []
