"""The lexer for every language: which brackets count, and what the end of a text is inside of."""

from __future__ import annotations

import pytest

from fim_lsp.languages import LANGUAGES, Language, get
from fim_lsp.lexing import CODE, Inside, scan


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


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.id)
def test_every_language_has_its_marks_read(language: Language) -> None:
    for mark in language.line_comment:
        assert scan(f"{mark} (", language).inside.kind == "comment"
    for opener, closer in language.block_comment:
        assert scan(f"{opener} ( {closer}", language).brackets in ([], [(0, "{")])
    for opener, closer in language.long_strings:
        assert scan(f"{opener} ( {closer}", language).brackets == []
