"""Completes at seeded places of files instead of typing them: how near is what is shown to what stood there?

At each place the rest of a line, or a few lines, are taken out and the server is asked as an editor asks by itself.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from difflib import SequenceMatcher
from random import Random
from statistics import fmean
from typing import Any

from fim_lsp import languages
from fim_lsp.cli.here import workspace_of
from fim_lsp.replay.buffer import Buffer
from fim_lsp.replay.client import ProcessServer
from fim_lsp.replay.judge import agreement
from fim_lsp.replay.keyboard import BRACKETS
from fim_lsp.replay.model import Model
from fim_lsp.replay.oracle import Oracle
from fim_lsp.replay.report import or_nothing, percent
from fim_lsp.replay.service import OracleService
from fim_lsp.replay.session import Source
from fim_lsp.replay.stage import SETTLE_S, Contender

MOST_LINES = 6
PATIENCE_S = 8.0

_TOKEN_START = re.compile(r"(?<!\w)\w|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Place:
    """`text[start:end]` was taken out; the cursor stands there."""

    source: Source
    start: int
    end: int

    @property
    def truth(self) -> str:
        return self.source.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Result:
    """What came of one place; all but `shown` is about a suggestion that was shown."""

    shown: bool
    perfect_line: bool = False
    """The first line is what stood there, to its end."""
    matched_prefix: float = 0.0
    """Share of the first line that was right up to the first difference."""
    similarity: float = 0.0
    """Of as many lines of the truth as were shown; 1: the same."""
    over_shown: bool = False
    """More lines than were taken out."""
    duplicated_closer: bool = False
    """The document has closing brackets without an opening one that it had not before."""
    repeated_line: bool = False
    """A line of it stands directly above or below, which it did not in the file."""


def choose(sources: Sequence[Source], count: int, seed: int) -> list[Place]:
    """Half of the places are at the beginning of a line, half inside one."""
    random = Random(f"{seed}:places")
    places: list[Place] = []
    for attempt in range(count * 50):
        place = _place(random, sources[attempt % len(sources)])
        if place is not None:
            places.append(place)
        if len(places) == count:
            break
    return places


def _place(random: Random, source: Source) -> Place | None:
    lines = source.text.split("\n")
    number = random.randrange(len(lines))
    starts = [token.start() for token in _TOKEN_START.finditer(lines[number])]
    if len(starts) < 3:
        return None
    column = starts[0] if random.random() < 0.5 else random.choice(starts[1:])
    start = sum(len(line) + 1 for line in lines[:number]) + column
    count = random.randint(1, MOST_LINES)
    while count > 1 and not "".join(lines[number + count - 1 : number + count]).strip():
        count -= 1
    end = start - column + len("\n".join(lines[number : number + count]))
    return Place(source, start, min(end, len(source.text)))


async def visit(
    contender: Contender, sources: Sequence[Source], count: int, seed: int, *, with_oracle: bool
) -> list[Result]:
    """Ask at each place, one after the other."""
    async with AsyncExitStack() as stack:
        settings: dict[str, Any] = dict(contender.settings)
        if with_oracle:
            oracle = Oracle(Model([source.text for source in sources], seed), seed)
            settings |= (await stack.enter_async_context(OracleService(oracle))).settings
        server = ProcessServer(workspace_of(sources[0].path), settings=settings, command=contender.command)
        await stack.enter_async_context(server)
        await asyncio.sleep(SETTLE_S)
        return [await _result(server, place) for place in choose(sources, count, seed)]


async def _result(server: ProcessServer, place: Place) -> Result:
    source = place.source
    text = source.text[: place.start] + source.text[place.end :]
    buffer = Buffer(source.path, languages.from_path(str(source.path)).id, text)
    buffer.cursor = place.start
    server.opened(buffer)
    try:
        async with asyncio.timeout(PATIENCE_S):
            reply = await server.ask(buffer)
    except TimeoutError:
        return Result(shown=False)
    finally:
        server.closed(buffer)
    if not reply.items:
        return Result(shown=False)
    item = reply.items[0]
    return judge(place, item.text[place.start - item.start :], item.end - place.start)


def judge(place: Place, shown: str, covered: int) -> Result:
    """`shown` went in at the place and took `covered` characters after it away."""
    text, truth = place.source.text, place.truth
    line, wanted = shown.split("\n")[0], truth.split("\n")[0]
    above = text[: place.start].split("\n")
    below = text[place.end + covered :]
    lines = shown.count("\n") + 1
    return Result(
        shown=True,
        perfect_line=line == wanted,
        matched_prefix=agreement(line, wanted) / max(1, len(wanted)),
        similarity=SequenceMatcher(None, shown, "\n".join(truth.split("\n")[:lines]), autojunk=False).ratio(),
        over_shown=lines > truth.count("\n") + 1,
        duplicated_closer=_unopened(text[: place.start] + shown + below)
        > _unopened(text[: place.start] + text[place.end :]),
        repeated_line=_repeats(above, shown, below) and not _repeats(above, truth, text[place.end :]),
    )


def _unopened(text: str) -> int:
    """How many closing brackets have no opening one before them."""
    depths = dict.fromkeys(BRACKETS, 0)
    unopened = 0
    for char in text:
        if char in BRACKETS:
            unopened += depths[char] == 0
            depths[char] = max(0, depths[char] - 1)
        else:
            for closer, opener in BRACKETS.items():
                depths[closer] += char == opener
    return unopened


def _repeats(above: Sequence[str], inserted: str, below: str) -> bool:
    """Whether the first or last whole line of what was inserted stands next to it, too."""
    lines = [above[-1] + line if not number else line for number, line in enumerate(inserted.split("\n"))]
    rest, _, following = below.partition("\n")
    lines[-1] += rest
    neighbours = [line for line in reversed(above[:-1]) if line.strip()][:1], following.lstrip("\n").split("\n")[:1]
    pairs = [(lines[0], neighbours[0]), (lines[-1], neighbours[1])]
    return any(line.strip() and len(line.strip()) > 3 and [line] == neighbour for line, neighbour in pairs)


FIGURES: tuple[tuple[str, str], ...] = (
    ("perfect_line", "perfect first line"),
    ("matched_prefix", "of the first line right up to the first difference"),
    ("similarity", "edit similarity"),
    ("over_shown", "more lines shown than were missing"),
    ("duplicated_closer", "duplicated closing bracket"),
    ("repeated_line", "line repeated"),
)


def summarise(results: Sequence[Result]) -> dict[str, float | None]:
    """Means over the places where something was shown; None: it was nowhere."""
    shown = [result for result in results if result.shown]
    means = {name: fmean(float(getattr(one, name)) for one in shown) if shown else None for name, _ in FIGURES}
    return {"places": len(results), "shown": len(shown) / max(1, len(results)), **means}


def rows(summaries: Mapping[str, Mapping[str, float | None]]) -> list[list[str]]:
    """For `report.table`."""
    lines = [["", *summaries], ["places", *(f"{one['places']:.0f}" for one in summaries.values())]]
    shares = (("shown", "shown"), *FIGURES)
    return lines + [[title, *(or_nothing(one[name], percent) for one in summaries.values())] for name, title in shares]
