"""The embedded engine as a source of texts, next to the models."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

from fim_lsp.document import Snapshot
from fim_lsp.lookup.engine import Lookup
from fim_lsp.providers.base import Delta, Prompt, Sampling
from fim_lsp.settings import model as settings

NAME = "lookup"
SURE = 0.85
"""A guess that stands in for a model's answer is right at least this often."""


class LookupSource:
    """Answers a prompt at once, or with nothing. The prompt's text stands for the document's around the cursor."""

    def __init__(
        self, lookup: Lookup, gates: Callable[[], settings.Lookup], *, redact: Callable[[str, str], str] | None = None
    ) -> None:
        """`redact` masks the secrets of a text in a language: a guess that has one is not said."""
        self._lookup = lookup
        self._gates = gates
        self._redact = redact

    @property
    def used(self) -> str:
        return NAME

    @property
    def reads_context(self) -> bool:
        """No: it follows the documents and knows the project by itself."""
        return False

    async def generate(
        self, prompt: Prompt, sampling: Sampling, *, invoked: bool = False
    ) -> AsyncGenerator[Delta, None]:
        """One delta with all that follows surely enough."""
        gates = self._gates()
        snapshot = Snapshot(
            uri=prompt.uri,
            language=prompt.language,
            version=0,
            before=prompt.prefix,
            after=prompt.suffix,
            path=prompt.path or None,
            line=prompt.line,
        )
        gate = gates.invoked_gate if invoked else gates.automatic_gate
        guess = self._lookup.complete(snapshot, gate=gate)
        yield Delta(guess.text if guess is not None and self._is_clean(snapshot, guess.text) else "", "stop")

    def sure(self, snapshot: Snapshot) -> str:
        """What follows with so much certainty that it may stand in for a model's answer; "" for nothing."""
        gate = max(SURE, self._gates().automatic_gate)
        guess = self._lookup.complete(snapshot, gate=gate)
        return guess.text if guess is not None and self._is_clean(snapshot, guess.text) else ""

    def _is_clean(self, snapshot: Snapshot, text: str) -> bool:
        line = snapshot.line_before + text
        return self._redact is None or self._redact(line, snapshot.language) == line
