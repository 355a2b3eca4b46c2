"""What a broken or hostile service does: a table of raw answers, written to the socket as they come."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from functools import cache

EVENT = b'data: {"choices":[{"index":0,"delta":{"content":"%s"},"finish_reason":null}]}\n\n'
SSE_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
WEB_PAGE = b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1><hr>nginx</body></html>"


def head(status: str, body: bytes, *headers: bytes) -> bytes:
    lines = [b"HTTP/1.1 " + status.encode(), b"Content-Length: %d" % len(body), *headers]
    return b"\r\n".join(lines) + b"\r\n\r\n" + body


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


async def dead() -> AsyncIterator[bytes]:
    await asyncio.sleep(3600)
    yield b""


async def closes() -> AsyncIterator[bytes]:
    return
    yield b""


async def dribbles_the_head() -> AsyncIterator[bytes]:
    for byte in SSE_HEAD * 20:
        yield bytes([byte])
        await asyncio.sleep(0.05)


async def dribbles_the_body() -> AsyncIterator[bytes]:
    yield SSE_HEAD
    for _ in range(10_000):
        yield chunk(b": ")
        await asyncio.sleep(0.05)


async def only_pings() -> AsyncIterator[bytes]:
    yield SSE_HEAD
    while True:
        yield chunk(b": ping\n\n")
        await asyncio.sleep(0.01)


async def stalls() -> AsyncIterator[bytes]:
    yield SSE_HEAD + chunk(EVENT % b"ret")
    await asyncio.sleep(3600)


async def lies_about_its_type() -> AsyncIterator[bytes]:
    body = b'{"choices":[{"index":0,"message":{"content":"return a + b"},"finish_reason":"stop"}]}'
    yield head("200 OK", body, b"Content-Type: text/html")


async def web_page() -> AsyncIterator[bytes]:
    yield head("200 OK", WEB_PAGE, b"Content-Type: text/html")


async def web_page_502() -> AsyncIterator[bytes]:
    yield head("502 Bad Gateway", WEB_PAGE, b"Content-Type: text/html")


async def empty() -> AsyncIterator[bytes]:
    yield head("200 OK", b"", b"Content-Type: application/json")


async def cut() -> AsyncIterator[bytes]:
    yield SSE_HEAD + chunk(EVENT % b"return a") + b'40\r\ndata: {"choices":[{"in'


async def cut_inside_an_event() -> AsyncIterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n"
    yield EVENT % b"return a" + b'data: {"choices":[{"in'


async def endless() -> AsyncIterator[bytes]:
    yield SSE_HEAD
    while True:
        yield chunk(EVENT % (b"x" * 4096))
        await asyncio.sleep(0)


async def redirects() -> AsyncIterator[bytes]:
    yield head("307 Temporary Redirect", b"", b"Location: http://127.0.0.2:9/v1/fim/completions")


async def redirects_in_a_circle() -> AsyncIterator[bytes]:
    yield head("308 Permanent Redirect", b"", b"Location: /v1/fim/completions")


async def huge_line() -> AsyncIterator[bytes]:
    yield SSE_HEAD
    for _ in range(2_000):
        yield chunk(b"data: " + b"x" * 16_384)


async def huge_head() -> AsyncIterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\n"
    for number in range(20_000):
        yield b"X-%d: %s\r\n" % (number, b"y" * 500)


async def invalid_utf8() -> AsyncIterator[bytes]:
    yield SSE_HEAD + chunk(EVENT % b"caf\xe9\xff") + chunk(b"data: [DONE]\n\n") + chunk(b"")


async def invalid_json() -> AsyncIterator[bytes]:
    yield SSE_HEAD + chunk(b"data: {'choices': oops}\n\n") + chunk(b"data: [DONE]\n\n") + chunk(b"")


async def odd_json() -> AsyncIterator[bytes]:
    for_each_shape = [b"null", b"7", b'"text"', b"[]", b'{"choices":7}', b'{"choices":[null]}', b'{"choices":[[]]}']
    yield SSE_HEAD + b"".join(chunk(b"data: %s\n\n" % shape) for shape in for_each_shape) + chunk(b"")


async def wrong_chunking() -> AsyncIterator[bytes]:
    yield SSE_HEAD + b"zz\r\n" + EVENT % b"return" + b"\r\n"


async def wrong_length() -> AsyncIterator[bytes]:
    yield b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n{}"


async def gzip_bomb() -> AsyncIterator[bytes]:
    yield head("200 OK", bomb(), b"Content-Encoding: gzip")


@cache
def bomb() -> bytes:
    """64 MB of blanks in 64 kB."""
    return gzip.compress(b" " * (64 << 20), 1)


async def unknown_encoding() -> AsyncIterator[bytes]:
    yield head("200 OK", b"\x00\x01", b"Content-Encoding: zstd")


async def not_http() -> AsyncIterator[bytes]:
    yield b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n" * 4


async def error_in_the_stream() -> AsyncIterator[bytes]:
    body = b'data: {"object":"error","message":"Internal server error","type":"internal_error","code":"1000"}\n\n'
    yield SSE_HEAD + chunk(EVENT % b"ret") + chunk(body) + chunk(b"")


FAULTS: dict[str, Callable[[], AsyncIterator[bytes]]] = {
    function.__name__.replace("_", "-"): function
    for function in (
        dead, closes, dribbles_the_head, dribbles_the_body, only_pings, stalls, lies_about_its_type, web_page,
        web_page_502, empty, cut, cut_inside_an_event, endless, redirects, redirects_in_a_circle, huge_line, huge_head,
        invalid_utf8, invalid_json, odd_json, wrong_chunking, wrong_length, gzip_bomb, unknown_encoding, not_http,
        error_in_the_stream,
    )
}  # fmt: skip
"""By name. After each the connection is closed."""
