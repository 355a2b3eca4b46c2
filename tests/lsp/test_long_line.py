"""A line in pieces reads and changes as a string does."""

from __future__ import annotations

import random

import pytest
from lsprotocol import types

from fim_lsp.lsp import text as text_module
from fim_lsp.lsp.convert import ENCODINGS, Place
from fim_lsp.lsp.documents import TextDocument
from fim_lsp.lsp.long_line import PIECE_CHARS, LongLine
from fim_lsp.lsp.text import LONG_LINE_CHARS, STAND_IN_CHARS, Text


@pytest.mark.parametrize("seed", range(10))
def test_it_is_the_string(seed: int) -> None:
    rng = random.Random(seed)
    plain = "".join(rng.choices("aé漢😀", k=rng.choice([0, 7, PIECE_CHARS, 5 * PIECE_CHARS])))
    line = LongLine(plain)
    for _ in range(60):
        start = rng.randrange(len(plain) + 1)
        end = rng.choice([start, min(len(plain), start + 3), rng.randrange(start, len(plain) + 1)])
        text = rng.choice(["", "x", "漢" * 9, "y" * (2 * PIECE_CHARS + 1)])
        assert line[start:end] == plain[start:end]
        line.replace(start, end, text)
        plain = plain[:start] + text + plain[end:]
        assert len(line) == len(plain)
        assert (line[:10], line[-10:], line[end:]) == (plain[:10], plain[-10:], plain[end:])
    assert str(line) == plain


def test_a_key_copies_one_piece() -> None:
    text = Text("a\n" + "😀" * (5 * LONG_LINE_CHARS) + "\nb")
    before = text.lines[1]
    for number in range(20):
        text.replace(at := Place(1, LONG_LINE_CHARS + number), at, "x")
        assert text.before(Place(1, LONG_LINE_CHARS + number + 1))[0].endswith("😀" + "x" * (number + 1))
    assert text.line(1) is not before
    assert isinstance(text.line(1), LongLine)
    assert text.lines == ["a", "😀" * STAND_IN_CHARS, "b"]  # readers of lines need no more
    assert str(text) == f"a\n{before[:LONG_LINE_CHARS]}{'x' * 20}{before[LONG_LINE_CHARS:]}\nb"


def test_it_is_put_together_when_something_else_is_edited() -> None:
    text = Text("a\n" + "z" * (2 * LONG_LINE_CHARS))
    text.replace(Place(1, 5), Place(1, 6), "")
    assert len(text.lines[1]) == STAND_IN_CHARS
    text.replace(Place(0, 1), Place(0, 1), "\n")
    assert text.lines == ["a", "", "z" * (2 * LONG_LINE_CHARS - 1)]
    text.replace(Place(2, 3), Place(2, 3), "y")
    text.replace(Place(2, 0), Place(2, 2 * LONG_LINE_CHARS - 10), "")
    assert text.lines[2] == "z" * 10


def test_columns_beyond_the_end_are_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_module, "STAND_IN_CHARS", 5)
    item = types.TextDocumentItem("file:///a.py", "python", 1, "é" * (LONG_LINE_CHARS + 1))
    document = TextDocument(item, None, ENCODINGS["utf-8"])
    document.text.replace(Place(0, 2), Place(0, 2), "漢")
    for position in (types.Position(0, 10**9), types.Position(7, 0)):
        assert document.place(position) == Place(0, LONG_LINE_CHARS + 2)
    assert document.cursor(Place(0, LONG_LINE_CHARS + 2)).column == 2 * LONG_LINE_CHARS + 5
    assert document.freeze(Place(0, 3)).before == "éé漢"
