"""A person who types along what is shown, with what an editor does by itself about brackets, quotes and line ends.

`Hands` turns the rest of a text into edits of a `Bench`, a key at a time; when is not its business.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from typing import Literal

from fim_lsp.document import Edit
from tests.engine.bench import Bench

CLOSER_OF = {"(": ")", "[": "]", "{": "}", '"': '"', "'": "'", "`": "`"}
QUOTES = "\"'`"
_TAG = re.compile(r"<(\w+)[^<>]*>$")


@dataclass(frozen=True)
class Habits:
    """How an editor closes brackets and quotes."""

    name: str
    before: str
    """A closer is added where one of these follows, or a line end."""
    quotes_after_quotes: bool
    """Whether a quote behind another one is closed as well: `""` becomes a string with a quote right of it."""
    overtypes_by_edit: bool
    """A closer typed over is replaced by itself; otherwise the cursor moves and nothing is sent."""
    opens_blocks: bool
    """Enter between brackets makes three lines."""
    closes_tags: Literal["", "with the key", "later"]
    closes_three_quotes: bool


HABITS = (
    Habits("VS Code", " \t)]}>;:.,='\"`", False, True, True, "later", False),
    Habits("Neovim", " \t)]};:,=", True, False, True, "with the key", True),
    Habits("Emacs", " \t)]};:.,='\"`", True, False, False, "", True),
)


class Hands:
    """Types into a bench; `pending` stands right of the cursor and was put there by the editor."""

    def __init__(self, bench: Bench, habits: Habits) -> None:
        self.bench = bench
        self.habits = habits
        self.pending = ""
        self.typed = ""

    def key(self, wanted: str) -> None:
        """One key towards `wanted`, which is what is still to be written."""
        key = wanted[0]
        if key == "\n":
            self._enter(wanted)
        elif self.pending.startswith("</") and wanted.startswith(tag := self.pending[: self.pending.index(">") + 1]):
            self._over(len(tag))
        elif self.pending.startswith(key) and key != "<":
            self._over(1)
        elif key == ">" and self.habits.closes_tags and (opened := _TAG.search(self.bench.before + key)):
            self._close_tag(f"</{opened[1]}>")
        elif key in QUOTES and self._is_third(key):
            self.pending = 3 * key + self.pending
            self._edit("", 4 * key, key)
        elif key in CLOSER_OF and self._closes(key):
            self.pending = CLOSER_OF[key] + self.pending
            self._edit("", key + CLOSER_OF[key], key)
        else:
            self._edit("", key, key)

    def _close_tag(self, tag: str) -> None:
        if self.habits.closes_tags == "later":
            self._edit("", ">", ">")
            self._edit("", tag, "")
        else:
            self._edit("", ">" + tag, ">")
        self.pending = tag + self.pending

    def _is_third(self, quote: str) -> bool:
        is_python = self.bench.language == "python" and self.habits.closes_three_quotes
        return is_python and self.bench.before.endswith(2 * quote) and not self.bench.before.endswith(3 * quote)

    def back(self) -> str:
        """One backspace: returns what it took back. A pair that has just been opened goes as a whole."""
        gone = self.typed[-1:]
        bench, self.typed = self.bench, self.typed[:-1]
        start, both = bench.cursor - 1, bool(self.pending) and CLOSER_OF.get(gone) == self.pending[0]
        removed = bench.text[start : bench.cursor + both]
        self.pending = self.pending[both:]
        bench.edit(Edit(start, removed, ""), start)
        return gone

    def _enter(self, wanted: str) -> None:
        indent = wanted[1 : len(wanted) - len(wanted[1:].lstrip(" \t"))]
        if self.pending.startswith("\n"):
            self._down(wanted)
            return
        opener = self.typed[-1:]
        if self.habits.opens_blocks and opener in tuple("([{") and self.pending.startswith(CLOSER_OF[opener]):
            outer = _indent_of(self.bench.before)
            self.pending = f"\n{outer}{self.pending}"
            self._edit("", f"\n{indent}\n{outer}", "\n" + indent)
        else:
            self._edit("", "\n" + indent, "\n" + indent)

    def _down(self, wanted: str) -> None:
        """On the last line of a block: the next one is there already where it is the closer's."""
        length = len(self.pending) - len(self.pending.lstrip())
        if wanted.startswith(self.pending[: length + 1]):
            self._over(length + 1)
        else:
            indent = wanted[1 : len(wanted) - len(wanted[1:].lstrip(" \t"))]
            self._edit("", "\n" + indent, "\n" + indent)

    def _over(self, length: int) -> None:
        over, self.pending = self.pending[:length], self.pending[length:]
        self.typed += over
        at = self.bench.cursor
        if self.habits.overtypes_by_edit and length == 1:
            self.bench.edit(Edit(at, over, over), at + 1)
        else:
            self.bench.cursor = at + length

    def _edit(self, removed: str, inserted: str, left: str) -> None:
        """`left`: what of the inserted text stands left of the cursor afterwards."""
        self.typed += left
        at = self.bench.cursor
        self.bench.edit(Edit(at, removed, inserted), at + len(left))

    def _closes(self, key: str) -> bool:
        text, at = self.bench.text, self.bench.cursor
        following, previous = text[at : at + 1], text[at - 1 : at]
        if not (following in ("", "\n") or following in self.habits.before):
            return False
        if key not in QUOTES:
            return True
        if previous.isalnum() or previous in ("_", "\\"):
            return False
        return self.habits.quotes_after_quotes or previous not in QUOTES


def _indent_of(text: str) -> str:
    line = text[text.rfind("\n") + 1 :]
    return line[: len(line) - len(line.lstrip(" \t"))]


def hole(code: str, chance: random.Random, lines: int) -> tuple[int, int]:
    """A place in a line, and an end of that line or of one of the next, or the closers before that end."""
    ends = [at for at, char in enumerate(code) if char == "\n"]
    while True:
        start = chance.randrange(len(code) - 1)
        following = [at for at in ends if at > start][:lines]
        if not following or code[start - 1 : start + 1].strip() == "":
            continue
        end = chance.choice(following)
        if chance.random() < 0.3:
            end = max(start, len(code[:end].rstrip(")]}>\"'`;:,")))
        if code[start:end].strip():
            return start, end
