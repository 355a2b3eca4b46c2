"""The socket side: a small HTTP/1.1 server that plays scripts and notices the moment a client leaves."""

from __future__ import annotations

import asyncio
import json
import ssl
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

from tests.fim_server import pages, schema
from tests.fim_server.dialects import ERRORS, SSE, Dialect, dialect_for
from tests.fim_server.faults import FAULTS
from tests.fim_server.script import Json, Script


@dataclass
class Recorded:
    """A request and what became of it. Times are `time.monotonic()`."""

    method: str
    path: str
    headers: dict[str, str]
    """Names in lower case."""
    body: Any
    at_s: float
    connection: int
    """Number of the connection it came on."""
    sent: str = ""
    """The text sent so far."""
    answered: bool = False
    """Whether the answer went out to its end."""
    closed_at_s: float | None = None
    """When the client closed the connection before the answer's end."""

    @property
    def key(self) -> str:
        return self.headers.get("authorization", "").removeprefix("Bearer ")


@dataclass
class FimServer:
    script: Script = field(default_factory=Script)
    """The answer to every request for which there is nothing in `next_scripts`."""
    key: str = ""
    """If set, requests without this key get 401."""
    tls: ssl.SSLContext | None = None
    port: int = 0
    on_end: Callable[[Recorded], None] = lambda recorded: None
    """Called when a request for a completion has been answered or left."""

    def __post_init__(self) -> None:
        self.next_scripts: deque[Script] = deque()
        """Answers to the next requests for a completion, one each."""
        self.requests: list[Recorded] = []
        """Requests for completions."""
        self.probes: list[Recorded] = []
        """All other requests."""
        self.connections = 0
        """How many connections were ever made."""
        self.open_connections = 0
        self.problems: list[str] = []
        """Failures of this server itself; leaving its context raises them."""
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{'localhost' if self.tls else '127.0.0.1'}:{self.port}"

    @property
    def base_url(self) -> str:
        """What `base_url` of a provider of Mistral's kind is set to."""
        return f"{self.url}/v1"

    async def __aenter__(self) -> FimServer:
        schema.published()
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self.port, ssl=self.tls)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self.problems and error is None:
            raise AssertionError(f"the test server failed: {self.problems}")

    async def until(self, condition: Any, within_s: float = 5.0) -> None:
        """Wait until `condition()` holds; something must happen at this server to make it so."""
        async with asyncio.timeout(within_s):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def drop_idle_connections(self) -> None:
        """As servers do after a while; a client may be about to use one."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _note(self) -> None:
        self._changed.set()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        self.open_connections += 1
        connection = _Connection(self, reader, writer, self.connections)
        self._note()
        try:
            await connection.serve()
        except (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError, asyncio.CancelledError):
            pass
        except Exception as error:
            self.problems.append(f"{type(error).__name__}: {error}")
        finally:
            self._tasks.discard(task)
            self.open_connections -= 1
            writer.transport.abort()
            self._note()


class _Connection:
    """One connection: requests one after another, each watched for the client's leaving while it is answered."""

    def __init__(
        self, server: FimServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._number = number
        self._ahead = b""
        """What the watch has read of the next request."""

    async def serve(self) -> None:
        while (recorded := await self._read_request()) is not None:
            answer = asyncio.ensure_future(self._answer(recorded))
            watch = asyncio.ensure_future(self._reader.read(1))
            try:
                await asyncio.wait((answer, watch), return_when=asyncio.FIRST_COMPLETED)
                if not answer.done() and _left(watch):
                    recorded.closed_at_s = time.monotonic()
                    return
                keep = await answer
            except ConnectionError:
                recorded.closed_at_s = time.monotonic()
                return
            finally:
                for task in (answer, watch):
                    task.cancel()
                self._server._note()
                if recorded in self._server.requests[-50:]:
                    self._server.on_end(recorded)
            await asyncio.wait((watch,))
            if not keep or (not watch.cancelled() and _left(watch)):
                return
            self._ahead = b"" if watch.cancelled() else watch.result()

    async def _read_request(self) -> Recorded | None:
        try:
            head = self._ahead + await self._reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return None
        self._ahead = b""
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        method, path, _ = first.split(" ")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        raw = await self._reader.readexactly(int(headers.get("content-length", 0)))
        body = json.loads(raw) if raw else None
        return Recorded(method, path, headers, body, time.monotonic(), self._number)

    async def _answer(self, recorded: Recorded) -> bool:
        """Answer; says whether the connection may be kept."""
        server = self._server
        body = recorded.body if isinstance(recorded.body, dict) else {}
        path = recorded.path.split("?")[0]
        dialect = dialect_for(path, body) if recorded.method == "POST" else None
        (server.requests if dialect else server.probes).append(recorded)
        server._note()
        if server.key and recorded.key != server.key:
            await self._send_json(401, (dialect.unauthorized() if dialect else ERRORS[401]), {})
            return True
        if dialect is None:
            status, page = pages.page(recorded.method, path, body, server.script)
            await self._send_json(status, page, {})
            return True
        script = server.next_scripts.popleft() if server.next_scripts else server.script
        keep = await self._play(script, dialect, recorded, body)
        recorded.answered = True
        return keep

    async def _play(self, script: Script, dialect: Dialect, recorded: Recorded, body: Json) -> bool:
        if script.fault:
            async for data in FAULTS[script.fault]():
                self._writer.write(data)
                await self._writer.drain()
            return False
        if script.status != 200:
            error = ERRORS.get(script.status, {"message": "?"}) if script.error is None else script.error
            await self._send_json(script.status, error, script.headers)
            return True
        if refused := dialect.check(body, script):
            await self._send_json(refused.status, refused.body, {})
            return True
        pieces, finish = _cut(script.says(body), dialect, body, script)
        if dialect.streams(body, recorded.path):
            await self._stream(script, dialect, recorded, pieces, finish)
        else:
            await asyncio.sleep(script.first_token_ms / 1000)
            await _pace(script, len(pieces))
            recorded.sent = "".join(pieces)
            await self._send_json(200, dialect.whole(recorded.sent, finish, body, script), script.headers)
        return True

    async def _stream(
        self, script: Script, dialect: Dialect, recorded: Recorded, pieces: list[str], finish: str
    ) -> None:
        body = recorded.body
        kind = f"Content-Type: {dialect.stream_type}\r\nTransfer-Encoding: chunked\r\n"
        head = f"HTTP/1.1 200 OK\r\n{kind}{_lines(script.headers)}\r\n"
        self._writer.write(head.encode())
        opening = dialect.opening(body, script)
        for payload in opening:
            await self._event(payload, dialect, script)
        await asyncio.sleep(script.first_token_ms / 1000)
        texts = list(pieces)
        for number, payload in enumerate(dialect.events(pieces, finish, body, script)):
            await _pace(script, int(number > 0))
            await self._event(payload, dialect, script)
            recorded.sent += texts[number] if number < len(texts) else ""
            self._server._note()
        if script.done and dialect.ends_with_done:
            await self._write_chunk(b"data: [DONE]" + _blank(script), script)
        self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    async def _event(self, payload: Json, dialect: Dialect, script: Script) -> None:
        data = json.dumps(payload, ensure_ascii=False).encode()
        framed = b"data: " + data + _blank(script) if dialect.stream_type == SSE else data + b"\n"
        await self._write_chunk(framed, script)

    async def _write_chunk(self, data: bytes, script: Script) -> None:
        size = script.bytes_a_write or len(data)
        for start in range(0, len(data), size):
            part = data[start : start + size]
            self._writer.write(b"%x\r\n%s\r\n" % (len(part), part))
            await self._writer.drain()
            if script.bytes_a_write:
                await asyncio.sleep(0)

    async def _send_json(self, status: int, body: object, headers: Any) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = "text/html" if isinstance(body, bytes) else "application/json"
        head = f"HTTP/1.1 {status} Said\r\nContent-Type: {kind}\r\nContent-Length: {len(data)}\r\n{_lines(headers)}\r\n"
        self._writer.write(head.encode() + data)
        await self._writer.drain()


def _left(watch: asyncio.Future[bytes]) -> bool:
    """Whether reading ended because the client is gone."""
    return watch.done() and (watch.exception() is not None or not watch.result())


def _cut(text: str, dialect: Dialect, body: Json, script: Script) -> tuple[list[str], str]:
    """The text's tokens as far as stop strings and max_tokens let it come, and why it ends there."""
    finish = script.finish
    for stop in dialect.stops(body):
        if stop in text:
            text, finish = text[: text.index(stop)], "stop"
    pieces = [text[start : start + script.token_chars] for start in range(0, len(text), script.token_chars)]
    limit = dialect.max_tokens(body)
    if limit is not None and len(pieces) > limit:
        pieces, finish = pieces[:limit], "length"
    return pieces, finish


async def _pace(script: Script, tokens: int) -> None:
    if script.tokens_per_s:
        await asyncio.sleep(tokens / script.tokens_per_s)


def _blank(script: Script) -> bytes:
    return b"\r\n\r\n" if script.crlf else b"\n\n"


def _lines(headers: Any) -> str:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())
