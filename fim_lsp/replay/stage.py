"""A session in real time: the server as a process, and the oracle on loopback or the provider that is configured."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fim_lsp.cli.client import SERVER
from fim_lsp.replay.client import ProcessServer
from fim_lsp.replay.model import TRAP_EVERY, Model
from fim_lsp.replay.oracle import Oracle, Pace
from fim_lsp.replay.record import Record
from fim_lsp.replay.service import OracleService
from fim_lsp.replay.session import Play, play

SETTLE_S = 1.0
"""Before the first key: an editor is open for a while before its user types."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A server to measure, with the settings it is given."""

    name: str
    command: Sequence[str] = SERVER
    settings: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def peer(cls, name: str) -> Contender:
        return cls(name, (sys.executable, "-P", "-m", "fim_lsp.replay.peers", name))


async def perform(contender: Contender, session: Play, folder: Path, *, with_oracle: bool) -> Record:
    """Start the server, play the session, end the server."""
    async with AsyncExitStack() as stack:
        settings, oracle = dict(contender.settings), None
        if with_oracle:
            model = Model([source.text for source in session.sources], session.seed, TRAP_EVERY)
            oracle = Oracle(model, session.seed, Pace())
            service = await stack.enter_async_context(OracleService(oracle))
            settings |= service.settings
        server = ProcessServer(folder, settings=settings, command=contender.command)
        await stack.enter_async_context(server)
        await asyncio.sleep(SETTLE_S)
        meter = _Meter(server)
        return await play(session, server, oracle, watch=meter.read)


class _Meter:
    """Measures the server's CPU from the end of the first hole on: until then it is still loading what it needs."""

    def __init__(self, server: ProcessServer) -> None:
        self._server = server
        self._start: tuple[float, int] | None = None

    def read(self, record: Record) -> None:
        used_ms = self._server.cpu_ms()
        if used_ms is None:
            return
        if self._start is None:
            self._start = used_ms, record.typed
        before_ms, before_keys = self._start
        record.cpu_ms, record.cpu_keys = used_ms - before_ms, record.typed - before_keys
