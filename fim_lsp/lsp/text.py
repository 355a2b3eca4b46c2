"""A document's text as an array of lines, so that an edit costs the same in a document of any size.

Line ends are kept beside the lines: the editor's file may mix them, and a lone CR that comes to stand before an LF is
one line end, not two. Nothing here knows columns. One line of megabytes at a time, the one that is being edited, is
kept in pieces.
"""

from __future__ import annotations

from dataclasses import dataclass

from fim_lsp.document import SIDE_LIMIT
from fim_lsp.lsp.convert import Place, split_lines
from fim_lsp.lsp.long_line import LongLine

ROOM = SIDE_LIMIT // 20
"""Left for the cursor's own line when the text above or below it is cut, so that a key copies that text only once."""
BLOCK = 512
"""So many lines are joined at a time when the text around a cursor is collected."""
LONG_LINE_CHARS = 200_000
STAND_IN_CHARS = 20_000
"""So much of a line in pieces is shown to those who read lines; nobody completes in longer ones."""

Line = str | LongLine


@dataclass(frozen=True, slots=True)
class Splice:
    """What a replacement did: `removed` lines from `start` on became `added` lines; the new text ends at `end`."""

    start: int
    removed: int
    added: int
    end: Place | None
    """None where line ends grew together, and places right of the edit are not what one would think."""


