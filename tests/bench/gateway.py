"""What the gateway costs: `python -m tests.bench.gateway [latency] [crowd] [hangup] [limit]`; all of it without a word.

Three processes on loopback, as in life: the test server as the model, the shipped command as the gateway, and this one
as the callers, with a client so small that it is not what is measured. Direct and through the gateway take turns in
the same run: trust the differences and ratios. `limit` needs a Redis or Valkey server on the PATH.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, aclosing, contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

from tests.processes import ending

ROOT = Path(__file__).parents[2]
PROMPT = "x = 1\n" * 600
SUFFIX = "y = 2\n" * 300
END = b"0\r\n\r\n"


@dataclass
class Caller:
    """One connection, kept from call to call. It knows just enough HTTP to tell one answer from the next."""

    url: str
    key: str = ""

    async def __aenter__(self) -> Caller:
        where = urlsplit(self.url)
        self._reader, self._writer = await asyncio.open_connection(where.hostname, where.port)
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.leave()

    def leave(self) -> None:
        self._writer.transport.abort()

    async def pieces(self, prompt: str = PROMPT, **fields: Any) -> AsyncIterator[bytes]:
        """What is read, as it comes, from the first event to the end of a streamed answer."""
        body = json.dumps({"model": "codestral-latest", "prompt": prompt, "suffix": SUFFIX, "stream": True, **fields})
        key = f"Authorization: Bearer {self.key}\r\n" if self.key else ""
        head = f"POST /v1/fim/completions HTTP/1.1\r\nHost: localhost\r\n{key}Content-Length: {len(body)}\r\n\r\n"
        self._writer.write(head.encode() + body.encode())
        answer = await self._reader.readuntil(b"\r\n\r\n")
        self.status = int(answer.split(b" ", 2)[1])
        if b"chunked" not in answer.lower():
            length = answer.lower().split(b"content-length:")[1].split(b"\r\n")[0]
            yield await self._reader.readexactly(int(length))
            return
        last = b""
        while not last.endswith(END):
            data = await self._reader.read(1 << 16)
            if not data:
                raise ConnectionError("the answer broke off")
            yield data
            last = (last + data)[-len(END) :]

    async def times_s(self, prompt: str = PROMPT) -> list[float]:
        """When the call went out, and when each piece of its answer came."""
        times = [time.perf_counter()]
        async with aclosing(self.pieces(prompt)) as pieces:
            async for _ in pieces:
                times.append(time.perf_counter())
        if self.status != 200:
            raise ConnectionError(f"status {self.status}")
        return times


# Processes


@contextmanager
def model(*options: str) -> Iterator[str]:
    command = [sys.executable, "-m", "tests.fim_server", *options]
    with _started(command, os.environ) as line:
        yield json.loads(line)["url"]


@contextmanager
def gateway(folder: Path, upstream: str, *options: str) -> Iterator[str]:
    config = folder / "gateway.toml"
    config.write_text(
        f'provider = "gpu"\n[providers.gpu]\nkind = "mistral"\nbase_url = "{upstream}/v1"\napi_key_env = "BENCH_KEY"\n'
    )
    environment = {**os.environ, "BENCH_KEY": "any", "HOME": str(folder), "XDG_STATE_HOME": str(folder)}
    command = [sys.executable, "-P", "-m", "fim_lsp", "gateway", "--port", "0", "--config", str(config)]
    command += ["--keys", str(folder / "keys.json"), *options]
    with _started(command, environment) as line:
        yield line.strip()


@contextmanager
def _started(command: list[str], environment: Any) -> Iterator[str]:
    """Its first line; ended on leaving."""
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    with ending(process):
        yield process.stdout.readline()


@contextmanager
def relay(upstream: str) -> Iterator[str]:
    """A process that hands on bytes and reads none of them: what one more process in between costs by itself."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_relay, args=(there, urlsplit(upstream).port), daemon=True)
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}"
    finally:
        process.terminate()
        process.join()


def _relay(pipe: Connection, port: int) -> None:
    async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1 << 16):
            writer.write(data)
        writer.close()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        their_reader, their_writer = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(copy(reader, their_writer), copy(their_reader, writer), return_exceptions=True)

    async def run() -> None:
        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


# Figures


async def latency(folder: Path, calls: int) -> None:
    """One caller after another: what the gateway adds, and what a mere relay does."""
    names = ("direct", "relay", "gateway")
    first: dict[str, list[float]] = {name: [] for name in names}
    whole: dict[str, list[float]] = {name: [] for name in names}
    with model() as url, relay(url) as relayed, gateway(folder, url) as served:
        async with Caller(url) as direct, Caller(relayed) as handed_on, Caller(served) as through:
            for number in range(calls + 20):
                for name, caller in zip(names, (direct, handed_on, through), strict=True):
                    times = await caller.times_s()
                    if number >= 20:
                        first[name].append(times[1] - times[0])
                        whole[name].append(times[-1] - times[0])
    for what, measured in (("first token", first), ("whole answer", whole)):
        added = {
            name: statistics.median(b - a for a, b in zip(measured["direct"], measured[name], strict=True)) * 1000
            for name in names[1:]
        }
        direct_ms = statistics.median(measured["direct"]) * 1000
        print(f"{what}: direct {direct_ms:.2f} ms; a relay adds {added['relay']:.2f} ms, ", end="")
        print(f"the gateway {added['gateway']:.2f} ms")


