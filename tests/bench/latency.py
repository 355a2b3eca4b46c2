"""What the whole server adds to a model's own time, through the real process: `python -m tests.bench.latency`.

A key and a request go in with one write, as editors send them. A bare HTTP server in a process of its own says when the
prompt arrived and when its answer left, so that only the way out and the way in are counted. Hot: back to back, and the
model answers at once. Paced: with pauses, and the model thinks for 20 ms, as long as nothing. Beside it, in turns of a
block each, run a server as it is usually written, and a program that only passes on, which shows what pipes, sockets,
the scheduler and this bench take; what is above that is a server's own. Then: keys that are typed along a suggestion,
streams that the document has left, and thousands of cancelled requests. Trust the ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection
from random import Random
from statistics import median
from typing import Any

import psutil

from tests.bench import upstream
from tests.bench.server import LINE, URI, WHOLE, Client, client, frame, quantile
from tests.fim_server import FimServer, Script

FUNCTIONS = "".join(f"def work_{number}(first, second):\n" + LINE * 11 for number in range(25))
"""So much stands on either side of the cursor."""
PACE_S = 0.025
BLOCK = 20
QUICK = Script(text="first + second\n", first_token_ms=30)
SLOW = Script(text=" + ".join(f"part_{number}" for number in range(400)), first_token_ms=5, tokens_per_s=100)
STAMPS = re.compile(r"(\d{6,}) (\d{6,})")
Times = dict[str, list[tuple[float, float]]]
STOCK, RELAY = "pygls and httpx", "a relay"


def module(name: str, base_url: str) -> list[str]:
    """The command that runs a server of the bench's own."""
    return [sys.executable, "-m", f"tests.bench.{name}", base_url]


