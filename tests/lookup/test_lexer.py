"""Lines to tokens and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fim_lsp.languages import PLAIN, get
from fim_lsp.lookup.lexer import CLOSES, OPENS, lex, open_quote, spell

LINES = {
    "x = y": ["x", " = ", "y"],
    "f(a, *b, key=-1)": ["f", "(", "a", ", ", "*", "b", ", ", "key", "=", "-", "1", ")"],
    "return not found": ["return", "not", "found"],
    "a - b": ["a", " - ", "b"],
    "x: int = 0x1F": ["x", ": ", "int", " = ", "0x1F"],
    "if a >= 1.5:": ["if", "a", " >= ", "1.5", ":"],
    'say("hi")': ["say", "(", '"' + OPENS, "hi", '"' + CLOSES, ")"],
    "don't stop": ["don't", "stop"],
    "f(x)  # why": ["f", "(", "x", ") ", " # ", "why"],
    "größe = 名前": ["größe", " = ", "名前"],
}


@pytest.mark.parametrize("line", LINES)
def test_tokens_carry_their_spacing(line: str) -> None:
    assert lex(line, get("python")) == LINES[line]


def test_word_marks_belong_to_words() -> None:
    assert lex("border-top: 1px", get("css")) == ["border-top", ": ", "1px"]


@pytest.mark.parametrize("line", LINES)
def test_what_is_spelled_is_the_line(line: str) -> None:
    assert _spelled(lex(line, get("python"))) == line


@given(
    st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Z"]) | st.sampled_from(" =(\"')._"), max_size=60)
)
def test_only_spaces_are_ever_changed(line: str) -> None:
    spelled = _spelled(lex(line.strip(), PLAIN))
    assert _spelled(lex(spelled, PLAIN)) == spelled
    assert spelled.replace(" ", "") == line.replace(" ", "")


def test_open_quote() -> None:
    assert open_quote(lex("x = 'a \"b", PLAIN)) == "'"
    assert open_quote(lex("x = 'a'", PLAIN)) == ""


def _spelled(tokens: list[str]) -> str:
    text = ""
    for token in tokens:
        text += spell(token, text)
    return text
