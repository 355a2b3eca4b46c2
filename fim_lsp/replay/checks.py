"""Is an item one that may be sent at all? Asked of every item, whatever the person thinks of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from fim_lsp.replay.figures import FOREIGN
from fim_lsp.replay.ghost import Item, first_line, is_subsequence


class Memory(Protocol):
    """Whoever knows what the model has said."""

    def said(self, before: str, line: str) -> bool: ...
    def departed(self, before: str) -> None: ...


@dataclass(slots=True)
class ItemChecks:
    """`memory` is None where the model is not ours and nobody knows what it said."""

    memory: Memory | None = None

    def fault(self, item: Item, text: str, cursor: int) -> str:
        """What is wrong with an item that was asked for at `cursor` of `text`; empty: nothing."""
        if not item.start <= cursor <= item.end:
            return "its range does not hold the cursor"
        if "\n" in text[item.start : item.end]:
            return "its range has several lines"
        typed, covered = text[item.start : cursor], text[cursor : item.end]
        if not item.text.startswith(typed):
            return "it does not begin with what stands there"
        rest = item.text[len(typed) :]
        if rest == covered:
            return "it changes nothing"
        if not is_subsequence(covered, rest):
            return "it takes away what stands right of the cursor"
        if self.memory and not self.memory.said(text[:cursor], first_line(rest)):
            return FOREIGN
        return ""

    def departed(self, before: str) -> None:
        if self.memory:
            self.memory.departed(before)
