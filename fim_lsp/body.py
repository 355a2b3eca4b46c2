"""Reading an answer's body: not for too long, and not too much of it. Knows bytes and time, but no HTTP client."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Callable

from fim_lsp.errors import Broken

SIZE_LIMIT = 4 << 20
"""Bytes read of one answer, before and after decompression: no completion is near it."""


class Watch:
    """Ends waiting that takes too long. One timer for any number of waits: it is looked at when it fires."""

    def __init__(self, give_up: Callable[[], None]) -> None:
        self._give_up = give_up
        self._loop = asyncio.get_running_loop()
        self._until: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, longest_s: float, end: float) -> None:
        """From now on something is waited for, `longest_s` or until `end` by the loop's clock."""
        self._until = min(self._loop.time() + longest_s, end)
        if self._timer is None or self._timer.when() > self._until:
            self._set_timer(self._until)

    def pause(self) -> None:
        """It has come."""
        self._until = None

    def end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _set_timer(self, at: float) -> None:
        self.end()
        self._timer = self._loop.call_at(at, self._look)

    def _look(self) -> None:
        self._timer = None
        if self._until is None:
            return
        if self._loop.time() < self._until:
            self._set_timer(self._until)
        else:
            self._give_up()


class Inflate:
    """Undoes a content encoding that we did not ask for, never making more than the answer's limit of one chunk."""

    def __init__(self, encoding: str) -> None:
        encoding = encoding.strip().lower()
        if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise Broken(f"The service answers in an encoding not asked for ({encoding[:20]}). Check base_url.")
        self._zlib = None if encoding in ("", "identity") else zlib.decompressobj(wbits=32 + zlib.MAX_WBITS)

    def __call__(self, chunk: bytes) -> bytes:
        return chunk if self._zlib is None else self._zlib.decompress(chunk, SIZE_LIMIT + 1)
