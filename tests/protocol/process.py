"""A server process, and the bytes that go in and out of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import psutil

from tests.lsp.editor import URI, asked_at

ROOT = Path(__file__).parents[2]
PATIENCE_S = 20
"""Long enough for a busy machine; what is tested here either happens soon or never."""


class Process:
    """`with started() as process:` for one that is initialized and has a document open."""

    def __init__(self, *arguments: str, stdin: Any = subprocess.PIPE, stdout: Any = subprocess.PIPE) -> None:
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "tests.lsp.fake_server", *arguments],
            stdin=stdin,
            stdout=stdout,
            stderr=subprocess.PIPE,
            cwd=ROOT,
        )
        self._ids = iter(range(1, 10**6))

    @property
    def stdin(self) -> IO[bytes]:
        assert self.popen.stdin is not None
        return self.popen.stdin

    @property
    def stdout(self) -> IO[bytes]:
        assert self.popen.stdout is not None
        return self.popen.stdout

    def write(self, data: bytes) -> None:
        self.stdin.write(data)
        self.stdin.flush()

    def send(self, method: str, params: Any = None, **members: Any) -> None:
        self.write(message(method, params, **members))

    def begin(self, method: str, params: Any = None) -> int:
        msg_id = next(self._ids)
        self.send(method, params, id=msg_id)
        return msg_id

    def request(self, method: str, params: Any = None) -> Any:
        return self.answer_to(self.begin(method, params))

    def answer_to(self, msg_id: int | None) -> Any:
        while True:
            received = self.read()
            if received.get("id", ...) == msg_id and "method" not in received:
                return received

    def read(self) -> Any:
        """One message. The header is read strictly: this is what editors must understand."""
        header = self.stdout.readline()
        assert header.startswith(b"Content-Length: "), header
        assert self.stdout.readline() == b"\r\n"
        return json.loads(self.stdout.read(int(header.split()[1])))

    def initialize(self, **params: Any) -> Any:
        result = self.request("initialize", {"processId": None, "capabilities": {}, **params})
        self.send("initialized", {})
        return result

    def open(self, text: str) -> None:
        document = {"uri": URI, "languageId": "python", "version": 1, "text": text}
        self.send("textDocument/didOpen", {"textDocument": document})

    def complete(self, line: int = 0, character: int = 99) -> Any:
        return self.request("textDocument/inlineCompletion", asked_at(line, character))

    def begin_hanging(self) -> None:
        """A request that is being worked on, for sure."""
        self.open("# hang")
        self.begin("textDocument/inlineCompletion", asked_at(0, 6))
        self.request("workspace/executeCommand", {"command": "fim-lsp.status"})

    def wait(self) -> int:
        """The exit code; it fails if the process is still there."""
        return self.popen.wait(PATIENCE_S)

    def end(self) -> None:
        for stream in (self.popen.stdin, self.popen.stdout, self.popen.stderr):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        self.popen.kill()
        self.popen.wait(PATIENCE_S)


def message(method: str, params: Any = None, **members: Any) -> bytes:
    body = json.dumps({"jsonrpc": "2.0", **members, "method": method, "params": params}).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


@contextmanager
def started(*arguments: str, **params: Any) -> Iterator[Process]:
    process = Process(*arguments)
    try:
        process.initialize(**params)
        yield process
    finally:
        process.end()


@contextmanager
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    """Another process that does nothing for as long as it may."""
    other = subprocess.Popen([sys.executable, "-c", "import sys; sys.stdin.read()"], stdin=subprocess.PIPE)
    try:
        yield other
    finally:
        assert other.stdin is not None
        other.stdin.close()
        other.kill()
        other.wait(PATIENCE_S)


def is_gone(process: psutil.Process) -> bool:
    """Whether it ends in time. An orphan is no more once it is a zombie: who reaps it, and when, is the system's."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.01)
    return False


def gone_process_id() -> int:
    """The id of a process that was here a moment ago."""
    other = subprocess.Popen([sys.executable, "-c", ""], stdin=subprocess.DEVNULL)
    other.wait(PATIENCE_S)
    assert other.pid != os.getpid()
    return other.pid
