"""Eight hours at the keyboard in minutes: the server's own process, watched for what grows.

`python -m tests.bench.soak` plays a day of keys, requests, cancels, closed documents, new settings and refusals through
the real server against the test upstream, then lets it idle. It prints growth after the warm-up, and fails where a
bound is broken.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.fim_server import FimServer, Script
from tests.hard.stack import Editor, running, settings_for

KEYS_PER_HOUR = 6_000
"""A programmer at work, pauses for thought included."""
WARM_UP = 0.2
"""The part of the session after which nothing may grow any more: caches are full then."""
ROUND_KEYS = 60
MOST_GROWTH_MB = 5.0
MOST_IDLE_SHARE = 0.001
MOST_THREADS = 3 + min(32, (os.cpu_count() or 1) + 4)
"""The loop's, two for the pipes of Windows, and those of the pool, which begins one at a time and ends none."""
SMALL = {"lookup": {"max_memory_mb": 4}}
"""The embedded engine's index may grow to a bound of its own, which is to be reached within the warm-up."""
SOURCES = sorted(Path(__file__).parents[2].glob("fim_lsp/**/*.py"))


@dataclass(frozen=True)
class Weight:
    """What the process holds."""

    rss_mb: float
    descriptors: int
    threads: int
    cpu_s: float

    @classmethod
    def of(cls, process: psutil.Process) -> Weight:
        times = process.cpu_times()
        descriptors = process.num_fds() if hasattr(process, "num_fds") else process.num_handles()
        rss_mb = process.memory_info().rss / 2**20
        return cls(rss_mb, descriptors, process.num_threads(), times.user + times.system)


