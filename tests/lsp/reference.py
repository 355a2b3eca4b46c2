"""A document as one string, every rule of the protocol spelled out slowly; and a client that keeps both in step."""

from __future__ import annotations

import copy
import random
import re
from typing import Any

from lsprotocol import types

from fim_lsp.document import Document, Edit, Snapshot
from fim_lsp.lsp.convert import ENCODINGS
from fim_lsp.lsp.sync import Sync

URI = "file:///a.py"
CODECS = {"utf-8": ("utf-8", 1), "utf-16": ("utf-16-le", 2), "utf-32": ("utf-32-le", 4)}
ALPHABET = [
    *("a", "b", " ", "(", ")", "é", "漢", "😀", "👨\u200d👩\u200d👧", "\u200d", "e\u0301", "\t", "\0"),
    *("\n", "\n", "\r", "\r\n", "\r\n"),
    *("\f", "\v", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"),
    *("\ud83d", "\ude00"),
]


class Reference:
    """The text, and where a position is in it."""

    def __init__(self, text: str, encoding: str) -> None:
        self.text = text
        self._codec, self._unit = CODECS[encoding]

    def units(self, text: str) -> int:
        return len(text.encode(self._codec, "surrogatepass")) // self._unit

    def offset(self, line: int, column: int) -> int:
        starts = [0, *(match.end() for match in re.finditer("\r\n|\n|\r", self.text))]
        if line >= len(starts):
            return len(self.text)
        offset = starts[line]
        while offset < len(self.text) and self.text[offset] not in "\r\n":
            column -= self.units(self.text[offset])
            if column < 0:
                break
            offset += 1
        return offset

    def replace(self, start: tuple[int, int], end: tuple[int, int], text: str) -> None:
        self.text = self.text[: self.offset(*start)] + text + self.text[self.offset(*end) :]

    @property
    def lines(self) -> list[str]:
        return re.split("\r\n|\n|\r", self.text)


def lf(text: str) -> str:
    return re.sub("\r\n|\r", "\n", text)


def whole(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def has_halves(text: str) -> bool:
    return any("\ud800" <= character <= "\udfff" for character in text)


class Mirror:
    """An observer that knows the lines only from what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.edits: list[tuple[Snapshot, Edit]] = []

    def opened(self, document: Document) -> None:
        self.lines = list(document.lines)

    def edited(self, document: Document, start: int, removed: int, added: int) -> None:
        assert start >= 0
        assert start + removed <= len(self.lines)
        self.lines[start : start + removed] = document.lines[start : start + added]

    def closed(self, uri: str) -> None:
        self.lines = []

    def follows(self, uri: str) -> bool:
        return True

    def typed(self, snapshot: Snapshot, edit: Edit) -> None:
        self.edits.append((snapshot, edit))

    def rewritten(self, uri: str) -> None:
        pass


class Session:
    """Sends the same changes to a document and to its reference, and compares all there is to compare."""

    def __init__(self, encoding: str, text: str = "") -> None:
        self.mirror = Mirror()
        self.sync = Sync(self.mirror, ENCODINGS[encoding])
        self.reference = Reference(text, encoding)
        self.version = 0
        self.sync.open(types.TextDocumentItem(URI, "python", self.version, text))
        self.ever_halves = has_halves(text)

    @property
    def document(self) -> Any:
        return self.sync.documents[URI]

    def change(self, *changes: tuple[tuple[int, int], tuple[int, int], str] | str) -> None:
        """Ranges with their text, or whole texts, in one notification."""
        before = lf(self.reference.text)
        sent: list[types.TextDocumentContentChangeEvent] = []
        for change in changes:
            if isinstance(change, str):
                self.reference.text = change
                sent.append(types.TextDocumentContentChangeWholeDocument(change))
            else:
                start, end, text = change
                self.reference.replace(start, end, text)
                range_ = types.Range(types.Position(*start), types.Position(*end))
                sent.append(types.TextDocumentContentChangePartial(range_, text))
            self.ever_halves = self.ever_halves or has_halves(sent[-1].text)
        self.version += 1
        self.sync.change(types.VersionedTextDocumentIdentifier(self.version, URI), sent)
        self.check(before)

    def check(self, before: str) -> None:
        reference, document = self.reference, self.document
        assert str(copy.deepcopy(document.text)) == reference.text  # a look puts long lines together
        assert list(document.lines) == [whole(line) for line in reference.lines]
        if not self.ever_halves:
            assert self.mirror.lines == reference.lines
        for snapshot, edit in self.mirror.edits:
            assert snapshot.before + snapshot.after == lf(reference.text)
            assert snapshot.before[edit.offset :] == edit.inserted
            assert snapshot.before[: edit.offset] + edit.removed + snapshot.after == before
        self.mirror.edits.clear()

    def check_snapshot(self, line: int, column: int) -> None:
        frozen = self.sync.freeze(URI, types.Position(line, column))
        assert frozen is not None
        snapshot, cursor = frozen
        offset = self.reference.offset(line, column)
        head = self.reference.text[:offset]
        assert snapshot.before == whole(lf(head))
        assert snapshot.after == whole(lf(self.reference.text[offset:]))
        assert snapshot.line == len(re.findall("\r\n|\n|\r", head))
        assert snapshot.version == self.version
        assert cursor.column == self.reference.units(re.split("[\r\n]", head)[-1])


def random_text(rng: random.Random, longest: int = 12) -> str:
    return "".join(rng.choice(ALPHABET) for _ in range(rng.randrange(longest)))


def random_place(rng: random.Random, session: Session) -> tuple[int, int]:
    """Mostly inside, sometimes past the end of a line or of the document."""
    if rng.random() < 0.03:
        return (rng.choice([0, 1, 2**31 - 1]), 2**31 - 1)
    line = rng.randrange(len(session.reference.lines) + 1)
    return (line, rng.randrange(10))


def random_change(rng: random.Random, session: Session) -> tuple[tuple[int, int], tuple[int, int], str] | str:
    if rng.random() < 0.01 or len(session.reference.text) > 150:
        return random_text(rng, 30)
    start, end = sorted((random_place(rng, session), random_place(rng, session)))
    if rng.random() < 0.6:
        end = start
    return (start, end, random_text(rng))
