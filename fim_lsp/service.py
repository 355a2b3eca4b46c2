"""The engine as the language server knows it, with settings, rules, providers and context around it.

Every part is made elsewhere and handed in; this is where an editor's documents and settings meet them.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2s
from typing import Protocol

from fim_lsp.answer import Answer, Decision, Host, ProviderStatus, Selected, State, Status
from fim_lsp.desk import Setup
from fim_lsp.document import Document, Edit, Observer, Snapshot
from fim_lsp.engine import Engine
from fim_lsp.errors import BackingOff, ConfigurationError, ProviderError, describe
from fim_lsp.generation import MakePrompt, Source
from fim_lsp.reasons import SENTENCES, Reason
from fim_lsp.settings.model import Completion, Settings
from fim_lsp.settings.resolve import Resolved

DECISIONS_KEPT = 100


class SettingsFor(Protocol):
    """Settings, by document."""

    def configure(self, *editor: object, folders: Sequence[str] = ()) -> None: ...
    def for_document(self, path: str | None) -> Resolved: ...


@dataclass(frozen=True, slots=True)
class Parts:
    """What a service is made of. Each is used on the event loop only."""

    settings: SettingsFor
    refusal: Callable[[Snapshot, Settings], tuple[Reason, str] | None]
    """Why a document's text may not be used at all, with the rule."""
    source: Callable[[Settings], Source]
    """Whom to ask. Quick: chains are made once per settings."""
    providers: Callable[[Settings], tuple[ProviderStatus, ...]]
    """How it stands with each of them."""
    make_prompt: MakePrompt
    observers: Sequence[Observer]
    """Who follows the documents besides the engine."""
    visited: Callable[[Snapshot], None]
    folders: Callable[[Sequence[str]], None]
    start: Callable[[], None]
    files_changed: Callable[[Sequence[str]], None]
    clear: Callable[[], None]
    close: Callable[[], Awaitable[None]]
    guess: Callable[[Settings], Callable[[Snapshot], str] | None] = lambda settings: None
    """What to show while a model's first answer is out, where the settings ask for it."""
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], float] = time.time


_NO_HEX_DIGITS = str.maketrans("0123456789abcdef", "ghijklmnopqrstuv")


def cache_key(uri: str) -> str:
    """One word a document, the same each day, for services that keep prompts warm.

    Whoever looks through what is sent for a secret of hex digits does not find a part of one in it by chance.
    """
    digest = blake2s(uri.encode(errors="replace"), digest_size=12, person=b"fim-lsp").hexdigest()
    return digest.translate(_NO_HEX_DIGITS)


