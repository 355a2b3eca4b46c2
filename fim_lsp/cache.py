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
        self._paid = _Paid(max_bytes, max_age_s, clock, self._drop)
        self._of: dict[str, list[GeneratedText]] = {}
        self._asked: Snapshot | None = None
        self._candidates: list[tuple[GeneratedText, int | None]] = []

    def add(self, text: GeneratedText) -> None:
        """A new text: it is not counted against the bound until it is `settled`."""
        self._paid.expire()
        texts = self._of.setdefault(text.uri, [])
        texts.insert(0, text)
        if self._asked is not None and self._asked.uri == text.uri:
            self._candidates = [(text, None), *self._candidates]
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
        self._drop(text)

    def _drop(self, text: GeneratedText) -> None:
        self._candidates = [candidate for candidate in self._candidates if candidate[0] is not text]
        texts = self._of.get(text.uri, [])
        if text in texts:
            texts.remove(text)

    def fitting(self, snapshot: Snapshot, jumps: int, closers: str = "") -> Iterator[tuple[GeneratedText, int]]:
        """Each text that fits with how much of it stands before the cursor; `closers` as for `GeneratedText.fit`.

        `jumps` counts the edits that were made elsewhere in the document; texts from before the last one have their
        names checked again.
        """
        for text, known in self._may_fit(snapshot, closers):
            consumed = known if text.settled and known is not None else text.fit(snapshot, closers)
            if consumed is None:
                continue
            if text.settled and text.id not in self._paid:
                self.discard(text)
                continue
            if text.jumps != jumps:
                if not text.names_still_there(snapshot, consumed):
                    self.discard(text)
                    continue
                text.jumps = jumps if text.settled else text.jumps
            yield text, consumed

    def _may_fit(self, snapshot: Snapshot, closers: str) -> list[tuple[GeneratedText, int | None]]:
        """The texts that fit, and with how much; None: that is to be asked, since it may change.

        A snapshot is asked about several times on its way: settled texts give the same answer each time.
        """
        if self._asked is not snapshot:
            line = snapshot.line_before
            fits = [
                (text, text.fit(snapshot, closers) if text.settled else None)
                for text in self._of.get(snapshot.uri, ())
                if not text.settled or text.may_reach(line)
            ]
            self._candidates = [(text, fit) for text, fit in fits if fit is not None or not text.settled]
            self._asked = snapshot
        return self._candidates

    def forget(self, uri: str) -> None:
        """The document was closed."""
        self._asked = None
        for text in self._of.pop(uri, []):
            self._paid.pop(text.id, None)

    def clear(self) -> None:
        self._asked = None
        self._paid.clear()
        self._of.clear()

    def __len__(self) -> int:
        return sum(len(texts) for texts in self._of.values())


class _Paid(TTLCache[str, GeneratedText]):
    """Bounded in bytes and age; `gone` is told of each text that has made room or grown too old."""

    def __init__(
        self, max_bytes: int, max_age_s: float, clock: Callable[[], float], gone: Callable[[GeneratedText], None]
    ) -> None:
        super().__init__(max_bytes, max_age_s, timer=clock, getsizeof=lambda text: text.size)
        self._gone = gone

    def expire(self, time: float | None = None) -> list[tuple[str, GeneratedText]]:
        expired = list(super().expire(time))
        for _, text in expired:
            self._gone(text)
        return expired

    def popitem(self) -> tuple[str, GeneratedText]:
        id, text = super().popitem()
        self._gone(text)
        return id, text
