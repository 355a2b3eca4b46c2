"""What happened in one session, as bare facts; `figures` makes sense of them. Times are ms since the session began."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["item", "empty", "null", "cancelled", "error", "none"]


@dataclass(slots=True)
class Asked:
    """One request of the editor."""

    at_ms: float
    answered_ms: float | None = None
    outcome: Outcome = "none"
    fault: str = ""
    """What is wrong with the item; empty: nothing."""


@dataclass(slots=True)
class Rest:
    """A time in which the person typed nothing and could have looked at a suggestion."""

    after: Literal["key", "accept"]
    ghost_ms: float | None = None
    """From the last key (or acceptance) to the first suggestion on the screen; None: never."""
    right_ms: float | None = None
    """The same for the first suggestion whose first line was right."""


@dataclass(slots=True)
class Look:
    """The person read a suggestion."""

    right: bool
    lines: int


@dataclass(slots=True)
class Stream:
    """One answer of the model, as it was made."""

    at_ms: float
    prompt_tokens: int = 0
    cached_tokens: int = 0
    generated_tokens: int = 0
    ended_ms: float | None = None
    departed_ms: float | None = None
    """When the document stopped being the beginning of what the model was saying."""


@dataclass(slots=True)
class Record:
    """One session. Characters are of the file that was typed, wherever they came from."""

    client: str
    seed: int
    seconds: float = 0.0
    keys: int = 0
    """Everything pressed: characters, backspaces, acceptances."""
    typed: int = 0
    """Keys that changed the document, acceptances aside."""
    produced: int = 0
    accepted: int = 0
    """Characters that acceptances put in and that stayed."""
    flickers: int = 0
    asked: list[Asked] = field(default_factory=list)
    rests: list[Rest] = field(default_factory=list)
    looks: list[Look] = field(default_factory=list)
    streams: list[Stream] = field(default_factory=list)
    cpu_ms: float | None = None
    """What the server used while `cpu_keys` keys were typed: not what it used to load."""
    cpu_keys: int = 0
    differs: list[str] = field(default_factory=list)
    """Files that did not end up as they were meant to: a fault of the simulation, or of an item's range."""
