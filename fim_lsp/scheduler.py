"""Sole owner of the tasks that generate: at most one a document (alternatives aside), a small number in all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from fim_lsp.generated import GeneratedText

MOST_LIVE = 6


class Scheduler:
    """Starts and ends generations. A stopped one has closed its connection when its task has ended.

    Each has its end told exactly once, even if it was stopped before its first step.
    """

    def __init__(self, most_live: int = MOST_LIVE) -> None:
        self._most_live = most_live
        self._tasks: dict[GeneratedText, asyncio.Task[None]] = {}

    def start(self, text: GeneratedText, generation: Coroutine[Any, Any, None], ended: Callable[[], None]) -> None:
        """Run a generation. The main text of a document takes the place of the one before; in all, the oldest goes."""
        if text.variant == 0:
            self.stop_document(text.uri, but=text)
        while len(self._tasks) >= self._most_live:
            self.stop(next(iter(self._tasks)))
        task = asyncio.get_running_loop().create_task(generation)
        self._tasks[text] = task
        task.add_done_callback(lambda _: self._over(text, ended))

    def stop(self, text: GeneratedText) -> None:
        """End a generation now; what it has said stays."""
        task = self._tasks.pop(text, None)
        if task is not None:
            task.cancel()
        text.live = False

    def _over(self, text: GeneratedText, ended: Callable[[], None]) -> None:
        self._tasks.pop(text, None)
        ended()

    def stop_document(self, uri: str, but: GeneratedText | None = None) -> None:
        for text in [text for text in self._tasks if text.uri == uri and text is not but]:
            self.stop(text)

    def stop_all(self) -> None:
        for text in list(self._tasks):
            self.stop(text)

    def live(self, uri: str) -> list[GeneratedText]:
        """The texts being generated for a document."""
        return [text for text in self._tasks if text.uri == uri]

    def __len__(self) -> int:
        return len(self._tasks)

    @property
    def room(self) -> int:
        return self._most_live - len(self._tasks)

    async def close(self) -> None:
        """End everything and wait until it has ended."""
        tasks = list(self._tasks.values())
        self.stop_all()
        await asyncio.gather(*tasks, return_exceptions=True)
