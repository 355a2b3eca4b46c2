"""The process on its pipes: what it survives, and that it is gone when it should be.

All of it holds for both ways of reading stdin: by the event loop, and by threads as on Windows.
"""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.lsp.editor import asked_at
from tests.protocol.process import ROOT, Process, bystander, gone_process_id, is_gone, message, started

WAYS = ["--threads"] if sys.platform == "win32" else ["--pipes", "--threads"]
posix = pytest.mark.skipif(os.name == "nt", reason="POSIX signals and pipes")


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def process(way: str) -> Iterator[Process]:
    with started(way) as process:
        yield process


def test_serves(process: Process) -> None:
    process.open("x = ")

    assert process.complete()["result"][0]["insertText"] == "completed()"


# How it ends


def test_shutdown_and_exit(process: Process) -> None:
    assert process.request("shutdown")["result"] is None
    process.send("exit")

    assert process.wait() == 0


def test_exit_without_shutdown(process: Process) -> None:
    process.send("exit")

    assert process.wait() == 1


def test_exit_before_initialize(way: str) -> None:
    process = Process(way)
    process.send("exit")

    assert process.wait() == 1
    process.end()


def test_shutdown_and_exit_with_a_request_in_flight(process: Process) -> None:
    process.begin_hanging()

    process.begin("shutdown")
    process.send("exit")

    assert process.wait() == 0


@pytest.mark.parametrize("code", [0, 1])
def test_end_of_stdin(process: Process, code: int) -> None:
    process.begin_hanging()
    if code == 0:
        process.request("shutdown")

    process.stdin.close()

    assert process.wait() == code


def test_end_of_stdin_inside_a_body(process: Process) -> None:
    process.write(b'Content-Length: 100\r\n\r\n{"jsonrpc"')
    process.stdin.close()

    assert process.wait() == 1


def test_a_closed_stdout(process: Process) -> None:
    process.begin_hanging()

    process.stdout.close()
    for _ in range(3):
        try:
            process.begin("workspace/executeCommand", {"command": "fim-lsp.status"})
        except OSError:
            break
        time.sleep(0.01)

    assert process.wait() == 1


@posix
def test_a_closed_stdout_is_noticed_without_writing() -> None:
    with started("--pipes") as process:
        process.stdout.close()

        assert process.wait() == 1


def test_stdout_closed_inside_an_answer(way: str) -> None:
    with started(way, initializationOptions={"text": "x" * 10_000_000}) as process:
        process.open("x")
        process.begin("textDocument/inlineCompletion", asked_at(0, 1))
        process.stdout.read(1000)

        process.stdout.close()

        assert process.wait() == 1


def test_an_editor_that_stops_reading_cannot_keep_it(way: str) -> None:
    with started(way, initializationOptions={"text": "x" * 1_000_000}) as process:
        process.open("x")
        for _ in range(5):
            process.begin("textDocument/inlineCompletion", asked_at(0, 1))
        process.begin("shutdown")
        process.send("exit")

        assert process.wait() == 0


@posix
@pytest.mark.parametrize("number", ["SIGTERM", "SIGINT"])
def test_signals(process: Process, number: str) -> None:
    process.begin_hanging()

    process.popen.send_signal(getattr(signal, number))

    assert process.wait() == 1


@posix
@pytest.mark.parametrize("work", ["# spin", "# thread"])
def test_work_that_does_not_end(process: Process, work: str) -> None:
    process.open(work)
    process.begin("textDocument/inlineCompletion", asked_at(0, 99))
    time.sleep(0.2)  # it may have begun by then; the process must go either way

    process.popen.terminate()

    assert process.wait() == 1


def test_a_thread_that_does_not_end(process: Process) -> None:
    process.open("# thread")
    process.begin("textDocument/inlineCompletion", asked_at(0, 99))
    process.request("shutdown")
    process.send("exit")

    assert process.wait() == 0


def test_the_editors_death(way: str) -> None:
    with bystander() as editor, started(way, processId=editor.pid) as process:
        process.begin_hanging()

        editor.kill()
        editor.wait()

        assert process.wait() == 1


def test_the_death_of_an_editor_that_nobody_has_reaped() -> None:
    with bystander() as editor, started(processId=editor.pid) as process:
        editor.kill()

        assert process.wait() == 1


EDITOR = """
import subprocess, sys, time
server = subprocess.Popen([sys.executable, "-m", "tests.lsp.fake_server", sys.argv[1]], stdin=subprocess.PIPE)
print(server.pid, flush=True)
sys.stdin.buffer.readline()
server.stdin.write(bytes.fromhex(sys.stdin.readline()))
server.stdin.flush()
time.sleep(600)
"""


@posix
@pytest.mark.parametrize("round_", range(int(os.environ.get("TEST_ROUNDS", "2"))))
def test_no_orphan_when_the_editor_is_killed(way: str, round_: int) -> None:
    """The editor is the server's parent here. `TEST_ROUNDS=50` for as many rounds, at any moment of the start."""
    editor = subprocess.Popen(
        [sys.executable, "-c", EDITOR, way], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT
    )
    assert editor.stdin is not None
    assert editor.stdout is not None
    server = psutil.Process(int(editor.stdout.readline()))
    requests = [message("initialize", {"capabilities": {}, "processId": editor.pid}, id=1), message("initialized", {})]
    editor.stdin.write(b"\n" + b"".join(requests).hex().encode() + b"\n")
    editor.stdin.flush()
    time.sleep(random.Random(round_).random() / 2)

    editor.kill()
    editor.wait()

    assert is_gone(server)
    editor.stdin.close()
    editor.stdout.close()


