"""How one text comes to be: context, prompt, stream, and the end that the trimmer knows before the model does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Protocol

from fim_lsp import trim
from fim_lsp.document import Snapshot
from fim_lsp.generated import GeneratedText
from fim_lsp.providers.base import Delta, Prompt, Sampling
from fim_lsp.reasons import Reason
from fim_lsp.settings.model import Completion


class Refused(Exception):
    """This prompt may not be sent."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


class Source(Protocol):
    """Whoever answers prompts: a chain of providers."""

    @property
    def used(self) -> str:
        """Name of the provider that answered last."""
        ...

    @property
    def reads_context(self) -> bool:
        """Whether it makes use of snippets from other places."""
        ...

    def generate(self, prompt: Prompt, sampling: Sampling, *, invoked: bool) -> AsyncGenerator[Delta, None]:
        """Raises ProviderError. Closing the generator closes its connection."""
        ...


@dataclass(frozen=True, slots=True)
class Ask:
    """One text to generate: for which snapshot, how, and whether a person waits for it."""

    snapshot: Snapshot
    closers: str
    completion: Completion
    place: Callable[[], trim.Place]
    """Made when it is first needed, at the latest when the model begins to talk."""
    invoked: bool
    source: Source
    variant: int = 0
    cache_key: str | None = None
    """Stable for the document, for services that keep prompts warm."""


MakePrompt = Callable[[Ask], Awaitable[Prompt]]
"""Gathers context, lays out the window and redacts. Raises Refused."""

VARIED_TEMPERATURES = (0.0, 0.4, 0.7, 0.9)


def sampling(completion: Completion, variant: int = 0, cache_key: str | None = None) -> Sampling:
    """How to generate; alternatives are warmer, each with a seed of its own."""
    plain = Sampling(
        max_tokens=completion.max_tokens,
        temperature=completion.temperature,
        top_p=completion.top_p,
        min_tokens=completion.min_tokens,
        random_seed=completion.random_seed,
        stop=completion.stop,
        cache_key=cache_key,
    )
    if not variant:
        return plain
    warmer = VARIED_TEMPERATURES[min(variant, len(VARIED_TEMPERATURES) - 1)]
    return replace(plain, temperature=max(warmer, completion.temperature), random_seed=variant)


async def generate(
    text: GeneratedText,
    ask: Ask,
    *,
    make_prompt: MakePrompt,
    grew: Callable[[GeneratedText, str], bool],
    clock: Callable[[], float],
) -> None:
    """Let `text` grow until the model, the trimmer or `grew` ends it.

    `grew` is called with what was added, also when that is nothing but the end, and answers whether anyone still wants
    more. After the model's own end the stream is read on, so that its connection can be used again.
    Raises ProviderError and Refused.
    """
    prompt = await make_prompt(ask)
    how = sampling(ask.completion, ask.variant, ask.cache_key)
    start = len(text.text)
    clean = trim.Cleaner(ask.snapshot.before)
    async with aclosing(ask.source.generate(prompt, how, invoked=ask.invoked)) as deltas:
        async for delta in deltas:
            _count(text, delta)
            if text.finish is not None:
                continue
            added = clean.feed(delta.text) + (clean.finish() if delta.finish is not None else "")
            text.provider = ask.source.used
            text.text += added
            if added and not text.first_text_at:
                text.first_text_at = clock()
            end = trim.stop(text.text[start:], ask.place()) if added else None
            if end is not None:
                text.text = text.text[: start + end]
            text.finish = delta.finish if end is None else "stop"
            if (added or text.finish) and not grew(text, added):
                return
            if text.finish is not None:
                await asyncio.sleep(0)  # for whoever waits for the text: to close a stream is in no hurry
            if end is not None:
                return
    if text.finish is None:
        text.text += clean.finish()


def _count(text: GeneratedText, delta: Delta) -> None:
    if delta.usage is not None:
        text.prompt_tokens += delta.usage.prompt
        text.cached_tokens += delta.usage.cached
        text.completion_tokens += delta.usage.completion
