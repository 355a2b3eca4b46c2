"""The log on stderr: written by a thread, and never waited for long."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator

import pytest

from fim_lsp.lsp import logs


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    yield reader, writer
    os.close(writer)


def record(message: str) -> logging.LogRecord:
    return logging.LogRecord("fim_lsp", logging.WARNING, __file__, 1, message, (), None)


def test_lines_arrive(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    handler = logs.StderrLog(writer)

    for message in ("one", "two é \ud83d"):
        handler.emit(record(message))
    handler.flush()

    assert os.read(reader, 1000) == "one\ntwo é \\ud83d\n".encode()
    os.close(reader)


def test_a_full_pipe_stops_nobody(pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "FLUSH_S", 0.01)
    reader, writer = pipe
    handler = logs.StderrLog(writer)

    for _ in range(3 * logs.QUEUE_LENGTH):
        handler.emit(record("x" * 1000))
    handler.flush()

    assert handler._lines.qsize() <= logs.QUEUE_LENGTH
    os.close(reader)
    monkeypatch.setattr(logs, "FLUSH_S", 10)
    handler.flush()  # before the descriptor's number goes to somebody else


def test_a_closed_pipe_stops_nobody(pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    os.close(reader)
    handler = logs.StderrLog(writer)

    handler.emit(record("x"))
    handler.flush()

    assert handler._lines.unfinished_tasks == 0


def test_pygls_may_not_speak(monkeypatch: pytest.MonkeyPatch, pipe: tuple[int, int]) -> None:
    reader, writer = pipe
    root, pygls = logging.getLogger(), logging.getLogger("pygls")
    monkeypatch.setattr(root, "handlers", [])
    level = pygls.level

    logs.configure(writer)
    logging.getLogger("pygls.made.later").critical("SECRET")
    logging.getLogger("fim_lsp").error("shown")
    root.handlers[0].flush()
    pygls.setLevel(level)

    logged = os.read(reader, 1000)
    assert b"shown" in logged
    assert b"SECRET" not in logged
    os.close(reader)
