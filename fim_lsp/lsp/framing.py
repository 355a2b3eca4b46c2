"""`Content-Length` framing without I/O: bytes in, bodies and complaints out; any chunking gives the same answer.

Editors differ in header case, spacing and line ends, and a stray `print` of a wrapper script may come in between.
So a header line counts if it *ends* in a content length, whatever stands before it, and everything else is skipped:
the stream is in step again at the next well-formed header.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

BODY_LIMIT = 256 * 1024 * 1024
"""A longer body is skipped. Memory grows with what has arrived, not with what a header claims."""
LINE_LIMIT = 8 * 1024
"""No header line is longer; of a longer one only the end is kept."""

_LENGTH = re.compile(rb"content-length[ \t]*:[ \t]*(.*?)[ \t\r]*$", re.IGNORECASE)
_NUMBER = re.compile(rb"\+?[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Malformed:
    """A header that announces no readable body."""

    message: str


Frame = bytes | Malformed


def frame(body: bytes) -> bytes:
    """A body as it goes over the wire."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class Deframer:
    """Cuts a stream of bytes into bodies."""

    def __init__(self, body_limit: int = BODY_LIMIT) -> None:
        self._body_limit = body_limit
        self._buffer = bytearray()
        self._length: int | None = None
        """Announced by the header lines read so far."""
        self._missing: int | None = None
        """Bytes of the body to come; None while reading a header."""
        self._skipping = 0
        """Bytes of an oversized body to throw away."""

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The bodies that `data` completes. Exhaust it before feeding again."""
        self._buffer += data
        while self._buffer:
            if self._skipping:
                self._skip()
            elif self._missing is None:
                if (line := self._take_line()) is None:
                    return
                yield from self._header(line)
            elif len(self._buffer) < self._missing:
                return
            else:
                yield self._take(self._missing)
                self._missing = None

    def _header(self, line: bytes) -> Iterator[Frame]:
        if line.strip():
            yield from self._read_length(line)
        elif self._length is not None:
            self._begin_body(self._length)
            if self._skipping:
                yield Malformed(f"a body of {self._length} bytes is too large")
            elif self._missing == 0:
                self._missing = None
                yield b""
            self._length = None

    def _read_length(self, line: bytes) -> Iterator[Malformed]:
        if (match := _LENGTH.search(line)) is None:
            return
        if _NUMBER.fullmatch(match[1]) is None:
            yield Malformed("Content-Length is not a number")
        else:
            self._length = int(match[1])

    def _begin_body(self, length: int) -> None:
        if length > self._body_limit:
            self._skipping = length
        else:
            self._missing = length

    def _skip(self) -> None:
        count = min(self._skipping, len(self._buffer))
        del self._buffer[:count]
        self._skipping -= count

    def _take_line(self) -> bytes | None:
        end = self._buffer.find(b"\n")
        if end < 0:
            if len(self._buffer) > LINE_LIMIT:
                del self._buffer[: -LINE_LIMIT // 2]
            return None
        line = self._take(end + 1)[:-1]
        return line[-LINE_LIMIT:]

    def _take(self, count: int) -> bytes:
        with memoryview(self._buffer) as view:
            taken = bytes(view[:count])
        del self._buffer[:count]
        return taken
