"""Columns in the editor's encoding, line ends, and suggestions as items."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fim_lsp.answer import Selected
from fim_lsp.document import Snapshot, Suggestion
from fim_lsp.lsp.convert import ENCODINGS, Cursor, Place, choose_encoding, split_lines, to_item
from tests.lsp.reference import ALPHABET, Reference

#         0    1  2   3  4    index
LINE = "aé😀漢b"
COLUMNS = [
    ("utf-8", {0: 0, 1: 1, 2: 1, 3: 2, 4: 2, 6: 2, 7: 3, 8: 3, 9: 3, 10: 4, 11: 5, 99: 5}),
    ("utf-16", {0: 0, 1: 1, 2: 2, 3: 2, 4: 3, 5: 4, 6: 5, 99: 5}),
    ("utf-32", {0: 0, 1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 99: 5}),
]


@pytest.mark.parametrize(("encoding", "indices"), COLUMNS)
def test_a_column_inside_a_character_is_its_start(encoding: str, indices: dict[int, int]) -> None:
    assert {column: ENCODINGS[encoding].index(LINE, column) for column in indices} == indices


lines = st.lists(st.sampled_from([text for text in ALPHABET if text not in ("\n", "\r", "\r\n")])).map("".join)


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(line=lines, column=st.integers(0, 40))
def test_columns_agree_with_the_reference(encoding: str, line: str, column: int) -> None:
    reference = Reference(line, encoding)

    index = ENCODINGS[encoding].index(line, column)

    assert index == reference.offset(0, column)
    assert ENCODINGS[encoding].column(line, index) == reference.units(line[:index])


@pytest.mark.parametrize(
    ("offered", "chosen"),
    [
        (["utf-8", "utf-16"], "utf-8"),
        (["utf-32", "utf-8", "utf-16"], "utf-32"),
        (["utf-7", "utf-8"], "utf-8"),
        (["utf-7"], "utf-16"),
        ([], "utf-16"),
        (None, "utf-16"),
        ("utf-8", "utf-16"),
        ([8, None, "utf-32"], "utf-32"),
    ],
)
def test_the_client_prefers(offered: object, chosen: str) -> None:
    assert choose_encoding(offered).name == chosen


def test_lines_end_where_the_protocol_says() -> None:
    assert split_lines("a\nb\r\nc\rd\n\r") == (["a", "b", "c", "d", "", ""], ["\n", "\r\n", "\r", "\n", "\r", ""])
    assert split_lines("a\fb\vc\x1cd\x1de\x1ef\x85g\u2028h\u2029i")[1] == [""]
    assert split_lines("") == ([""], [""])


def item(
    before: str, after: str, suggestion: Suggestion, selected: Selected | None = None, encoding: str = "utf-16"
) -> tuple[str, int, int]:
    """insertText, and the range's columns."""
    line = before.rpartition("\n")[2]
    snapshot = Snapshot("file:///a", "python", 1, before, after)
    column = ENCODINGS[encoding].column(line, len(line))
    cursor = Cursor(Place(before.count("\n"), len(line)), column, ENCODINGS[encoding])
    made: Any = to_item(snapshot, cursor, suggestion, selected)
    assert made.range.start.line == made.range.end.line == before.count("\n")
    return made.insert_text, made.range.start.character, made.range.end.character


ITEMS = [
    ("x = ", "\n", Suggestion("1"), None, "utf-16", ("1", 4, 4)),
    ("a\nx = ", "\n", Suggestion("1\n2"), None, "utf-16", ("1\n2", 4, 4)),
    ("f(", ")", Suggestion("a)", 1), None, "utf-16", ("a)", 2, 3)),
    ("😀(", "😀)", Suggestion("😀)", 2), None, "utf-16", ("😀)", 3, 6)),
    ("😀(", "😀)", Suggestion("😀)", 2), None, "utf-8", ("😀)", 5, 10)),
    ("😀(", "😀)", Suggestion("😀)", 2), None, "utf-32", ("😀)", 2, 4)),
    ("x = ", "", Suggestion("1\r\n2\r3"), None, "utf-16", ("1\n2\n3", 4, 4)),
    ("x.pri", "", Suggestion("nt()"), Selected("print", 3), "utf-16", ("print()", 2, 5)),
    ("😀.é", "", Suggestion("a"), Selected("éa", 1), "utf-8", ("éa", 5, 7)),
    ("pri", ")", Suggestion("nt)", 1), Selected("print", 3), "utf-16", ("print)", 0, 4)),
    ("a\npri", "", Suggestion("nt"), Selected("print", 99), "utf-16", ("print", 0, 3)),
    ("x.", "", Suggestion("print"), Selected("print", 0), "utf-16", ("print", 2, 2)),
]


@pytest.mark.parametrize(("before", "after", "suggestion", "selected", "encoding", "expected"), ITEMS)
def test_an_item_is_a_plain_string_over_one_explicit_range(
    before: str,
    after: str,
    suggestion: Suggestion,
    selected: Selected | None,
    encoding: str,
    expected: tuple[str, int, int],
) -> None:
    assert item(before, after, suggestion, selected, encoding) == expected
