"""What one change does: to the text, to the lines that observers are told of, and to what was typed."""

from __future__ import annotations

from typing import Any

import pytest

from fim_lsp.lsp.convert import Place
from fim_lsp.lsp.text import Text
from tests.lsp.editor import URI, Editor, insert, replace


def text_of(editor: Editor) -> str:
    return str(editor.server.sync.documents[URI].text)


BEYOND = 2**31 - 1
CLAMPED = [
    # text, change, text after
    ("abc", insert(0, 99, "X"), "abcX"),
    ("abc\ndef", insert(0, 99, "X"), "abcX\ndef"),
    ("abc\r\ndef", insert(0, 4, "X"), "abcX\r\ndef"),
    ("abc\n", insert(1, 0, "X"), "abc\nX"),
    ("abc\n", insert(2, 0, "X"), "abc\nX"),
    ("abc\n", insert(99, 99, "X"), "abc\nX"),
    ("abc", insert(1, 0, "X"), "abcX"),
    ("", insert(5, 5, "X"), "X"),
    ("abc\ndef", replace(0, 1, 99, 0, "X"), "aX"),
    ("abc\ndef", replace(0, 0, BEYOND, BEYOND, ""), ""),
    ("abc\ndef", replace(0, 2, 0, 99, ""), "ab\ndef"),
    ("abc\ndef", replace(0, 99, 1, 0, ""), "abcdef"),
    ("abc", replace(0, 2, 0, 1, "X"), "aXc"),
    ("abc", {"text": "new"}, "new"),
    ("abc", {"range": None, "text": "new"}, "new"),
    ("a\fb\vc\x1cd\x85e\u2028f", insert(0, 11, "X"), "a\fb\vc\x1cd\x85e\u2028fX"),
]


@pytest.mark.parametrize(("text", "change", "after"), CLAMPED)
async def test_positions_are_clamped(editor: Editor, text: str, change: dict[str, Any], after: str) -> None:
    editor.open(text)

    editor.change(change)

    assert text_of(editor) == after


async def test_positions_beyond_what_the_protocol_allows_are_the_end(editor: Editor) -> None:
    editor.open("abc\ndef")

    editor.change(replace(0, 3, 2**32 - 1, 2**64, "X"))

    assert text_of(editor) == "abcX"


@pytest.mark.parametrize("version", [7, None])
async def test_a_version_may_be_missing(editor: Editor, version: int | None) -> None:
    editor.open("abc")

    editor.change(insert(0, 0, "X"), version=version)

    assert text_of(editor) == "Xabc"
    assert editor.server.sync.documents[URI].version == (version or 0)


JOINED = [
    # text, change, text after, its lines
    ("a\rX\nb", replace(1, 0, 1, 1, ""), "a\r\nb", ["a", "b"]),
    ("a\rb", insert(1, 0, "\n"), "a\r\nb", ["a", "b"]),
    ("a\nb", insert(0, 1, "\r"), "a\r\nb", ["a", "b"]),
    ("a\r\nb", insert(0, 1, "\r"), "a\r\r\nb", ["a", "", "b"]),
    ("a\r\nb", insert(1, 0, "\n"), "a\r\n\nb", ["a", "", "b"]),
    ("a\r\rb", replace(1, 0, 2, 0, "\n"), "a\r\nb", ["a", "b"]),
]


@pytest.mark.parametrize(("text", "change", "after", "lines"), JOINED)
async def test_line_ends_can_grow_together(
    editor: Editor, text: str, change: dict[str, Any], after: str, lines: list[str]
) -> None:
    editor.open(text)

    editor.change(change)

    assert text_of(editor) == after
    assert editor.engine.documents[URI].lines == lines


TYPED = [
    # text, changes, (removed, inserted), text before the end of the edit
    ("x = \n", [insert(0, 4, "f")], ("", "f"), "x = f"),
    ("f\n", [insert(0, 1, "()")], ("", "()"), "f()"),
    ("f\n", [insert(0, 1, "("), insert(0, 2, ")")], ("", "()"), "f()"),
    ("f\n", [insert(0, 1, ")"), insert(0, 1, "(")], ("", "()"), "f()"),
    ("abc", [replace(0, 1, 0, 3, "")], ("bc", ""), "a"),
    ("abc", [replace(0, 2, 0, 3, ""), replace(0, 1, 0, 2, "")], ("bc", ""), "a"),
    ("    x:", [insert(0, 6, "\n    "), insert(1, 4, "    ")], ("", "\n        "), "    x:\n        "),
    ("ab\ncd", [replace(0, 1, 1, 1, "X")], ("b\nc", "X"), "aX"),
    ("fo", [replace(0, 0, 0, 2, "foo")], ("", "o"), "foo"),
    ("one\ntwo\nthree", [{"text": "one\ntwos\nthree"}], ("", "s"), "one\ntwos"),
    ("one\ntwo", [{"text": "one\ntwo\nthree"}], ("", "\nthree"), "one\ntwo\nthree"),
    ("one\ntwo\nthree", [{"text": "one\nthree"}], ("\ntwo", ""), "one"),
    ("a\r\nb", [insert(1, 1, "\r\n")], ("", "\n"), "a\nb\n"),
    ("😀", [insert(0, 2, "x")], ("", "x"), "😀x"),
    ("f()", [replace(0, 2, 0, 3, ")")], (")", ")"), "f()"),
    ("a\nb\nc", [replace(1, 0, 2, 0, "bx\n")], ("", "x"), "a\nbx"),  # the key's whole line, with its end
]


