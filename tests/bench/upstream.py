"""How much time our own layers add between a prompt and the model's first word: `python -m tests.bench.upstream`.

A bare server in a process of its own says when a request arrived and when its answer left, so that only the way out and
the way in are counted. Beside ours run plain httpx and aiohttp, in the same run and in turns: trust the ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random

import aiohttp
import httpx
import msgspec
import psutil

from fim_lsp.chain import make_chain
from fim_lsp.ledger import Ledger
from fim_lsp.providers.base import Prompt, Sampling
from fim_lsp.settings.model import ProviderSettings, Settings
from fim_lsp.shared_file import SharedFile
from fim_lsp.transport import Transport

PROMPT = Prompt("x = 1\n" * 600, "y = 2\n" * 300)
BODY = {
    "model": "codestral-latest",
    "prompt": PROMPT.prefix,
    "suffix": PROMPT.suffix,
    "temperature": 0.0,
    "max_tokens": 128,
    "stream": True,
}
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
EVENT = (
    '{"id":"1","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"%s"},"finish_reason":%s}]}'
)

Ask = Callable[[], Awaitable[str]]
"""Sends a request and returns the first text that came back: the server's two times."""


class BareServer(asyncio.Protocol):
    """Reads a request, answers with when it came and when the answer left, in nanoseconds."""

    thinking_s = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport
        self._data = b""

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, separator, body = self._data.partition(b"\r\n\r\n")
        if not separator:
            return
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        if len(body) < int(length.split(b":")[1]):
            return
        came_ns, self._data = time.monotonic_ns(), b""
        if self.thinking_s:
            asyncio.get_running_loop().call_later(self.thinking_s, self._answer, came_ns)
        else:
            self._answer(came_ns)

    def _answer(self, came_ns: int) -> None:
        first = _chunk(EVENT % (f"{came_ns} {time.monotonic_ns()}", "null"))
        last = _chunk(EVENT % ("", '"stop"')) + _chunk("[DONE]") + b"0\r\n\r\n"
        assert isinstance(self._transport, asyncio.Transport)
        self._transport.write(HEAD + first + last)


def _chunk(payload: str) -> bytes:
    data = f"data: {payload}\n\n".encode()
    return b"%x\r\n%s\r\n" % (len(data), data)


class Thinking(BareServer):
    """Takes a moment for it, as every model does, and a long one for a computer."""

    thinking_s = 0.02


def serve(pipe: Connection, protocol: Callable[[], asyncio.Protocol] = BareServer) -> None:
    async def run() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(protocol, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


@asynccontextmanager
async def ours(url: str) -> AsyncIterator[Ask]:
    transport = Transport()
    settings = Settings(providers={"bench": ProviderSettings(kind="mistral", base_url=f"{url}/v1")})

    async def key() -> str:
        return "bench-key"

    with tempfile.TemporaryDirectory() as folder:
        ledger = Ledger(SharedFile(Path(folder) / "accounts.json"))
        chain = make_chain(["bench"], settings, transport=transport, ledger=ledger, key_for=lambda name, own: key)

        async def ask() -> str:
            first = ""
            async with aclosing(chain.generate(PROMPT, Sampling())) as deltas:
                async for delta in deltas:
                    first = first or f"{delta.text} {time.monotonic_ns()}"
            return first

        yield ask
    await transport.aclose()


@asynccontextmanager
async def plain_httpx(url: str) -> AsyncIterator[Ask]:
    async with httpx.AsyncClient() as client:

        async def ask() -> str:
            first = ""
            async with client.stream("POST", f"{url}/v1/fim/completions", json=BODY) as answer:
                async for line in answer.aiter_lines():
                    first = first or _first(line)
            return first

        yield ask


@asynccontextmanager
async def plain_aiohttp(url: str) -> AsyncIterator[Ask]:
    async with aiohttp.ClientSession() as client:

        async def ask() -> str:
            first = ""
            async with client.post(f"{url}/v1/fim/completions", json=BODY) as answer:
                async for line in answer.content:
                    first = first or _first(line.decode().strip())
            return first

        yield ask


def _first(line: str) -> str:
    text = msgspec.json.decode(line[6:])["choices"][0]["delta"]["content"] if line.startswith("data: {") else ""
    return f"{text} {time.monotonic_ns()}" if text else ""


Times = dict[str, list[tuple[float, float]]]


async def measure(asks: dict[str, Ask], rounds: int, pause_s: float) -> Times:
    """Microseconds out and in, of each round; the rounds take turns, so that all meet the same machine."""
    times: Times = {name: [] for name in asks}
    for _ in range(rounds):
        for name, ask in asks.items():
            begun = time.monotonic_ns()
            came, left, read = map(int, (await ask()).split())
            times[name].append(((came - begun) / 1000, (read - left) / 1000))
            await asyncio.sleep(pause_s)
    return times


async def compare(url: str, rounds: int) -> None:
    print(f"{'p50, µs':10}{'hot: out':>10}{'in':>8}{'sum':>8}{'paced: out':>12}{'in':>8}{'sum':>8}")
    async with ours(url) as mine, plain_httpx(url) as theirs, plain_aiohttp(url) as bare:
        asks = {"fim-lsp": mine, "httpx": theirs, "aiohttp": bare}
        await measure(asks, 30, 0)
        hot, paced = await measure(asks, rounds, 0), await measure(asks, rounds // 4, 0.025)
        for name in asks:
            row = f"{name:10}"
            for times, width in ((hot[name], 10), (paced[name], 12)):
                out, back = (statistics.median(column) for column in zip(*times, strict=True))
                row += f"{out:{width}.0f}{back:8.0f}{out + back:8.0f}"
            print(row)


async def cancel(url: str, times: int) -> None:
    """Requests left at random moments of their first 2 ms; what is left of them, and whether the next one is normal."""
    random = Random(7)
    async with ours(url) as ask:
        usual_ms = statistics.median([await _timed_ms(ask) for _ in range(50)])
        tasks, files = len(asyncio.all_tasks()), psutil.Process().num_fds()
        for _ in range(times):
            task = asyncio.ensure_future(ask())
            await asyncio.sleep(random.uniform(0, 0.002))
            task.cancel()
            await asyncio.wait((task,))
        await asyncio.sleep(0.2)
        sockets, tasks = psutil.Process().num_fds() - files, len(asyncio.all_tasks()) - tasks
        next_ms = statistics.median([await _timed_ms(ask) for _ in range(50)])
    ratio = next_ms / usual_ms
    print(f"{times} cancels leave {sockets} sockets and {tasks} tasks; the next request takes {ratio:.1f} × the usual")


async def _timed_ms(ask: Ask) -> float:
    begun = time.perf_counter()
    await ask()
    return (time.perf_counter() - begun) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=400)
    parser.add_argument("--cancels", type=int, default=0, help="leave so many requests instead, and count what stays")
    args = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    server = context.Process(target=serve, args=(there,), daemon=True)
    server.start()
    try:
        url = f"http://127.0.0.1:{here.recv()}"
        asyncio.run(cancel(url, args.cancels) if args.cancels else compare(url, args.rounds))
    finally:
        server.terminate()


if __name__ == "__main__":
    main()
