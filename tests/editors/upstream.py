"""The test FIM server in a thread of its own, with a model that knows what its user is about to write."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.fim_server import FimServer, Script


class Upstream:
    """`knows` maps what the user has just written to what follows it."""

    def __init__(self) -> None:
        self.knows: dict[str, str] = {}
        self.server = FimServer(Script(text=self._say, gather=True))

    @property
    def requests(self) -> int:
        return len(self.server.requests)

    def slow(self, first_token_ms: float) -> None:
        self.server.script = Script(text=self._say, gather=True, first_token_ms=first_token_ms)

    def _say(self, body: dict[str, Any]) -> str:
        """The rest of the text that the prompt is in the middle of."""
        prompt = str(body.get("prompt", ""))
        for start, text in self.knows.items():
            _, found, typed = prompt.rpartition(start)
            if found and text.startswith(typed):
                return text[len(typed) :]
        return ""


@contextmanager
def running() -> Iterator[Upstream]:
    upstream = Upstream()
    loop = asyncio.new_event_loop()
    started, stop = threading.Event(), asyncio.Event()

    async def serve() -> None:
        async with upstream.server:
            started.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert started.wait(10), "the test FIM server does not start"
    try:
        yield upstream
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
