"""The editor's open documents, live: what it sends is applied here, and frozen here before anybody awaits.

Positions are clamped, as the protocol asks: a column past the end of a line is its end, a line past the end of the
document is the document's end. Whoever wants to know of changes is an `Observer`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lsprotocol import types

from fim_lsp.closers import CLOSER_OF
from fim_lsp.document import Edit, Snapshot, count_common
from fim_lsp.lsp.convert import Cursor, Encoding, Place
from fim_lsp.lsp.ruler import Ruler
from fim_lsp.lsp.text import Splice, Text

_HALF = re.compile("[\ud800-\udfff]")
"""Half a surrogate pair. Editors send it when an edit splits a character; no encoding can carry it further."""
_CLOSERS = frozenset(CLOSER_OF.values())
LINES_OF_NO_KEY = 2
"""Some editors send a typed key as its whole line; who sends more lines that stay as they are has formatted them."""


class TextDocument:
    """One open document; a `Document` for the rest of the program."""

    def __init__(self, item: types.TextDocumentItem, path: str | None, encoding: Encoding) -> None:
        self.uri = item.uri
        self.path = path
        self.language = item.language_id
        self.version = item.version
        self.encoding = encoding
        self.text = Text(item.text)
        self._ruler = Ruler(encoding)
        self._has_halves = _has_halves(item.text)
        self._is_sent_in_ranges = False
        """The editor has sent a change with a range: then it sends no key as a whole text."""
        self._frozen: tuple[Place, Snapshot] | None = None
        """The last snapshot, until the next change: a request mostly asks where the last key was typed."""

    @property
    def lines(self) -> Sequence[str]:
        return [_whole(line) for line in self.text.lines] if self._has_halves else self.text.lines

    def place(self, position: types.Position) -> Place:
        if position.line >= len(self.text.lines):
            return self.text.end
        line = self.text.line(position.line)
        return Place(position.line, self._ruler.index(position.line, line, position.character))

    def cursor(self, place: Place) -> Cursor:
        column = self._ruler.column(place.line, self.text.line(place.line), place.offset)
        return Cursor(place, column, self.encoding, self.text.line_end(place.line))

    def freeze(self, place: Place) -> Snapshot:
        if self._frozen is None or self._frozen[0] != place or self._frozen[1].version != self.version:
            self._frozen = place, self._freeze(place)
        return self._frozen[1]

    def _freeze(self, place: Place) -> Snapshot:
        before, before_is_cut = self.text.before(place)
        after, after_is_cut = self.text.after(place)
        return Snapshot(
            uri=self.uri,
            language=self.language,
            version=self.version,
            before=_whole(before) if self._has_halves else before,
            after=_whole(after) if self._has_halves else after,
            path=self.path,
            line=place.line,
            before_is_cut=before_is_cut,
            after_is_cut=after_is_cut,
        )

    def change(self, change: types.TextDocumentContentChangeEvent, touched: Touched) -> Splice:
        """Apply one change, and note in `touched` where it was."""
        self._frozen = None
        self._has_halves = self._has_halves or _has_halves(change.text)
        if isinstance(change, types.TextDocumentContentChangeWholeDocument):
            old = self.text.lines
            splice = self.text.replace_all(change.text)
            self._ruler.forget()
            touched.lines(self.text, old, splice)
            if self._is_sent_in_ranges and splice.removed:
                touched.scatter()
            return splice
        self._is_sent_in_ranges = True
        start, end = sorted((self.place(change.range.start), self.place(change.range.end)))
        touched.widen(self.text, start, end)
        self._ruler.edited(start, self.text.line(start.line))
        splice = self.text.replace(start, end, change.text)
        if splice.start != start.line:  # a line end has grown together with the one above
            self._ruler.forget()
        touched.shift(end, splice.end)
        return splice

    def typed(self, touched: Touched) -> tuple[Edit, Snapshot] | None:
        """The changes as one edit, with the snapshot at its end; None if it takes more to tell what happened."""
        if touched.start is None or touched.end is None or self._has_halves:
            return None
        inserted = self.text.between(touched.start, touched.end)
        head, removed, inserted = _without_common_ends(touched.old, inserted)
        stayed = touched.old.count("\n") - removed.count("\n")
        if stayed >= LINES_OF_NO_KEY and (removed or inserted):
            return None
        snapshot = self.freeze(_advance(touched.start, head + inserted))
        if len(inserted) > len(snapshot.before):
            return None
        return Edit(len(snapshot.before) - len(inserted), removed, inserted), snapshot


@dataclass(slots=True)
class Touched:
    """The one place that the changes of a notification touch together, if any; `scattered` once there are several.

    Editors send a bracket and its closer as one change or as two that touch.
    """

    start: Place | None = None
    end: Place | None = None
    """In the document as it is now."""
    old: str = ""
    """What stood there before the first change."""
    scattered: bool = False

    @property
    def is_empty(self) -> bool:
        return self.start is None and not self.scattered

    def widen(self, text: Text, start: Place, end: Place) -> None:
        """Before `start` … `end` is replaced: take it in, if it touches what there is."""
        if self.scattered:
            return
        if self.start is None or self.end is None:
            self.start, self.end, self.old = start, end, text.between(start, end)
        elif start > self.end or end < self.start:
            self.scatter()
        else:
            left = text.between(start, self.start) if start < self.start else ""
            right = text.between(self.end, end) if end > self.end else ""
            self.start, self.end, self.old = min(start, self.start), max(end, self.end), left + self.old + right

    def shift(self, old_end: Place, new_end: Place | None) -> None:
        """After the replacement, whose end has moved."""
        if self.end is None:
            return
        if new_end is None:
            self.scatter()
        elif self.end.line == old_end.line:
            self.end = Place(new_end.line, new_end.offset + self.end.offset - old_end.offset)
        else:
            self.end = Place(self.end.line + new_end.line - old_end.line, self.end.offset)

    def lines(self, text: Text, old: Sequence[str], splice: Splice) -> None:
        """After the whole text was replaced: it differs in these lines only."""
        if self.start is not None or self.scattered:
            return self.scatter()
        if not splice.removed:
            return
        last = splice.start + splice.added - 1
        self.start, self.end = Place(splice.start, 0), Place(last, len(text.line(last)))
        self.old = "\n".join(old[splice.start : splice.start + splice.removed])

    def scatter(self) -> None:
        """This is nothing that a key does."""
        self.start = self.end = None
        self.scattered = True


def _has_halves(text: str) -> bool:
    return not text.isascii() and _HALF.search(text) is not None


def _whole(text: str) -> str:
    """Pairs put together, halves without a partner replaced: as long as before in UTF-16 units."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _without_common_ends(old: str, new: str) -> tuple[str, str, str]:
    """The common head, and what is left of both without common ends. A closer typed over itself is left as it is."""
    if old == new and new in _CLOSERS:
        return "", old, new
    head = count_common(old, new)
    tail = count_common(old[head:][::-1], new[head:][::-1])
    return new[:head], old[head : len(old) - tail], new[head : len(new) - tail]


def _advance(place: Place, text: str) -> Place:
    lines = text.count("\n")
    return Place(place.line + lines, len(text) - text.rfind("\n") - 1 if lines else place.offset + len(text))
