"""Whatever a user does, what is shown was said for this very text.

Random sessions on virtual time against a model whose words depend on every letter it read. The oracle knows all that
was ever asked and said: each suggestion must continue the document as one of those texts does.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from zlib import crc32

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fim_lsp.answer import Answer
from fim_lsp.providers.base import Prompt
from fim_lsp.replay.virtual import run
from fim_lsp.trim.rest_of_line import is_subsequence
from tests.engine.bench import Bench, Says

WORDS = ("alpha", "beta", "gamma(1)", "x = y", "[1, 2]", "return z", "\n", "\n", "foo(bar)", '"text"')
MOVES = (
    "along",
    "along",
    "along",
    "slip",
    "back",
    "enter",
    "pair",
    "paste",
    "accept",
    "line",
    "far",
    "wait",
    "hand",
    "undo",
    "below",
)


def says(prompt: Prompt) -> str:
    """The same words for the same prompt, other words for any other."""
    chance = random.Random(crc32((prompt.prefix + "\0" + prompt.suffix).encode()))
    return " ".join(chance.choice(WORDS) for _ in range(chance.randrange(1, 9))).replace(" \n ", "\n")


def without_what_stands_there(said: str, asked: str) -> Iterator[str]:
    """The text, and what follows where it begins by saying once more what stands before the cursor."""
    near = squeezed(asked[-300:])
    for count in range(len(said)):
        if near.endswith(squeezed(said[:count])):
            yield said[count:]


class Session:
    """One user, who remembers what the model has been asked and checks every answer against it."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        finish = self.chance.choice(("stop", "stop", "length"))
        self.bench = Bench(Says(says, first_ms=self.chance.choice((0, 30, 250)), each_ms=3, finish=finish))
        self.bench.open("# head\n" + "# filler\n" * 30 + "start │\nafter = 1\n" + "# more\n" * 30)
        self.asked: list[asyncio.Task[Answer]] = []
        self.rest = ""
        self.undo: list[tuple[str, int]] = []
        self.shown = 0

    async def play(self, moves: list[str]) -> None:
        for move in moves:
            self.undo.append((self.bench.text, self.bench.cursor))
            getattr(self, f"do_{move}")()
            await self.ask(invoked=move == "hand")
            await asyncio.sleep(self.chance.choice((0, 0.02, 0.09, 0.4)))
        await asyncio.sleep(10)
        for task in self.asked:
            assert task.done()

    async def ask(self, *, invoked: bool) -> None:
        now = self.bench.now
        task = self.bench.ask(invoked=invoked)
        self.asked.append(task)
        await asyncio.wait([task], timeout=self.chance.choice((0.001, 0.05, 1)))
        if not task.done():
            if self.chance.random() < 0.3:
                task.cancel()
            return
        self.rest = ""
        for suggestion in task.result().suggestions:
            self.check(now.before, now.after, suggestion.text, suggestion.replaces)
            self.rest = self.rest or suggestion.text

    def check(self, before: str, after: str, text: str, replaces: int) -> None:
        """The document with the suggestion must stand in what was once asked, followed by what was then said."""
        self.shown += 1
        assert text
        covered = after[:replaces]
        assert "\n" not in covered
        assert text != covered
        assert is_subsequence(covered, text)
        near = squeezed(before[-300:] + text)
        for stream in self.bench.source.streams:
            closers, found, _ = after.partition(stream.suffix[:100])
            goes_on = found and not closers.strip(')]"')
            texts = without_what_stands_there(says(Prompt(stream.prefix, stream.suffix)), stream.prefix)
            if goes_on and any(near in squeezed(stream.prefix + said) for said in texts):
                return
        raise AssertionError((before[-60:], text, after[:20]))

    def do_along(self) -> None:
        self.bench.type(self.rest[:1] or "a")

    def do_slip(self) -> None:
        self.bench.type(self.chance.choice("qzj_.("))

    def do_back(self) -> None:
        self.bench.type("", removed=1)

    def do_enter(self) -> None:
        self.bench.type("\n")

    def do_pair(self) -> None:
        self.bench.type(self.chance.choice(("()", "[]", '""')), cursor=1)

    def do_paste(self) -> None:
        self.bench.type("pasted text = 1\nand = more")

    def do_accept(self) -> None:
        if self.rest:
            self.bench.type(self.rest)

    def do_line(self) -> None:
        if self.rest.strip():
            self.bench.type(self.rest[: self.rest.find("\n", 1)] if "\n" in self.rest[1:] else self.rest)

    def do_far(self) -> None:
        place = self.bench.cursor
        self.bench.cursor = self.chance.randrange(3, 9)
        self.bench.type("k")
        self.bench.cursor = place + 1

    def do_below(self) -> None:
        place = self.bench.cursor
        self.bench.cursor = self.bench.text.index("after", place) + 5
        self.bench.type(self.chance.choice("xyz"))
        self.bench.cursor = place

    def do_undo(self) -> None:
        if len(self.undo) > 3:
            self.bench.text, self.bench.cursor = self.undo[-3]
            self.bench.version += 1
            self.bench.engine.rewritten(self.bench.now.uri)

    def do_wait(self) -> None:
        """Nothing: time passes."""

    def do_hand(self) -> None:
        """Asks by hand."""


def squeezed(text: str) -> str:
    """Without blanks, which the trimmer may write as the document does, and without the far edits."""
    return "".join(text.split()).replace("k", "")


@given(seed=st.integers(0, 2**32), moves=st.lists(st.sampled_from(MOVES), min_size=5, max_size=60))
@settings(max_examples=60, deadline=None)
def test_what_is_shown_was_said_for_this_text(seed: int, moves: list[str]) -> None:
    async def play() -> None:
        await Session(seed).play(moves)

    run(play())


@pytest.mark.parametrize("seed", range(10))
def test_sessions_do_show_something(seed: int) -> None:
    async def play() -> int:
        session = Session(seed)
        await session.play(["along"] * 20 + ["accept", "enter", "along", "line"] * 3)
        return session.shown

    assert run(play()) > 0
