"""What a person sees in a suggestion."""

from __future__ import annotations

import pytest

from fim_lsp.replay.ghost import Ghost, Item, first_line
from fim_lsp.replay.judge import judge, next_line, next_word

CASES = {  # the suggestion, what it covers, what is wanted, what the editor closed → right, whole, first line
    "all right": ("foo()", 0, "foo()\nbar", "", 5, True, True),
    "wrong in the second line": ("foo\nbaz", 0, "foo\nbar", "", 6, False, True),
    "wrong in the first": ("fox\nbar", 0, "foo\nbar", "", 2, False, False),
    "begins with a line end": ("\n    a\nb", 0, "\n    a\nc", "", 7, False, True),
    "more than is wanted": ("foo\nbar", 0, "foo", "", 3, False, True),
    "leaves the bracket it should cover": ('"a")', 0, '"a")\nb', ")", 4, False, False),
    "covers it": ('"a")', 1, '"a")\nb', ")", 4, True, True),
    "ends before it": ('"a"', 0, '"a")\nb', ")", 3, True, True),
}


@pytest.mark.parametrize(("text", "covers", "wanted", "closers", "right", "whole", "line"), CASES.values(), ids=CASES)
def test_judging(text: str, covers: int, wanted: str, closers: str, right: int, whole: bool, line: bool) -> None:
    verdict = judge(Ghost(text, covers, Item(text, 0, covers)), wanted, closers)
    assert (verdict.right, verdict.whole, verdict.first_line) == (right, whole, line)


def test_reading_ends_at_the_first_wrong_line() -> None:
    ghost = Ghost("a\nb\nc\nd\ne", 0, Item("", 0, 0))
    assert judge(ghost, "a\nb\nX", "").lines_read == 3
    assert judge(ghost, "a\nb\nc\nd\ne", "").lines_read == 5


def test_parts_that_can_be_taken() -> None:
    assert [next_line(text) for text in ("foo\nbar", "\n  foo", "foo")] == [4, 1, 3]
    assert [next_word(text) for text in ("foo bar", " bar", "(x)", "\n  if")] == [3, 4, 1, 5]
    assert [first_line(text) for text in ("foo\nbar", "\n\n  foo\nbar", "")] == ["foo", "\n\n  foo", ""]
