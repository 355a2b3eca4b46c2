"""What an edit tells: the key behind it, closers the editor adds, what became of a suggestion, how long to wait."""

from __future__ import annotations

import pytest

from fim_lsp.acceptance import Acceptance
from fim_lsp.closers import AutoClosers, closing
from fim_lsp.document import Edit
from fim_lsp.keystrokes import Key, key_of, with_cursor
from fim_lsp.pause import pause_ms
from tests.engine.test_fit import snapshot


@pytest.mark.parametrize(
    ("removed", "inserted", "key"),
    [
        ("", "a", Key.WORD),
        ("", "é", Key.WORD),
        ("", "_", Key.WORD),
        ("", ".", Key.OTHER),
        (")", ")", Key.OTHER),
        ("", "()", Key.OTHER),
        ("", '""', Key.OTHER),
        ("", " ", Key.BLANK),
        ("", "\n    ", Key.BLANK),
        ("", "\n    \n", Key.BLANK),
        ("    ", "  ", Key.BLANK),
        ("a", "", Key.DELETION),
        ("word", "", Key.DELETION),
        ("a\nb\nc", "", Key.BULK),
        ("", "pasted text", Key.BULK),
        ("old", "new", Key.BULK),
    ],
)
def test_key_of(removed: str, inserted: str, key: Key) -> None:
    assert key_of(Edit(0, removed, inserted)) is key


def test_the_cursor_is_inside_what_the_editor_completed() -> None:
    assert with_cursor(snapshot("f()│"), Edit(1, "", "()")).before == "f("
    opened = with_cursor(snapshot("f {\n    \n│}"), Edit(3, "", "\n    \n"))
    assert (opened.before, opened.after, opened.line) == ("f {\n    ", "\n}", 1)
    assert with_cursor(snapshot("ab│"), Edit(1, "", "b")).before == "ab"


@pytest.mark.parametrize(
    ("typed", "pending", "closers"),
    [
        ("f(", "", ")"),
        ("f([{", "", "}])"),
        ("f(a)", "", ""),
        ('f("', "", '")'),
        ('f("(', "", '")'),
        ('f("a"', "", ")"),
        ("]", "])", ")"),
        ("x", ")", ")"),
    ],
)
def test_closing(typed: str, pending: str, closers: str) -> None:
    assert closing(typed, pending) == closers


def test_closers_are_the_editors_while_the_rest_follows_them() -> None:
    auto = AutoClosers()
    auto.edited(snapshot("f(│)\nrest"), Edit(1, "", "()"))
    assert auto.standing(")\nrest") == ")"
    auto.edited(snapshot("f([│])\nrest"), Edit(2, "", "[]"))
    assert auto.standing("])\nrest") == "])"
    auto.edited(snapshot("f([1]│)\nrest"), Edit(4, "]", "]"))
    assert auto.standing(")\nrest") == ")"
    assert auto.standing(")\nother") == ""
    assert auto.standing("\nrest") == ""


def test_a_bracket_that_was_there_before_is_the_users() -> None:
    auto = AutoClosers()
    auto.edited(snapshot("f(a│)"), Edit(2, "", "a"))
    assert auto.standing(")") == ""


ACCEPTANCES = [
    # what             shown          document after the edit   the edit                      fate
    ("all at once", "foo(1)", "x = foo(1)│", Edit(4, "", "foo(1)"), "whole"),
    ("one word", "foo bar(1)", "x = foo│", Edit(4, "", "foo"), "word"),
    ("the first line", "aa\nb", "x = aa│", Edit(4, "", "aa"), "line"),
    ("from the line's start", "foo(1)", "x = foo(1)│", Edit(0, "x = ", "x = foo(1)"), "whole"),
    ("the next letter", "foo", "x = f│", Edit(4, "", "f"), None),
    ("a bracket that the editor closed", "(1)", "x = (│)", Edit(4, "", "()"), None),
    ("Enter with the editor's indent", "\n    foo", "x = \n    │", Edit(4, "", "\n    "), None),
    ("the last letter", "f", "x = f│", Edit(4, "", "f"), "typed"),
    ("another letter", "foo", "x = g│", Edit(4, "", "g"), "rejected"),
    ("a deletion", "foo", "x =│", Edit(3, " ", ""), None),
]


@pytest.mark.parametrize(("what", "shown", "now", "edit", "fate"), ACCEPTANCES, ids=[row[0] for row in ACCEPTANCES])
def test_what_became_of_a_suggestion(what: str, shown: str, now: str, edit: Edit, fate: str | None) -> None:
    acceptance = Acceptance()
    acceptance.show(snapshot("x = │"), shown)
    assert acceptance.edited(snapshot(now), edit) == fate


@pytest.mark.parametrize(
    ("key", "departs", "inside_word", "debounce", "pause"),
    [
        (Key.WORD, False, True, "auto", 0),
        (Key.WORD, True, True, "auto", 800),
        (Key.WORD, True, False, "auto", 0),
        (Key.BLANK, True, False, "auto", 600),
        (Key.BLANK, False, False, "auto", 0),
        (Key.DELETION, False, False, "auto", 250),
        (Key.OTHER, True, True, "auto", 0),
        (Key.WORD, True, True, 40, 40),
        (Key.OTHER, False, False, 0, 0),
    ],
)
def test_pause(key: Key, departs: bool, inside_word: bool, debounce: int | str, pause: float) -> None:
    assert pause_ms(key, departs=departs, inside_word=inside_word, debounce_ms=debounce) == pause
