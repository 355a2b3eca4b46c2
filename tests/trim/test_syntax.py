"""The parser is read to in pieces, gives up in time, and keeps nothing."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import tree_sitter
from hypothesis import given
from hypothesis import strategies as st

from fim_lsp import languages, syntax
from fim_lsp.document import Snapshot

SOURCES = sorted(Path(syntax.__file__).parent.glob("*.py"))
PYTHON = languages.get("python")


def look(before: str, after: str = "", language: str = "python") -> syntax.Sight | None:
    line = before.count("\n")
    return syntax.look(Snapshot("file:///a", language, 1, before, after, line=line), languages.get(language))


def parser() -> tree_sitter.Parser:
    made = syntax._parser(PYTHON.tree_sitter)
    assert made is not None
    return made


@given(st.sampled_from(SOURCES), st.integers(0, 20_000), st.integers(0, 11_200), st.sampled_from("eé𐐷"))
def test_pieces_make_the_same_tree_as_the_whole(path: Path, start: int, size: int, letter: str) -> None:
    text = path.read_text("utf-8").replace("e", letter)
    source = text.encode()[start:][:size]
    root = syntax._parse(parser(), source)
    assert root is None or str(root) == str(parser().parse(source).root_node)


def test_nothing_is_left_of_what_was_parsed() -> None:
    """Every place is another: 500 windows of 2.4 KB would be 9,000 pieces of theirs."""
    text = "\n".join(path.read_text("utf-8") for path in SOURCES)
    places = [text[start : start + 3_000] for start in range(0, 100_000, 200)]
    for place in places[:50]:
        look(place)
    before = sys.getallocatedblocks()
    for place in places:
        look(place)
    assert sys.getallocatedblocks() - before < 500


@pytest.mark.parametrize("language", ["java", "c"])
def test_what_takes_too_long_is_given_up(language: str) -> None:
    """Read whole, this line takes these grammars a hundred times as long as code does."""
    above = "int total = 1;\n" * 40
    made = syntax._parser(languages.get(language).tree_sitter)
    assert made is not None
    assert syntax._parse(made, above.encode()) is not None
    assert syntax._parse(made, (above + "x=>" * 500).encode()) is None
    assert syntax._parse(made, above.encode()) is not None
    assert look(above + "x=>" * 500, language=language) is None
