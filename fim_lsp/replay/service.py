"""The oracle over HTTP on loopback: as much of Mistral's FIM API as a client that follows it can tell.

A connection that the client closes ends its answer at once: that is how streams are cancelled.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from types import TracebackType
from typing import Any

import msgspec

from fim_lsp.providers.base import Delta, Usage
from fim_lsp.replay.oracle import Oracle

MODEL = "oracle"
_HEAD_END = b"\r\n\r\n"


class OracleService:
    """`async with OracleService(oracle) as service:` — it listens at `service.base_url`."""

    def __init__(self, oracle: Oracle) -> None:
        self._oracle = oracle
        self._connections = _Connections()

    async def __aenter__(self) -> OracleService:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Connection(self._oracle, self._connections), "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.base_url = f"http://127.0.0.1:{port}/v1"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.close()
        await self._connections.close()
        await self._server.wait_closed()

    @property
    def settings(self) -> dict[str, Any]:
        """What an editor sends for its server to ask here."""
        mistral = {"kind": "mistral", "base_url": self.base_url, "model": MODEL, "api_key": "replay"}
        return {"provider": "oracle", "providers": {"oracle": mistral}}


class _Connections:
    """Those that are open."""

    def __init__(self) -> None:
        self._open: set[asyncio.BaseTransport] = set()
        self._all_closed = asyncio.Event()

    def add(self, transport: asyncio.BaseTransport) -> None:
        self._open.add(transport)

    def discard(self, transport: asyncio.BaseTransport) -> None:
        self._open.discard(transport)
        if not self._open:
            self._all_closed.set()

    async def close(self) -> None:
        for transport in self._open:
            transport.close()
        if self._open:
            self._all_closed.clear()
            await self._all_closed.wait()


class _Connection(asyncio.Protocol):
    """Keep-alive, one request at a time."""

    def __init__(self, oracle: Oracle, connections: _Connections) -> None:
        self._oracle = oracle
        self._connections = connections
        self._received = b""
        self._answering: asyncio.Task[None] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._connections.add(transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._answering is None:
            self._next_request()

    def connection_lost(self, error: Exception | None) -> None:
        self._connections.discard(self._transport)
        if self._answering:
            self._answering.cancel()

    def _next_request(self) -> None:
        head, end, rest = self._received.partition(_HEAD_END)
        if not end:
            return
        length = _content_length(head)
        if len(rest) < length:
            return
        body, self._received = rest[:length], rest[length:]
        self._answering = asyncio.create_task(self._answer(head.split(b"\r\n")[0], body))
        self._answering.add_done_callback(self._answered)

    def _answered(self, task: asyncio.Task[None]) -> None:
        self._answering = None
        if not task.cancelled() and task.exception() is None and not self._transport.is_closing():
            self._next_request()

    async def _answer(self, request_line: bytes, body: bytes) -> None:
        method, path, _ = request_line.split(b" ")
        if method != b"POST" or not path.endswith(b"/fim/completions"):
            self._send_json(404, {"object": "error", "message": "No such path"})
            return
        fields = msgspec.json.decode(body)
        speech = self._oracle.speak(fields["prompt"], fields.get("suffix") or "", fields.get("max_tokens") or 4096)
        async with aclosing(speech) as deltas:
            if fields.get("stream"):
                self._transport.write(_head(200, "text/event-stream") + b"Transfer-Encoding: chunked\r\n\r\n")
                async for delta in deltas:
                    self._send_chunk(b"data: " + msgspec.json.encode(_chunk(delta)) + b"\n\n")
                self._send_chunk(b"data: [DONE]\n\n")
                self._transport.write(b"0\r\n\r\n")
            else:
                self._send_json(200, _whole([delta async for delta in deltas]))

    def _send_chunk(self, data: bytes) -> None:
        self._transport.write(b"%x\r\n%b\r\n" % (len(data), data))

    def _send_json(self, status: int, value: object) -> None:
        body = msgspec.json.encode(value)
        self._transport.write(_head(status, "application/json") + b"Content-Length: %d\r\n\r\n%b" % (len(body), body))


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


def _head(status: int, content_type: str) -> bytes:
    reason = "OK" if status == 200 else "Not Found"
    return f"HTTP/1.1 {status} {reason}\r\nContent-Type: {content_type}\r\n".encode()


def _chunk(delta: Delta) -> dict[str, Any]:
    return _completion(
        "chat.completion.chunk", {"delta": {"content": delta.text}, "finish_reason": delta.finish}, delta.usage
    )


def _whole(deltas: list[Delta]) -> dict[str, Any]:
    text, last = "".join(delta.text for delta in deltas), deltas[-1]
    message = {"role": "assistant", "content": text, "tool_calls": None, "prefix": False}
    return _completion("chat.completion", {"message": message, "finish_reason": last.finish}, last.usage)


def _completion(kind: str, choice: dict[str, Any], usage: Usage | None) -> dict[str, Any]:
    counts = usage and {
        "prompt_tokens": usage.prompt,
        "completion_tokens": usage.completion,
        "total_tokens": usage.prompt + usage.completion,
        "prompt_tokens_details": {"cached_tokens": usage.cached},
    }
    fields = {"id": "cmpl-0", "object": kind, "created": 0, "model": MODEL, "choices": [{"index": 0, **choice}]}
    return {**fields, "usage": counts}