async def crowd(folder: Path, callers: int, tokens_per_s: float, workers: int) -> None:
    """Everybody at once, for as long as 30 tokens take."""
    worst = {}
    options = ("--text", "word " * 24, "--tokens-per-s", str(tokens_per_s), "--first-token-ms", "500")
    with model(*options) as url, gateway(folder, url, "--workers", str(workers)) as served:
        await _until_up(served)
        for name, where in (("direct", url), ("gateway", served)):
            answers = await asyncio.gather(*(_one(where, number) for number in range(callers)), return_exceptions=True)
            errors = [answer for answer in answers if isinstance(answer, BaseException)]
            gaps = sorted(gap for times in answers if isinstance(times, list) for gap in _gaps(times))
            worst[name] = gaps[int(len(gaps) * 0.99)] * 1000
            print(f"{callers} callers, {name}: {len(errors)} errors, p99 gap {worst[name]:.0f} ms")
    print(f"p99 gap, gateway to direct: {worst['gateway'] / worst['direct']:.2f}")


async def _one(url: str, number: int) -> list[float]:
    await asyncio.sleep(number / 1000)
    async with Caller(url) as caller:
        return await caller.times_s(f"# {number}\n")


def _gaps(times: list[float]) -> Iterator[float]:
    return (after - before for before, after in pairwise(times[1:]))


async def hangup(folder: Path, calls: int) -> None:
    """Callers that leave at a random moment of their answer: how soon the model is told.

    Every other one leaves the model itself, which shows what the machine takes for it.
    """
    random, record, left = Random(7), folder / "record", {}
    options = ("--text", "word " * 400, "--tokens-per-s", "50", "--record", str(record))
    with model(*options) as url, gateway(folder, url) as served:
        await _until_up(served)
        for start in range(0, calls, 20):
            numbers = range(start, min(start + 20, calls))
            leaving = (_leave((served, url)[number % 2], number, random.random()) for number in numbers)
            left |= dict(await asyncio.gather(*leaving))
        await asyncio.sleep(1)
    recorded = [json.loads(line) for line in record.read_text().splitlines()]
    asked = {recording["body"]["prompt"]: recording["closed_at_s"] for recording in recorded}
    for parity, name in enumerate(("gateway", "direct")):
        _print_hangups(name, {number: at for number, at in left.items() if number % 2 == parity}, asked)


def _print_hangups(name: str, left: dict[int, float], asked: dict[str, float | None]) -> None:
    never_asked = sum(str(number) not in asked for number in left)
    closed = {number: at for number in left if (at := asked.get(str(number)))}
    took = sorted((closed[number] - left[number]) * 1000 for number in closed)
    soon = sum(ms <= 50 for ms in took)
    print(f"{name}: {len(left)} left, {soon} closed within 50 ms; median {statistics.median(took):.1f} ms, ", end="")
    print(f"longest {took[-1]:.1f} ms, {len(left) - len(took) - never_asked} not closed, {never_asked} never asked")


async def _leave(url: str, number: int, moment: float) -> tuple[int, float]:
    async with Caller(url) as caller:
        async with aclosing(caller.pieces(str(number), stream=number % 3 > 0)) as pieces:
            with suppress(TimeoutError):
                async with asyncio.timeout(0.1 + moment / 4):
                    async for _ in pieces:
                        pass
        caller.leave()
        return number, time.monotonic()


async def limit(folder: Path, calls: int) -> None:
    """Two gateways that share a limit of 60 requests a minute through Redis."""
    from fim_lsp.gateway import keys
    from fim_lsp.gateway.quota import Allowance
    from fim_lsp.shared_file import SharedFile
    from tests.gateway.heavy.programs import redis_server

    with ExitStack() as stack:
        redis = ("--redis", stack.enter_context(redis_server(folder)))
        key = keys.add(SharedFile(folder / "keys.json"), "bench", Allowance(requests_per_minute=60))
        url = stack.enter_context(model())
        served = [stack.enter_context(gateway(folder, url, *redis)) for _ in range(2)]
        statuses: list[int] = []

        async def call(number: int) -> None:
            async with Caller(served[number % 2], key) as caller:
                async with aclosing(caller.pieces(str(number))) as pieces:
                    async for _ in pieces:
                        pass
                statuses.append(caller.status)

        for start in range(0, calls, 30):
            await asyncio.gather(*map(call, range(start, start + 30)))
    others = set(statuses) - {200, 429}
    print(f"{calls} calls at two gateways that share 60 a minute: {statuses.count(200)} let through, others {others}")


async def _until_up(url: str) -> None:
    async with Caller(url) as caller, aclosing(caller.pieces("up")) as pieces:
        async for _ in pieces:
            pass


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", choices=["latency", "crowd", "hangup", "limit", []], default=[])
    parser.add_argument("--calls", type=int, default=0, help="how many, instead of 400, 500, 2000, 300")
    parser.add_argument("--tokens-per-s", type=float, default=5, help="of each stream of the crowd")
    parser.add_argument("--workers", type=int, default=2, help="of the gateway, for the crowd")
    args = parser.parse_args()
    figures = {
        "latency": lambda folder: latency(folder, args.calls or 400),
        "crowd": lambda folder: crowd(folder, args.calls or 500, args.tokens_per_s, args.workers),
        "hangup": lambda folder: hangup(folder, args.calls or 2000),
        "limit": lambda folder: limit(folder, args.calls or 300),
    }
    for name in args.what or figures:
        with tempfile.TemporaryDirectory() as folder:
            asyncio.run(figures[name](Path(folder)))


if __name__ == "__main__":
    main()
