"""Documents stay what the editor has, whatever it sends.

`TEST_EDITS=1000000 pytest tests/lsp/test_sync.py` runs as many random edits as a night has time for.
"""

from __future__ import annotations

import copy
import os
import random

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from fim_lsp.lsp import long_line, ruler
from fim_lsp.lsp import text as text_module
from tests.lsp.reference import ALPHABET, Session, random_change, random_place, random_text

EDITS = int(os.environ.get("TEST_EDITS", "3000"))
SEED = int.from_bytes(os.urandom(4)) if "TEST_EDITS" in os.environ else 1
SESSION_LENGTH = 60
ENCODINGS = ["utf-8", "utf-16", "utf-32"]


@pytest.fixture
def long_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every line counts as one of megabytes, which is kept in pieces and in which a place is remembered."""
    monkeypatch.setattr(ruler, "LONG_LINE_CHARS", 2)
    monkeypatch.setattr(text_module, "LONG_LINE_CHARS", 2)
    monkeypatch.setattr(text_module, "STAND_IN_CHARS", 1_000_000)
    monkeypatch.setattr(long_line, "PIECE_CHARS", 2)


@pytest.mark.parametrize("lines", ["lines", "long_lines"])
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_random_edits_never_diverge(encoding: str, lines: str, request: pytest.FixtureRequest) -> None:
    if lines == "long_lines":
        request.getfixturevalue(lines)
    rng = random.Random(SEED)
    try:
        for _ in range(max(1, EDITS // 6 // SESSION_LENGTH)):
            session = Session(encoding, random_text(rng, 40))
            for _ in range(SESSION_LENGTH):
                session.change(*(random_change(rng, session) for _ in range(rng.choice([1, 1, 1, 2, 3]))))
                session.check_snapshot(*random_place(rng, session))
    except AssertionError as error:
        raise AssertionError(f"with seed {SEED}") from error


texts = st.lists(st.sampled_from(ALPHABET), max_size=8).map("".join)
places = st.tuples(st.integers(0, 6), st.one_of(st.integers(0, 12), st.just(2**31 - 1)))


class Sync(RuleBasedStateMachine):
    """The same, by rules that hypothesis can shrink."""

    session: Session

    @initialize(encoding=st.sampled_from(ENCODINGS), text=texts)
    def open(self, encoding: str, text: str) -> None:
        self.session = Session(encoding, text)

    @rule(place=places, text=texts)
    def insert(self, place: tuple[int, int], text: str) -> None:
        self.session.change((place, place, text))

    @rule(start=places, end=places, text=texts)
    def replace(self, start: tuple[int, int], end: tuple[int, int], text: str) -> None:
        self.session.change((min(start, end), max(start, end), text))

    @rule(start=places, end=places)
    def remove(self, start: tuple[int, int], end: tuple[int, int]) -> None:
        self.session.change((min(start, end), max(start, end), ""))

    @rule(place=places, first=texts, second=texts)
    def insert_twice(self, place: tuple[int, int], first: str, second: str) -> None:
        self.session.change((place, place, first), (place, place, second))

    @rule(text=texts)
    def replace_all(self, text: str) -> None:
        self.session.change(text)

    @rule(place=places)
    def freeze(self, place: tuple[int, int]) -> None:
        self.session.check_snapshot(*place)

    @invariant()
    def same(self) -> None:
        if hasattr(self, "session"):
            assert str(self.session.document.text) == self.session.reference.text


TestSync = Sync.TestCase
TestSync.settings = settings(max_examples=100, stateful_step_count=20, deadline=None)


@pytest.mark.parametrize("limit", [1, 7, 30])
def test_a_snapshot_of_a_large_document_is_cut(limit: int, monkeypatch: pytest.MonkeyPatch) -> None:
    room = limit // 5
    monkeypatch.setattr(text_module, "SIDE_LIMIT", limit)
    monkeypatch.setattr(text_module, "ROOM", room)
    monkeypatch.setattr(text_module, "BLOCK", 3)
    rng = random.Random(limit)
    content = "".join(rng.choice(["ab", "c", "\n", "déf\n"]) for _ in range(80))
    document = Session("utf-32", content).document
    for _ in range(300):
        line = rng.randrange(len(document.text.lines))
        place = text_module.Place(line, rng.randrange(len(document.text.lines[line]) + 1))
        before = "\n".join([*document.text.lines[:line], document.text.lines[line][: place.offset]])
        after = "\n".join([document.text.lines[line][place.offset :], *document.text.lines[line + 1 :]])

        snapshot = document.freeze(place)

        assert before.endswith(snapshot.before)
        assert after.startswith(snapshot.after)
        assert snapshot.before_is_cut == (snapshot.before != before)
        assert snapshot.after_is_cut == (snapshot.after != after)
        for frozen, whole in ((snapshot.before, before), (snapshot.after, after)):
            assert min(limit - room, len(whole)) <= len(frozen) <= limit


@pytest.mark.usefixtures("long_lines")
@pytest.mark.parametrize("seed", range(20))
def test_long_lines_and_cut_snapshots(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    test_a_cut_snapshot_stays_right_while_the_document_changes(seed, monkeypatch)


@pytest.mark.parametrize("seed", range(20))
def test_a_cut_snapshot_stays_right_while_the_document_changes(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is remembered of the text around the cursor is dropped when it is no longer true."""
    monkeypatch.setattr(text_module, "SIDE_LIMIT", 25)
    monkeypatch.setattr(text_module, "ROOM", 0)
    rng = random.Random(seed)
    text = text_module.Text("".join(rng.choice(["ab", "\n", "c\n"]) for _ in range(40)))
    for _ in range(60):
        ends = []
        for _ in range(2):
            line = rng.randrange(len(text.lines))
            ends.append(text_module.Place(line, rng.randrange(len(text.lines[line]) + 1)))
        text.replace(min(ends), max(ends) if rng.random() < 0.3 else min(ends), rng.choice(["x", "y\n", "\n\n", ""]))
        line = min(ends[0].line, len(text.lines) - 1)
        place = text_module.Place(line, rng.randrange(len(text.lines[line]) + 1))
        whole = str(copy.deepcopy(text))
        start = len(whole) - len("\n".join([text.lines[line][place.offset :], *text.lines[line + 1 :]]))

        assert text.before(place)[0] == whole[:start][-25:]
        assert text.after(place)[0] == whole[start:][:25]
