"""The generated texts of all documents: live ones, and those already paid for, bounded in bytes and age."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cachetools import TTLCache

from fim_lsp.document import Snapshot
from fim_lsp.generated import GeneratedText

MAX_BYTES = 8_000_000
MAX_AGE_S = 3_600.0
PER_DOCUMENT = 64


class Texts:
    """Answers one question: which texts fit a snapshot, the newest first."""

    def __init__(self, clock: Callable[[], float], max_bytes: int = MAX_BYTES, max_age_s: float = MAX_AGE_S) -> None:
        self._paid: TTLCache[str, GeneratedText] = TTLCache(
            max_bytes, max_age_s, timer=clock, getsizeof=lambda text: text.size
        )
        self._of: dict[str, list[GeneratedText]] = {}
        self._asked: Snapshot | None = None
        self._answers: dict[str, int | None] = {}

    def add(self, text: GeneratedText) -> None:
        """A new text: it is not counted against the bound until it is `settled`."""
        texts = self._of.setdefault(text.uri, [])
        texts.insert(0, text)
        for oldest in texts[PER_DOCUMENT:]:
            self.discard(oldest)

    def settled(self, text: GeneratedText) -> None:
        """The text is whole, or as whole as it will be. One that was forgotten meanwhile stays so."""
        text.settled = True
        self._paid.pop(text.id, None)
        if text.size <= self._paid.maxsize and text in self._of.get(text.uri, ()):
            self._paid[text.id] = text

    def discard(self, text: GeneratedText) -> None:
        """The text is of no use: its generation failed."""
        self._paid.pop(text.id, None)
        texts = self._of.get(text.uri, [])
        if text in texts:
            texts.remove(text)

    def fitting(self, snapshot: Snapshot, jumps: int) -> Iterator[tuple[GeneratedText, int]]:
        """Each text that fits with how much of it stands before the cursor.

        `jumps` counts the edits that were made elsewhere in the document; texts from before the last one have their
        names checked again.
        """
        for text in list(self._of.get(snapshot.uri, ())):
            if text.settled and text.id not in self._paid:
                self.discard(text)
                continue
            consumed = self._fit(text, snapshot)
            if consumed is None:
                continue
            if text.jumps != jumps:
                if not text.names_still_there(snapshot, consumed):
                    self.discard(text)
                    continue
                text.jumps = jumps if text.settled else text.jumps
            yield text, consumed

    def _fit(self, text: GeneratedText, snapshot: Snapshot) -> int | None:
        """One snapshot is asked about several times on its way; what is settled gives the same answer each time."""
        if not text.settled:
            return text.fit(snapshot)
        if self._asked is not snapshot:
            self._asked, self._answers = snapshot, {}
        if text.id not in self._answers:
            self._answers[text.id] = text.fit(snapshot)
        return self._answers[text.id]

    def forget(self, uri: str) -> None:
        """The document was closed."""
        for text in self._of.pop(uri, []):
            self._paid.pop(text.id, None)

    def clear(self) -> None:
        self._paid.clear()
        self._of.clear()

    def __len__(self) -> int:
        return sum(len(texts) for texts in self._of.values())
