"""What stands right before the cursor, said again: an object with its dot, a name with its sign, half a word, a quote.

Each counts only where no code says it twice in a row: `datetime.datetime` stays, and so does the empty string before a
comma. Whole beginnings of lines are another rule's business.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from fim_lsp.document import is_of_word
from fim_lsp.languages import Language
from fim_lsp.lexing import Inside
from fim_lsp.trim.draft import Draft
from fim_lsp.trim.place import Place

LONGEST = 80
_HALF_WORD = re.compile(r"(?<![\w.])(?:[^\W\d]\w*\.)*([^\W\d]\w{2,})\Z")
"""The word that the cursor is at the end of, with the names before its dots."""


class _Mark(NamedTuple):
    kinds: tuple[str, ...]
    """What the cursor is inside of; of prose, nothing else is asked."""
    before: re.Pattern[str]
    """What the line ends with at the cursor."""
    behind: re.Pattern[str]
    """How the text goes on behind what it says again."""
    written: Callable[[Language], bool] = lambda language: True


_MARKS = (
    _Mark(("code",), re.compile(r"(?:\$this|\b(?:self|this|cls|super\(\)))(?:\??\.|->)\Z"), re.compile(r"\w")),
    _Mark(
        ("code",),
        re.compile(r"""["']?[\w$@][\w$@.-]*["']?[ \t]*(?::=|=|(?<!:):)[ \t]*\Z(?<!lambda:)(?<!lambda: )"""),
        re.compile(r"[ \t]*[^\s=:>]"),
    ),
    _Mark(("string",), re.compile(r"""[\w$@:-]+["']?[ \t]*[=:][ \t]*["'`]\Z"""), re.compile(r".")),
    _Mark(
        ("string",), re.compile(r"""(?<![\w"'`])[A-Za-z]{0,2}(?:"{3}|'{3}|["'`])\Z"""), re.compile(r"[\w{/.<#%$\\-]")
    ),
    _Mark(("code",), re.compile(r"</?\Z"), re.compile(r"[A-Za-z]"), lambda language: language.tags),
    _Mark(("code",), re.compile(r"^\s*@\Z"), re.compile(r"[A-Za-z]"), lambda language: "@" not in language.word_marks),
    _Mark(("code",), re.compile(r"(?:(?<=:)[ \t]*|^\s*)#\Z"), re.compile(r"[\w\[]")),
    _Mark(
        ("comment",),
        re.compile(r"^\s*(?://+|#+|--|;+|%+|\*)[ \t]+(?:[-*][ \t]+)?\Z|^\s*(?://+|--|;;+)\Z"),
        re.compile(r"[ \t]+\S"),
    ),
    _Mark(("prose",), re.compile(r"^\s*(?:[-*+>]|#{1,6}|\d+[.)])[ \t]+\Z"), re.compile(r"[ \t]+\S")),
)


def trim(draft: Draft, place: Place) -> Draft:
    line, text = place.line_before[-LONGEST:], draft.text.lstrip(" \t")
    kind = "prose" if place.shape.where == "prose" else place.inside.kind
    half = _half_word_again(line, draft.text) if place.shape.where == "code" else ""
    if half:
        return draft.with_text(draft.text.removeprefix(half))
    for mark in _MARKS:
        found = mark.before.search(line) if kind in mark.kinds and mark.written(place.language) else None
        again = found[0].strip() if found is not None else ""
        if not again or not text.startswith(again) or not mark.behind.match(text, len(again)):
            continue
        rest = text[len(again) :]
        if kind != "string" or _is_closed(rest, place.inside):
            return draft.with_text(rest.lstrip(" \t") if line[-1] in " \t" else rest)
    return draft


def _half_word_again(line: str, text: str) -> str:
    """The half word at the line's end that the text begins with, and goes on with as a whole one; empty: none."""
    half = _HALF_WORD.search(line)
    again = (half[0], half[1]) if half is not None else ()
    return next((word for word in again if text.startswith(word) and is_of_word(text[len(word) : len(word) + 1])), "")


def _is_closed(rest: str, inside: Inside) -> bool:
    """Whether the text ends the string that it begins again."""
    return rest.partition("\n" if len(inside.closer) == 1 else "\0")[0].count(inside.closer) % 2 == 1