def test_an_editor_that_cannot_be_seen(way: str) -> None:
    with started(way, processId=gone_process_id()) as process:
        process.open("x")

        assert process.complete()["result"]


# What it survives

GARBAGE = [
    pytest.param(b"\x00\xff\xfe" * 1000 + b"\r\n", id="bytes"),
    pytest.param(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", id="http"),
    pytest.param(b"x" * 1_000_000 + b"\r\n\r\n", id="huge line"),
    pytest.param(b"X-A: b\r\n" * 50_000 + b"\r\n", id="huge header"),
    pytest.param(b"Content-Length: -1\r\n\r\n", id="negative"),
    pytest.param(b"Content-Length: nine\r\n\r\n{}", id="not a number"),
    pytest.param(b"Content-Length: 999999999999999\r\n\r\n"[:-4] + b"9" * 30 + b"\r\n\r\n", id="a number too long"),
    pytest.param(b"Content-Length: 0\r\n\r\n", id="empty body"),
    pytest.param(b"Content-Length: 3\r\n\r\nabc", id="not json"),
    pytest.param(b"Content-Length: 4\r\n\r\n\xff\xff\xff\xff", id="not utf-8"),
    pytest.param(b"Content-Length: 200000\r\n\r\n" + b"[" * 200_000, id="deep"),
    pytest.param(b"Content-Length: 2\r\n\r\n[]", id="batch"),
]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage(process: Process, garbage: bytes) -> None:
    process.write(garbage)
    process.open("x")

    assert process.answer_to(process.begin("textDocument/inlineCompletion", asked_at(0, 1)))["result"]


@pytest.mark.parametrize("seed", range(3))
def test_random_bytes(seed: int, way: str) -> None:
    rng = random.Random(seed)
    valid = message("workspace/executeCommand", {"command": "fim-lsp.status"}, id=77)
    with started(way) as process:
        for _ in range(30):
            mutated = bytearray(valid)
            for _ in range(rng.randrange(1, 5)):
                mutated[rng.randrange(20, len(mutated))] = rng.randrange(256)
            process.write(bytes(mutated))
        process.write(b"\r\n" * 200)  # a length may have grown
        process.open("x")

        assert process.complete()["result"]


def test_one_byte_at_a_time(process: Process) -> None:
    for byte in message("workspace/executeCommand", {"command": "fim-lsp.status"}, id=5):
        process.write(bytes([byte]))

    assert process.answer_to(5)["result"]["state"] == "idle"


def test_request_and_cancel_in_one_write(process: Process) -> None:
    process.open("# hang")
    request = message("textDocument/inlineCompletion", asked_at(0, 6), id=5)

    process.write(request + message("$/cancelRequest", {"id": 5}))

    assert process.answer_to(5)["error"]["code"] == -32800


def test_requests_after_exit_are_nothing(process: Process) -> None:
    process.write(
        message("shutdown", id=5) + message("exit") + message("workspace/executeCommand", {"command": "x"}, id=6)
    )

    assert process.answer_to(5)["result"] is None
    assert process.wait() == 0


def test_a_large_document(process: Process) -> None:
    process.open("é" * 10_000_000)

    assert process.complete(0, 10_000_000)["result"]


@pytest.mark.parametrize("misdeed", ["# print", "# child"])
def test_stdin_and_stdout_belong_to_the_protocol(process: Process, misdeed: str) -> None:
    process.open(misdeed)

    assert process.complete()["result"]
    assert process.complete()["result"]


def test_a_stderr_that_nobody_reads(process: Process) -> None:
    process.open("# log")

    assert process.complete()["result"]
    assert process.complete()["result"]


def test_a_stderr_that_is_closed(process: Process) -> None:
    assert process.popen.stderr is not None
    process.popen.stderr.close()
    process.open("# log")

    assert process.complete()["result"]


def test_the_last_words_are_on_stderr(process: Process) -> None:
    process.open("# fail")
    process.complete()
    process.send("exit")
    process.wait()

    assert process.popen.stderr is not None
    assert b"a completion failed: KeyError in complete" in process.popen.stderr.read()


def test_nothing_on_stderr_when_all_is_well(process: Process) -> None:
    process.open("SECRET")
    process.complete()
    process.request("shutdown")
    process.send("exit")
    process.wait()

    assert process.popen.stderr is not None
    assert process.popen.stderr.read() == b""


def test_regular_files(tmp_path: Path) -> None:
    """For trying things out: the event loop cannot watch files."""
    requests = tmp_path / "requests"
    requests.write_bytes(
        message("initialize", {"capabilities": {}}, id=1) + message("shutdown", id=2) + message("exit")
    )
    answers = tmp_path / "answers"

    with requests.open("rb") as stdin, answers.open("wb") as stdout:
        process = Process(stdin=stdin, stdout=stdout)
        assert process.wait() == 0
        process.end()

    assert answers.read_bytes().count(b"Content-Length") == 2


def test_nothing_at_all_on_stdin() -> None:
    process = Process(stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    assert process.wait() == 1
    process.end()


@posix
@pytest.mark.parametrize("count", [1, 2])
def test_sockets(count: int) -> None:
    """Node starts its children on a socket pair for each stream; others use one for both."""
    pairs = [socket.socketpair() for _ in range(count)]
    process = Process(stdin=pairs[0][1], stdout=pairs[-1][1])
    for _, theirs in pairs:
        theirs.close()
    process.popen.stdin = pairs[0][0].makefile("wb")
    process.popen.stdout = pairs[-1][0].makefile("rb")

    process.initialize()
    process.open("x")
    assert process.complete()["result"]

    process.stdin.close()
    process.stdout.close()
    for ours, _ in pairs:
        ours.close()
    assert process.wait() == 1
    process.end()
