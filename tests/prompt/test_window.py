"""Where prefix and suffix are cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fim_lsp.prompt.tokens import estimate
from fim_lsp.prompt.window import After, Before

LINES = [f"    value_{number} = compute(value_{number - 1}, {number})" for number in range(1000)]
FILE = "\n".join(LINES)
TEXTS = st.text(alphabet=st.sampled_from("ab (\t\n\n\n9中🎉"), max_size=400) | st.text(max_size=200)


def start_of_prefix(text: str, line: int, room: int, *, cut: bool = False) -> int:
    return Before.of(text, line=line, is_cut=cut).start_of_prefix(room)


def end_of_suffix(text: str, room: int) -> int:
    return After.of(text).end_of_suffix(room)


def line_of(text: str, start: int) -> int:
    return text.count("\n", 0, start)


def test_a_short_file_is_taken_whole() -> None:
    assert start_of_prefix("a\nb\nc", 2, 100) == 0
    assert end_of_suffix("a\nb\nc", 100) == 5


def test_the_prefix_begins_at_a_step() -> None:
    start = start_of_prefix(FILE, len(LINES) - 1, 1024)
    assert line_of(FILE, start) % 32 == 0
    assert FILE[start - 1] == "\n"


def test_the_prefix_begins_at_the_same_line_until_the_room_is_spent() -> None:
    starts = []
    for count in range(700, 900):
        text = "\n".join(LINES[:count])
        starts.append(line_of(text, start_of_prefix(text, count - 1, 1024)))
    assert starts == sorted(starts)
    assert len(set(starts)) <= 200 // 32 + 2


def test_a_step_leaves_at_least_a_third_of_what_fits() -> None:
    for count in range(100, 1000, 7):
        text = "\n".join(LINES[:count])
        start = start_of_prefix(text, count - 1, 1024)
        assert start == 0 or estimate(text[start:]) > 320


def test_a_line_that_is_too_long_is_cut_by_characters() -> None:
    text = "x = [" + "1234, " * 5000
    start = start_of_prefix(text, 0, 100)
    assert 0 < start < len(text)
    assert 50 <= estimate(text[start:]) <= 100
    assert 50 <= estimate(text[: end_of_suffix(text, 100)]) <= 100


def test_typing_at_the_end_of_a_long_line_leaves_the_start_where_it_is() -> None:
    text = "x = [" + "1234, " * 5000
    starts = {start_of_prefix(text + "5678, "[:typed], 0, 400) for typed in range(7)}
    assert len(starts) <= 2


def test_a_long_line_above_is_cut_where_the_rest_would_leave_the_room_empty() -> None:
    text = "x = [" + "1234, " * 5000 + "]\ny = "
    start = start_of_prefix(text, 1, 100)
    assert 0 < start < text.index("\n")


def test_a_text_whose_beginning_is_cut_does_not_begin_in_its_first_line() -> None:
    assert start_of_prefix("half a line\nwhole\n", 102, 100, cut=True) == len("half a line\n")


@given(TEXTS, st.integers(1, 80), st.booleans())
def test_never_takes_more_than_the_room(text: str, room: int, cut: bool) -> None:
    start = start_of_prefix(text, text.count("\n"), room, cut=cut)
    assert 0 <= start <= len(text)
    assert estimate(text[start:]) <= room
    assert estimate(text[: end_of_suffix(text, room)]) <= room


@given(TEXTS)
def test_any_part_weighs_what_it_weighs_by_itself(text: str) -> None:
    before, after = Before.of(text), After.of(text)
    assert before.tokens == after.tokens == estimate(text)
    for at in range(len(text) + 1):
        assert before.tokens_from(at) == estimate(text[at:])
        assert after.tokens_to(at) == estimate(text[:at])
