"""Where a text is to go: a snapshot, its language and shape, and what the rules ask about them, worked out once.

Everything that looks further than the cursor's own line is worked out when first asked for, over windows of a fixed
size: a place costs next to nothing unless a rule needs it, and never more for a larger file.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile

from fim_lsp.document import Snapshot
from fim_lsp.languages import Language
from fim_lsp.lexing import Inside, Seen, excess_by_kind, look_back, push, scan
from fim_lsp.shape import Shape
from fim_lsp.trim.definitions import definition, heading
from fim_lsp.trim.lines import indent_of, unit_of, width_of

WINDOW_AFTER = 3_000
LINES_NEAR = 40
_TABS_THEN_BLANKS = re.compile(r"\t+ {2}")


@dataclass(frozen=True, eq=False)
class Place:
    """Immutable, apart from what it remembers."""

    snapshot: Snapshot
    language: Language
    shape: Shape
    line_before: str
    tail: str
    """The rest of the cursor's line."""

    @classmethod
    def of(cls, snapshot: Snapshot, language: Language, shape: Shape) -> Place:
        return cls(snapshot, language, shape, snapshot.line_before, snapshot.line_after)

    @property
    def on_blank_line(self) -> bool:
        """Whether the cursor's line holds nothing but blanks."""
        return not self.line_before.strip() and not self.tail.strip()

    @cached_property
    def indent(self) -> str:
        """The blanks that the cursor's line begins with, up to the cursor."""
        return indent_of(self.line_before)

    @cached_property
    def seen(self) -> Seen:
        """What the lexer saw up to the cursor."""
        return look_back(self.snapshot.before, self.language, is_cut=self.snapshot.before_is_cut)

    @property
    def before(self) -> str:
        """The text up to the cursor; of a long one, its end from the least indented line on."""
        return self.seen.text

    @cached_property
    def outermost(self) -> int:
        """The column that `before` begins at: what is less indented closes something that was opened further above."""
        return 0 if len(self.before) == len(self.snapshot.before) else self.width(self.before)

    @cached_property
    def lines_above(self) -> list[str]:
        """Complete lines above the cursor's, nearest first, blank ones included."""
        *lines, _ = self.snapshot.before.rsplit("\n", LINES_NEAR + 1)
        return lines[: -LINES_NEAR - 1 : -1]

    @cached_property
    def code_above(self) -> list[str]:
        """Lines above that are not blank, nearest first."""
        return [line for line in self.lines_above if line.strip()]

    @property
    def above(self) -> str:
        """The nearest line above that is not blank; empty: there is none near."""
        return next(iter(self.code_above), "")

    @cached_property
    def code_below(self) -> list[str]:
        """Lines below the cursor's that are not blank, nearest first."""
        below = self.snapshot.after[: WINDOW_AFTER + 1].split("\n")[1:]
        if len(self.snapshot.after) > WINDOW_AFTER and below:
            below.pop()  # it may have been cut
        return [line for line in below if line.strip()][:LINES_NEAR]

    @cached_property
    def definitions_below(self) -> frozenset[tuple[int, str]]:
        """Column and heading of what is defined below, as long as the column is in the same block."""
        found = set()
        outermost = self.width(self.code_below[0]) if self.code_below else 0
        for line in self.code_below:
            outermost = min(outermost, self.width(line))
            if self.width(line) == outermost and definition(line) is not None:
                found.add((outermost, heading(line)))
        return frozenset(found)

    @cached_property
    def unit(self) -> str:
        """What one level of indentation looks like hereabouts: a tab, some spaces, or "" where nothing tells."""
        unit = unit_of([*reversed(self.code_above), *self.code_below])
        return unit or ("\t" if self.indent.startswith("\t") else "")

    @cached_property
    def mixes_marks(self) -> bool:
        """Whether some lines hereabouts are indented with tabs and others with spaces."""
        marks = {line[0] for line in (*self.code_above, *self.code_below) if line.startswith(("\t", "  "))}
        return len(marks) > 1

    @cached_property
    def tab_width(self) -> int:
        if self.unit != "\t" and any(_TABS_THEN_BLANKS.match(line) for line in (*self.code_above, *self.code_below)):
            return 8  # tabs stand for eight blanks, and blanks for the rest
        return 4 if self.unit in ("", "\t") else len(self.unit)

    def is_comment(self, line: str) -> bool:
        """Whether a line is nothing but a comment that ends with it."""
        return line.lstrip().startswith(self.language.line_comment)

    def width(self, line: str) -> int:
        """How far a line is indented, in columns."""
        indent = indent_of(line)
        return width_of(indent, self.tab_width) if "\t" in indent else len(indent)

    @property
    def inside(self) -> Inside:
        """The comment or string that the cursor is in."""
        return self.seen.inside

    @cached_property
    def open_brackets(self) -> tuple[str, ...]:
        """The brackets that are open at the cursor, outermost first."""
        stack: list[str] = []
        for bracket in self._brackets_above:
            push(bracket, stack)
        return tuple(stack)

    @cached_property
    def open_on_line(self) -> tuple[str, ...]:
        """Those of the brackets on the cursor's line, up to it, that are open."""
        stack: list[str] = []
        start = len(self.before) - len(self.line_before)
        for at, bracket in self.seen.brackets:
            if at >= start:
                push(bracket, stack)
        return tuple(stack)

    @cached_property
    def open_by_kind(self) -> Counter[str]:
        """How many brackets are open at the cursor, where each kind is counted by itself."""
        return excess_by_kind(self._brackets_above)[1]

    @property
    def _brackets_above(self) -> list[str]:
        inside = self.inside
        return [bracket for at, bracket in self.seen.brackets if inside.kind == "code" or at < inside.start]

    @cached_property
    def brackets_below(self) -> list[str]:
        """The brackets of the lines after the cursor's, as if these began in code."""
        rest = self.snapshot.after[len(self.tail) : WINDOW_AFTER]
        if self.outermost:
            rest = "\n".join(takewhile(self._is_inside_window, rest.split("\n")))
        return [bracket for _, bracket in scan(rest, self.language).brackets]

    def _is_inside_window(self, line: str) -> bool:
        return not line.strip() or self.width(line) >= self.outermost
