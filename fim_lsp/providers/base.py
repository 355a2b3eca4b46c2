"""The contract of a wire format: a prompt in our words to a request in theirs, their payloads to text in ours.

A provider does not know sockets, time, settings files or editors: two pure functions and a table of examples.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

Json = Mapping[str, Any]
Framing = Literal["sse", "ndjson", "json"]
Finish = Literal["stop", "length", "error", "unknown"]


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of another file, or of a far part of the same one."""

    path: str
    """Relative to the workspace folder, with `/`."""
    text: str
    source: str
    """Where it comes from: `definition`, `edit`, `visit`, `similar`, `head`."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """What the model is to read, before any wire format or model template."""

    prefix: str
    """Ends with exactly the text before the cursor."""
    suffix: str
    """Starts with exactly the text after the cursor (without closers the editor has just put in)."""
    path: str = ""
    """The document's path relative to its workspace folder, with `/`; or its name."""
    language: str = ""
    project: str = ""
    """Name of the workspace folder."""
    snippets: tuple[Snippet, ...] = ()
    uri: str = ""
    """The open document, for sources that follow documents by themselves."""
    line: int = 0
    """The cursor's line in the document, from 0."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to generate. None means: not sent, the service decides."""

    max_tokens: int = 128
    temperature: float | None = 0.0
    top_p: float | None = None
    min_tokens: int | None = None
    random_seed: int | None = None
    stop: tuple[str, ...] = ()
    stream: bool = True
    cache_key: str | None = None
    """Stable for a place, for services that keep prompts warm (`prompt_cache_key`)."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One configured provider with its key: `[providers.NAME]` after all sources are merged."""

    name: str
    kind: str
    base_url: str
    model: str = ""
    key: str = field(default="", repr=False)
    template: str = ""
    """Name of a record in `prompt.formats`; empty: the service's own, or by model family where that is certain."""
    extra: Json = field(default_factory=dict)
    """Merged into the request body as it stands."""


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request."""

    url: str
    body: Json = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    method: str = "POST"
    framing: Framing = "sse"
    """How the answer's body is cut into payloads: SSE events, JSON lines, or one JSON value."""


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens, as the service counts them."""

    prompt: int = 0
    completion: int = 0
    cached: int = 0


@dataclass(frozen=True, slots=True)
class Delta:
    """What one payload adds."""

    text: str = ""
    finish: Finish | None = None
    usage: Usage | None = None


class Provider(Protocol):
    """A wire format; its module is named after its `kind`."""

    kind: str

    def encode(self, prompt: Prompt, sampling: Sampling, endpoint: Endpoint) -> Request:
        """The request to send. Raises ConfigurationError where the endpoint cannot fill in the middle."""
        ...

    def decode(self, payload: Any) -> Delta:
        """One parsed JSON payload of the answer; what is unknown adds nothing. Raises ProviderError for an error."""
        ...
