"""The wire: frames from stdin, bytes to stdout, neither ever blocking the event loop.

Pipes and sockets are read and written by the event loop itself. Where it cannot (Windows, files, terminals) two threads
do it. Both ways look the same from outside, and the end of either stream ends the server.
"""

from __future__ import annotations

import asyncio
import os
import queue
import stat
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from fim_lsp.lsp.framing import Deframer, Frame

READ_SIZE = 256 * 1024

Receive = Callable[[Frame], None]
Closed = Callable[[], None]


class Writer(Protocol):
    def write(self, data: bytes) -> None:
        """Takes the data and returns at once."""
        ...

    async def flush(self) -> None:
        """Returns when everything is on its way, or cannot go any more."""
        ...


def take_over_stdio() -> tuple[int, int]:
    """Private descriptors of the wire. What prints to stdout by mistake, or reads stdin, no longer touches it."""
    stdin, stdout = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    try:
        os.dup2(2, 1)
    except OSError:  # started without stderr
        os.dup2(nothing, 1)
    os.close(nothing)
    if sys.platform == "win32":
        import msvcrt

        msvcrt.setmode(stdin, os.O_BINARY)
        msvcrt.setmode(stdout, os.O_BINARY)
    return stdin, stdout


async def connect(stdin: int, stdout: int, receive: Receive, closed: Closed, *, threads: bool | None = None) -> Writer:
    """Start reading and writing. `closed` is called once or twice, when either stream has ended."""
    if threads is None:
        threads = sys.platform == "win32" or not _are_pollable(stdin, stdout)
    if threads:
        return _connect_threads(stdin, stdout, receive, closed)
    return await _connect_pipes(stdin, stdout, receive, closed)


def _are_pollable(stdin: int, stdout: int) -> bool:
    """Pipes or sockets; not one socket for both, where asyncio takes what comes in for the end of what goes out."""
    status = os.fstat(stdin), os.fstat(stdout)
    one_for_both = os.path.samestat(*status)
    return not one_for_both and all(stat.S_ISFIFO(one.st_mode) or stat.S_ISSOCK(one.st_mode) for one in status)


# The event loop's own pipes


async def _connect_pipes(stdin: int, stdout: int, receive: Receive, closed: Closed) -> Writer:
    loop = asyncio.get_running_loop()
    transport, writer = await loop.connect_write_pipe(lambda: PipeWriter(closed), os.fdopen(stdout, "wb", buffering=0))
    writer.transport = transport
    transport.set_write_buffer_limits(high=0)
    await loop.connect_read_pipe(lambda: PipeReader(receive, closed), os.fdopen(stdin, "rb", buffering=0))
    return writer


class PipeReader(asyncio.Protocol):
    def __init__(self, receive: Receive, closed: Closed) -> None:
        self._deframer = Deframer()
        self._receive = receive
        self._closed = closed

    def data_received(self, data: bytes) -> None:
        for received in self._deframer.feed(data):
            self._receive(received)

    def connection_lost(self, error: Exception | None) -> None:
        self._closed()


class PipeWriter(asyncio.BaseProtocol):
    transport: asyncio.WriteTransport

    def __init__(self, closed: Closed) -> None:
        self._closed = closed
        self._empty = asyncio.Event()
        self._empty.set()

    def write(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(data)

    async def flush(self) -> None:
        await self._empty.wait()

    def pause_writing(self) -> None:
        self._empty.clear()

    def resume_writing(self) -> None:
        self._empty.set()

    def connection_lost(self, error: Exception | None) -> None:
        self._empty.set()
        self._closed()


# Threads. They are daemons that block in the system call and hold no lock, so the process can end under them.


def _connect_threads(stdin: int, stdout: int, receive: Receive, closed: Closed) -> Writer:
    loop = asyncio.get_running_loop()
    deframer = Deframer()

    def feed(data: bytes) -> None:
        for received in deframer.feed(data):
            receive(received)

    def read() -> None:
        try:
            while data := os.read(stdin, READ_SIZE):
                _tell(loop, feed, data)
        except OSError:
            pass  # as good as the end
        _tell(loop, closed)

    threading.Thread(target=read, name="stdin", daemon=True).start()
    return ThreadWriter(stdout, loop, closed)


def _tell(loop: asyncio.AbstractEventLoop, callback: Callable[..., object], *args: object) -> None:
    with suppress(RuntimeError):  # the loop is closed: nobody is there to hear it
        loop.call_soon_threadsafe(callback, *args)


class ThreadWriter:
    def __init__(self, stdout: int, loop: asyncio.AbstractEventLoop, closed: Closed) -> None:
        self._stdout = stdout
        self._loop = loop
        self._closed = closed
        self._queue: queue.SimpleQueue[bytes | asyncio.Event] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="stdout", daemon=True).start()

    def write(self, data: bytes) -> None:
        self._queue.put(data)

    async def flush(self) -> None:
        flushed = asyncio.Event()
        self._queue.put(flushed)
        await flushed.wait()

    def _run(self) -> None:
        broken = False
        while True:
            item = self._queue.get()
            if isinstance(item, asyncio.Event):
                _tell(self._loop, item.set)
            elif not broken and not self._write_all(item):
                broken = True
                _tell(self._loop, self._closed)

    def _write_all(self, data: bytes) -> bool:
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._stdout, view) :]
        except OSError:
            return False
        return True
