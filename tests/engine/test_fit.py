"""The one relation: which snapshots a generated text fits, and how much of it is already typed there.

`⟦` marks the place where the text was generated, `│` the cursor now.
"""

from __future__ import annotations

import pytest

from fim_lsp.document import Snapshot
from fim_lsp.generated import GeneratedText, View, near_after, near_before


def snapshot(marked: str, version: int = 1) -> Snapshot:
    before, after = marked.split("│")
    return Snapshot("file:///a.py", "python", version, before, after, line=before.count("\n"))


def generated(place: str, text: str, *, closers: str = "", live: bool = False) -> GeneratedText:
    made = GeneratedText.begin(snapshot(place.replace("⟦", "│")), closers, id="1", jumps=0, now=0)
    made.text, made.live = text, live
    return made


FITS = [
    # what was typed                  place         text            now                    consumed
    ("nothing yet", "x = ⟦\n", "foo(1)", "x = │\n", 0),
    ("the first letter", "x = ⟦\n", "foo(1)", "x = f│\n", 1),
    ("all of it", "x = ⟦\n", "foo(1)", "x = foo(1)│\n", 6),
    ("its first line", "def f():⟦\n", "\n    a = 1\n    return a", "def f():\n    a = 1│\n", 10),
    ("Enter and the indent", "def f():⟦\n", "\n    return a", "def f():\n    │\n", 5),
    ("Enter alone", "def f():⟦\n", "\n    return a", "def f():\n│\n", 1),
    ("an empty line with an indent that the text lacks", "a⟦\n", "\n\n    b", "a\n    \n    b│\n", 7),
    ("an empty line without the indent that the text has", "a⟦\n", "\n    \n    b", "a\n\n    b│\n", 11),
    ("a bracket that the editor closed", "x = ⟦\n", "foo(1)", "x = foo(│)\n", 4),
    ("into a bracket that the editor closed", "x = ⟦\n", "foo([1])", "x = foo([1│])\n", 6),
    ("over a bracket that the editor closed", "x = ⟦\n", "foo([1])", "x = foo([1]│)\n", 7),
    ("a quote that the editor closed", "x = ⟦\n", 'f("a")', 'x = f("│")\n', 3),
    ("Enter in a bracket that the editor closed", "x = ⟦\n", "{\n    a: 1,\n};", "x = {\n    │\n}\n", 6),
    ("beyond the closer on its own line", "x = ⟦\n", "{\n    a: 1,\n};", "x = {\n    a: 1,\n}│\n", 13),
    ("two closers on lines of their own", "x = ⟦\n", "f({\n    a: [\n      1", "x = f({\n    a: [\n│    ]\n})\n", 13),
    (
        "an edit far away",
        "def g(): ...\n" + "#\n" * 20 + "x = ⟦\n",
        "foo",
        "def h(): pass\n" + "#\n" * 20 + "x = f│\n",
        1,
    ),
]

DEPARTS = [
    ("another letter", "x = ⟦\n", "foo(1)", "x = g│\n"),
    ("beyond the end", "x = ⟦\n", "foo(1)", "x = foo(1)x│\n"),
    ("before the place", "x = ⟦\n", "foo(1)", "x =│\n"),
    ("another line before", "a = 1\nx = ⟦\n", "foo(1)", "a = 2\nx = │\n"),
    ("another line after", "x = ⟦\ny = 1\n", "foo(1)", "x = │\ny = 2\n"),
    ("a bracket the user put there", "x = ⟦\n", "foo", "x = │)\n"),
    ("a bracket below that nobody closed", "x = ⟦\n", "\n  foo", "x = \n│}\n"),
    ("another indent", "def f():⟦\n", "\n    return a", "def f():\n        │\n"),
    ("the same offset, other text", "ab = ⟦\n", "foo", "ba = │\n"),
]


@pytest.mark.parametrize(("what", "place", "text", "now", "consumed"), FITS, ids=[row[0] for row in FITS])
def test_fits(what: str, place: str, text: str, now: str, consumed: int) -> None:
    assert generated(place, text).fit(snapshot(now)) == consumed


@pytest.mark.parametrize(("what", "place", "text", "now"), DEPARTS, ids=[row[0] for row in DEPARTS])
def test_does_not_fit(what: str, place: str, text: str, now: str) -> None:
    assert generated(place, text).fit(snapshot(now)) is None


def test_every_prefix_fits_and_no_other_letter_does() -> None:
    text = "\n    for x in y:\n        print(x, [1], {'a': 2})\n\n    return z"
    made = generated("def f(y):⟦\n", text)
    for typed in range(len(text) + 1):
        assert made.fit(snapshot(f"def f(y):{text[:typed]}│\n")) == typed
        assert made.fit(snapshot(f"def f(y):{text[:typed]}§│\n")) is None