class Day:
    """What one person does; everything is chosen by the seed."""

    def __init__(self, editor: Editor, upstream: FimServer, folder: Path, seed: int) -> None:
        self._editor = editor
        self._upstream = upstream
        self._folder = folder
        self._rng = random.Random(seed)
        self._texts = [path.read_text("utf-8") for path in SOURCES]
        self._rounds = 0
        self.keys = 0
        self.requests = 0

    async def play_round(self) -> None:
        """Open a file, type in it for a minute, close it; now and then something else happens, too."""
        self._rounds += 1
        text = self._rng.choice(self._texts)
        uri = (self._folder / f"file_{self._rounds % 97}.py").as_uri()
        if uri in self._editor.texts:
            self._editor.close(uri)
        self._editor.open(uri, text)
        await self._type(uri, self._rng.randrange(len(text)))
        await self._upset()
        if self._rng.random() < 0.9 or len(self._editor.texts) > 12:
            for opened in [uri, *self._rng.sample(list(self._editor.texts), len(self._editor.texts) // 3)]:
                if opened in self._editor.texts:
                    self._editor.close(opened)
        self._editor.heard.clear()
        self._upstream.requests.clear()
        self._upstream.probes.clear()

    async def _type(self, uri: str, at: int) -> None:
        typed = self._rng.choice(self._texts)
        start = self._rng.randrange(max(1, len(typed) - ROUND_KEYS))
        pending: list[asyncio.Task[object]] = []
        for key in typed[start : start + ROUND_KEYS]:
            self._editor.edit(uri, at, at, key)
            at += 1
            self.keys += 1
            if self._rng.random() < 0.8:
                asked = self._editor.begin(uri, at, invoked=self._rng.random() < 0.05)
                pending.append(asked)
                self.requests += 1
                if self._rng.random() < 0.3:
                    self._editor.notify("$/cancelRequest", {"id": self._editor.last_id})
            if pending and self._rng.random() < 0.3:
                await asyncio.wait(pending, timeout=5)
            if self._rng.random() < 0.05:
                size = self._rng.randrange(1, 20)
                self._editor.edit(uri, max(0, at - size), at, "")
                at = max(0, at - size)
        await asyncio.wait_for(asyncio.gather(*pending, return_exceptions=True), 30)

    async def _upset(self) -> None:
        """What is rare in an hour and certain in a day."""
        number = self._rounds % 20
        if number == 3:
            changed = settings_for(self._upstream, completion={"max_tokens": self._rng.randrange(20, 200)})
            self._editor.notify("workspace/didChangeConfiguration", {"settings": changed})
        elif number == 7:
            self._upstream.script = Script(status=self._rng.choice([500, 429, 401]))
        elif number == 8:
            self._upstream.script = _model(self._rng)
            await self._editor.command("clear")
        elif number == 11:
            self._upstream.script = Script(fault=self._rng.choice(["closes", "cut", "dead"]))
        elif number == 12:
            self._upstream.script = _model(self._rng)
            await self._upstream.drop_idle_connections()
            await self._editor.command("clear")
        elif number == 15:
            await self._editor.command("toggle")
            await self._editor.command("toggle")
            await self._editor.command("why")

    async def leave(self) -> None:
        """Everything is closed; what was remembered for it is of no more use, and no connection waits for the next."""
        for uri in list(self._editor.texts):
            self._editor.close(uri)
        await self._upstream.drop_idle_connections()
        await self._editor.command("status")


def _model(rng: random.Random) -> Script:
    text = rng.choice(
        ["result = compute(first)\n", "first,\n    second,\n)\n", "return None\n\n\ndef next():\n    pass\n"]
    )
    return Script(text=text, first_token_ms=rng.choice([0, 1, 3]), tokens_per_s=rng.choice([0, 2000]))


@asynccontextmanager
async def day(seed: int) -> AsyncIterator[tuple[Editor, Day]]:
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "work"
        (folder / ".git").mkdir(parents=True)
        async with (
            FimServer(_model(random.Random(seed))) as upstream,
            running(Path(home), folder, upstream, **SMALL) as editor,
        ):
            yield editor, Day(editor, upstream, folder, seed)


async def soak(hours: float, idle_s: float, seed: int) -> list[str]:
    """The bounds that did not hold."""
    keys = int(hours * KEYS_PER_HOUR)
    async with day(seed) as (editor, played):
        began = time.monotonic()
        while played.keys < keys * WARM_UP:
            await played.play_round()
        await played.leave()
        before = Weight.of(editor.process)
        for eighth in range(1, 9):
            while played.keys < keys * (WARM_UP + (1 - WARM_UP) * eighth / 8):
                await played.play_round()
            await played.leave()
            print(f"after {played.keys} keys: {Weight.of(editor.process).rss_mb:.1f} MB", flush=True)
        await asyncio.sleep(1)
        after = Weight.of(editor.process)
        await asyncio.sleep(idle_s)
        rested = Weight.of(editor.process)
    took_s, grown_mb = time.monotonic() - began - idle_s, after.rss_mb - before.rss_mb
    idle = (rested.cpu_s - after.cpu_s) / idle_s if idle_s else 0.0
    print(f"{played.keys} keys and {played.requests} requests in {took_s:.0f} s: {hours:g} hours of typing")
    print(f"after the first {WARM_UP:.0%}: RSS {before.rss_mb:.1f} MB {grown_mb:+.1f} MB", end="")
    print(f", descriptors {after.descriptors - before.descriptors:+d}, {after.threads} threads")
    print(f"idle: {idle:.3%} of a core over {idle_s:g} s")
    bounds = {
        f"RSS grew by more than {MOST_GROWTH_MB} MB": grown_mb > MOST_GROWTH_MB,
        "descriptors leaked": after.descriptors > before.descriptors,
        f"more than {MOST_THREADS} threads": after.threads > MOST_THREADS,
        f"idle takes more than {MOST_IDLE_SHARE:.1%} of a core": idle > MOST_IDLE_SHARE,
    }
    return [broken for broken, is_broken in bounds.items() if is_broken]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description=__doc__)
    parser.add_argument("--hours", type=float, default=8, help="of typing (default: 8)")
    parser.add_argument("--idle-s", type=float, default=60, help="seconds of rest at the end (default: 60)")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    broken = asyncio.run(soak(args.hours, args.idle_s, args.seed))
    for bound in broken:
        print(f"FAILED: {bound}", file=sys.stderr)
    sys.exit(bool(broken))


if __name__ == "__main__":
    main()
