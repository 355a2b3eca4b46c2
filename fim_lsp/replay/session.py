"""One session: one person, one editor, one server, some files, so many seconds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from fim_lsp import languages
from fim_lsp.replay import holes
from fim_lsp.replay.buffer import Buffer
from fim_lsp.replay.checks import ItemChecks
from fim_lsp.replay.editors import EDITORS, Server
from fim_lsp.replay.habits import Habits
from fim_lsp.replay.holes import Hole
from fim_lsp.replay.keyboard import Keyboard, indent_of
from fim_lsp.replay.oracle import Oracle
from fim_lsp.replay.record import Record
from fim_lsp.replay.typist import Typist

LAST_ANSWER_S = 6.0
"""So long is waited at the end for answers that are still out; the deadline of an answer is 5 s."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to type."""

    path: Path
    text: str


@dataclass(frozen=True, slots=True)
class Play:
    """What is typed, by whom, in which editor, for how long."""

    sources: Sequence[Source]
    client: str = "vscode"
    seed: int = 1
    seconds: float = 40.0
    habits: Habits | None = None

    def holes_in(self, source: Source) -> list[Hole]:
        """What of a file is typed; nothing where it is too short to lose anything and still be that file."""
        return holes.choose(source.text, Random(f"{self.seed}:{source.path.name}"))


async def play(
    play: Play,
    server: Server,
    oracle: Oracle | None = None,
    *,
    watch: Callable[[Record], None] = lambda record: None,
) -> Record:
    """Type until the time is over or every hole is filled. With an oracle, its bill is part of the record.

    `watch` is called after each hole.
    """
    record = Record(play.client, play.seed)
    loop = asyncio.get_running_loop()
    began = loop.time()
    checks = ItemChecks(oracle)
    for source in play.sources:
        left_s = play.seconds - (loop.time() - began)
        if left_s <= 0:
            break
        await _type(play, source, server, checks, record, left_s, watch)
    record.seconds = loop.time() - began
    if oracle:
        record.streams = oracle.streams
    return record


async def _type(
    play: Play,
    source: Source,
    server: Server,
    checks: ItemChecks,
    record: Record,
    seconds: float,
    watch: Callable[[Record], None],
) -> None:
    missing = play.holes_in(source)
    if not missing:
        return
    buffer = Buffer(source.path, languages.from_path(str(source.path)).id, holes.without(source.text, missing))
    editor = EDITORS[play.client](server, buffer, record, checks)
    typist = Typist(
        editor,
        Keyboard(indent_of(source.text), editor.closes_pairs),
        play.habits or Habits(play.seed),
        record,
        seconds * 1000,
    )
    try:
        for number, hole in enumerate(missing):
            await typist.fill(hole, source.text)
            watch(record)
            if editor.now_ms >= typist.ends_at_ms:
                return
            done = holes.without(source.text, missing[number + 1 :])
            if buffer.text != done:
                record.differs.append(f"{source.path.name} at {hole.start}")
                return
    finally:
        editor.stop_asking()
        if editor.pending:
            await asyncio.wait(editor.pending, timeout=LAST_ANSWER_S)
        editor.close()
