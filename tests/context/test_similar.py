"""Pieces of files, and which resembles a place most."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fim_lsp.context.similar import LONGEST_PIECE_LINES, Piece, bounds, cut, rank


def functions(count: int, body_lines: int) -> list[str]:
    lines: list[str] = []
    for number in range(count):
        lines += [f"def function_{number}():", *(f"    step_{each}()" for each in range(body_lines)), ""]
    return lines


def piece(*names: str) -> Piece:
    return Piece(0, tuple(names), frozenset(names))


def test_cuts_between_functions() -> None:
    lines = functions(6, body_lines=20)
    assert [lines[start] for start, _ in bounds(lines)] == [f"def function_{number}():" for number in range(6)]


def test_a_long_paragraph_is_cut_all_the_same() -> None:
    assert all(end - start <= LONGEST_PIECE_LINES for start, end in bounds(["value = 1"] * 500))


@given(st.lists(st.sampled_from(["", "  ", "a = 1", "    b = 2", "def c():"]), max_size=200))
def test_every_line_of_code_is_in_exactly_one_piece(lines: list[str]) -> None:
    covered = [number for start, end in bounds(lines) for number in range(start, end)]
    assert len(set(covered)) == len(covered)
    assert {number for number, line in enumerate(lines) if line.strip()} <= set(covered)
    assert all(lines[start].strip() or lines[start] for start, _ in bounds(lines))


def test_rare_names_count_more_than_common_ones() -> None:
    pieces = [("a", piece("request", "other")), ("b", piece("request", "parse_header")), ("c", piece("request"))]
    ranked = rank({"request": 1.0, "parse_header": 1.0}, pieces)
    assert [path for _, path, _ in ranked] == ["b", "c", "a"]


def test_what_shares_nothing_is_left_out() -> None:
    assert rank({"request": 1.0}, [("a", piece("other"))]) == []


def test_names_of_a_piece_are_found_once() -> None:
    lines = functions(1, body_lines=3)
    (first,) = cut(lines)
    (again,) = cut(["", *lines], [first])
    assert (first.start, again.start) == (0, 1)
    assert first.names is again.names
    assert first.names >= {"function_0", "step_1"}