class Service:
    """Implements `answer.Engine`."""

    def __init__(self, host: Host, parts: Parts) -> None:
        self._host = host
        self._parts = parts
        self._engine = Engine(
            setup_for=self._setup_for,
            make_prompt=parts.make_prompt,
            clock=parts.clock,
            failed=self._provider_failed,
            crashed=self._crashed,
            worked=self._worked,
        )
        self._decisions: deque[Decision] = deque(maxlen=DECISIONS_KEPT)
        self._open: dict[str, Document] = {}
        self._made_by: dict[str, tuple[Completion, Source]] = {}
        """By what settings and by whom the texts of each document were made."""
        self._is_on = True
        self._snoozed_until = 0.0
        self._waking: asyncio.TimerHandle | None = None
        self._busy = False
        self._error: ProviderError | None = None
        self._provider = ""
        self._asked_in: str | None = None
        """Path of the document that was asked about last: its settings say who the providers are."""

    # Requests

    async def complete(
        self, snapshot: Snapshot, *, invoked: bool, selected: Selected | None = None, menu: bool = False
    ) -> Answer:
        asked_at = self._parts.clock()
        try:
            answer = await self._answer(snapshot, invoked, selected, menu)
        except asyncio.CancelledError:
            took_ms = round((self._parts.clock() - asked_at) * 1000, 3)
            cancelled = Answer(reason=Reason.CANCELLED, timings_ms={"total": took_ms})
            self._decisions.appendleft(self._decision(snapshot, invoked, cancelled))
            raise
        except Exception as error:
            self._crashed(error)
            answer = Answer(reason=Reason.INTERNAL, detail=type(error).__name__)
        self._decisions.appendleft(self._decision(snapshot, invoked, answer))
        if answer.suggestions:
            self._provided(answer.provider)
        return answer

    async def _answer(self, snapshot: Snapshot, invoked: bool, selected: Selected | None, menu: bool) -> Answer:
        document = self._open.get(snapshot.uri)
        if document is None or document.version != snapshot.version:
            # What changed or closed the document came in one read with the request, and was applied before this runs.
            return Answer(reason=Reason.SUPERSEDED, superseded=True)
        self._asked_in = snapshot.path
        self._parts.visited(snapshot)
        return await self._engine.complete(snapshot, invoked=invoked, selected=selected, menu=menu)

    def follows(self, uri: str) -> bool:
        return self._engine.follows(uri)

    def typed(self, snapshot: Snapshot, edit: Edit) -> None:
        self._engine.typed(snapshot, edit)

    def rewritten(self, uri: str) -> None:
        self._engine.rewritten(uri)

    # Documents

    def opened(self, document: Document) -> None:
        self._open[document.uri] = document
        for observer in self._parts.observers:
            observer.opened(document)

    def edited(self, document: Document, start: int, removed: int, added: int) -> None:
        self._engine.edited(document.uri, start, added)
        for observer in self._parts.observers:
            observer.edited(document, start, removed, added)

    def closed(self, uri: str) -> None:
        self._open.pop(uri, None)
        self._engine.closed(uri)
        self._made_by.pop(uri, None)
        for observer in self._parts.observers:
            observer.closed(uri)

    def refused(self, uri: str, reason: Reason) -> None:
        self._decisions.appendleft(
            Decision(
                at_s=self._parts.now(),
                uri=uri,
                version=0,
                line=0,
                column=0,
                invoked=False,
                shown=0,
                reason=reason,
                explanation=SENTENCES[reason],
            )
        )

    def files_changed(self, paths: Sequence[str]) -> None:
        self._parts.files_changed(paths)

    # Settings and state

    def configure(self, editor_settings: Sequence[object], folders: Sequence[str]) -> None:
        self._parts.settings.configure(*editor_settings, folders=folders)
        self._parts.folders(folders)
        self._error = None
        self._engine.reconsider()
        self._tell_status()

    @property
    def settings(self) -> Settings:
        return self._parts.settings.for_document(None).settings

    def start(self) -> None:
        self._parts.start()

    def accepted(self, suggestion_id: str) -> None:
        """Editors that say so are few: acceptance is read from the edits, for all of them alike."""

    def why(self) -> list[Decision]:
        return list(self._decisions)

    def status(self) -> Status:
        settings = self._parts.settings.for_document(self._asked_in).settings
        return replace(self._status_now(), counters=self._engine.counters(), providers=self._parts.providers(settings))

    def toggle(self) -> bool:
        self._is_on = not self._is_on
        self._engine.reconsider()
        self._tell_status()
        return self._is_on and self.settings.enabled

    def snooze(self, minutes: float) -> None:
        self._wake()
        if minutes > 0:
            self._snoozed_until = self._parts.clock() + minutes * 60
            self._waking = asyncio.get_running_loop().call_later(minutes * 60, self._wake)
            self._engine.reconsider()
            self._tell_status()

    def _wake(self) -> None:
        """The snooze is over."""
        self._forget_waking()
        self._snoozed_until = 0.0
        self._tell_status()

    def _forget_waking(self) -> None:
        if self._waking is not None:
            self._waking.cancel()
            self._waking = None

    def clear(self) -> None:
        self._engine.clear()
        self._parts.clear()
        self._error = None
        self._tell_status()

    async def close(self) -> None:
        self._forget_waking()
        await self._engine.close()
        await self._parts.close()

    # Inside

    def _setup_for(self, snapshot: Snapshot) -> Setup:
        settings = self._parts.settings.for_document(snapshot.path).settings
        reason, detail = self._refusal(snapshot, settings) or (None, "")
        setup = Setup(
            completion=settings.completion_for(snapshot.language),
            source=self._parts.source(settings),
            refusal=reason,
            detail=detail,
            cache_key=cache_key(snapshot.uri),
            guess=self._parts.guess(settings),
        )
        made_by = setup.completion, setup.source
        if self._made_by.setdefault(snapshot.uri, made_by) != made_by:
            self._made_by[snapshot.uri] = made_by
            self._engine.forget(snapshot.uri)
        return setup

    def _refusal(self, snapshot: Snapshot, settings: Settings) -> tuple[Reason, str] | None:
        if not (settings.enabled and self._is_on):
            return Reason.DISABLED, ""
        if self._snoozed_until > self._parts.clock():
            return Reason.SNOOZED, ""
        if not settings.enabled_for(snapshot.language):
            return Reason.LANGUAGE_OFF, snapshot.language
        return self._parts.refusal(snapshot, settings)

    def _state(self) -> tuple[State, Reason | None, str]:
        if not (self.settings.enabled and self._is_on):
            return "off", Reason.DISABLED, SENTENCES[Reason.DISABLED]
        if self._snoozed_until > self._parts.clock():
            return "paused", Reason.SNOOZED, SENTENCES[Reason.SNOOZED]
        if self._error is not None:
            state: State = "error" if isinstance(self._error, ConfigurationError) else "paused"
            return state, self._error.reason, self._error.message
        return ("busy" if self._busy else "idle"), None, ""

    def _worked(self, busy: bool) -> None:
        if busy != self._busy:
            self._busy = busy
            self._tell_status()

    def _tell_status(self) -> None:
        self._host.status(self._status_now())

    def _status_now(self) -> Status:
        state, reason, message = self._state()
        return Status(state, reason, self._provider, message)

    def _provided(self, provider: str) -> None:
        """A suggestion was shown, so whatever had failed works again."""
        had_failed, self._error, self._provider = self._error is not None, None, provider
        if had_failed:
            self._tell_status()

    def _provider_failed(self, error: ProviderError, provider: str) -> None:
        self._error, self._provider = error, provider or self._provider
        if not isinstance(error, BackingOff):
            self._host.tell(f"{provider}:{error.cause}", error.message)
        self._tell_status()

    def _crashed(self, error: Exception) -> None:
        self._host.log("error", f"A completion failed: {describe(error)}")

    def _decision(self, snapshot: Snapshot, invoked: bool, answer: Answer) -> Decision:
        return Decision(
            at_s=self._parts.now(),
            uri=snapshot.uri,
            version=snapshot.version,
            line=snapshot.line,
            column=len(snapshot.line_before),
            invoked=invoked,
            shown=len(answer.suggestions),
            reason=answer.reason,
            explanation=SENTENCES[answer.reason] if answer.reason else "",
            provider=answer.provider,
            detail=answer.detail,
            timings_ms=answer.timings_ms,
            usage=answer.usage,
        )
