"""`provider = "auto"`: completes with what is at hand from the first key on, and with what is found once it is."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from fim_lsp.chain import Chain, ProviderStatus
from fim_lsp.discovery import Found
from fim_lsp.providers.base import Delta, Prompt, Sampling


class Auto:
    """A chain that changes once. `make(None)` is the chain without any service."""

    def __init__(
        self,
        make: Callable[[Found | None], Chain],
        *,
        at_hand: Found | None,
        search: Callable[[], Awaitable[Found | None]],
        announce: Callable[[str], None],
    ) -> None:
        self._make = make
        self._search = search
        self._announce = announce
        self._found = at_hand
        self._announced = False
        self._chain = make(at_hand)

    @property
    def used(self) -> str:
        return self._chain.used

    @property
    def reads_context(self) -> bool:
        return self._chain.reads_context

    @property
    def names(self) -> tuple[str, ...]:
        return self._chain.names

    async def generate(
        self, prompt: Prompt, sampling: Sampling, *, invoked: bool = False
    ) -> AsyncGenerator[Delta, None]:
        """A service that nobody named is announced before anything is sent to it."""
        if self._found is not None and not self._announced:
            self._announced = True
            self._announce(self._found.announcement)
        async with aclosing(self._chain.generate(prompt, sampling, invoked=invoked)) as deltas:
            async for delta in deltas:
                yield delta

    def status(self) -> list[ProviderStatus]:
        return self._chain.status()

    def reset(self) -> None:
        self._chain.reset()

    async def warm(self) -> None:
        """Search, if nothing is at hand, and prepare the first provider. For the background."""
        if self._found is None and (found := await self._search()) is not None:
            self._found, self._chain = found, self._make(found)
        await self._chain.warm()