class Text:
    """Lines, their ends, and the text around a line, remembered between keystrokes."""

    def __init__(self, text: str = "") -> None:
        self.lines, self.ends = split_lines(text)
        self._above = Side(-1)
        self._below = Side(-1)
        self._long: LongLine | None = None
        self._long_number = -1
        """Of the line in pieces; in `lines` stands its beginning."""

    def __str__(self) -> str:
        self._settle()
        return "".join(line + end for line, end in zip(self.lines, self.ends, strict=True))

    @property
    def end(self) -> Place:
        last = len(self.lines) - 1
        return Place(last, len(self.line(last)))

    def line(self, number: int) -> Line:
        """A line as it is, also if it is in pieces."""
        return self._long if self._long is not None and number == self._long_number else self.lines[number]

    def _settle(self) -> None:
        """No line is in pieces any more."""
        if self._long is not None:
            self.lines[self._long_number] = str(self._long)
            self._long, self._long_number = None, -1

    def line_end(self, line: int) -> str:
        """How this line ends; the last one as the line before it does."""
        return self.ends[line] or (self.ends[line - 1] if line else "\n")

    def _settle_unless(self, number: int) -> None:
        if self._long_number != number:
            self._settle()

    def between(self, start: Place, end: Place) -> str:
        """The text from `start` to `end`, with LF."""
        if start.line == end.line:
            return self.line(start.line)[start.offset : end.offset]
        self._settle()
        first, last = self.lines[start.line][start.offset :], self.lines[end.line][: end.offset]
        return "\n".join([first, *self.lines[start.line + 1 : end.line], last])

    def replace(self, start: Place, end: Place, text: str) -> Splice:
        is_in_line = start.line == end.line and "\n" not in text and "\r" not in text
        if is_in_line and len(self.line(start.line)) - (end.offset - start.offset) > LONG_LINE_CHARS:
            return self._replace_in_long_line(start, end, text)
        self._settle()
        head, tail = self.lines[start.line][: start.offset], self.lines[end.line][end.offset :]
        if is_in_line and (head or text or tail):
            self.lines[start.line] = head + text + tail
            return self._spliced(Splice(start.line, 1, 1, Place(start.line, len(head) + len(text))))
        return self._replace_lines(start.line, end.line, head + text, tail)

    def _replace_in_long_line(self, start: Place, end: Place, text: str) -> Splice:
        if self._long is None or self._long_number != start.line:
            self._settle()
            self._long, self._long_number = LongLine(self.lines[start.line]), start.line
        self._long.replace(start.offset, end.offset, text)
        self.lines[start.line] = self._long[:STAND_IN_CHARS]
        return self._spliced(Splice(start.line, 1, 1, Place(start.line, start.offset + len(text))))

    def _replace_lines(self, first: int, last: int, text: str, tail: str) -> Splice:
        """Lines `first` … `last` become `text` + `tail`, which may be several lines."""
        grown = text + tail + self.ends[last]
        if first > 0 and self.ends[first - 1] == "\r" and grown.startswith("\n"):
            first -= 1
            grown = self.lines[first] + "\r" + grown
        lines, ends = split_lines(grown)
        if self.ends[last]:  # its end was split off as an empty last line
            lines.pop()
            ends.pop()
        removed = last - first + 1
        self.lines[first : last + 1] = lines
        self.ends[first : last + 1] = ends
        return self._spliced(Splice(first, removed, len(lines), self._end_of(first, text, lines, tail)))

    @staticmethod
    def _end_of(first: int, text: str, lines: list[str], tail: str) -> Place | None:
        written, _ = split_lines(text)
        if len(written) != len(lines) or not lines[-1].endswith(tail):
            return None
        return Place(first + len(lines) - 1, len(lines[-1]) - len(tail))

    def replace_all(self, text: str) -> Splice:
        """The whole text anew; only the lines that differ are reported."""
        self._settle()
        old, (self.lines, self.ends) = self.lines, split_lines(text)
        shorter = min(len(old), len(self.lines))
        same = next((n for n in range(shorter) if old[n] != self.lines[n]), shorter)
        rest = shorter - same
        tail = next((n for n in range(rest) if old[-1 - n] != self.lines[-1 - n]), rest)
        if len(old) != len(self.lines) and rest == tail:  # lines only came or only went: name a neighbour with them
            same, tail = (same - 1, tail) if same else (same, tail - 1)
        splice = Splice(same, len(old) - same - tail, len(self.lines) - same - tail, None)
        return self._spliced(splice)

    def _spliced(self, splice: Splice) -> Splice:
        self._above.spliced_below(splice)
        self._below.spliced_above(splice)
        return splice

    def before(self, place: Place) -> tuple[str, bool]:
        """At most SIDE_LIMIT characters up to `place`, with LF, and whether there are more."""
        if self._above.line != place.line:
            self._above = self._join_above(place.line)
        line = self.line(place.line)
        own = line[max(0, place.offset - SIDE_LIMIT) : place.offset]
        room = SIDE_LIMIT - len(own)
        above = self._above.text
        cut = self._above.cut or len(above) > room or place.offset > len(own)
        return (above + own if len(above) <= room else above[len(above) - room :] + own), cut

    def after(self, place: Place) -> tuple[str, bool]:
        """At most SIDE_LIMIT characters from `place` on, with LF, and whether there are more."""
        if self._below.line != place.line:
            self._below = self._join_below(place.line)
        line = self.line(place.line)
        own = line[place.offset : place.offset + SIDE_LIMIT]
        below = self._below.text
        room = SIDE_LIMIT - len(own)
        cut = self._below.cut or len(below) > room or place.offset + len(own) < len(line)
        return (own + below if len(below) <= room else own + below[:room]), cut

    def _join_above(self, line: int) -> Side:
        self._settle_unless(line)
        parts: list[str] = []
        size, first = 0, line
        while first > 0 and size <= SIDE_LIMIT:
            first, last = max(0, first - BLOCK), first
            parts.append("\n".join([*self.lines[first:last], ""]))
            size += len(parts[-1])
        text = "".join(reversed(parts))
        limit = SIDE_LIMIT if first == 0 and len(text) <= SIDE_LIMIT else SIDE_LIMIT - ROOM
        return Side(line, text[-limit:], cut=first > 0 or len(text) > limit)

    def _join_below(self, line: int) -> Side:
        self._settle_unless(line)
        parts: list[str] = []
        size, last, count = 0, line + 1, len(self.lines)
        while last < count and size <= SIDE_LIMIT:
            first, last = last, min(count, last + BLOCK)
            parts.append("\n".join(["", *self.lines[first:last]]))
            size += len(parts[-1])
        text = "".join(parts)
        limit = SIDE_LIMIT if last == count and len(text) <= SIDE_LIMIT else SIDE_LIMIT - ROOM
        return Side(line, text[:limit], cut=last < count or len(text) > limit)


@dataclass(slots=True)
class Side:
    """The joined text above or below `line`, good until something there changes; line -1: none."""

    line: int
    text: str = ""
    cut: bool = False

    def spliced_below(self, splice: Splice) -> None:
        """This is the text above `line`: it stays good if all of the splice lies at or under `line`."""
        if splice.start < self.line:
            self.line = -1

    def spliced_above(self, splice: Splice) -> None:
        """This is the text below `line`: it stays good, perhaps for another line, if the splice ends at or over it."""
        if max(splice.start, splice.start + splice.removed - 1) > self.line:
            self.line = -1
        else:
            self.line += splice.added - splice.removed
