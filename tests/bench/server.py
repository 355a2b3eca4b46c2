"""What the language server itself costs, beside pygls as it comes, measured alternately in the same run.

Run with `python -m tests.bench.server`. The machine is what it is: trust the ratios.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import psutil

ROOT = Path(__file__).parents[2]
OURS = [sys.executable, "-m", "tests.bench.instant_server"]
STOCK = [sys.executable, "-m", "tests.bench.stock_server"]
WHOLE = [sys.executable, "-P", "-m", "fim_lsp"]

STARTS = 11
KEYS = 200
ENOUGH_S = 0.5
ASKS = 1000
PACED_ASKS = 100
PACE_S = 0.02
URI = "file:///bench.py"
LINE = "    value = compute(first, second, third)  # forty-odd\n"


class Client:
    """The least there is to an editor."""

    def __init__(self, command: list[str], env: Mapping[str, str] | None = None) -> None:
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=ROOT, env=env
        )
        self._id = 0

    def send(self, method: str, params: Any, **members: Any) -> None:
        self.write(frame(method, params, **members))

    def write(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def next_id(self) -> int:
        self._id += 1
        return self._id

    def request(self, method: str, params: Any) -> Any:
        msg_id = self.next_id()
        self.send(method, params, id=msg_id)
        return self.answer_to(msg_id)["result"]

    def answer_to(self, msg_id: int) -> Any:
        while (message := self._read()).get("id") != msg_id or "method" in message:
            pass
        return message

    def _read(self) -> Any:
        stdout = self.process.stdout
        assert stdout is not None
        length = 0
        while line := stdout.readline().strip():
            if line.lower().startswith(b"content-length"):
                length = int(line.partition(b":")[2])
        if not length:
            raise SystemExit(f"{self.process.args} ended without an answer")
        return json.loads(stdout.read(length))

    def initialize(self, settings: Any = None) -> None:
        params = {"processId": None, "rootUri": None, "capabilities": {}, "initializationOptions": settings}
        self.request("initialize", params)

    def open(self, text: str) -> None:
        self.send("initialized", {})
        document = {"uri": URI, "languageId": "python", "version": 0, "text": text}
        self.send("textDocument/didOpen", {"textDocument": document})
        self.ask(0)

    def ask(self, line: int, character: int = 4) -> None:
        position = {"line": line, "character": character}
        params = {"textDocument": {"uri": URI}, "position": position, "context": {"triggerKind": 2}}
        self.request("textDocument/inlineCompletion", params)

    def type(self, line: int, character: int, version: int) -> None:
        place = {"line": line, "character": character}
        change = {"range": {"start": place, "end": place}, "text": "x"}
        params = {"textDocument": {"uri": URI, "version": version}, "contentChanges": [change]}
        self.send("textDocument/didChange", params)


def frame(method: str, params: Any, **members: Any) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **members, "method": method, "params": params}).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


@contextmanager
def client(command: list[str], env: Mapping[str, str] | None = None) -> Iterator[Client]:
    client = Client(command, env)
    try:
        yield client
    finally:
        client.process.kill()
        client.process.communicate()


def start_ms(command: list[str]) -> float:
    started = time.perf_counter()
    with client(command) as editor:
        editor.initialize()
        return (time.perf_counter() - started) * 1000


def timed_us(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1e6


def ask_us(editor: Client, count: int, pace_s: float = 0.0) -> list[float]:
    times = []
    for _ in range(count):
        time.sleep(pace_s)
        times.append(timed_us(lambda: editor.ask(0)))
    return sorted(times)


def key_cost_us(command: list[str], lines: int) -> float:
    """Processor time of one change, by the system's own account: it is not disturbed by what else runs."""
    with client(command) as editor:
        editor.initialize()
        editor.open(LINE * lines)
        versions = iter(range(1, 10**6))

        def type_keys() -> float:
            for _ in range(KEYS):
                editor.type(lines // 2, 4, next(versions))
            editor.ask(lines // 2)
            times = psutil.Process(editor.process.pid).cpu_times()
            return times.user + times.system

        begun = spent = type_keys()
        batches = 0
        while spent - begun < ENOUGH_S:
            spent = type_keys()
            batches += 1
        return (spent - begun) / (batches * KEYS) * 1e6


def key_and_answer(text: str, line: int, character: int) -> str:
    """A key and the answer to it, in a document of awkward shape: p99, and the server's processor time."""
    with client(OURS) as editor:
        editor.initialize()
        editor.open(text)
        server = psutil.Process(editor.process.pid)

        def key(version: int) -> None:
            editor.type(line, character + version, version)
            editor.ask(line, character + version + 1)

        key(0)
        begun = server.cpu_times()
        p99_us = quantile(sorted(timed_us(lambda: key(version)) for version in range(1, KEYS + 1)), 0.99)  # noqa: B023
        ended = server.cpu_times()
        spent_s = ended.user + ended.system - begun.user - begun.system
        return f"p99 {p99_us / 1000:.1f} ms, processor time {spent_s / KEYS * 1000:.2f} ms"


def quantile(times: list[float], share: float) -> float:
    return times[min(len(times) - 1, int(len(times) * share))]


def report_start() -> None:
    commands = {"ours": WHOLE, "server alone": OURS, "stock": STOCK}
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(STARTS):
        for name, command in commands.items():
            times[name].append(start_ms(command))
    whole, alone, stock = (median(times[name]) for name in commands)
    print(f"start → initialize p50: {whole:.0f} ms, stock pygls {stock:.0f} ms: {whole / stock:.2f} of it")
    print(f"    (with an engine of nothing: {alone:.0f} ms)")


def report_keys() -> None:
    for name, command in {"ours": OURS, "ours, a generation live": [*OURS, "--follow"], "stock pygls": STOCK}.items():
        small, large = key_cost_us(command, 100), key_cost_us(command, 50_000)
        print(f"didChange, {name}: 100 lines {small:.0f} µs, 50,000 lines {large:.0f} µs: {large / small:.2f} times")


def report_asks() -> None:
    for name, command in {"ours": OURS, "stock pygls": STOCK}.items():
        with client(command) as editor:
            editor.initialize()
            editor.open(LINE * 1000)
            ask_us(editor, 100)
            hot, paced = ask_us(editor, ASKS), ask_us(editor, PACED_ASKS, PACE_S)
        print(f"inlineCompletion answered at once, {name}: hot p50 {median(hot):.0f} µs", end="")
        print(f", p99 {quantile(hot, 0.99):.0f} µs; paced p50 {median(paced):.0f} µs")


def report_large() -> None:
    shapes = {
        "10 MB line": ("x" * 10_000_000, 0, 5_000_000),
        "10 MB line, not ASCII": ("é" * 10_000_000, 0, 5_000_000),
        "10 MB line with an emoji": ("x" * 9_999_999 + "😀", 0, 5_000_000),
        "200,000 lines": (LINE * 200_000, 100_000, 4),
    }
    for name, (text, line, character) in shapes.items():
        print(f"key and answer, {name}: {key_and_answer(text, line, character)}")


def report_memory() -> None:
    for name, command in {"ours": WHOLE, "server alone": OURS, "stock pygls": STOCK}.items():
        with client(command) as editor:
            editor.initialize()
            editor.open("x\n")
            time.sleep(3)
            memory = psutil.Process(editor.process.pid).memory_info().rss / 2**20
            print(f"RSS of the idle server, {name}: {memory:.0f} MB")


def main() -> None:
    for report in (report_start, report_keys, report_asks, report_large, report_memory):
        report()


if __name__ == "__main__":
    main()
