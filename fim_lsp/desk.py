"""What the engine remembers of one open document between requests."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from fim_lsp.acceptance import Acceptance
from fim_lsp.answer import Selected
from fim_lsp.closers import AutoClosers
from fim_lsp.document import Edit, Snapshot
from fim_lsp.generated import GeneratedText
from fim_lsp.generation import Source
from fim_lsp.keystrokes import Key, key_of
from fim_lsp.pause import pause_ms
from fim_lsp.reasons import Reason
from fim_lsp.settings.model import Completion
from fim_lsp.trim import Place

KEYS_WITHOUT_REQUEST = 20
"""An editor that has let this many keys pass without asking has stopped asking: then nothing is asked early either."""


@dataclass(frozen=True, slots=True)
class Setup:
    """What settings and rules decide about one document, before any of its text is looked at."""

    completion: Completion
    source: Source
    refusal: Reason | None = None
    """Set where nothing may be suggested here."""
    detail: str = ""
    cache_key: str | None = None
    guess: Callable[[Snapshot], str] | None = None
    """What the embedded engine is sure of, shown while the model's first answer is out; "": nothing."""


@dataclass(slots=True, eq=False)
class Request:
    """One request of the editor that has not been answered yet."""

    snapshot: Snapshot
    invoked: bool
    setup: Setup
    asked_at: float
    selected: Selected | None = None
    menu: bool = False
    """For the completion menu, not for ghost text."""
    original: Snapshot = field(init=False)
    """The snapshot as sent; `snapshot` may have the menu's selected item put in."""
    place: Place | None = None
    text: GeneratedText | None = None
    """The text that is being generated for it."""
    superseded: bool = False
    expired: bool = False
    """Its deadline has passed."""
    wake: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.original = self.snapshot

    def place_by(self, make: Callable[[Snapshot, Completion], Place]) -> Callable[[], Place]:
        """The request's place, made when it is needed and only once."""

        def place() -> Place:
            if self.place is None or self.place.snapshot is not self.snapshot:
                self.place = make(self.snapshot, self.setup.completion)
            return self.place

        return place

    def supersede(self) -> None:
        self.superseded = True
        self.wake.set()

    def is_beside(self, other: Request) -> bool:
        """Whether one is for the menu and one for ghost text at the same place: the editor wants both answered."""
        return self.menu != other.menu and self.original == other.original

    def expire(self) -> None:
        self.expired = True
        self.wake.set()

    @property
    def usage(self) -> Mapping[str, int]:
        """Tokens of the text that was generated for this request, as the service counts them."""
        text = self.text
        if text is None or not text.prompt_tokens:
            return {}
        return {"prompt": text.prompt_tokens, "cached": text.cached_tokens, "completion": text.completion_tokens}

    def timings_ms(self, now: float) -> Mapping[str, float]:
        timings = {"total": round((now - self.asked_at) * 1000, 3)}
        if self.text is not None and self.text.first_text_at:
            timings["first_text"] = round((self.text.first_text_at - self.text.asked_at) * 1000, 3)
        return timings


@dataclass(slots=True, eq=False)
class Desk:
    """One document's state: where the user is, what was shown, what is asked."""

    uri: str
    snapshot: Snapshot | None = None
    """The newest known text and cursor."""
    closers: AutoClosers = field(default_factory=AutoClosers)
    acceptance: Acceptance = field(default_factory=Acceptance)
    requests: list[Request] = field(default_factory=list)
    keys_since_request: int = KEYS_WITHOUT_REQUEST + 1
    fitted: GeneratedText | None = None
    """The text that fitted last."""
    key: Key = Key.BULK
    """What was typed last, and when."""
    key_at: float = 0.0
    ask_at: float = 0.0
    """When the pause after the last key is over, where the settings do not say."""
    timer: asyncio.TimerHandle | None = None
    jumps: int = 0
    line: int = -1

    def typed(self, snapshot: Snapshot, edit: Edit, now: float) -> None:
        """Takes note of an edit in one place. Whoever waits for an answer waits for one to another text."""
        self.closers.edited(snapshot, edit)
        fate = self.acceptance.edited(snapshot, edit)
        self.key = Key.ACCEPTANCE if fate in ("whole", "line", "word") else key_of(edit)
        self.key_at = now
        self.keys_since_request += 1
        self.snapshot = snapshot
        self.supersede()
        self.cancel_timer()

    def edited(self, start: int, added: int) -> None:
        """Takes note of where an edit happened: one elsewhere may change what names mean here."""
        if self.line >= 0 and not self.line - 1 <= start <= self.line + 1:
            self.jumps += 1
        self.line = start + max(0, added - 1)

    def rewritten(self) -> None:
        """Takes note that the text became another one in a way that says nothing of the user."""
        self.acceptance.shown = None
        self.snapshot = None
        self.supersede()
        self.cancel_timer()

    def pause(self, departed: GeneratedText | None) -> None:
        """Decides how long to wait after the last key; `departed`: the text it has left, if there is one."""
        if self.snapshot is not None:
            departure = departed.departure(self.snapshot) if departed is not None else None
            self.ask_at = self.key_at + pause_ms(self.key, self.snapshot, departure) / 1000

    def due_at(self, since: float, completion: Completion) -> float:
        """When to ask: after the pause, or so long after `since` as the settings say."""
        debounce = completion.debounce_ms
        return since + debounce / 1000 if isinstance(debounce, int) else self.ask_at

    @property
    def asks(self) -> bool:
        """Whether the editor is asking for suggestions in this document."""
        return self.keys_since_request <= KEYS_WITHOUT_REQUEST

    def supersede(self, by: Request | None = None) -> None:
        """Every request that waits is answered `null`: an edit, or the newer request `by`, came first."""
        for request in self.requests:
            if by is None or not request.is_beside(by):
                request.supersede()

    def look_again(self) -> None:
        """Texts were closed that the document has not left: whoever waited for one may ask for another."""
        for request in self.requests:
            if request.text is not None and not request.text.live:
                request.text = None
        self.wake()

    def wake(self) -> None:
        for request in self.requests:
            request.wake.set()

    def cancel_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None
