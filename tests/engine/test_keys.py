"""What an edit tells: the key behind it, closers the editor adds, what became of a suggestion, how long to wait."""

from __future__ import annotations

import pytest

from fim_lsp.acceptance import Acceptance
from fim_lsp.closers import AutoClosers, closing
from fim_lsp.departure import Departure, parted
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
        ("", '""""', Key.OTHER),
        ("", "></li>", Key.OTHER),
        ("", "</li>", Key.BULK),
        ("", " ", Key.BLANK),
        ("", "\n    ", Key.BLANK),
        ("", "\n    \n", Key.BLANK),
        ("    ", "  ", Key.BLANK),
        ("    ", "\n    ", Key.BLANK),
        ("    ", "}", Key.OTHER),
        ("        ", "    }", Key.OTHER),
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
    assert with_cursor(snapshot('""""""│'), Edit(2, "", '""""')).before == '"""'
    assert with_cursor(snapshot("<li></li>│"), Edit(3, "", "></li>")).before == "<li>"
    assert with_cursor(snapshot("<li></li>│"), Edit(4, "", "</li>")).before == "<li>"
    assert with_cursor(snapshot("<li></li>│"), Edit(4, "", "</li>"), "</li>\n").before == "<li></li>"
    assert with_cursor(snapshot("<li>a</li>│"), Edit(5, "", "</li>")).before == "<li>a</li>"
    opened = with_cursor(snapshot("f {\n    \n│}"), Edit(3, "", "\n    \n"))
    assert (opened.before, opened.after, opened.line) == ("f {\n    ", "\n}", 1)
    assert with_cursor(snapshot("ab│"), Edit(1, "", "b")).before == "ab"


def test_enter_on_a_blank_line_leaves_the_cursor_behind_the_new_lines_indent() -> None:
    told_by_its_first_end = with_cursor(snapshot("f {\n│    \n}"), Edit(3, "", "\n"))
    assert (told_by_its_first_end.before, told_by_its_first_end.after) == ("f {\n    ", "\n}")
    assert with_cursor(snapshot("a\n│    b\n"), Edit(1, "", "\n")).before == "a\n"


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


def test_closers_stay_the_editors_on_a_line_of_their_own() -> None:
    auto = AutoClosers()
    auto.edited(snapshot("f({│})\nrest"), Edit(2, "", "{}"))
    assert auto.standing("})\nrest") == "}"
    auto = AutoClosers()
    auto.edited(snapshot("f(│)\nrest"), Edit(1, "", "()"))
    auto.edited(snapshot("f({│})\nrest"), Edit(2, "", "{}"))
    auto.edited(snapshot("f({\n    │\n})\nrest"), Edit(3, "", "\n    \n"))
    assert auto.standing("\n})\nrest") == "\n})"
    auto.edited(snapshot("f({\n    a│\n})\nrest"), Edit(8, "", "a"))
    assert auto.standing("\n})\nrest") == "\n})"
    assert auto.standing(")\nrest") == ")"
    assert auto.standing("\n})\nother") == ""


def test_tags_and_three_quotes_are_the_editors_too() -> None:
    auto = AutoClosers()
    auto.edited(snapshot("<li>│</li>\n"), Edit(4, "", "</li>"))
    assert auto.standing("</li>\n") == "</li>"
    auto.edited(snapshot('<li>"""│"""</li>\n'), Edit(6, "", '""""'))
    assert auto.standing('"""</li>\n') == '"""</li>'
    assert auto.standing("</li>\n") == "</li>"


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
    ("a tag that the editor closed", "a</b>", "x = │</b>", Edit(4, "", "</b>"), None),
    ("a closing tag", "</b>\n", "x = </b>│", Edit(4, "", "</b>"), "line"),
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


def test_all_of_a_suggestion_that_ends_with_the_closers_it_replaces() -> None:
    acceptance = Acceptance()
    acceptance.show(snapshot("f(│)\n"), "a, b)", replaces=1)
    assert acceptance.edited(snapshot("f(a, b│)\n"), Edit(2, "", "a, b")) == "whole"
    acceptance.show(snapshot("f([│])\n"), "1, 2])", replaces=2)
    assert acceptance.edited(snapshot("f([1,│])\n"), Edit(3, "", "1,")) == "word"
    assert acceptance.edited(snapshot("f([1, 2│])\n"), Edit(5, "", " 2")) == "whole"


DEPARTURES = [
    # typed       the text says   blank  slip
    ("reu", "return x", False, True),  # the first wrong key
    ("rewurn", "return x", False, True),  # one key for another
    ("rewturn", "return x", False, True),  # one too many
    ("reurn", "return x", False, True),  # one left out
    ("reutrn", "return x", False, True),  # two in the wrong order
    ("reutrm", "return x", False, False),
    ("rewards", "return x", False, False),
    ("rew(", "return x", False, False),
    ("x", "return x", False, False),  # where a word begins
    ("t", "return x", False, True),  # the key beside the right one
    ("tetu", "return x", False, True),
    ("tab", "return x", False, False),
    ("a = (", "a = 9", False, False),
    ("a = (x", "a = (b", False, False),
    ("a\n        ", "a\n    b", True, False),
    ("a\n", "a = b", True, False),
    ("a\n    c", "a = b", False, False),
]


@pytest.mark.parametrize(("typed", "text", "blank", "slip"), DEPARTURES, ids=[row[0] for row in DEPARTURES])
def test_how_a_text_was_left(typed: str, text: str, blank: bool, slip: bool) -> None:
    departure = parted(typed, text)
    assert departure is not None
    assert (departure.is_blank, departure.is_slip) == (blank, slip)


def test_what_agrees_has_not_left() -> None:
    assert parted("ret", "return") is None
    assert parted("returned", "return") is None
    assert parted("return\n    ", "return") is None
    assert parted("", "return") is None


SLIP = Departure("w", "turn", inside_word=True)


@pytest.mark.parametrize(
    ("key", "departure", "pause"),
    [
        (Key.WORD, None, 0),
        (Key.WORD, SLIP, 800),
        (Key.WORD, Departure("w", "turn", inside_word=False), 0),
        (Key.BLANK, Departure("  ", "x", inside_word=False), 600),
        (Key.BLANK, None, 0),
        (Key.DELETION, None, 250),
        (Key.OTHER, Departure("(", "turn", inside_word=True), 0),
        (Key.ACCEPTANCE, None, 0),
    ],
)
def test_pause(key: Key, departure: Departure | None, pause: float) -> None:
    assert pause_ms(key, snapshot("x│"), departure) == pause


@pytest.mark.parametrize(
    ("now", "pause"),
    [
        ("    return a\n    │\n", 600),
        ("    if b:\n        raise Broken(c)\n        │\n", 600),
        ("    return a\n│\n", 0),
        ("    return {\n        │\n", 0),
        ("    returned = a\n    │\n", 0),
        ("return a\n│\n", 0),
        ("return│", 0),
    ],
)
def test_after_a_line_that_leaves_its_block_the_indent_is_about_to_be_corrected(now: str, pause: float) -> None:
    assert pause_ms(Key.BLANK, snapshot(now), None) == pause