def test_a_live_text_fits_what_it_has_not_said_yet() -> None:
    made = generated("x = ⟦\n", "fo", live=True)
    assert made.fit(snapshot("x = foo(│\n")) == 4
    assert made.fit(snapshot("x = fx│\n")) is None
    made.live = False
    assert made.fit(snapshot("x = foo(│\n")) is None


def test_closers_the_model_did_not_see_are_not_part_of_the_text_after() -> None:
    made = generated("print(⟦)\n", '"a")', closers=")")
    assert made.fit(snapshot("print(│)\n")) == 0
    assert made.fit(snapshot('print("│")\n')) == 1
    assert made.fit(snapshot('print("a")│\n')) == 4
    assert made.fit(snapshot("print(│]\n")) is None


SEEN = [
    # what the editor was seen to close   place   text   now   closers   consumed
    ("a bracket in a string", "x = ⟦\n", 'f"a {b}"', 'x = f"a {│}"\n', '}"', 5),
    ("and typed over", "x = ⟦\n", 'f"a {b}"', 'x = f"a {b}│"\n', '"', 7),
    ("a quote behind the end of a string", "x = ['a⟦\n", "b', 'c']", "x = ['ab', '│'\n", "'", 5),
    ("one of which stood there before", "x = f(⟦)\n", '"a {b}"', 'x = f("a {│}")\n', '}")', 4),
    ("on a line of its own", "x = ⟦\n", "`${{\n  a: 1", "x = `${{\n  │\n}}`\n", "\n}}`", 7),
    ("but not what follows", "x = ⟦\n", 'f"a {b}"', 'x = f"a {│}"y\n', '}"', None),
    ("nothing", "x = ⟦\n", 'f"a {b}"', 'x = f"a {│}"\n', "", None),
]


@pytest.mark.parametrize(("what", "place", "text", "now", "closers", "consumed"), SEEN, ids=[row[0] for row in SEEN])
def test_closers_that_were_seen(what: str, place: str, text: str, now: str, closers: str, consumed: int | None) -> None:
    assert generated(place, text).fit(snapshot(now), closers) == consumed


def shown(text: GeneratedText, now: str, replaces: int) -> GeneratedText:
    text.view = View.of(0, len(text.text), snapshot(now), replaces, len(text.text))
    return text


def test_what_is_covered_may_be_typed_over() -> None:
    made = shown(generated("a = ['b⟦']\n", "c', 'd']"), "a = ['b│']\n", replaces=2)
    assert made.fit(snapshot("a = ['bc'│]\n")) == 2
    assert made.fit(snapshot("a = ['bc', '│']\n"), "'") == 5
    assert made.fit(snapshot("a = ['bc'│\n")) == 2
    assert made.fit(snapshot("a = ['bc'│]")) is None
    made = shown(generated("a = ['b⟦']\n", "c"), "a = ['b│']\n", replaces=0)
    assert made.fit(snapshot("a = ['bc│]\n")) is None


def test_what_stands_behind_a_closer_below_is_not_covered() -> None:
    for rest in ("  # it\n", "  # it\nb\n", "  # it"):
        made = shown(generated(f"a = ⟦{rest}", "{\n  1\n}"), f"a = {{\n  │\n}}{rest}", replaces=0)
        assert made.fit(snapshot(f"a = {{\n  │\n}}{rest}")) == 4
        assert made.fit(snapshot(f"a = {{\n  │\n}}{rest.replace('  # it', '')}")) is None


@pytest.mark.parametrize("after", [")\n", "\n)\n", ")    )\n", "})\n", "\n  }\n)\n"])
def test_a_text_fits_where_it_was_asked_for(after: str) -> None:
    place = snapshot(f"x = f(│{after}")
    for closers in [after[:end] for end in range(len(after)) if not after[:end][-1:].isspace()]:
        assert GeneratedText.begin(place, closers, id="1", jumps=0, now=0).fit(place) == 0


def test_the_same_lines_elsewhere_do_not_confuse_it() -> None:
    block = "if a:\n    b()\n"
    place = "#\n" * 20 + block * 9 + "if a:⟦\n"
    made = generated(place, "\n    b()\nif c:")
    assert made.fit(snapshot("#\n" * 20 + block * 9 + "if a:\n    b│\n")) == 6


def test_names_that_have_gone_make_a_text_wrong() -> None:
    was = snapshot("import json\n" + "#\n" * 30 + "x = │\n")
    made = generated("import json\n" + "#\n" * 30 + "x = ⟦\n", "json.dumps(new)")
    made.note_names(was)
    assert made.names == {"json"}
    assert made.names_still_there(was, 0)
    assert not made.names_still_there(snapshot("import jsonlib\n" + "#\n" * 30 + "x = │\n"), 0)


def test_near_text_is_bounded() -> None:
    assert len(near_before("x" * 5000)) == 1000
    assert near_before("a\n" * 100).count("\n") == 12
    assert near_after("a\n" * 100).count("\n") == 6
    assert len(near_after("x" * 5000)) == 400
