"""Figures of the engine and its peers in virtual time, on the project's own files or on those named.

python tests/bench/replay.py                                    # engine, textbook and direct, both editors
python tests/bench/replay.py --engines engine --seeds 12 --set debounce_ms=100
python tests/bench/replay.py --engines engine --clients vscode --seeds 1 --trace    # every key, answer and stream
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec

from fim_lsp.document import Edit
from fim_lsp.replay import oracle
from fim_lsp.replay.buffer import Buffer
from fim_lsp.replay.editors import Reply, Server
from fim_lsp.replay.figures import Figures, summarise
from fim_lsp.replay.ghost import Item
from fim_lsp.replay.model import TRAP_EVERY
from fim_lsp.replay.oracle import Pace
from fim_lsp.replay.rehearsal import Rehearsal
from fim_lsp.replay.report import markdown, rows
from fim_lsp.replay.session import Play, Source
from fim_lsp.settings.model import Completion

FOLDER = Path(__file__).parents[2] / "tests/replay/files"
FILES = sorted(path for path in FOLDER.iterdir() if path.suffix != ".md")


def main() -> int:
    arguments = _arguments()
    files = [Path(name).resolve() for name in arguments.files] or FILES
    sources = [Source(path, path.read_text("utf-8")) for path in files]
    completion = msgspec.convert(dict(one.split("=", 1) for one in arguments.set), Completion, strict=False)
    pace = Pace(1.0, 0.01, 1e6) if arguments.no_latency else Pace()
    trap_every = 1e9 if arguments.no_errors else arguments.trap_every
    if arguments.trace:
        _trace_streams()
    for client in arguments.clients.split(","):
        figures: dict[str, Figures] = {}
        for engine in arguments.engines.split(","):
            began = time.perf_counter()
            rehearsal = Rehearsal(engine, completion, pace, trap_every, arguments.while_waiting)
            seeds = range(arguments.first_seed, arguments.first_seed + arguments.seeds)
            sessions = [
                Play([source], client, seed, arguments.seconds)
                for seed in seeds
                for source in (sources if arguments.each else [sources[seed % len(sources)]])
            ]
            records = [rehearsal.record(session, Traced if arguments.trace else _plain) for session in sessions]
            print(f"{client:7} {engine:9}", line(summarise(records)), f"[{time.perf_counter() - began:.1f} s]")
            figures[engine] = summarise(records)
        if arguments.markdown:
            print(markdown(rows(figures, with_oracle=True)))
    return 0


def line(figures: Figures) -> str:
    """All that matters on one line."""
    ghost, after = figures.ghost, figures.after_accept
    return (
        f"ghost {ghost.p50:.0f}/{ghost.p90:.0f} never {ghost.never:.1%} · accept→ p90 {after.p90:.0f} "
        f"never {after.never:.1%} · in 5 ms {figures.answered_instantly:.1%} · right {figures.right:.1%} · "
        f"saved {figures.keystrokes_saved:.1%} · up/100 {figures.requests_per_100:.2f} · "
        f"tok/acc {figures.tokens_per_accepted:.2f} · ¢ {figures.cents_per_10k:.1f} · "
        f"reuse {figures.prompt_reuse:.0%} · waste {figures.wasted_s_per_minute:.2f} · "
        f"flicker {figures.flickers_per_minute:.2f} · bad {figures.wrong_items},{figures.foreign_items},"
        f"{figures.unanswered},{figures.differs} · n {ghost.count}"
    )


class Traced:
    """Prints what passes between the editor and the engine."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def opened(self, buffer: Buffer) -> None:
        self._server.opened(buffer)

    def changed(self, buffer: Buffer, edit: Edit) -> None:
        line = buffer.before[buffer.before.rfind("\n") + 1 :]
        _say(f"key     {edit.removed!r} → {edit.inserted!r}   {line + '▏' + buffer.after.split(chr(10))[0]}")
        self._server.changed(buffer, edit)

    def closed(self, buffer: Buffer) -> None:
        self._server.closed(buffer)

    def ask(self, buffer: Buffer) -> asyncio.Future[Reply]:
        version = buffer.version
        pending = self._server.ask(buffer)
        _say("  ask")
        pending.add_done_callback(lambda done: _say(f"  answer {_shown(done)}" + " (old)" * (version < buffer.version)))
        return pending

    def cancel(self, pending: asyncio.Future[Reply]) -> None:
        self._server.cancel(pending)

    def accepted(self, item: Item) -> None:
        _say("ACCEPT")
        self._server.accepted(item)


def _shown(done: asyncio.Future[Reply]) -> str:
    if done.cancelled():
        return "cancelled"
    reply = done.result()
    return "null" if reply.items is None else repr(reply.items[0].text) if reply.items else f"[] {reply.why}"


def _trace_streams() -> None:
    class Speaker(oracle.Oracle):
        def _begin(self, prompt: str, suffix: str) -> oracle.Speech:
            said = self.model.say(prompt, suffix)
            _say(f"    stream {len(self.speeches)} at {prompt[-50:]!r} ⟦{said!r}⟧ {suffix[:30]!r}")
            return super()._begin(prompt, suffix)

    sys.modules["fim_lsp.replay.rehearsal"].Oracle = Speaker  # type: ignore[attr-defined]


def _say(text: str) -> None:
    print(f"{asyncio.get_running_loop().time() * 1000:8.0f}  {text}")


def _plain(server: Server) -> Server:
    return server


def _arguments(argv: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="*")
    parser.add_argument("--engines", default="engine,textbook,direct")
    parser.add_argument("--clients", default="vscode,neovim")
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--each", action="store_true", help="each file with each seed, as `fim-lsp replay` does")
    parser.add_argument("--seconds", type=float, default=40.0)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="a [completion] setting")
    parser.add_argument(
        "--trap-every", type=float, default=TRAP_EVERY, help="characters between two errors of the model"
    )
    parser.add_argument("--while-waiting", action="store_true", help="as lookup.while_waiting")
    parser.add_argument("--no-latency", action="store_true")
    parser.add_argument("--no-errors", action="store_true")
    parser.add_argument("--trace", action="store_true")
    parser.add_argument("--markdown", action="store_true", help="tables for docs/performance.md")
    return parser.parse_args(argv)


if __name__ == "__main__":
    raise SystemExit(main())
