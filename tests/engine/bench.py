"""An engine on virtual time with a source that says what the test tells it, and a document to type in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field, replace

from fim_lsp.answer import Answer
from fim_lsp.desk import Setup
from fim_lsp.document import Edit, Snapshot
from fim_lsp.engine import Engine
from fim_lsp.errors import ProviderError
from fim_lsp.generation import Ask
from fim_lsp.providers.base import Delta, Finish, Prompt, Sampling
from fim_lsp.settings.model import Completion
from tests.engine.test_fit import snapshot

URI = "file:///a.py"


@dataclass
class Stream:
    """One request that reached the source."""

    prefix: str
    suffix: str
    sampling: Sampling
    at_ms: float
    closed_ms: float | None = None
    ended: bool = False


@dataclass
class Says:
    """A source: after `first_ms` it says a character each `each_ms`."""

    text: str | Callable[[Prompt], str] = "foo(1)\n"
    first_ms: float = 100
    each_ms: float = 10
    finish: Finish = "stop"
    error: ProviderError | None = None
    linger_ms: float = 0
    """How long the stream goes on after the model's own end: usage comes, and the end of the connection."""
    late_error: ProviderError | None = None
    """Raised after the model's own end."""
    used: str = "model"
    reads_context: bool = False
    streams: list[Stream] = field(default_factory=list)

    async def generate(
        self, prompt: Prompt, sampling: Sampling, *, invoked: bool = False
    ) -> AsyncGenerator[Delta, None]:
        stream = Stream(prompt.prefix, prompt.suffix, sampling, now_ms())
        self.streams.append(stream)
        try:
            await asyncio.sleep(self.first_ms / 1000)
            if self.error is not None:
                raise self.error
            for char in self.text if isinstance(self.text, str) else self.text(prompt):
                yield Delta(char)
                await asyncio.sleep(self.each_ms / 1000)
            yield Delta(finish=self.finish)
            await asyncio.sleep(self.linger_ms / 1000)
            if self.late_error is not None:
                raise self.late_error
            stream.ended = True
        finally:
            stream.closed_ms = now_ms()


def now_ms() -> float:
    return round(asyncio.get_running_loop().time() * 1000, 3)


class Bench:
    """`│` in a text is the cursor."""

    def __init__(self, source: Says | None = None, **completion: object) -> None:
        self.source = source or Says()
        self.setup = Setup(replace_completion(Completion(), completion), self.source)
        self.engine = Engine(
            setup_for=lambda snapshot: self.setup,
            make_prompt=self._make_prompt,
            clock=asyncio.get_running_loop().time,
            failed=lambda error, provider: self.failures.append(error),
            crashed=self._crashed,
        )
        self.failures: list[ProviderError] = []
        self.version = 1
        self.language = "python"
        self.text = ""
        self.cursor = 0

    async def _make_prompt(self, ask: Ask) -> Prompt:
        return Prompt(ask.snapshot.before, ask.snapshot.after[len(ask.closers) :])

    def _crashed(self, error: Exception) -> None:
        raise error

    def open(self, marked: str) -> None:
        before, after = marked.split("│")
        self.text, self.cursor = before + after, len(before)

    @property
    def before(self) -> str:
        return self.text[: self.cursor]

    @property
    def after(self) -> str:
        return self.text[self.cursor :]

    @property
    def now(self) -> Snapshot:
        made = snapshot(self.text[: self.cursor] + "│" + self.text[self.cursor :], self.version)
        return replace(made, uri=URI, language=self.language)

    def type(self, inserted: str, *, removed: int = 0, cursor: int | None = None) -> None:
        """One edit at the cursor; `removed` characters left of it go; `cursor`: where it ends up, from the start."""
        start = self.cursor - removed
        stands_at = start + (len(inserted) if cursor is None else cursor)
        self.edit(Edit(start, self.text[start : self.cursor], inserted), stands_at)

    def edit(self, edit: Edit, cursor: int) -> None:
        """One edit anywhere, and where the user's cursor is afterwards."""
        end = edit.offset + len(edit.removed)
        assert self.text[edit.offset : end] == edit.removed
        self.text = self.text[: edit.offset] + edit.inserted + self.text[end:]
        self.version += 1
        self.cursor = edit.offset + len(edit.inserted)
        self.engine.edited(URI, self.text.count("\n", 0, edit.offset), edit.inserted.count("\n") + 1)
        if self.engine.follows(URI):
            self.engine.typed(self.now, edit)
        self.cursor = cursor

    def ask(self, *, invoked: bool = False, menu: bool = False) -> asyncio.Task[Answer]:
        return asyncio.create_task(self.engine.complete(self.now, invoked=invoked, menu=menu))

    async def get(self, *, invoked: bool = False) -> Answer:
        return await self.engine.complete(self.now, invoked=invoked)

    async def shown(self, *, invoked: bool = False) -> str | None:
        """The text of the first suggestion, or None."""
        answer = await self.get(invoked=invoked)
        return answer.suggestions[0].text if answer.suggestions else None


def replace_completion(completion: Completion, changes: dict[str, object]) -> Completion:
    import msgspec

    return msgspec.structs.replace(completion, **changes)
