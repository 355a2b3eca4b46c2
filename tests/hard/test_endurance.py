"""Weeks in seconds: what is closed is freed, what has ended is gone, what is written has an end.

`make soak` plays eight hours against bounds on memory; here is what can be told exactly, at once.
"""

from __future__ import annotations

import asyncio
import gc
import os
import stat
import weakref
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from fim_lsp.context.files import Text
from fim_lsp.desk import Desk
from fim_lsp.generated import GeneratedText
from fim_lsp.lsp.documents import TextDocument
from tests.bench.soak import soak
from tests.fim_server import FimServer, Script
from tests.hard.stack import SILENT, running
from tests.hard.test_chaos import CODE, Stage, make_stage, settled, stage, tasks
from tests.lsp.editor import insert

__all__ = ["make_stage", "stage"]  # fixtures
DOCUMENTS = 150


def alive(*kinds: type) -> Counter[str]:
    gc.collect()
    return Counter(type(each).__name__ for each in gc.get_objects() if isinstance(each, kinds))


async def use(stage: Stage, uri: str) -> None:
    """Open, type with a request a key, cancel some, close while one is still out."""
    editor = stage.editor
    editor.open(CODE, uri)
    line, character = CODE.count("\n"), len(CODE) - CODE.rfind("\n") - 1
    pending: list[asyncio.Future[dict[str, Any]]] = []
    for number, key in enumerate("first + s"):
        editor.change(insert(line, character + number, key), uri=uri, version=number + 2)
        pending.append(editor.begin_complete(line, character + number + 1, uri, triggerKind=2 - number % 2))
        if number % 3 == 0:
            await asyncio.sleep(0)
    editor.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    for asked in pending:
        assert "id" in await asyncio.wait_for(asked, 10)


async def test_closed_documents_are_freed_and_no_task_is_left(stage: Stage, tmp_path: Path) -> None:
    await use(stage, (tmp_path / "warm.py").as_uri())
    await settled(lambda: not tasks())
    kinds = (Desk, GeneratedText, TextDocument, Text)
    before, loose = alive(*kinds), weakref.WeakSet(asyncio.all_tasks())
    for number in range(DOCUMENTS):
        await use(stage, (tmp_path / f"document{number}.py").as_uri())
    assert await settled(lambda: not tasks()), tasks()
    after = alive(*kinds)
    grown = {kind: count - before[kind] for kind, count in after.items()}
    assert all(count < DOCUMENTS / 10 for count in grown.values()), grown
    assert len(asyncio.all_tasks()) <= len(loose) + 1
    assert len(stage.editor.server.protocol._request_futures) == 0
    assert stage.upstream.open_connections <= 2


async def test_a_short_day_leaves_nothing_behind() -> None:
    """Memory takes longer to judge; descriptors, threads and idle time can be told from a few minutes of typing."""
    broken = await soak(hours=0.05, idle_s=2, seed=1)
    assert [bound for bound in broken if "RSS" not in bound] == []


async def test_the_log_is_bounded_and_holds_no_code(tmp_path: Path) -> None:
    """At the most talkative level, with an upstream that fails in every request, the editor's log stays small."""
    work = tmp_path / "work"
    (work / ".git").mkdir(parents=True)
    async with (
        FimServer(Script(status=500)) as upstream,
        running(tmp_path, work, upstream, log_level="debug") as editor,
    ):
        uri = (work / "app.py").as_uri()
        editor.open(uri, CODE + "canary_in_the_code")
        for _ in range(300):
            end = len(editor.texts[uri])
            editor.edit(uri, end, end, "x")
            await editor.ask(uri)
        logged = [params["message"] for method, params in editor.heard if method == "window/logMessage"]
        assert len(logged) < 600
        assert not any("canary" in message for message in logged)
        assert len(editor.messages()) <= 2
        written = written_below(tmp_path)
        assert sum(map(len, written.values())) < 100_000
        upstream.script = SILENT
        await editor.command("clear")
        assert not any(b"canary" in content for content in written_below(tmp_path).values())


@pytest.mark.skipif(os.name == "nt", reason="its state is in another folder")
async def test_nothing_about_code_is_written_anywhere(tmp_path: Path) -> None:
    """After a session with every kind of answer, no file below the user's home has a word of the document."""
    work = tmp_path / "work"
    (work / ".git").mkdir(parents=True)
    limits = {"tokens_per_day": 10_000_000, "requests_per_minute": 5000}
    async with FimServer(SILENT) as upstream, running(tmp_path, work, upstream, limits=limits) as editor:
        uri = (work / "app.py").as_uri()
        editor.open(uri, CODE.replace("total", "canary_total"))
        for script in (SILENT, Script(status=500), Script(status=429), SILENT):
            upstream.script = script
            await editor.command("clear")
            editor.edit(uri, 0, 0, "import canary\n")
            await editor.ask(uri)
        await editor.command("why")
    state = files_below(tmp_path / ".state")
    assert [path.name for path in state if stat.S_IMODE(path.stat().st_mode) & 0o077 and path.suffix != ".lock"] == []
    assert "accounts.json" in [path.name for path in state]
    for path in files_below(tmp_path):
        content = path.read_bytes() + path.name.encode()
        assert b"canary" not in content, path
        assert b"first + second" not in content, path


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def written_below(folder: Path) -> dict[Path, bytes]:
    """What each file holds, also while the server goes on: it writes a draft and puts it in the place of the file."""
    written = {}
    for path in files_below(folder):
        with suppress(FileNotFoundError):
            written[path] = path.read_bytes()
    return written
