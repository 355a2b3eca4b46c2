"""Watching the editor's process."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Callable
from functools import partial

import pytest

from fim_lsp.lsp import parent
from tests.protocol.process import PATIENCE_S, bystander, gone_process_id

Watch = Callable[[int, Callable[[], None]], bool]
WAYS: list[Watch] = [parent.watch]
if os.name != "nt":
    WAYS.append(partial(parent.watch_by_polling, poll_s=0.01))


async def died(process: subprocess.Popen[bytes], watch: Watch) -> None:
    """Returns when the watch has noticed that the process was killed."""
    noticed = asyncio.Event()
    assert watch(process.pid, noticed.set)
    await asyncio.sleep(0.05)
    assert not noticed.is_set()

    process.kill()
    process.wait()

    await asyncio.wait_for(noticed.wait(), PATIENCE_S)


@pytest.mark.parametrize("watch", WAYS)
async def test_death_is_noticed(watch: Watch) -> None:
    with bystander() as process:
        await died(process, watch)


@pytest.mark.parametrize("watch", WAYS)
async def test_a_process_that_cannot_be_seen_is_not_watched(watch: Watch) -> None:
    assert not watch(gone_process_id(), lambda: pytest.fail("nobody died"))


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="Linux")
async def test_without_pidfd_it_polls(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(process_id: int) -> int:
        raise PermissionError("a sandbox")

    monkeypatch.setattr(os, "pidfd_open", refuse)
    monkeypatch.setattr(parent, "POLL_S", 0.01)
    monkeypatch.setattr(parent.watch_by_polling, "__defaults__", (0.01,))

    with bystander() as process:
        await died(process, parent.watch)


async def test_a_process_of_somebody_else_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(process_id: int, number: int) -> None:
        raise PermissionError("not yours")

    monkeypatch.setattr(os, "kill", refuse)

    assert parent.watch_by_polling(1, lambda: pytest.fail("nobody died"))
