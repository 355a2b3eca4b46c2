"""What an editor makes of a key. `▏` is the cursor."""

from __future__ import annotations

import pytest

from fim_lsp.replay.buffer import Buffer
from fim_lsp.replay.keyboard import BACKSPACE, DELETE, ENTER, TAB, Keyboard, indent_of
from tests.replay.pages import SOURCES, placed, shown

CASES = {
    "a letter": ("a▏", "b", 0, "ab▏"),
    "an opening bracket is closed": ("f▏", "(", 0, "f(▏)"),
    "not before a word": ("▏f", "(", 0, "(▏f"),
    "before a closing bracket it is": ("f(▏)", "[", 1, "f([▏])"),
    "the closing bracket is typed over": ("f(▏)", ")", 1, "f()▏"),
    "one that the editor did not put there is not": ("f(▏)", ")", 0, "f()▏)"),
    "a quote is closed": ("x = ▏", '"', 0, 'x = "▏"'),
    "an apostrophe is not": ("don▏", "'", 0, "don'▏"),
    "the third quote of three is not": ('""▏', '"', 0, '"""▏'),
    "Enter keeps the indent": ("    a▏", ENTER, 0, "    a\n    ▏"),
    "Enter after a colon goes deeper": ("if a:▏", ENTER, 0, "if a:\n    ▏"),
    "Enter between brackets makes three lines": ("f(▏)", ENTER, 1, "f(\n    ▏\n)"),
    "Enter on a blank line takes its indent away": ("a\n    ▏", ENTER, 0, "a\n\n    ▏"),
    "Tab indents": ("a\n▏", TAB, 0, "a\n    ▏"),
    "Backspace in the indent takes a level": ("        ▏x", BACKSPACE, 0, "    ▏x"),
    "Backspace in an odd indent goes to the level": ("      ▏", BACKSPACE, 0, "    ▏"),
    "Backspace takes a character": ("ab▏", BACKSPACE, 0, "a▏"),
    "Backspace takes an empty pair": ("f(▏)", BACKSPACE, 1, "f▏"),
    "Delete": ("a▏b", DELETE, 0, "a▏"),
    "a closing brace goes below its opener": ("{\n    a\n    ▏", "}", 0, "{\n    a\n}▏"),
    "through what lies between": ("  {\n    { }\n    ▏", "}", 0, "  {\n    { }\n  }▏"),
}


@pytest.mark.parametrize(("page", "key", "own_closers", "expected"), CASES.values(), ids=CASES)
def test_a_key(page: str, key: str, own_closers: int, expected: str) -> None:
    text, cursor = placed(page)
    stroke = Keyboard().press(text, cursor, key, own_closers)
    buffer = Buffer(SOURCES[0].path, "python", text)
    buffer.apply(stroke.edit, stroke.cursor)
    assert shown(buffer.text, buffer.cursor) == expected


def test_an_editor_that_closes_nothing() -> None:
    stroke = Keyboard(closes_pairs=False).press("f", 1, "(")
    assert (stroke.edit.inserted, stroke.cursor) == ("(", 2)


@pytest.mark.parametrize(
    ("text", "indent"), [("if a:\n  b\n", "  "), ("f() {\n\tx\n}\n", "\t"), ("a\nb\n", "    "), ("", "    ")]
)
def test_the_indent_of_a_file(text: str, indent: str) -> None:
    assert indent_of(text) == indent
