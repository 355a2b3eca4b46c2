"""What the language server and the engine say to each other: two protocols and the values that pass between them.

Neither knows the other's inside. The server owns documents, positions and the wire; the engine owns settings, timing,
providers and every decision to be silent. Everything here is called on the event loop.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from fim_lsp.document import Edit, Observer, Snapshot, Suggestion
from fim_lsp.reasons import Reason
from fim_lsp.settings.model import Settings

Level = Literal["debug", "info", "warning", "error"]
State = Literal["idle", "busy", "paused", "error", "off"]
ProviderState = Literal["ready", "waiting", "blocked"]


@dataclass(frozen=True, slots=True)
class Selected:
    """The item that is selected in the editor's completion menu while it asks: a suggestion must begin with it."""

    text: str
    start: int
    """How many characters before the cursor the text that it replaces starts."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What there is to show at a snapshot: suggestions, or the reason for none."""

    suggestions: tuple[Suggestion, ...] = ()
    """The best first; more than one only if asked for by hand."""
    reason: Reason | None = None
    """Set exactly when there are no suggestions."""
    superseded: bool = False
    """A newer request or edit came first: the editor must keep what it shows."""
    provider: str = ""
    detail: str = ""
    """More on the reason: the rule's name, or what a provider's error says and what to do about it; never code."""
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    usage: Mapping[str, int] = field(default_factory=dict)
    """Tokens, where the service counted some for this request: prompt, cached, completion."""


@dataclass(frozen=True, slots=True)
class Decision:
    """One line of `fim-lsp.why`: what was decided for one request."""

    at_s: float
    """Seconds since the epoch."""
    uri: str
    version: int
    line: int
    """From 0, as is `column`, which counts characters."""
    column: int
    invoked: bool
    shown: int
    """How many suggestions were answered."""
    reason: Reason | None = None
    explanation: str = ""
    """The reason as a sentence for people."""
    provider: str = ""
    detail: str = ""
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    usage: Mapping[str, int] = field(default_factory=dict)
    """Tokens, where the service counted some for this request: prompt, cached, completion."""


@dataclass(frozen=True, slots=True)
class ProviderStatus:
    """How it stands with one provider, as far as the requests so far have shown."""

    name: str
    state: ProviderState
    """`blocked`: not asked before the settings change or the user clears; `ready`: asked at its next turn."""
    reason: Reason | None = None
    message: str = ""
    """One sentence for people; empty where it is ready."""
    next_try_s: float | None = None
    """Where it waits: in so many seconds it is asked again."""


@dataclass(frozen=True, slots=True)
class Status:
    """The body of `fim-lsp/status`, and the answer to the command of that name."""

    state: State
    reason: Reason | None = None
    provider: str = ""
    message: str = ""
    """One sentence for people; empty while all is well."""
    counters: Mapping[str, int] = field(default_factory=dict, compare=False)
    """How often what happened since the start: requests, tokens, shown, accepted, rejected. Numbers only."""
    providers: tuple[ProviderStatus, ...] = field(default=(), compare=False)
    """In the order in which they are tried; in the command's answer only, as are `counters`."""


class Host(Protocol):
    """What the engine may ask of the editor. Nothing here waits for the editor, nothing fails."""

    def log(self, level: Level, message: str) -> None:
        """To the editor's log and stderr, if `log_level` lets it through. Never code, never keys."""
        ...

    def tell(self, cause: str, message: str, level: Level = "warning") -> None:
        """A message that people see, once per cause in a session. `cause` is any stable word."""
        ...

    def status(self, status: Status) -> None:
        """The state has changed. Say `busy` and its end freely: an editor hears of it only where it helps."""
        ...


class Engine(Observer, Protocol):
    """Decides what to suggest. Made before `initialize` is answered: making and configuring it must import little."""

    def configure(self, editor_settings: Sequence[object], folders: Sequence[str]) -> None:
        """Take what the editor sent, raw, in parts of which the later are the stronger, and the folders' paths.

        Called before `initialize` is answered and at each change of either. Problems are told through the host.
        """
        ...

    @property
    def settings(self) -> Settings:
        """The settings that hold where no document is concerned (`log_level`, `menu`)."""
        ...

    def start(self) -> None:
        """`initialize` is answered: begin slow work (imports, warming connections, indexing) in the background."""
        ...

    async def complete(
        self, snapshot: Snapshot, *, invoked: bool, selected: Selected | None = None, menu: bool = False
    ) -> Answer:
        """Cancelled when the editor cancels its request. `menu`: for its completion menu, not for ghost text."""
        ...

    def follows(self, uri: str) -> bool:
        """Whether `typed` is of use for this document now. Freezing a snapshot costs, so this is asked first."""
        ...

    def typed(self, snapshot: Snapshot, edit: Edit) -> None:
        """A document changed in a single place; the snapshot's cursor is the end of what was inserted.

        The editor's cursor may be elsewhere: `()` arrives as one insertion with the cursor between the two.
        """
        ...

    def rewritten(self, uri: str) -> None:
        """A document changed in several places at once, or as a whole."""
        ...

    def refused(self, uri: str, reason: Reason) -> None:
        """A request never came to `complete`: the document is unknown, or the editor cancelled before its turn."""
        ...

    def files_changed(self, paths: Sequence[str]) -> None:
        """Files that settings or ignore rules may come from were created, changed or deleted."""
        ...

    def accepted(self, suggestion_id: str) -> None: ...
    def why(self) -> list[Decision]:
        """The last decisions, the newest first."""
        ...

    def status(self) -> Status: ...
    def toggle(self) -> bool:
        """Switch completion off or on again; True if it is on now."""
        ...

    def snooze(self, minutes: float) -> None:
        """Say nothing for a while; 0 ends it."""
        ...

    def clear(self) -> None:
        """Forget caches, back-off and refusals, and try again."""
        ...

    async def close(self) -> None: ...
