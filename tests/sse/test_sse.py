"""Bytes to payloads: any chunking gives the same answer."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fim_lsp.providers.base import Framing
from fim_lsp.sse import Payloads


def payloads(framing: Framing, *chunks: bytes) -> list[bytes]:
    decoder = Payloads(framing)
    return [payload for chunk in chunks for payload in decoder.feed(chunk)] + decoder.finish()


STREAMS = [
    ("sse", b"data: a\n\ndata: b\n\n", [b"a", b"b"]),
    ("sse", b"data: a\r\n\r\ndata: b\r\n\r\n", [b"a", b"b"]),
    ("sse", b"data: a\r\rdata: b\r\r", [b"a", b"b"]),
    ("sse", b"\xef\xbb\xbfdata: a\n\n", [b"a"]),
    ("sse", b": ping\n\ndata:a\nid: 7\nretry: 10\nevent: delta\n\n", [b"a"]),
    ("sse", b"data: one\ndata: two\n\n", [b"one\ntwo"]),
    ("sse", b"data: a\n\ndata: cut", [b"a", b"cut"]),
    ("sse", b"data:\n\ndata: \n\n", [b"", b""]),
    ("sse", b"<!DOCTYPE html>\n<p>\n\n", []),
    ("sse", b"", []),
    ("sse", b" \n\n ", []),
    ("sse", b' {"a":\n\n1}', [b' {"a":\n\n1}']),
    ("json", b'{"a": 1}', [b'{"a": 1}']),
    ("json", b"data: a\n\n", [b"a"]),
    ("ndjson", b'{"a":1}\n\n{"b":2}\r\n{"c":3}', [b'{"a":1}', b'{"b":2}', b'{"c":3}']),
    ("ndjson", b"data: a\n\n", [b"a"]),
]


@pytest.mark.parametrize(("framing", "stream", "expected"), STREAMS)
def test_whole_and_byte_by_byte(framing: Framing, stream: bytes, expected: list[bytes]) -> None:
    assert payloads(framing, stream) == expected
    assert payloads(framing, *(stream[at : at + 1] for at in range(len(stream)))) == expected


lines = st.sampled_from([b"data: x", b"data:", b": c", b"event: e", b"", b"{}", b"\xef\xbb\xbf", b"data: \xff"])
ends = st.sampled_from([b"\n", b"\r\n", b"\r"])
streams = st.lists(st.tuples(lines, ends), max_size=12).map(lambda parts: b"".join(a + b for a, b in parts))


@given(streams | st.binary(max_size=60), st.lists(st.integers(1, 9), max_size=30), st.sampled_from(["sse", "ndjson"]))
def test_any_chunking_gives_the_same(stream: bytes, sizes: list[int], framing: Framing) -> None:
    chunks, at = [], 0
    for size in sizes:
        chunks.append(stream[at : at + size])
        at += size
    assert payloads(framing, *chunks, stream[at:]) == payloads(framing, stream)


def test_a_huge_line_is_read_in_linear_time() -> None:
    decoder = Payloads("sse")
    decoder.feed(b"data: ")
    for _ in range(20_000):
        assert decoder.feed(b"x" * 100) == []
    assert decoder.feed(b"\n\n") == [b"x" * 2_000_000]
