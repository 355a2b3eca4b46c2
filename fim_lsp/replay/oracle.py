"""A simulated Codestral: `Model`'s words at a model's pace, with its bill.

One answer is `speak`; it is given out in this process, where a chain of providers would stand, or over HTTP
(`upstream`). It notes every stream: what it cost, and how long it ran on after the document had left it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from math import exp
from random import Random

from fim_lsp.providers.base import Delta, Endpoint, Finish, Prompt, Sampling, Usage
from fim_lsp.providers.mistral import Mistral
from fim_lsp.replay.model import Model, tokens
from fim_lsp.replay.record import Stream

BLOCK_TOKENS = 64
"""A prompt's head is kept warm in blocks of this size."""
NEAR = 240
"""So many characters of a prompt's end say where a stream began."""
AHEAD = 60
"""So many before the cursor say whether the document is on its way there."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast the model is."""

    first_token_ms: float = 250.0
    """Median."""
    spread: float = 0.35
    """Of the logarithm: nine in ten first tokens come within 1.57 times the median."""
    tokens_per_s: float = 90.0

    def first_token(self, random: Random) -> float:
        """Seconds."""
        return self.first_token_ms / 1000 * exp(random.gauss(0, self.spread))


@dataclass(slots=True)
class Speech:
    """A stream, while and after it is spoken."""

    near: str
    """The end of its prompt."""
    stream: Stream
    text: str = ""

    @property
    def live(self) -> bool:
        return self.stream.ended_ms is None

    def agrees(self, before: str) -> bool:
        """Whether a document's text up to the cursor is still on the way that the stream describes."""
        at = before.rfind(self.near, max(0, len(before) - len(self.near) - len(self.text) - 400))
        if at < 0:  # the stream may have begun ahead of the cursor
            return before[-AHEAD:] in self.near
        typed = before[at + len(self.near) :]
        return self.text.startswith(typed) or typed.startswith(self.text) or _blankless(self.text, typed)


@dataclass(slots=True)
class Oracle:
    """Speaks for any number of requests at a time."""

    model: Model
    seed: int
    pace: Pace = field(default_factory=Pace)
    used: str = "oracle"
    reads_context: bool = True
    speeches: list[Speech] = field(default_factory=list)
    _warm: set[int] = field(default_factory=set)
    _began: float = field(default_factory=lambda: asyncio.get_running_loop().time())

    @property
    def streams(self) -> list[Stream]:
        return [speech.stream for speech in self.speeches]

    async def generate(self, prompt: Prompt, sampling: Sampling, *, invoked: bool) -> AsyncGenerator[Delta, None]:
        """As a chain of providers does, with what Mistral's wire format would send."""
        body = Mistral().encode(prompt, sampling, Endpoint("oracle", "mistral", "http://oracle")).body
        speech = self.speak(str(body["prompt"]), str(body.get("suffix") or ""), int(body["max_tokens"]))
        async with aclosing(speech) as deltas:
            async for delta in deltas:
                yield delta

    async def speak(self, prompt: str, suffix: str, max_tokens: int) -> AsyncGenerator[Delta, None]:
        """Token after token, each at its time; the last carries the reason for the end, and the bill."""
        loop = asyncio.get_running_loop()
        random = Random(f"{self.seed}:{len(self.speeches)}")
        speech = self._begin(prompt, suffix)
        stream = speech.stream
        due = loop.time() + self.pace.first_token(random)
        said = tokens(self.model.say(prompt, suffix))
        finish: Finish = "stop" if len(said) <= max_tokens else "length"
        try:
            for token in said[:max_tokens]:
                await _until(due)
                stream.generated_tokens += 1
                speech.text += token
                yield Delta(token)
                due += 1 / self.pace.tokens_per_s
            await _until(due)
            yield Delta("", finish, Usage(stream.prompt_tokens, stream.generated_tokens, stream.cached_tokens))
        finally:
            stream.ended_ms = self._now_ms()

    def departed(self, before: str) -> None:
        """The document changed: note the streams that it has left."""
        for speech in reversed(self.speeches[-8:]):
            if speech.live and speech.stream.departed_ms is None and not speech.agrees(before):
                speech.stream.departed_ms = self._now_ms()

    def said(self, before: str, line: str) -> bool:
        """Whether some stream has said that `line` follows `before`; blanks do not count."""
        wanted = "".join((before[-60:] + line).split())
        for speech in reversed(self.speeches):
            if wanted[-len("".join(line.split())) - 20 :] in "".join((speech.near + speech.text).split()):
                return True
        return False

    def _begin(self, prompt: str, suffix: str) -> Speech:
        read = tokens(suffix) + tokens(prompt)  # in the order in which Codestral reads them
        stream = Stream(self._now_ms(), prompt_tokens=len(read), cached_tokens=self._cached(read))
        speech = Speech(prompt[-NEAR:], stream)
        self.speeches.append(speech)
        return speech

    def _cached(self, read: Sequence[str]) -> int:
        """How many tokens of the head were read before, in whole blocks."""
        cached, head, known = 0, 0, True
        for start in range(0, len(read) - BLOCK_TOKENS + 1, BLOCK_TOKENS):
            head = hash((head, *read[start : start + BLOCK_TOKENS]))
            known = known and head in self._warm
            cached += BLOCK_TOKENS if known else 0
            self._warm.add(head)
        return cached

    def _now_ms(self) -> float:
        return (asyncio.get_running_loop().time() - self._began) * 1000


async def _until(due: float) -> None:
    wait = due - asyncio.get_running_loop().time()
    if wait > 0:
        await asyncio.sleep(wait)


def _blankless(said: str, typed: str) -> bool:
    """Agreement where an editor's indent on a blank line is all that differs."""
    lines = typed.split("\n")
    bare = "\n".join([line if line.strip() else "" for line in lines[:-1]] + lines[-1:])
    return said.startswith(bare) or bare.startswith(said)
