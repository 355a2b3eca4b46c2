"""From what a model says to what the caller is told: cut at stop strings, counted, with exactly one ending."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass

from fim_lsp.gateway.api import Call
from fim_lsp.gateway.stops import Stops
from fim_lsp.gateway.wire import Finish
from fim_lsp.prompt import tokens
from fim_lsp.providers.base import Delta, Usage

COUNTS_PATIENCE_S = 0.25
"""How long the service may take to send its count after the text has ended."""


NOTHING = Usage()


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text; the last one, which may have none, says why it ends and what it took."""

    text: str
    finish: Finish | None = None
    usage: Usage = NOTHING


async def pieces(stop: Iterable[str], deltas: AsyncGenerator[Delta, None], count: Count) -> AsyncGenerator[Piece, None]:
    """`deltas` is closed at the end, or as soon as a stop string is complete. Raises ProviderError."""
    stops = Stops(stop)
    finish: Finish | None = None
    async with aclosing(deltas):
        async for delta in deltas:
            count.add(delta)
            text = stops.feed(delta.text)
            if text:
                yield Piece(text)
            if stops.hit:
                break
            if delta.finish is not None:
                finish = "stop" if delta.finish == "unknown" else delta.finish
                await _read_on(deltas, count)
                break
    yield Piece(stops.finish(), "stop" if stops.hit else finish or "stop", count.usage())


async def _read_on(deltas: AsyncGenerator[Delta, None], count: Count) -> None:
    """To the end of the stream, which keeps its connection for the next request."""
    try:
        async with asyncio.timeout(COUNTS_PATIENCE_S):
            async for delta in deltas:
                count.add(delta)
    except TimeoutError:
        pass


class Count:
    """The tokens of one call: as the service counts them, or estimated where it does not, or was left before."""

    def __init__(self, call: Call) -> None:
        self._call = call
        self._text: list[str] = []
        self._usage = NOTHING
        self.began = False
        """Whether the model has said anything, if only that it has nothing to say."""

    def add(self, delta: Delta) -> None:
        self.began = True
        if delta.text:
            self._text.append(delta.text)
        if delta.usage is not None:
            self._usage = delta.usage

    def usage(self) -> Usage:
        prompt = self._usage.prompt or tokens.estimate(self._call.prompt) + tokens.estimate(self._call.suffix)
        completion = self._usage.completion or tokens.estimate("".join(self._text))
        return Usage(prompt, completion, self._usage.cached)
