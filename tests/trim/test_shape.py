"""One line or a block, and where the cursor is: by the syntax tree where there is a grammar, else by lexer and indents.

The cursor is `|`.
"""

from __future__ import annotations

import sys

import pytest

from fim_lsp import languages, shape, syntax
from fim_lsp.document import Snapshot
from fim_lsp.settings.model import Mode
from fim_lsp.shape import Shape
from tests.trim.completing import snapshot


def decided(document: str, language: str = "python", mode: Mode = "auto", max_lines: int = 0) -> Shape:
    before, after = document.split("|")
    at = snapshot(before, after, language)
    return shape.decide(at, languages.get(language), mode=mode, max_lines=max_lines)


@pytest.mark.parametrize(
    ("document", "language", "lines"),
    [
        ("x = |", "python", "block"),
        ("def f():|", "python", "block"),
        ("print(|)", "python", "block"),
        ('print("|")', "python", "line"),
        ("f(|);", "javascript", "block"),
        ("f(function () {|});", "javascript", "block"),
        ("<ul>|</ul>", "html", "block"),
        ("<Item |/>", "typescriptreact", "block"),
        ("f(|, 2)", "python", "line"),
        ("x = | + 1", "python", "line"),
        ("if |:", "python", "line"),
        ("for (|) {", "c", "line"),
        ("foo|bar()", "python", "line"),
        ("# a comment|", "python", "line"),
        ("A sentence|", "markdown", "line"),
        ("```python\nx = |\n```\n", "markdown", "block"),
        ("x = 1 |   ", "python", "block"),
    ],
)
def test_one_line_or_a_block(document: str, language: str, lines: str) -> None:
    assert decided(document, language).lines == lines


@pytest.mark.parametrize(
    ("document", "language", "where"),
    [
        ("x = |", "python", "code"),
        ("x = 1  # one|", "python", "comment"),
        ('x = "a|"', "python", "string"),
        ('x = "a|', "python", "string"),
        ('x = "a"|', "python", "code"),
        ('x = f"{a|}"\n', "python", "code"),
        ('def f():\n    """Does|"""\n', "python", "docstring"),
        ('def f():\n    """Does|', "python", "docstring"),
        ('SQL = """\nSELECT |\n"""\n', "python", "docstring"),
        ("/** Does|\n */\nint f();\n", "c", "docstring"),
        ("int x; /* a|*/\n", "c", "comment"),
        ("const a = `x ${b|} y`;\n", "javascript", "code"),
        ("const a = `x|`;\n", "javascript", "string"),
        ("const a = <p>it's |</p>;\n", "typescriptreact", "code"),
        ("let s: &'a str = |;\n", "rust", "code"),
        ('let s = "a|";\n', "rust", "string"),
        ("/// Does|\nfn f() {}\n", "rust", "comment"),
        ("x = 1 -- one|\n", "sql", "comment"),
        ("SELECT 'a|'\n", "sql", "string"),
        ("text|", "markdown", "prose"),
        ("text|", "plaintext", "prose"),
        ("anything|", "no-such-language", "code"),
        ("(defun f () |)", "emacs-lisp", "code"),
        ("key: value # why|", "yaml", "comment"),
    ],
)
def test_where_the_cursor_is(document: str, language: str, where: str) -> None:
    assert decided(document, language).where == where


@pytest.mark.parametrize(
    ("document", "language", "among"),
    [
        ("|", "python", True),
        ("import os\n\n|", "python", True),
        ("class A:\n    |", "python", True),
        ("def f():\n    |", "python", False),
        ("class A:\n    def f(self):\n        |", "python", False),
        ("class A {\n  |\n}\n", "java", True),
        ("class A {\n  void f() {\n    |\n  }\n}\n", "java", False),
        ("func f() {\n|\n}\n", "go", False),
        ("package a\n\n|\n", "go", True),
        ("impl A {\n    |\n}\n", "rust", True),
        ("fn f() {\n    |\n}\n", "rust", False),
        ("defmodule A do\n  |\nend\n", "elixir", True),
        ("class A\n  |\nend\n", "crystal", True),
    ],
)
def test_among_definitions(document: str, language: str, among: bool) -> None:
    assert decided(document, language).among_definitions is among


def test_a_long_docstring_above_is_over() -> None:
    long = 'def f():\n    """Does.\n\n' + "    It goes on and on.\n" * 300
    assert decided(f'{long}    """\n    x = |').where == "code"
    assert decided(f"{long}    |").where == "docstring"


def test_settings_override_the_code() -> None:
    assert decided("def f():|", mode="single").lines == "line"
    assert decided("f(|, 2)", mode="multi").lines == "block"
    assert decided("# a|", mode="multi").lines == "block"
    assert decided("x = |", max_lines=3).max_lines == 3


def test_a_missing_grammar_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    syntax._parser.cache_clear()
    monkeypatch.setitem(sys.modules, "tree_sitter_python", None)
    try:
        assert decided('x = "a|"').where == "string"
    finally:
        syntax._parser.cache_clear()


def test_a_hostile_document_is_given_up() -> None:
    """Nested without end, far beyond the window: an answer all the same."""
    before = "(" * 150_000 + "\n"
    at = Snapshot("file:///a.py", "python", 1, before, ")" * 150_000, line=1)
    record = languages.get("python")
    assert shape.decide(at, record, mode="auto", max_lines=0).where == "code"


@pytest.mark.parametrize(
    "language", [language for language in languages.LANGUAGES if language.tree_sitter], ids=lambda language: language.id
)
def test_every_grammar_is_installed(language: languages.Language) -> None:
    at = snapshot("", "\n", language.id)
    assert syntax.look(at, language) is not None


@pytest.mark.parametrize("char", ["é", "漢", "🎉", "\U000d6c15", "\U0010fffd", "\ud800"])
def test_no_character_brings_the_parser_down(char: str) -> None:
    """Scanners written in C look up what is no ASCII in tables that end long before: a crash no rule could catch."""
    record = languages.get("shellscript")
    for before in (f".{{{char}%;", f"b/\n{{{char}[;]\tim", f"echo ${char}", f'a="{char}'):
        shape.decide(snapshot(before, f"\n{char}=[", "shellscript"), record, mode="auto", max_lines=0)


def test_offsets_count_characters_whatever_they_take_in_bytes() -> None:
    assert decided('x = "漢字🎉é|"').where == "string"
    assert decided('x = "漢字🎉é"  # 🎉 |').where == "comment"
    assert decided('x = "漢字🎉é"; |').where == "code"
