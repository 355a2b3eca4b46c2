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
        before = server.cpu_ms()
        record = await play(session, server, oracle)
        after = server.cpu_ms()
        if before is not None and after is not None:
            record.cpu_ms = after - before
        return record
