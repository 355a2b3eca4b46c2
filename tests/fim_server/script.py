"""How the test server answers a request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Script:
    """The answer to a request: what the model says and how fast, or what goes wrong."""

    text: str | Callable[[Json], str] = "return a + b\n"
    """What the model says, or a function of the request's body."""
    first_token_ms: float = 0
    tokens_per_s: float = 0
    """0: all at once."""
    token_chars: int = 4
    """How long a token is, which is what one event carries."""
    finish: str = "stop"
    """What ends the text unless `max_tokens` or a stop string does: `stop`, `length`, `error`, `none`."""
    done: bool = True
    """Whether `[DONE]` ends the stream."""
    gather: bool = False
    """The last event carries text, finish and usage at once, as Mistral's does."""
    crlf: bool = False
    bytes_a_write: int = 0
    """Cut what goes out into pieces of so many bytes; 0: an event a write."""
    content: str = "string"
    """How Mistral's delta holds its text: `string`, or `list` of text chunks."""
    status: int = 200
    error: object = None
    """The body of an answer that is not 200: JSON, or bytes as they are; None: the service's own for this status."""
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""
    """A name in `FAULTS`: breaks the protocol instead of answering."""
    poses_as: str = "mistral"
    """Whose other pages there are: `mistral`, `llamacpp`, `ollama`, or `stranger` for none."""
    fills_in: bool = True
    """Whether the model (of llama.cpp, Ollama) can fill in the middle."""
    refuses_suffix: bool = False
    """Whether OpenAI's `suffix` is refused, as vLLM does."""
    loading: bool = False
    """No model is ready."""

    def says(self, body: Json) -> str:
        return self.text if isinstance(self.text, str) else self.text(body)
