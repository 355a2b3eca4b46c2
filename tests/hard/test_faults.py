"""What happens to machines: clocks jump, they sleep, disks fill up, settings break, editors die, servers meet.

Each ends in an answer or in a reason, and the server goes on.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from tests.cli.processes import environment
from tests.fim_server import FimServer, Script
from tests.hard.stack import PATIENCE_S, SILENT, Editor, running, settings_for
from tests.protocol.process import bystander

posix = pytest.mark.skipif(os.name == "nt", reason="POSIX signals, devices and permissions")
CODE = "def total(first, second):\n    result = "
LIMITED = {"requests_per_minute": 6000, "tokens_per_day": 10_000_000}
"""Far away, but they make the ledger write at every request."""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    work = tmp_path / "work"
    (work / ".git").mkdir(parents=True)
    return work


@pytest.fixture
async def upstream() -> AsyncIterator[FimServer]:
    async with FimServer(SILENT) as upstream:
        yield upstream


class Place:
    """A document, asked in at a new place each time."""

    def __init__(self, editor: Editor, uri: str) -> None:
        self._editor = editor
        self._uri = uri
        self._count = 0
        editor.open(uri, CODE)

    async def works(self) -> bool:
        self._count += 1
        end = len(self._editor.texts[self._uri])
        self._editor.edit(self._uri, end, end, f"0\n    other_{self._count} = ")
        return bool(await self._editor.ask(self._uri))


# Clocks

SHIFTED = """if True:
    import os, time
    def shift(real, path=os.environ["SHIFT"]):
        return lambda: real() + float(open(path).read())
    time.time = shift(time.time)
    from fim_lsp.cli import main
    main([])
