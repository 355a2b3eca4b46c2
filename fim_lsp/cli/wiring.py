"""What everything is made of: the one place where the parts of a server are put together."""

from __future__ import annotations

import asyncio
import os
import time
from dataclasses import replace

from fim_lsp import prompt as prompts
from fim_lsp.answer import Host
from fim_lsp.chain import Chain, make_chain
from fim_lsp.context.gatherer import Gatherer
from fim_lsp.document import Snapshot
from fim_lsp.errors import ProviderError
from fim_lsp.generation import Ask, Source
from fim_lsp.keys import Keys
from fim_lsp.ledger import Ledger
from fim_lsp.lookup.engine import Lookup
from fim_lsp.lookup.source import LookupSource
from fim_lsp.privacy.gate import Gate
from fim_lsp.providers.base import Prompt, Snippet
from fim_lsp.reasons import Reason
from fim_lsp.service import Parts, Service
from fim_lsp.settings.layers import Problem
from fim_lsp.settings.model import Network, Settings
from fim_lsp.settings.sources import Sources, user_file
from fim_lsp.shared_file import SharedFile, state_file
from fim_lsp.transport import Transport

AUTO = (("mistral", "MISTRAL_API_KEY"), ("codestral", "CODESTRAL_API_KEY"))


def make_service(host: Host) -> Service:
    """A service for one editor."""
    return _Workshop(host).service


class _Workshop:
    """Holds what the parts share."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._gate = Gate()
        self._sources = Sources(environ=os.environ, user_file=user_file(), report=self._report)
        self._lookup = Lookup()
        self._gatherer = Gatherer(clock=time.monotonic, may_leave=self._may_be_context)
        self._prompts: dict[str, Prompt] = {}
        self._ledger = Ledger(SharedFile(state_file()))
        self._keys = Keys()
        self._transports: dict[Network, Transport] = {}
        self._chains: dict[int, tuple[object, Chain]] = {}
        self._background: list[asyncio.Task[None]] = []
        self.service = Service(
            host,
            Parts(
                settings=self._sources,
                refusal=self._refusal,
                source=self._source,
                make_prompt=self._make_prompt,
                observers=(self._lookup, self._gatherer),
                visited=self._gatherer.visited,
                folders=self._gate.configure,
                start=self._start,
                files_changed=lambda paths: None,
                clear=self._clear,
                close=self._close,
                salt=os.urandom(16),
            ),
        )

    def _report(self, problem: Problem) -> None:
        self._host.tell(f"settings:{problem}", str(problem))

    def _refusal(self, snapshot: Snapshot, settings: Settings) -> tuple[Reason, str] | None:
        verdict = self._gate.may_leave(snapshot.path, settings.privacy, uri=snapshot.uri)
        return None if verdict.allowed or verdict.reason is None else (verdict.reason, verdict.rule)

    def _may_be_context(self, path: str) -> bool:
        return self._gate.may_leave(path, self._sources.for_document(path).settings.privacy).allowed

    def _source(self, settings: Settings) -> Source:
        """The chain of the providers that the settings name; made once for the same settings."""
        wanted = (settings.provider, settings.providers, settings.network, settings.limits, settings.completion)
        known = self._chains.get(id(settings.providers))
        if known is not None and known[0] == wanted:
            return known[1]
        chain = make_chain(
            self._names(settings),
            settings,
            transport=self._transport_for(settings.network),
            ledger=self._ledger,
            key_for=self._keys.getter,
            local={"lookup": LookupSource(self._lookup, lambda: settings.lookup)},
            failed=self._failed,
        )
        self._chains = {id(settings.providers): (wanted, chain)}
        return chain

    def _names(self, settings: Settings) -> tuple[str, ...]:
        if settings.provider != "auto":
            return (settings.provider,) if isinstance(settings.provider, str) else settings.provider
        keyed = [name for name, variable in AUTO if os.environ.get(variable)]
        return (*keyed[:1], "lookup")

    def _transport_for(self, network: Network) -> Transport:
        if network not in self._transports:
            self._transports[network] = Transport(network)
        return self._transports[network]

    def _failed(self, error: ProviderError, provider: str) -> None:
        self._host.tell(f"{provider}:{error.cause}", error.message)

    def _clear(self) -> None:
        for _, chain in self._chains.values():
            chain.reset()

    async def _close(self) -> None:
        for transport in self._transports.values():
            await transport.aclose()
        await self._ledger.close()

    def _start(self) -> None:
        chain = self._source(self._sources.for_document(None).settings)
        assert isinstance(chain, Chain)
        self._background.append(asyncio.get_running_loop().create_task(chain.warm()))

    async def _make_prompt(self, ask: Ask) -> Prompt:
        snapshot = ask.snapshot
        settings = self._sources.for_document(snapshot.path).settings
        folder = self._sources.folder_of(snapshot.path)
        snippets: tuple[Snippet, ...] = ()
        if ask.source.reads_context:
            snippets = await self._gatherer.snippets(snapshot, settings.context, folder=folder)
        built = prompts.build(
            snapshot,
            budget_tokens=settings.context.max_tokens,
            snippets=snippets,
            path=_relative(snapshot.path, folder),
            project=os.path.basename(folder) if folder else "",
            closers=len(ask.closers),
            head=settings.context.head,
            previous=self._prompts.get(snapshot.uri),
        )
        self._prompts[snapshot.uri] = built
        return replace(built, uri=snapshot.uri, line=snapshot.line)


def _relative(path: str | None, folder: str | None) -> str:
    if path is None:
        return ""
    return os.path.relpath(path, folder).replace(os.sep, "/") if folder else os.path.basename(path)
