"""A fault at every await of the whole server, one after another, and nothing is left behind by any.

The language server, the engine, context, prompt, chain and transport run in this process, with a real upstream on a
socket. Every task that our code begins is walked through: at the n-th time that any of them waits, it is cancelled, or
what it waits for fails or is late. Then the same again for n + 1, until nothing waits so often.
"""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Callable, Coroutine, Generator
from pathlib import Path
from typing import Any

import pytest

import fim_lsp
from fim_lsp.cli.wiring import make_service
from fim_lsp.lsp.server import Server
from tests.fim_server import FimServer, Script
from tests.hard.stack import settings_for
from tests.lsp.editor import INVOKED, Editor, insert

OURS = os.path.dirname(fim_lsp.__file__)
MOST_AWAITS = 400
LONG = bool(os.environ.get("TEST_CHAOS"))
CODE = "import helper\n\n\ndef total(first, second):\n    result = "


class Walk:
    """Counts the awaits of our tasks, and does something to the one whose number is `at`."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.at = -1
        self.step = 0
        self.fault = ""
        self.where = ""
        """The task that was met, for people."""
        loop.set_task_factory(self._make_task)

    def begin(self, at: int, fault: str) -> None:
        self.at, self.fault, self.step, self.where = at, fault, 0, ""

    def _make_task(self, loop: asyncio.AbstractEventLoop, work: Any, **options: Any) -> asyncio.Task[Any]:
        if getattr(work, "cr_code", None) is None or not work.cr_code.co_filename.startswith(OURS):
            return asyncio.Task(work, loop=loop, **options)
        task = asyncio.Task(self._walk(work), loop=loop, **options)
        task.add_done_callback(lambda _: work.close())  # it may have ended before it began
        return task

    async def _walk(self, work: Coroutine[Any, Any, Any]) -> Any:
        return await _Steps(self, work)

    def meets(self, work: Coroutine[Any, Any, Any]) -> bool:
        if self.fault in FAULTS and _waits_for_a_lock(work):
            return False
        self.step += 1
        if self.step - 1 != self.at:
            return False
        self.where = f"{work.__qualname__}"
        return True


def _waits_for_a_lock(work: Any) -> bool:
    """Locks and events of asyncio may be waited for in vain, but they do not fail."""
    while getattr(work, "cr_await", None) is not None and hasattr(work.cr_await, "cr_code"):
        work = work.cr_await
    return os.path.basename(work.cr_code.co_filename) == "locks.py"


class _Steps:
    """A coroutine, run step by step."""

    def __init__(self, walk: Walk, work: Coroutine[Any, Any, Any]) -> None:
        self._walk = walk
        self._work = work

    def __await__(self) -> Generator[Any, Any, Any]:
        error: BaseException | None = None
        while True:
            try:
                waits_for = self._work.throw(error) if error is not None else self._work.send(None)
            except StopIteration as stop:
                return stop.value
            fault = self._walk.fault if self._walk.meets(self._work) else ""
            if fault == "cancel":
                task = asyncio.current_task()
                assert task is not None
                asyncio.get_running_loop().call_soon(task.cancel)
            error = None
            try:
                yield waits_for
                if fault == "delay":
                    yield from asyncio.sleep(0.03).__await__()
            except BaseException as raised:
                error = raised
            error = error or (FAULTS[fault]() if fault in FAULTS else None)


FAULTS: dict[str, Callable[[], BaseException]] = {
    "os-error": lambda: OSError(28, "injected"),
    "timeout": TimeoutError,
    "reset": ConnectionResetError,
    "bug": lambda: RuntimeError("injected"),
}
KINDS = ["cancel", "delay", "bug", "reset", *(["os-error", "timeout"] if LONG else [])]


class Stage:
    """The server in this process, walked through."""

    def __init__(self, folder: Path, upstream: FimServer) -> None:
        self.upstream = upstream
        self.editor = Editor(general={"positionEncodings": ["utf-32"]})
        self.editor.server = Server(make_service, self.editor.left.append, self.editor.watched.append)
        self.editor.server.protocol.set_writer(self.editor)  # type: ignore[arg-type]
        self._folder = folder
        self._documents = 0

    async def begin(self) -> None:
        settings = settings_for(self.upstream, completion={"deadline_ms": 2000, "debounce_ms": 0, "candidates": 1})
        folders = [{"uri": self._folder.as_uri(), "name": "work"}]
        await self.editor.initialize(initializationOptions=settings, workspaceFolders=folders)

    async def ask(self) -> Any:
        """In a document of its own, where the user types a letter and asks; the whole response."""
        self._documents += 1
        uri = (self._folder / f"app{self._documents}.py").as_uri()
        self.editor.open(CODE, uri)
        line, character = CODE.count("\n"), len(CODE) - CODE.rfind("\n") - 1
        self.editor.change(insert(line, character, "f"), uri=uri)
        response = await asyncio.wait_for(
            self.editor.begin_complete(line, character + 1, uri, triggerKind=INVOKED), timeout=10
        )
        self.editor.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        return response

    async def works(self) -> bool:
        await self.command("clear")
        return bool((await self.ask()).get("result"))

    async def command(self, name: str) -> Any:
        return await self.editor.request("workspace/executeCommand", {"command": f"fim-lsp.{name}", "arguments": []})


MakeStage = Callable[[], Stage]


@pytest.fixture
async def make_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[MakeStage]:
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "LOCALAPPDATA", "APPDATA"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    (tmp_path / "helper.py").write_text("def helper(first):\n    return first\n")
    async with FimServer(Script(text="irst + second\n", first_token_ms=1, tokens_per_s=2000)) as upstream:
        yield lambda: Stage(tmp_path, upstream)


@pytest.fixture
async def stage(make_stage: MakeStage) -> AsyncIterator[Stage]:
    stage = make_stage()
    await stage.begin()
    assert await stage.works()
    yield stage
    await stage.editor.close()


def tasks() -> list[str]:
    """What runs besides the test and the upstream."""
    running = (task for task in asyncio.all_tasks() if task is not asyncio.current_task())
    names = (getattr(task.get_coro(), "__qualname__", "") for task in running)
    return [name for name in names if not name.startswith(("_Connection", "FimServer", "StreamReader"))]


async def settled(condition: Callable[[], bool]) -> bool:
    for _ in range(300):
        if condition():
            return True
        await asyncio.sleep(0.01)
    return False


@pytest.mark.parametrize("is_warm", [True, False], ids=["warm", "cold"])
@pytest.mark.parametrize("fault", KINDS)
async def test_a_fault_at_every_await(stage: Stage, fault: str, is_warm: bool) -> None:
    walk = Walk(asyncio.get_running_loop())
    assert await stage.works()
    await settled(lambda: len(tasks()) == 0)
    ordinary = len(tasks())
    met: dict[str, int] = {}
    for at in range(MOST_AWAITS):
        if not is_warm:
            await stage.upstream.drop_idle_connections()
        walk.begin(at, fault)
        response = await stage.ask()
        where, walk.at = walk.where, -1
        met[where] = met.get(where, 0) + 1
        assert response.get("result", []) is None or isinstance(response.get("result", []), list), (at, where, response)
        assert response.get("error", {"code": -32800})["code"] == -32800, (at, where, response)
        assert await stage.works(), f"the request after a fault at await {at}, of {where}: {await stage.command('why')}"
        assert await settled(lambda: stage.upstream.open_connections <= 2), (at, where)
        if not where:
            break
    assert not where, "the walk came to its end"
    assert sum(met.values()) > 8, met
    assert await settled(lambda: len(tasks()) <= ordinary), tasks()
    assert stage.editor.left == []
    reasons = {decision["reason"] for decision in await stage.command("why")}
    assert fault != "bug" or "internal" in reasons
    gc.collect()  # what a task has not said yet, it says now


@pytest.mark.parametrize("fault", KINDS)
async def test_a_fault_at_every_await_of_the_start(make_stage: MakeStage, fault: str) -> None:
    """A new server each time: settings, keys, the first connection, the ledger on disk."""
    walk = Walk(asyncio.get_running_loop())
    for at in range(0, MOST_AWAITS, 1 if LONG else 3):
        stage = make_stage()
        walk.begin(at, fault)
        await stage.begin()
        response = await stage.ask()
        where, walk.at = walk.where, -1
        assert "error" not in response or response["error"]["code"] == -32800, (at, where, response)
        assert await stage.works(), f"the request after a fault at await {at}, of {where}: {await stage.command('why')}"
        await stage.editor.close()
        if not where:
            break
    assert not where, "the walk came to its end"
    assert at > 10
    assert await settled(lambda: not tasks()), tasks()
    assert await settled(lambda: stage.upstream.open_connections == 0)


async def test_an_editor_that_leaves_at_any_moment(stage: Stage) -> None:
    """It closes the document, types on or replaces all, at any turn of the loop: each stream is closed, all goes on."""
    for turns in range(0, 120, 1 if LONG else 5):
        uri = f"{stage._folder.as_uri()}/left{turns}.py"
        stage.editor.open(CODE, uri)
        line, character = CODE.count("\n"), len(CODE) - CODE.rfind("\n") - 1
        asked = stage.editor.begin_complete(line, character, uri, triggerKind=INVOKED)
        for _ in range(turns):
            await asyncio.sleep(0)
        leave = turns % 3
        if leave == 0:
            stage.editor.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
        elif leave == 1:
            stage.editor.change(insert(line, character, "("), uri=uri)
        else:
            stage.editor.change({"text": "gone\n"}, uri=uri)
        assert "id" in await asyncio.wait_for(asked, 10), turns
        if leave:
            stage.editor.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
    assert await stage.works()
    assert await settled(lambda: stage.upstream.open_connections <= 2 and not tasks()), tasks()