class Typist:
    """Types into the middle of a document of some length."""

    def __init__(self, editor: Client, base_url: str) -> None:
        provider = {"kind": "mistral", "base_url": base_url, "api_key": "bench-key"}
        editor.initialize({"provider": "bench", "providers": {"bench": provider}, "completion": {"candidates": 1}})
        self._editor = editor
        self._line = FUNCTIONS.count("\n")
        self._length = 4
        self._version = 0
        editor.send("initialized", {})
        text = FUNCTIONS + "    \n" + FUNCTIONS
        document = {"uri": URI, "languageId": "python", "version": 0, "text": text}
        editor.send("textDocument/didOpen", {"textDocument": document})

    def change(self, start: int, text: str) -> bytes:
        """The line, from `start` on, is now this."""
        first, last = ({"line": self._line, "character": column} for column in (start, self._length))
        self._length = start + len(text)
        self._version += 1
        change = {"range": {"start": first, "end": last}, "text": text}
        document = {"uri": URI, "version": self._version}
        return frame("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})

    def request(self, msg_id: int, *, invoked: bool = True) -> bytes:
        position = {"line": self._line, "character": self._length}
        context = {"triggerKind": 1 if invoked else 2}
        params = {"textDocument": {"uri": URI}, "position": position, "context": context}
        return frame("textDocument/inlineCompletion", params, id=msg_id)

    def new_place(self, number: int) -> bytes:
        """A statement that no text fits to, put there in one go and up to its end: only the request asks."""
        return self.change(4, f"v{number} = {('list(', 'table[')[number % 2]}")

    def begin(self, change: bytes, *, invoked: bool = True) -> int:
        """A key and a request in one write; the request's id."""
        msg_id = self._editor.next_id()
        self._editor.write(change + self.request(msg_id, invoked=invoked))
        return msg_id

    def command(self, name: str) -> Any:
        return self._editor.request("workspace/executeCommand", {"command": name})

    def ask(self, change: bytes, *, invoked: bool = True) -> str:
        """The text of the first suggestion."""
        items = self._editor.answer_to(self.begin(change, invoked=invoked))["result"]
        return str(items[0]["insertText"]) if items else ""

    def type_along(self, letter: str) -> float:
        """Milliseconds from a key to the answer that the suggestion still stands."""
        change = self.change(self._length, letter)
        begun = time.perf_counter()
        if not self.ask(change, invoked=False):
            raise SystemExit("what was typed along was not served")
        return (time.perf_counter() - begun) * 1000

    def cancel(self, msg_id: int) -> None:
        self._editor.send("$/cancelRequest", {"id": msg_id})

    def wait(self, msg_id: int) -> Any:
        return self._editor.answer_to(msg_id)

    def processor_s(self) -> float:
        """What the server's process has spent, by the system's own account: it is not disturbed by what else runs."""
        times = self.process.cpu_times()
        return times.user + times.system

    @property
    def process(self) -> psutil.Process:
        return psutil.Process(self._editor.process.pid)


@contextmanager
def served(serve: Callable[[Connection], None]) -> Iterator[tuple[str, Connection]]:
    """A process that serves; its pipe has sent where."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=serve, args=(there,), daemon=True)
    process.start()
    try:
        yield str(here.recv()), here
    finally:
        process.terminate()


@contextmanager
def typist(base_url: str, command: list[str] = WHOLE) -> Iterator[Typist]:
    with tempfile.TemporaryDirectory() as home, client(command, {**os.environ, "XDG_STATE_HOME": home}) as editor:
        yield Typist(editor, base_url)


# Added latency


def added_us(person: Typist, number: int) -> tuple[float, float]:
    """Microseconds from the write to the prompt's arrival, and from the answer's leaving to its being read."""
    change = person.new_place(number)
    begun = time.monotonic_ns()
    text = person.ask(change)
    read = time.monotonic_ns()
    stamps = STAMPS.search(text)
    if stamps is None:
        raise SystemExit(f"the answer was not the model's: {text!r}, {person.command('fim-lsp.why')[:2]}")
    came, left = map(int, stamps.groups())
    return (came - begun) / 1000, (read - left) / 1000


def measure(people: dict[str, Typist], rounds: int, pause_s: float, first: int) -> Times:
    """In turns of a block each, so that all meet the same machine, and what runs back to back really does."""
    times: Times = {name: [] for name in people}
    for start in range(first, first + rounds, BLOCK):
        for name, person in people.items():
            for number in range(start, min(start + BLOCK, first + rounds)):
                time.sleep(pause_s)
                times[name].append(added_us(person, number))
    return times


def serve_thinking(pipe: Connection) -> None:
    upstream.serve(pipe, upstream.Thinking)


def report_added(rounds: int) -> None:
    print(f"{'added, µs, p50':34}{'out':>8}{'in':>8}{'sum':>8}{'its own':>10}{'processor time':>18}")
    for pace, serve, count, pause_s in (
        ("hot", upstream.serve, rounds, 0.0),
        ("paced", serve_thinking, rounds // 3, PACE_S),
    ):
        with served(serve) as (port, _), ExitStack() as stack:
            base_url = f"http://127.0.0.1:{port}/v1"
            commands = {"fim-lsp": WHOLE, STOCK: module("stock_completing", base_url), RELAY: module("relay", base_url)}
            people = {name: stack.enter_context(typist(base_url, command)) for name, command in commands.items()}
            time.sleep(1)
            measure(people, 50, 0, 0)
            spent = {name: person.processor_s() for name, person in people.items()}
            measured = measure(people, count, pause_s, 100)
            least_us = _sum(measured[RELAY])
            for name, times in measured.items():
                each_us = (people[name].processor_s() - spent[name]) / count * 1e6
                print(f"{f'{pace}, {name}':34}{_columns(times)}{_sum(times) - least_us:10.0f}{each_us:18.0f}")
            if pace == "hot":
                report_type_through(people["fim-lsp"], max(5, rounds // 10))


def _columns(times: list[tuple[float, float]]) -> str:
    out, back = (median(column) for column in zip(*times, strict=True))
    return f"{out:8.0f}{back:8.0f}{_sum(times):8.0f}"


def _sum(times: list[tuple[float, float]]) -> float:
    return median(map(sum, times))


def report_type_through(person: Typist, suggestions: int) -> None:
    times = []
    for number in range(suggestions):
        stamps = STAMPS.search(person.ask(person.new_place(200_000 + number)))
        assert stamps is not None
        times += [person.type_along(letter) for letter in stamps[0][:-1]]
    times.sort()
    print(f"typed along, key and answer: p50 {median(times):.2f} ms, p99 {quantile(times, 0.99):.2f} ms", end="")
    print(f" ({len(times)} keys)")


# What is left behind


def serve_slowly(pipe: Connection, script: Script = SLOW) -> None:
    """A model that goes on for long; asked, it says when each stream was closed, and how many are open."""

    async def run() -> None:
        async with FimServer(script) as server:
            pipe.send(server.base_url)
            while await asyncio.to_thread(pipe.recv):
                closed = [request.closed_at_s for request in server.requests]
                streaming = sum(not request.answered and request.closed_at_s is None for request in server.requests)
                pipe.send((closed, streaming, server.open_connections))

    asyncio.run(run())


def serve_quickly(pipe: Connection) -> None:
    serve_slowly(pipe, QUICK)


def _account(pipe: Connection) -> tuple[list[float | None], int, int]:
    pipe.send(True)
    account: tuple[list[float | None], int, int] = pipe.recv()
    return account


def report_closing(rounds: int) -> None:
    """From the write of a key that departs to the socket's end, as the model's server sees it."""
    with served(serve_slowly) as (base_url, pipe), typist(base_url) as person:
        time.sleep(1)
        lefts = []
        for number in range(rounds):
            msg_id = person.begin(person.new_place(number))
            time.sleep(0.04)
            lefts.append(time.monotonic())
            person.begin(person.change(4, f"# {number}"), invoked=False)
            person.wait(msg_id)
            time.sleep(0.03)
        closed, _, _ = _account(pipe)
        times = sorted(
            min(end - left for end in closed if end is not None and end > left) * 1000 for left in lefts[:-1]
        )
    print(f"a stream is closed after the document has left it: p50 {median(times):.1f} ms", end="")
    print(f", p99 {quantile(times, 0.99):.1f} ms")


def report_cancels(times: int) -> None:
    """Requests cancelled at random moments of their first 2 ms, through the whole process."""
    random = Random(7)
    with served(serve_quickly) as (base_url, pipe), typist(base_url) as person:
        time.sleep(1)
        usual_ms = median(_whole_ms(person, number) for number in range(9))
        _quiet(person)
        files, threads = person.process.num_fds(), person.process.num_threads()
        for number in range(times):
            msg_id = person.begin(person.new_place(1000 + number))
            time.sleep(random.uniform(0, 0.002))
            person.cancel(msg_id)
            person.wait(msg_id)
        _quiet(person)
        files, threads = person.process.num_fds() - files, person.process.num_threads() - threads
        _, streaming, connections = _account(pipe)
        next_ms = median(_whole_ms(person, 10**6 + number) for number in range(9))
        status = person.command("fim-lsp.status")
    print(f"{times} cancelled requests leave {max(0, files)} sockets, {max(0, threads)} threads", end="")
    print(f", {streaming} streams upstream ({connections} connection kept); state {status['state']}", end="")
    print(f"; the next request takes {next_ms / usual_ms:.2f} × the usual")


def _whole_ms(person: Typist, number: int) -> float:
    """A request that is answered, from key to text."""
    change = person.new_place(number)
    begun = time.perf_counter()
    person.ask(change)
    return (time.perf_counter() - begun) * 1000


def _quiet(person: Typist) -> None:
    """A key that departs from what is being generated, and time to close it."""
    person.begin(person.change(4, "#"), invoked=False)
    time.sleep(0.5)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--cancels", type=int, default=3000)
    args = parser.parse_args()
    report_added(args.rounds)
    report_closing(60)
    report_cancels(args.cancels)


if __name__ == "__main__":
    main()
