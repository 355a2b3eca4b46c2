"""An answer's bytes, in any chunking, to its payloads: server-sent events, JSON lines, or one JSON value.

Two verbs each, `feed` and `finish`; no I/O, and no look inside a payload. What a server says it sends and what it
sends are two things: `Payloads` goes by the first byte that is not blank, since no event begins with `{`.
"""

from __future__ import annotations

import re
from typing import Protocol

from fim_lsp.providers.base import Framing

DONE = b"[DONE]"
"""The payload that ends a stream in OpenAI's dialect of SSE; Mistral speaks it too."""

_LINE_END = re.compile(rb"\r\n|\n|\r")
_BOM = b"\xef\xbb\xbf"


class Decoder(Protocol):
    def feed(self, chunk: bytes) -> list[bytes]:
        """The payloads that this chunk completes."""
        ...

    def finish(self) -> list[bytes]:
        """What was left incomplete when the stream ended."""
        ...


class LineDecoder:
    """Lines without their ends, which are `\\n`, `\\r\\n` or `\\r`, also where a chunk ends between the two."""

    def __init__(self) -> None:
        self._open: list[bytes] = []
        self._after_cr = False

    def feed(self, chunk: bytes) -> list[bytes]:
        if self._after_cr and chunk:
            chunk = chunk.removeprefix(b"\n")
            self._after_cr = False
        if not chunk:
            return []
        self._after_cr = chunk.endswith(b"\r")
        first, *rest = _LINE_END.split(chunk)
        self._open.append(first)
        if not rest:
            return []
        lines = [b"".join(self._open), *rest]
        self._open = [lines.pop()]
        return lines

    def finish(self) -> list[bytes]:
        line = b"".join(self._open)
        self._open = []
        return [line] if line else []


class EventDecoder:
    """The data of server-sent events. Comments, ids, retry times and event names say nothing about a completion."""

    def __init__(self) -> None:
        self._lines = LineDecoder()
        self._data: list[bytes] = []

    def feed(self, chunk: bytes) -> list[bytes]:
        return [data for line in self._lines.feed(chunk) if (data := self._line(line)) is not None]

    def finish(self) -> list[bytes]:
        """The last event where the blank line after it never came: servers that skip it do occur."""
        for line in self._lines.finish():
            self._line(line)
        data = self._line(b"")
        return [] if data is None else [data]

    def _line(self, line: bytes) -> bytes | None:
        if not line:
            data, self._data = self._data, []
            return b"\n".join(data) if data else None
        if line.startswith(b"data:"):
            self._data.append(line[6:] if line.startswith(b"data: ") else line[5:])
        return None


class JsonLines:
    """One JSON value a line."""

    def __init__(self) -> None:
        self._lines = LineDecoder()

    def feed(self, chunk: bytes) -> list[bytes]:
        return [line for line in self._lines.feed(chunk) if line.strip()]

    def finish(self) -> list[bytes]:
        return [line for line in self._lines.finish() if line.strip()]


class Whole:
    """One value: the whole answer."""

    def __init__(self) -> None:
        self._chunks: list[bytes] = []

    def feed(self, chunk: bytes) -> list[bytes]:
        self._chunks.append(chunk)
        return []

    def finish(self) -> list[bytes]:
        whole = b"".join(self._chunks)
        return [whole] if whole.strip() else []


DECODERS: dict[Framing, type[EventDecoder] | type[JsonLines] | type[Whole]] = {
    "sse": EventDecoder,
    "ndjson": JsonLines,
    "json": Whole,
}


class Payloads:
    """The decoder for what is really sent, chosen at the first byte that is not blank."""

    def __init__(self, expected: Framing) -> None:
        self._expected = expected
        self._head = b""
        self._decoder: Decoder | None = None
        self.seen = False
        """Whether there has been any payload."""

    def feed(self, chunk: bytes) -> list[bytes]:
        return self._note(self._feed(chunk))

    def finish(self) -> list[bytes]:
        return self._note([] if self._decoder is None else self._decoder.finish())

    def _note(self, payloads: list[bytes]) -> list[bytes]:
        self.seen = self.seen or bool(payloads)
        return payloads

    def _feed(self, chunk: bytes) -> list[bytes]:
        if self._decoder is not None:
            return self._decoder.feed(chunk)
        head = (self._head + chunk).removeprefix(_BOM)
        start = head.lstrip()
        if not start or _BOM.startswith(head):
            self._head = head
            return []
        self._decoder = DECODERS[_framing(start, self._expected)]()
        return self._decoder.feed(head)


def _framing(start: bytes, expected: Framing) -> Framing:
    """What a body that begins like this must be. Anything else than JSON is left to the decoder of events to ignore."""
    if start[:1] not in b"{[":
        return "sse"
    return "json" if expected == "sse" else expected
