"""The ends of the process, with a request at the model; and what stays after many cancelled requests."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from tests.fim_server import FimServer, Script
from tests.whole.editor import PATIENCE_S, Editor, started, upstream_settings

URI = "file:///typed.py"
CANCELS = 150


@pytest.fixture
async def waiting(upstream: FimServer, tmp_path: Path) -> AsyncIterator[Editor]:
    """A request is with the model, which takes its time."""
    upstream.script = Script(first_token_ms=60_000)
    async with started(tmp_path, upstream_settings(upstream)) as editor:
        editor.open(URI, "total = \n")
        editor.begin_completion(URI, 0, 8)
        await upstream.until(lambda: upstream.requests, PATIENCE_S)
        yield editor


async def ended(editor: Editor, upstream: FimServer) -> int:
    """The exit code; the model's server sees the connection go."""
    async with asyncio.timeout(PATIENCE_S):
        code = await editor.process.wait()
    await upstream.until(lambda: upstream.open_connections == 0, PATIENCE_S)
    assert not upstream.requests[0].answered
    return code


async def test_shutdown_and_exit(waiting: Editor, upstream: FimServer) -> None:
    await waiting.request("shutdown")
    waiting.notify("exit", None)
    assert await ended(waiting, upstream) == 0


async def test_exit_alone(waiting: Editor, upstream: FimServer) -> None:
    waiting.notify("exit", None)
    assert await ended(waiting, upstream) == 1


async def test_the_end_of_stdin(waiting: Editor, upstream: FimServer) -> None:
    assert waiting.process.stdin is not None
    waiting.process.stdin.close()
    assert await ended(waiting, upstream) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without asking it")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_signals(waiting: Editor, upstream: FimServer, number: signal.Signals) -> None:
    waiting.process.send_signal(number)
    assert await ended(waiting, upstream) == 1


async def test_cancelled_requests_leave_nothing(upstream: FimServer, tmp_path: Path) -> None:
    """Each at another place, cancelled at once; one more is answered, and nothing is open but its connection."""
    upstream.script = Script(text="first + second\n", first_token_ms=20)
    async with started(tmp_path, upstream_settings(upstream, completion={"candidates": 1})) as editor:
        editor.open(URI, "v = \n")
        await editor.shown(URI, 0, 4)
        process = psutil.Process(editor.process.pid)
        before = process.num_threads(), len(process.net_connections("tcp"))
        length = 4
        for number in range(CANCELS):
            line = f"v{number} = "
            editor.change(URI, (0, 0), (0, length), line, version=number + 2)
            length = len(line)
            msg_id, answer = editor.begin_completion(URI, 0, length)
            await asyncio.sleep(0.0003 * (number % 9))
            editor.notify("$/cancelRequest", {"id": msg_id})
            async with asyncio.timeout(PATIENCE_S):
                await answer
        editor.change(URI, (0, 0), (0, length), "last = ", version=CANCELS + 2)
        await editor.shown(URI, 0, 7)
        assert (await editor.command("fim-lsp.status"))["state"] == "idle"
        await upstream.until(lambda: upstream.open_connections <= 2, PATIENCE_S)
        assert len(process.net_connections("tcp")) <= before[1] + 1
        assert process.num_threads() <= before[0] + 2
        assert [request for request in upstream.requests if not (request.answered or request.closed_at_s)] == []
