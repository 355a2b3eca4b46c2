"""The lexer for every language: which brackets count, and what the end of a text is inside of."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fim_lsp.languages import LANGUAGES, Language, get
from fim_lsp.lexing import CODE, Inside, look_back, scan

PIECES = st.sampled_from(
    [*"\n\n\n \"'`()[]{}#%;\\", "a", "x = ", "//", "/*", "*/", "--", "--[[", "]]", '"""', "'''", "<!--", "-->", "REM "]
)


@pytest.mark.parametrize(
    ("text", "language", "brackets"),
    [
        ('print("a(", b[0])', "python", "([])"),
        ("x = 1  # (", "python", ""),
        ("'''(\n(''' + f()", "python", "()"),
        ('"it\'s" + (', "python", "("),
        ("s = 'unclosed (\nf(", "python", "(("),
        ("let c = '('; let s: &'a str = f(", "rust", "("),
        ("/* ( */ f( // )", "c", "("),
        ("`${a(` + [", "javascript", "["),
        ("echo $# (", "shellscript", "("),
        ("-- (\nf(", "lua", "("),
        ("--[[ (\n( ]] f(", "lua", "("),
        ("; (\n(f", "clojure", "("),
        ("50\\% (", "latex", "("),
        ("'It''s (' || f(", "sql", "("),
        ("REMARK (", "bat", "("),
        ("REM (", "bat", ""),
    ],
)
def test_brackets_outside_of_strings_and_comments(text: str, language: str, brackets: str) -> None:
    assert "".join(char for _, char in scan(text, get(language)).brackets) == brackets


@pytest.mark.parametrize(
    ("text", "language", "inside"),
    [
        ("x = 1", "python", CODE),
        ('x = "a', "python", Inside("string", '"', '"', 4)),
        ('x = "a\n', "python", CODE),
        ('"""a\nb', "python", Inside("string", '"""', '"""', 0)),
        ("x  # a", "python", Inside("comment", "#", "", 3)),
        ("x  # a\n", "python", CODE),
        ("/* a", "c", Inside("comment", "/*", "*/", 0)),
        ("/* a */", "c", CODE),
        ("x = `a\n", "javascript", Inside("string", "`", "`", 4)),
        ("<!-- a", "html", Inside("comment", "<!--", "-->", 0)),
    ],
)
def test_what_the_end_is_inside_of(text: str, language: str, inside: Inside) -> None:
    assert scan(text, get(language)).inside == inside


def test_a_text_may_begin_inside_of_something() -> None:
    begun = Inside("string", '"', '"', 4)
    assert scan('a(" + f(', get("python"), begun).brackets == [(7, "(")]
    assert scan("still text", get("python"), Inside("string", '"""', '"""')).inside.kind == "string"


@given(st.lists(PIECES, max_size=40).map("".join), st.sampled_from(LANGUAGES))
def test_lines_known_from_before_make_no_difference(text: str, language: Language) -> None:
    whole, seen = scan(text, language), look_back(text, language)
    assert (seen.brackets, seen.inside) == (whole.brackets, whole.inside)


@pytest.mark.parametrize("rest", ['"""\n', '"""\n' + "x = f(1)\n" * 2_000, '"""\n' * 3, '"""\n' * 4 + "# it"])
def test_what_began_far_above_is_known(rest: str) -> None:
    text = 'def f():\n    """Begins.\n' + "    It goes on and on.\n\n" * 400 + rest
    assert look_back(text, get("python")).inside[:3] == scan(text, get("python")).inside[:3]


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.id)
def test_every_language_has_its_marks_read(language: Language) -> None:
    for mark in language.line_comment:
        assert scan(f"{mark} (", language).inside.kind == "comment"
    for opener, closer in language.block_comment:
        assert scan(f"{opener} ( {closer}", language).brackets in ([], [(0, "{")])
    for opener, closer in language.long_strings:
        assert scan(f"{opener} ( {closer}", language).brackets == []
