"""Sessions in virtual time: the engine or a peer in this process, the oracle as its model. Exact, and free of noise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from fim_lsp.answer import Engine
from fim_lsp.replay import virtual
from fim_lsp.replay.core import CoreEngine
from fim_lsp.replay.editors import Server
from fim_lsp.replay.inprocess import InProcess
from fim_lsp.replay.model import TRAP_EVERY, Model
from fim_lsp.replay.oracle import Oracle, Pace
from fim_lsp.replay.peers import PEERS
from fim_lsp.replay.record import Record
from fim_lsp.replay.session import Play, play
from fim_lsp.settings.model import Completion

BUDGET_TOKENS = 1024
"""Of the engine's prompts; the peers' windows are as large."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a session in virtual time is played against."""

    engine: str = "engine"
    """`engine`, or the name of a peer."""
    completion: Completion = field(default_factory=Completion)
    pace: Pace = field(default_factory=Pace)
    trap_every: float = TRAP_EVERY
    while_waiting: bool = False
    """Whether the embedded engine guesses until the model answers, as `lookup.while_waiting` has it."""

    def record(self, session: Play, wrap: Callable[[Server], Server] = lambda server: server) -> Record:
        """Play the session from beginning to end. `wrap` may put something between the editor and the engine."""
        return virtual.run(self._play(session, wrap))

    async def _play(self, session: Play, wrap: Callable[[Server], Server]) -> Record:
        texts = [source.text for source in session.sources]
        oracle = Oracle(Model(texts, session.seed, self.trap_every), session.seed, self.pace)
        engine = self._make(oracle)
        try:
            return await play(session, wrap(InProcess(engine)), oracle)
        finally:
            await engine.close()

    def _make(self, oracle: Oracle) -> Engine:
        if self.engine in PEERS:
            return PEERS[self.engine](oracle)
        return CoreEngine(oracle, self.completion, BUDGET_TOKENS, while_waiting=self.while_waiting)
