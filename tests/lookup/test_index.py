"""The project's index: the places that are found, and those that are not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fim_lsp.document import Snapshot
from fim_lsp.languages import get
from fim_lsp.lookup import Lookup
from fim_lsp.lookup.builder import Builder, build
from fim_lsp.lookup.index import DEPTH
from fim_lsp.lookup.lexer import lex

PYTHON = get("python")
FILE = st.lists(st.sampled_from(["a = b", "b(a)", "f(a, b)", "    return a", ""]), min_size=1, max_size=8).map(
    "\n".join
)


@given(st.lists(FILE, min_size=1, max_size=4), FILE)
def test_the_neighbours_hold_a_longest_match(files: list[str], asked: str) -> None:
    index = build([(f"{number}.py", text) for number, text in enumerate(files)], PYTHON)
    pattern = "".join(map(index.known, lex(asked.replace("\n", " "), PYTHON)))[: -DEPTH - 1 : -1]
    symbols = index.segments[0].symbols
    by_hand = max((_common(symbols[at : at + DEPTH], pattern) for at in range(1, len(symbols))), default=0)
    found = max((length for _, places in index.neighbours(pattern) for _, length in places), default=0)
    assert found == by_hand


def test_a_replaced_file_counts_once_and_as_it_is_now() -> None:
    index = build([("a.py", "alpha_old = 1"), ("b.py", "beta = 2")], PYTHON)
    builder = Builder(PYTHON, index.tokens, index.frequency)
    assert not list(builder.feed("a.py", "alpha_new = 1"))
    for batch in builder.finish():
        index.add(batch)
    assert [index.token(symbol) for symbol in index.words("alpha")] == ["alpha_new"]


def test_words_of_removed_and_hidden_files_are_gone() -> None:
    index = build([("a.py", "secret_name = 1"), ("b.py", "other = secret_other")], PYTHON)
    index.remove("a.py")
    assert [index.token(symbol) for symbol in index.words("secret")] == ["secret_other"]
    index.hide("b.py")
    assert not index.words("secret")
    index.show("b.py")
    assert index.words("secret")


def test_what_was_removed_is_never_said() -> None:
    files = [(f"{number}.py", "connection.execute_statement(query)\n" * 5) for number in range(3)]
    lookup = Lookup()
    lookup.adopt("python", build(files, PYTHON))
    snapshot = Snapshot("file:///x.py", "python", 1, "connection.exe", "")
    guess = lookup.complete(snapshot, gate=0.15)
    assert guess is not None
    assert guess.text.startswith("cute_statement")
    for path, _ in files:
        lookup.index("python").remove(path)
    assert lookup.complete(snapshot, gate=0.0) is None


def test_memory_stays_below_three_bytes_a_character() -> None:
    text = "\n".join(
        f"    value_{number % 700} = compute(value_{number % 90}, {number % 300})" for number in range(20_000)
    )
    index = build([("a.py", text)], PYTHON)
    assert index.size_bytes < 3 * len(text)


def _common(one: str, other: str) -> int:
    return next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )
