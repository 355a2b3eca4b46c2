"""What the simulated model says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fim_lsp.replay.model import KnownText, Model, tokens
from tests.replay.pages import SOURCES

TEXT = """\
def total(items):
    count = 0
    for item in items:
        count += item.price
    return count


def shout(words):
    return [word.upper() for word in words]


def whisper(words):
    return [word.lower() for word in words]
"""
NO_ERRORS = 1e9


def say(before: str, after: str, trap_every: float = NO_ERRORS, seed: int = 1) -> str:
    return Model(["something else\n" * 20, TEXT], seed, trap_every).say(before, after)


def test_tokens_are_as_long_as_a_models_are() -> None:
    text = "".join(source.text for source in SOURCES)
    assert 3.65 < len(text) / len(tokens(text)) < 3.75


def split(mark: str, until: str) -> tuple[str, str]:
    """A prompt that ends with `mark`, and a suffix that begins with `until`."""
    end = TEXT.index(mark) + len(mark)
    return TEXT[:end], TEXT[TEXT.index(until, end) :]


def test_it_says_what_was_taken_out() -> None:
    before, after = split("count = 0\n", "    return count")
    assert say(before, after) == "    for item in items:\n        count += item.price\n"


def test_it_goes_on_in_the_middle_of_a_word() -> None:
    before, after = split("for it", "\n        count +=")
    assert say(before, after) == "em in items:"


def test_it_knows_the_place_by_a_window_of_the_file() -> None:
    before, after = split("    return [word.lo", "\n")
    assert say(before[-60:], after[:40]) == "wer() for word in words]"


def test_after_a_slip_it_goes_on_with_the_line() -> None:
    before, after = split("count = 0\n", "    return count")
    assert say(before + "    fpr", after).startswith(" item in items:\n")


@pytest.mark.parametrize("indent", ["", "    ", "        "])
def test_an_indent_that_is_not_right_yet_is_no_reason_for_silence(indent: str) -> None:
    before, after = split("count = 0\n", "    return count")
    assert say(before + indent, after).lstrip().startswith("for item in items:\n")


def test_it_ends_before_brackets_that_the_editor_has_closed() -> None:
    before, after = split("word.upper(", "\n\n\ndef whisper")
    assert say(before, ")" + after) == ""
    assert say(TEXT[: TEXT.index("words):\n    return [word.upper")], ")" + after) == "words"


def test_of_what_it_does_not_know_it_says_nothing() -> None:
    assert say("class Unknown:\n    def nothing(self):\n        ", "\n\nmore of it\n") == ""


def test_asking_twice_gives_no_second_chance() -> None:
    known = KnownText(TEXT, 3, trap_every=40)
    assert known.traps
    for trap in known.traps:
        before, after = TEXT[: trap.start], TEXT[TEXT.index("\n", trap.end) :]
        said = say(before, after, trap_every=40, seed=3)
        assert said == say(before, after, trap_every=40, seed=3)
        assert said.startswith(trap.wrong)
        assert not TEXT.startswith(said[: len(trap.wrong)], trap.start)


def test_once_the_word_is_begun_it_is_right_again() -> None:
    for trap in KnownText(TEXT, 3, trap_every=40).traps:
        typed = trap.start + 1
        word = TEXT[typed : trap.end]
        assert say(TEXT[:typed], TEXT[TEXT.index("\n", trap.end) :], trap_every=40, seed=3).startswith(word)


def test_it_stops_after_a_dozen_lines() -> None:
    text = "".join(f"line number {number}\n" for number in range(60))
    said = Model([text], 1, NO_ERRORS).say(text[: text.index("line number 5\n")], text[text.index("line number 50") :])
    assert len(said.splitlines()) == 12


@given(st.text())
def test_tokens_are_the_text(text: str) -> None:
    assert "".join(tokens(text)) == text
