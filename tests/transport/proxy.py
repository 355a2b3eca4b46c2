"""An HTTP proxy on loopback, for CONNECT and plain requests. It takes every name for this machine."""

from __future__ import annotations

import asyncio
import base64
from contextlib import suppress
from types import TracebackType
from urllib.parse import urlsplit


class Proxy:
    def __init__(self, *, password: str = "") -> None:
        self._expected = f"Basic {base64.b64encode(f'user:{password}'.encode()).decode()}" if password else ""
        self.asked_for: list[str] = []
        """The targets of requests that were let through."""
        self.refused = 0

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def __aenter__(self) -> Proxy:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self._tasks: set[asyncio.Task[None]] = set()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._tasks.discard(task)
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
        if self._expected and f"proxy-authorization: {self._expected}".lower() not in head.decode().lower():
            self.refused += 1
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            return
        self.asked_for.append(target)
        port = int(target.rpartition(":")[2]) if method == "CONNECT" else urlsplit(target).port or 80
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", port)
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            there_writer.write(head.replace(target.encode(), (urlsplit(target).path or "/").encode(), 1))
        pumps = [
            asyncio.ensure_future(_pump(reader, there_writer)),
            asyncio.ensure_future(_pump(there_reader, writer)),
        ]
        try:
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for pump in pumps:
                pump.cancel()
            there_writer.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
