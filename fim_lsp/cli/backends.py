"""Whom to ask, for any settings: chains of providers, made once, and what `provider = "auto"` comes to here."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import suppress
from typing import Any, NamedTuple

from fim_lsp.answer import Host, ProviderStatus
from fim_lsp.chain import Chain, make_chain
from fim_lsp.discovery import Found, by_key, by_search, tried
from fim_lsp.errors import ProviderError
from fim_lsp.generation import Source
from fim_lsp.keys import Keys, from_keyring
from fim_lsp.ledger import Ledger
from fim_lsp.lookup.engine import Lookup
from fim_lsp.lookup.source import NAME as LOOKUP
from fim_lsp.lookup.source import LookupSource
from fim_lsp.privacy.redact import Redactor
from fim_lsp.providers.base import Delta, Prompt, Sampling
from fim_lsp.settings.model import Network, Settings
from fim_lsp.settings.resolve import Resolved
from fim_lsp.shared_file import SharedFile, state_file
from fim_lsp.transport import Transport

SEARCH_AGAIN_S = 60.0
"""A local server may be started after the editor."""
MOST_CHAINS = 8


class _Known(NamedTuple):
    made_of: object
    """What of the settings it comes from."""
    chain: Chain
    source: Source


class Backends:
    """Belongs to one event loop."""

    def __init__(self, host: Host, lookup: Lookup, resolved: Callable[[], Resolved]) -> None:
        self._host = host
        self._lookup = lookup
        self._redactor = Redactor()
        self._ledger = Ledger(SharedFile(state_file()))
        self._keys = Keys(set_in=lambda key: resolved().source_of(key))
        self._transports: dict[Network, Transport] = {}
        self._chains: list[_Known] = []
        """The last used first."""
        self._found: Found | None = None
        self._searched_at = float("-inf")
        self._tasks: set[asyncio.Task[None]] = set()
        self._announced: set[str] = set()

    def source(self, settings: Settings) -> Source:
        """The chain of the providers that the settings name. The same object for the same settings."""
        found = self._found_for(settings) if settings.provider == "auto" else None
        return self._known_for(settings, found).source

    def status(self, settings: Settings) -> tuple[ProviderStatus, ...]:
        """Of the providers that the settings name, from what is known already: nothing is asked, nothing searched."""
        found = (by_key(settings, os.environ) or self._found) if settings.provider == "auto" else None
        return self._known_for(settings, found).chain.status()

    def _known_for(self, settings: Settings, found: Found | None) -> _Known:
        wanted = (
            settings.provider,
            settings.providers,
            settings.network,
            settings.limits,
            settings.completion,
            settings.lookup,
            settings.privacy,
            found,
        )
        for position, known in enumerate(self._chains):
            if known.made_of == wanted:
                self._chains.insert(0, self._chains.pop(position))
                return known
        chain = self._make(settings, found)
        known = _Known(wanted, chain, _Announced(chain, found, self._announce) if found is not None else chain)
        self._chains = [known, *self._chains[: MOST_CHAINS - 1]]
        return known

    def warm(self, settings: Settings) -> None:
        """Prepare what the settings name, in the background."""
        self.source(settings)
        self._begin(self._warm(self._chains[0].chain))

    def clear(self) -> None:
        """Forget failures and waits, and look again for what there is."""
        for known in self._chains:
            known.chain.reset()
        self._forget_found()

    def configured(self) -> None:
        """The settings may have changed. Others make other chains; a wait that a service asked for still holds."""
        self._forget_found()

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        closing = [transport.aclose() for transport in self._transports.values()]
        await asyncio.gather(*self._tasks, *closing, return_exceptions=True)
        await self._ledger.close()

    async def _warm(self, chain: Chain) -> None:
        await chain.warm()
        gc.freeze()  # what has been imported stays: the collector need not look at it again

    def _make(self, settings: Settings, found: Found | None) -> Chain:
        settings, names = tried(settings, found)
        redact = self._redactor.text if settings.privacy.redact else None
        return make_chain(
            names,
            settings,
            transport=self._transport_for(settings.network),
            ledger=self._ledger,
            key_for=self._keys.getter,
            local={LOOKUP: LookupSource(self._lookup, lambda: settings.lookup, redact=redact)},
            failed=self._failed,
        )

    def _forget_found(self) -> None:
        self._found, self._searched_at = None, float("-inf")

    def _found_for(self, settings: Settings) -> Found | None:
        """A key in sight at once; what takes a search is begun, and holds when it has ended."""
        keyed = by_key(settings, os.environ)
        if keyed is not None:
            return keyed
        now = asyncio.get_running_loop().time()
        if self._found is None and now - self._searched_at > SEARCH_AGAIN_S:
            self._searched_at = now
            self._begin(self._search(settings))
        return self._found

    async def _search(self, settings: Settings) -> None:
        with suppress(ProviderError, OSError):
            self._found = await by_search(settings, self._transport_for(settings.network), from_keyring)

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _transport_for(self, network: Network) -> Transport:
        if network not in self._transports:
            self._transports[network] = Transport(network)
        return self._transports[network]

    def _failed(self, error: ProviderError, provider: str) -> None:
        self._host.tell(f"{provider}:{error.cause}", error.message)

    def _announce(self, found: Found) -> None:
        if found.announcement not in self._announced:
            self._announced.add(found.announcement)
            self._host.tell(f"auto:{found.name}", found.announcement, "info")


class _Announced:
    """A chain that `auto` has chosen: the user is told before anything is sent."""

    def __init__(self, chain: Chain, found: Found, announce: Callable[[Found], None]) -> None:
        self._chain = chain
        self._found = found
        self._announce = announce

    @property
    def used(self) -> str:
        return self._chain.used

    @property
    def reads_context(self) -> bool:
        return self._chain.reads_context

    def generate(self, prompt: Prompt, sampling: Sampling, *, invoked: bool) -> AsyncGenerator[Delta, None]:
        self._announce(self._found)
        return self._chain.generate(prompt, sampling, invoked=invoked)
