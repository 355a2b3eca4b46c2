"""The least there can be between an editor and a model: no document, no prompt of its own, no event loop.

What is measured of it is what pipes, sockets, the system's scheduler and the bench itself take.
"""

from __future__ import annotations

import json
import os
import re
import socket
import sys
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

PROMPT = b'{"prompt":"%b"}' % (b"x" * 5_000)
"""About as long as ours for the bench's document."""
REQUEST = b"POST /v1/fim/completions HTTP/1.1\r\nHost: bench\r\nContent-Length: %d\r\n\r\n%b" % (len(PROMPT), PROMPT)
TEXT = re.compile(rb'"content":"([^"]*)"')


def main() -> None:
    address = urlsplit(sys.argv[1])
    with socket.create_connection((address.hostname or "", address.port or 0)) as model:
        model.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for message in messages():
            if "id" in message:
                is_asked = message["method"] == "textDocument/inlineCompletion"
                answer(message["id"], [{"insertText": ask(model)}] if is_asked else {})


def messages() -> Iterator[Any]:
    received = b""
    while data := os.read(0, 1 << 18):
        received += data
        while True:
            header, separator, rest = received.partition(b"\r\n\r\n")
            length = int(header.partition(b":")[2]) if separator else 0
            if not separator or len(rest) < length:
                break
            received = rest[length:]
            yield json.loads(rest[:length])


def ask(model: socket.socket) -> str:
    model.sendall(REQUEST)
    answered = b""
    while not answered.endswith(b"0\r\n\r\n"):
        answered += model.recv(1 << 16)
    text = TEXT.search(answered)
    return text[1].decode() if text else ""


def answer(msg_id: int, result: Any) -> None:
    body = json.dumps({"jsonrpc": "2.0", "id": msg_id, "result": result}).encode()
    os.write(1, b"Content-Length: %d\r\n\r\n%b" % (len(body), body))


if __name__ == "__main__":
    main()