@pytest.mark.parametrize(("text", "changes", "edit", "before"), TYPED)
async def test_changes_in_a_single_place_are_what_was_typed(
    editor: Editor, text: str, changes: list[dict[str, Any]], edit: tuple[str, str], before: str
) -> None:
    editor.open(text)

    editor.change(*changes)

    [(snapshot, typed)] = editor.engine.edits
    assert (typed.removed, typed.inserted) == edit
    assert snapshot.before == before
    assert typed.offset == len(before) - len(typed.inserted)
    assert editor.engine.rewritten_uris == []


SCATTERED = [
    ("abc", [insert(0, 0, "("), insert(0, 4, ")")]),
    ("a\nb\nc", [insert(2, 0, "# "), insert(1, 0, "# "), insert(0, 0, "# ")]),
    ("abc", [insert(0, 3, "d"), {"text": "x"}]),
    ("a\nb\nc\n", [replace(0, 0, 3, 0, "a\nB\nc\n")]),  # a formatter's whole text
]


@pytest.mark.parametrize(("text", "changes"), SCATTERED)
async def test_changes_in_several_places_are_not(editor: Editor, text: str, changes: list[dict[str, Any]]) -> None:
    editor.open(text)

    editor.change(*changes)

    assert editor.engine.edits == []
    assert editor.engine.rewritten_uris == [URI]


async def test_a_whole_text_is_no_key_of_an_editor_that_sends_ranges(editor: Editor) -> None:
    editor.open("a = 1\nb")
    editor.change(insert(1, 1, "x"))

    editor.change({"text": "a = 1\nbx"})
    editor.change({"text": "a = 2\nbx"})

    assert [edit.inserted for _, edit in editor.engine.edits] == ["x"]
    assert editor.engine.rewritten_uris == [URI]


TOLD = [
    # text, change, (start, removed, added)
    ("a\nb\nc", insert(1, 1, "x"), (1, 1, 1)),
    ("a\nb\nc", insert(1, 1, "x\ny"), (1, 1, 2)),
    ("a\nb\nc", replace(0, 1, 2, 0, ""), (0, 3, 1)),
    ("a\nb\nc", {"text": "a\nx\nc"}, (1, 1, 1)),
    ("a\nb\nc", {"text": "a\nb\nc\nd"}, (2, 1, 2)),
    ("a\nb\nc", {"text": "z\na\nb\nc"}, (0, 1, 2)),
]


@pytest.mark.parametrize(("text", "change", "told"), TOLD)
async def test_observers_hear_which_lines_changed(
    editor: Editor, text: str, change: dict[str, Any], told: tuple[int, int, int]
) -> None:
    editor.open(text)

    editor.change(change)

    assert [event[2:] for event in editor.engine.events if event[0] == "edited"] == [told]


async def test_a_text_that_is_replaced_by_itself_was_not_typed(editor: Editor) -> None:
    editor.open("a\nb")

    editor.change({"text": "a\nb"})

    editor.change(replace(0, 0, 0, 1, "a"))
    editor.change()

    assert [event for event in editor.engine.events if event[0] == "edited"] == [("edited", URI, 0, 1, 1)]
    assert editor.engine.edits == []
    assert editor.engine.rewritten_uris == []


async def test_a_change_of_a_closed_document_is_only_logged(editor: Editor, caplog: pytest.LogCaptureFixture) -> None:
    editor.change(insert(0, 0, "x"))

    assert "not open" in caplog.text
    assert editor.notified("window/showMessage") == []
    assert editor.engine.documents == {}


async def test_open_twice_is_a_new_document(editor: Editor) -> None:
    editor.open("one")
    editor.open("two")

    assert text_of(editor) == "two"
    editor.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
    editor.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
    assert editor.engine.documents == {}


def test_an_edit_touches_no_other_line() -> None:
    """Why an edit costs the same in a document of any size."""
    text = Text("\n".join(map(str, range(1000))))
    lines = text.lines
    others = [id(line) for line in lines if line != "500"]

    text.replace(Place(500, 3), Place(500, 3), "x")

    assert text.lines is lines
    assert lines[500] == "500x"
    assert [id(line) for line in lines if line != "500x"] == others
