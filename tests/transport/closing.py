"""How soon a service notices that nobody wants its answer any more."""

from __future__ import annotations

import time
from contextlib import aclosing

from fim_lsp.providers.base import Prompt, Sampling
from fim_lsp.upstream import Upstream
from tests.fim_server import FimServer, Script

ROUNDS = 6


async def quickest_close_ms(server: FimServer, upstream: Upstream) -> float:
    """The best of a few rounds: a busy machine may delay each of them, but not all."""
    server.script = Script(text="x" * 4000, tokens_per_s=100)
    quickest = float("inf")
    for _ in range(ROUNDS):
        async with aclosing(upstream.generate(Prompt("a", "b"), Sampling(max_tokens=1000))) as deltas:
            async for delta in deltas:
                if delta.text:
                    break
        left_at_s = time.monotonic()
        request = server.requests[-1]
        await server.until(lambda: request.closed_at_s is not None)  # noqa: B023  awaited within the round
        assert not request.answered
        quickest = min(quickest, ((request.closed_at_s or 0) - left_at_s) * 1000)
    return quickest
