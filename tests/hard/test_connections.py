"""The interpreter itself tells of every connection, every name looked up, every file written and every program started.

So what is promised about them is held for everything that runs in the server, whoever wrote it.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fim_server import FimServer, Script
from tests.hard.stack import KEY, SILENT, Editor, running
from tests.hard.test_chaos import CODE

pytestmark = pytest.mark.skipif(os.name == "nt", reason="its event loop connects without telling the interpreter")

WATCH = """
import json, os, sys

log = os.open(os.environ["WATCHED"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
KINDS = {"socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "open"}
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND


def hook(kind, args):
    if kind in KINDS and (kind != "open" or (isinstance(args[2], int) and args[2] & WRITES)):
        what = args[1] if kind == "socket.connect" else args[0]
        what = os.fsdecode(what) if isinstance(what, bytes) else what
        os.write(log, json.dumps([kind, what], default=str).encode() + b"\\n")


sys.addaudithook(hook)
"""


@dataclass(frozen=True)
class Deeds:
    """What a server did."""

    log: Path
    home: Path

    def of(self, *kinds: str) -> list[Any]:
        deeds = map(json.loads, self.log.read_text("utf-8").splitlines())
        return [what for kind, what in deeds if kind in kinds]

    @property
    def connections(self) -> set[tuple[str, int]]:
        return {(address[0], address[1]) for address in self.of("socket.connect") if isinstance(address, list)}

    @property
    def written(self) -> set[str]:
        """Files below the user's home; elsewhere only what is no file of the disk."""
        names = {os.path.abspath(what) for what in self.of("open") if isinstance(what, str)}
        return {os.path.relpath(name, self.home) for name in names} - {os.path.relpath(os.devnull, self.home)}


@pytest.fixture
def deeds(tmp_path: Path) -> Deeds:
    (tmp_path / "watch").mkdir()
    (tmp_path / "watch" / "sitecustomize.py").write_text(WATCH)
    (tmp_path / "home" / "work" / ".git").mkdir(parents=True)
    return Deeds(tmp_path / "deeds", tmp_path / "home")


def watched(deeds: Deeds, upstream: FimServer | None, **settings: Any) -> Any:
    variables = {
        "WATCHED": str(deeds.log),
        "PYTHONPATH": str(deeds.log.parent / "watch"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    return running(deeds.home, deeds.home / "work", upstream, variables=variables, **settings)


async def work(editor: Editor, folder: Path) -> None:
    """A file is written, completed by hand and while typing, and everything is asked that can be."""
    uri = (folder / "app.py").as_uri()
    editor.open(uri, CODE)
    for number, key in enumerate("first"):
        editor.edit(uri, len(editor.texts[uri]), len(editor.texts[uri]), key)
        await editor.ask(uri, invoked=number % 2 == 0)
    for command in ("why", "status", "clear"):
        await editor.command(command)
    editor.close(uri)


async def test_the_only_connection_is_to_the_provider(deeds: Deeds) -> None:
    limits = {"tokens_per_day": 10_000_000}
    async with FimServer(SILENT) as upstream, watched(deeds, upstream, limits=limits) as editor:
        await work(editor, deeds.home / "work")
        upstream.script = Script(status=500)
        await work(editor, deeds.home / "work")
        assert upstream.requests
        assert deeds.connections == {("127.0.0.1", upstream.port)}
    assert set(deeds.of("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn")) <= {sys.executable}  # its worker


async def test_the_embedded_engine_connects_to_nobody(deeds: Deeds) -> None:
    async with watched(deeds, None, provider="lookup") as editor:
        await work(editor, deeds.home / "work")
    assert deeds.connections == set()
    assert deeds.of("socket.getaddrinfo") == []


async def test_without_settings_only_local_model_servers_are_looked_for(deeds: Deeds) -> None:
    async with watched(deeds, None, provider="auto", providers={}) as editor:
        await work(editor, deeds.home / "work")
    assert {host for host, _ in deeds.connections} <= {"127.0.0.1", "::1"}
    assert {port for _, port in deeds.connections} <= {8080, 8012, 11434}


async def test_the_only_files_written_are_the_limits_and_their_lock(deeds: Deeds) -> None:
    async with FimServer(SILENT) as upstream, watched(deeds, upstream, limits={"tokens_per_day": 10_000_000}) as editor:
        await work(editor, deeds.home / "work")
    folder = os.path.join(".state", "fim-lsp")
    assert deeds.written
    assert deeds.written <= {os.path.join(folder, f"accounts.{end}") for end in ("json", "new", "lock")}
    kept = json.loads((deeds.home / folder / "accounts.json").read_text("utf-8"))
    assert KEY not in str(kept)
    assert {type(value) for account in kept.values() for value in account.values()} <= {int, float, str, bool, list}
