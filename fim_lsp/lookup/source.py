"""The embedded engine as a source of texts, next to the models."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

from fim_lsp.document import Snapshot
from fim_lsp.lookup.engine import Lookup
from fim_lsp.providers.base import Delta, Prompt, Sampling
from fim_lsp.settings import model as settings

NAME = "lookup"


class LookupSource:
    """Answers a prompt at once, or with nothing. The prompt's text stands for the document's around the cursor."""

    def __init__(self, lookup: Lookup, gates: Callable[[], settings.Lookup]) -> None:
        self._lookup = lookup
        self._gates = gates

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
        yield Delta(guess.text if guess is not None else "", "stop")
