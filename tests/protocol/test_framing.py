"""Framing: whatever comes in whatever chunks, the well-formed bodies come out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fim_lsp.lsp.framing import LINE_LIMIT, Deframer, Frame, Malformed, frame


def deframe(data: bytes, size: int = 10**9, body_limit: int = 10**6) -> list[Frame]:
    deframer = Deframer(body_limit)
    return [one for start in range(0, len(data), size) for one in deframer.feed(data[start : start + size])]


READ = [
    pytest.param(b"Content-Length: 2\r\n\r\n{}", [b"{}"], id="plain"),
    pytest.param(b"content-length: 2\r\n\r\n{}", [b"{}"], id="lower case"),
    pytest.param(b"CONTENT-LENGTH:2\r\n\r\n{}", [b"{}"], id="no space"),
    pytest.param(b"Content-Length \t:  2 \t\r\n\r\n{}", [b"{}"], id="much space"),
    pytest.param(b"Content-Length: 2\n\n{}", [b"{}"], id="LF only"),
    pytest.param(b"Content-Type: x; charset=utf-8\r\nContent-Length: 2\r\n\r\n{}", [b"{}"], id="content type first"),
    pytest.param(b"Content-Length: 2\r\nContent-Type: x\r\n\r\n{}", [b"{}"], id="content type last"),
    pytest.param(b"Content-Length: 2\r\nno colon here\r\n\r\n{}", [b"{}"], id="garbage line in the header"),
    pytest.param(b"\r\n\r\n\r\nContent-Length: 2\r\n\r\n{}", [b"{}"], id="blank lines before"),
    pytest.param(b"hello from a wrapper\nContent-Length: 2\r\n\r\n{}", [b"{}"], id="a stray print before"),
    pytest.param(b"hello Content-Length: 2\r\n\r\n{}", [b"{}"], id="a stray print without a line end"),
    pytest.param(b"\xff\xfe\x00Content-Length: 2\r\n\r\n{}", [b"{}"], id="bytes that are no text"),
    pytest.param(b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}", [b"{}"], id="the last length counts"),
    pytest.param(b"Content-Length: 0\r\n\r\nContent-Length: 2\r\n\r\n{}", [b"", b"{}"], id="an empty body"),
    pytest.param(frame("é😀".encode()) + frame(b"{}"), ["é😀".encode(), b"{}"], id="lengths count bytes"),
    pytest.param(frame(b"Content-Length: 9\r\n\r\n"), [b"Content-Length: 9\r\n\r\n"], id="a header inside a body"),
    pytest.param(b"Content-Length: 50\r\n\r\n{}", [], id="cut off by the end"),
    pytest.param(b"Content-Length: 100000000\r\n", [], id="only a claim"),
    pytest.param(b"x" * (4 * LINE_LIMIT) + b"\r\n" + frame(b"{}"), [b"{}"], id="a huge line"),
    pytest.param(b"x" * (4 * LINE_LIMIT) + frame(b"{}"), [b"{}"], id="a huge line that runs into the header"),
    pytest.param(b"a: b\r\n" * 5000 + frame(b"{}"), [b"{}"], id="many header lines"),
]


@pytest.mark.parametrize("size", [1, 2, 7, 10**9])
@pytest.mark.parametrize(("data", "bodies"), READ)
def test_reads(data: bytes, bodies: list[bytes], size: int) -> None:
    assert deframe(data, size) == bodies


@pytest.mark.parametrize("size", [1, 10**9])
@pytest.mark.parametrize("length", [b"-5", b"five", b"0x10", b"", b"1e3", b"9" * 19, b"5, 5"])
def test_complains_of_a_length_that_is_no_number_and_is_in_step_again_at_the_next(length: bytes, size: int) -> None:
    complaint, body = deframe(b"Content-Length: " + length + b'\r\n\r\n{"a":1}' + frame(b"{}"), size)

    assert isinstance(complaint, Malformed)
    assert body == b"{}"


@pytest.mark.parametrize("size", [1, 64, 10**9])
def test_skips_a_body_that_is_too_large(size: int) -> None:
    complaint, body = deframe(frame(b"x" * 1001) + frame(b"{}"), size, body_limit=1000)

    assert isinstance(complaint, Malformed)
    assert body == b"{}"


def test_keeps_no_more_of_garbage_than_a_line() -> None:
    deframer = Deframer()

    for _ in range(100):
        assert list(deframer.feed(b"x" * 10_000)) == []

    assert len(deframer._buffer) <= LINE_LIMIT


@given(st.lists(st.binary(max_size=50)), st.integers(1, 40))
def test_any_chunking_gives_the_same(bodies: list[bytes], size: int) -> None:
    assert deframe(b"".join(frame(body) for body in bodies), size) == bodies


@given(st.lists(st.one_of(st.binary(max_size=30), st.sampled_from([b"Content-Length: ", b"\r\n", b"3", b"{}"]))))
def test_nothing_makes_it_fail(pieces: list[bytes]) -> None:
    data = b"".join(pieces)

    assert deframe(data, 1) == deframe(data, 3)
