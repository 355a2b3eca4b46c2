"""Waiting for the next piece of an answer ends, however the service says where its answer ends."""

from __future__ import annotations

import asyncio

import pytest

from fim_lsp.body import Watch
from fim_lsp.errors import TimedOut
from fim_lsp.providers.base import Request
from fim_lsp.replay import virtual
from fim_lsp.transport import Transport

HEADS = {
    "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    "by length": b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhello",
    "by the connection's end": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello",
}


@pytest.mark.parametrize("head", HEADS.values(), ids=HEADS)
async def test_an_answer_that_stops_in_the_middle_is_given_up(head: bytes) -> None:
    closed = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(head)
        await reader.read()
        closed.set()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    transport = Transport()
    request = Request(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/", {}, {}, method="GET")
    said = []

    async def listen() -> None:
        async with transport.open(request, deadline_s=0.1) as answer:
            async for chunk in answer.chunks():
                said.append(chunk)

    async with server:
        with pytest.raises(TimedOut):
            await listen()
        await closed.wait()
        await transport.aclose()
    assert said == [b"hello"]


def test_each_wait_is_as_long_as_it_may_be() -> None:
    async def run() -> list[float]:
        loop = asyncio.get_running_loop()
        given_up: list[float] = []
        watch = Watch(lambda: given_up.append(loop.time() - began))
        began = loop.time()
        for _ in range(5):
            watch.begin(1.0, began + 60)
            await asyncio.sleep(0.9)
            watch.pause()
            await asyncio.sleep(5)  # nobody waits
        watch.begin(1.0, began + 60)
        await asyncio.sleep(2)
        watch.end()
        return given_up

    assert virtual.run(run()) == [pytest.approx(5 * 5.9 + 1.0)]


def test_no_wait_goes_beyond_the_end() -> None:
    async def run() -> list[float]:
        loop = asyncio.get_running_loop()
        given_up: list[float] = []
        began = loop.time()
        watch = Watch(lambda: given_up.append(loop.time() - began))
        watch.begin(10.0, began + 60)
        watch.pause()
        watch.begin(10.0, began + 3)
        await asyncio.sleep(20)
        watch.end()
        return given_up

    assert virtual.run(run()) == [pytest.approx(3.0)]