"""


@pytest.mark.parametrize("jump_s", [86_400, -30 * 365 * 86_400], ids="{:+}".format)
async def test_the_wall_clock_jumps(tmp_path: Path, work: Path, upstream: FimServer, jump_s: int) -> None:
    """While all is well, and while a refusal is being waited out: no jump makes anybody wait longer than was asked."""
    shift = tmp_path / "shift"
    shift.write_text("0")
    env = environment(tmp_path, SHIFT=str(shift))
    del env["FIM_LSP_PROVIDER"]
    command = (sys.executable, "-P", "-c", SHIFTED)
    async with Editor(work, settings=settings_for(upstream, limits=LIMITED), env=env, command=command) as editor:
        place = Place(editor, (work / "app.py").as_uri())
        assert await place.works()
        upstream.script = Script(status=429, headers={"Retry-After": "1"})
        assert not await place.works()
        assert await editor.reason() == "rate-limited"
        upstream.script = SILENT
        shift.write_text(str(jump_s))
        deadline = time.monotonic() + PATIENCE_S
        while not await place.works():
            assert await editor.reason() in ("rate-limited", "backing-off")
            assert time.monotonic() < deadline, "one second was asked for"
            await asyncio.sleep(0.1)


@posix
async def test_the_machine_sleeps(tmp_path: Path, work: Path, upstream: FimServer) -> None:
    """In the middle of a request; meanwhile the service has closed every connection."""
    async with running(tmp_path, work, upstream, completion={"deadline_ms": 1500}) as editor:
        place = Place(editor, (work / "app.py").as_uri())
        assert await place.works()
        upstream.script = Script(text="never", first_token_ms=60_000)
        editor.edit((work / "app.py").as_uri(), 0, 0, "import os\n")
        asked = editor.begin((work / "app.py").as_uri())
        await upstream.until(lambda: len(upstream.requests) == 2)
        editor.process.send_signal(signal.SIGSTOP)
        await upstream.drop_idle_connections()
        await asyncio.sleep(2)
        editor.process.send_signal(signal.SIGCONT)
        assert not await asyncio.wait_for(asked, PATIENCE_S)
        upstream.script = SILENT
        await editor.command("clear")
        assert await place.works()


# Disks


def _full(state: Path) -> None:
    state.mkdir(parents=True)
    (state / "accounts.new").symlink_to("/dev/full")


def _a_file(state: Path) -> None:
    state.parent.mkdir(parents=True)
    state.write_text("in the way")


def _folders(state: Path) -> None:
    for name in ("accounts.json", "accounts.lock", "accounts.new"):
        (state / name).mkdir(parents=True)


def _garbage(state: Path) -> None:
    state.mkdir(parents=True)
    (state / "accounts.json").write_bytes(b'{"a": {"until": "' + bytes(range(256)))


@posix
@pytest.mark.parametrize("spoil", [_full, _a_file, _folders, _garbage], ids=lambda spoil: spoil.__name__.strip("_"))
async def test_nothing_can_be_written(tmp_path: Path, work: Path, upstream: FimServer, spoil: object) -> None:
    assert callable(spoil)
    spoil(tmp_path / ".state" / "fim-lsp")
    (tmp_path / ".config").mkdir()
    (tmp_path / ".config" / "fim-lsp").symlink_to("/dev/null")
    async with running(tmp_path, work, upstream, limits=LIMITED) as editor:
        place = Place(editor, (work / "app.py").as_uri())
        for _ in range(3):
            assert await place.works()
        upstream.script = Script(status=429, headers={"Retry-After": "600"})
        assert not await place.works()
        assert not await place.works()
        assert await editor.reason() == "rate-limited"  # remembered without the file
        assert "Traceback" not in str(editor.heard)


# Settings


def put(path: Path, text: str) -> None:
    """All at once, as careful editors save."""
    draft = path.with_name(f"{path.name}.draft")
    draft.write_text(text)
    draft.replace(path)


async def test_settings_break_while_it_runs(tmp_path: Path, work: Path, upstream: FimServer) -> None:
    """The last good values hold; one message a fault names the line, and nothing is said again."""
    project, user = work / ".fim-lsp.toml", tmp_path / ".config" / "fim-lsp" / "config.toml"
    user.parent.mkdir(parents=True)
    project.write_text("[completion]\nmax_tokens = 33\n")
    async with running(tmp_path, work, upstream) as editor:
        place = Place(editor, (work / "app.py").as_uri())
        assert await place.works()
        for text in ("[completion\nmax_tokens = 44\n", "\0\xff\n", "a = " + "[" * 10_000, "x" * 2_000_000):
            put(project, text)
            put(user, text)
            assert await place.works()
            assert await place.works()
            assert upstream.requests[-1].body["max_tokens"] == 33
        told = editor.messages()
        assert [message for message in told if told.count(message) > 1] == []
        assert any("line 1" in message and ".fim-lsp.toml" in message for message in told)
        project.write_text("[completion]\nmax_tokens = 55\n")
        user.write_text("")
        assert await place.works()
        assert upstream.requests[-1].body["max_tokens"] == 55


async def test_an_editor_that_sends_nonsense(tmp_path: Path, work: Path, upstream: FimServer) -> None:
    """What says nothing changes nothing; what is wrong is told, and good settings make good again."""
    async with running(tmp_path, work, upstream) as editor:
        place = Place(editor, (work / "app.py").as_uri())
        for nothing in (None, [], {}, {"fim-lsp": []}, {"fim-lsp": None}, {"completion": 1}, {"completion": {"x": []}}):
            editor.notify("workspace/didChangeConfiguration", {"settings": nothing})
            assert await place.works(), nothing
        for wrong in ("x", 3, True, [1], {"provider": {"a": 1}}, {"providers": [[]]}):
            editor.notify("workspace/didChangeConfiguration", {"settings": wrong})
            assert isinstance(await editor.ask((work / "app.py").as_uri()), list)
        assert len(editor.messages()) >= 5
        editor.notify("workspace/didChangeConfiguration", {"settings": settings_for(upstream)})
        assert await place.works()


# Editors and servers


@posix
async def test_the_editor_is_killed_in_the_middle_of_a_request(tmp_path: Path, work: Path, upstream: FimServer) -> None:
    """The process that `initialize` named is gone: so is the server within two seconds, and its stream with it."""
    upstream.script = Script(text="never", first_token_ms=60_000)
    for _ in range(int(os.environ.get("TEST_ROUNDS", "2"))):
        with bystander() as other:
            async with running(tmp_path, work, upstream, process_id=other.pid) as editor:
                editor.open((work / "app.py").as_uri(), CODE)
                editor.begin((work / "app.py").as_uri()).add_done_callback(lambda asked: asked.exception())
                await upstream.until(lambda: upstream.requests)
                process = editor.process
                other.kill()
                began = time.monotonic()
                await asyncio.to_thread(psutil.wait_procs, [process], PATIENCE_S)
                assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
                assert time.monotonic() - began < 2 + LAG_S
        await upstream.until(lambda: upstream.open_connections == 0)
        upstream.requests.clear()


LAG_S = 3.0
"""What a busy machine may add; what does not happen takes much longer."""


async def test_two_servers_at_once(tmp_path: Path, work: Path, upstream: FimServer) -> None:
    """They share what a service has said to either of them, and nothing else."""
    async with (
        running(tmp_path, work, upstream, limits=LIMITED) as one,
        running(tmp_path, work, upstream, limits=LIMITED) as other,
    ):
        uri = (work / "app.py").as_uri()
        places = Place(one, uri), Place(other, uri)
        for _ in range(5):
            assert all(await asyncio.gather(*(place.works() for place in places)))
        upstream.script = Script(status=429, headers={"Retry-After": "600"})
        assert not await places[0].works()
        before = len(upstream.requests)
        for _ in range(20):
            assert not await places[0].works()
        assert not await places[1].works() or len(upstream.requests) == before
        assert await other.reason() == "rate-limited"
        one.process.kill()
        upstream.script = SILENT
        await other.command("clear")
        assert await places[1].works()
