"""Places move with the text and are forgotten in the end."""

from __future__ import annotations

from fim_lsp.context.memory import MOST_PLACES, Places


class Clock:
    now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


def ranges(places: Places) -> list[tuple[str, int, int]]:
    return [(place.document, place.start, place.end) for place in places.latest()]


def test_edits_close_together_are_one_place() -> None:
    places = Places(Clock(), margin_lines=5)
    for line in (10, 11, 14):
        places.add("a", line, line + 1)
    assert ranges(places) == [("a", 10, 15)]


def test_far_apart_or_in_another_file_they_are_two() -> None:
    places = Places(Clock(), margin_lines=5)
    places.add("a", 10, 11)
    places.add("a", 30, 31)
    places.add("b", 10, 11)
    assert len(ranges(places)) == 3


def test_lines_added_above_move_a_place_and_lines_below_do_not() -> None:
    places = Places(Clock(), margin_lines=5)
    places.add("a", 10, 12)
    places.shift("a", 0, 0, 3)
    places.shift("a", 50, 0, 3)
    places.shift("b", 0, 0, 3)
    assert ranges(places) == [("a", 13, 15)]
    places.shift("a", 0, 4, 0)
    assert ranges(places) == [("a", 9, 11)]


def test_an_edit_inside_lets_a_place_grow_and_shrink() -> None:
    places = Places(Clock(), margin_lines=5)
    places.add("a", 10, 14)
    places.shift("a", 12, 1, 3)
    assert ranges(places) == [("a", 10, 16)]
    places.shift("a", 8, 20, 0)
    ((_, start, end),) = ranges(places)
    assert start < end


def test_the_latest_comes_first_and_among_those_of_a_minute_the_most_edited() -> None:
    clock = Clock()
    places = Places(clock, margin_lines=5)
    places.add("old", 1, 2)
    clock.now_s = 200
    for _ in range(3):
        places.add("much", 1, 2)
    places.add("little", 1, 2)
    assert [path for path, _, _ in ranges(places)] == ["much", "little", "old"]


def test_no_more_places_than_can_matter_are_kept() -> None:
    places = Places(Clock(), margin_lines=5)
    for number in range(10 * MOST_PLACES):
        places.add("a", number * 100, number * 100 + 1)
    assert len(ranges(places)) == MOST_PLACES
