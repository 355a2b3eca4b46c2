"""No closing bracket or tag is inserted that closes nothing: the text ends before the first that would.

Whether a closer is needed is a question to the whole document: what is open at the cursor, and what follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from fim_lsp.lexing import code_of, push, scan
from fim_lsp.trim import next_lines
from fim_lsp.trim.balance import Balance, balance
from fim_lsp.trim.draft import Draft, Dropped
from fim_lsp.trim.place import Place
from fim_lsp.trim.rest_of_line import seated

_HARMLESS = re.compile(r"[^()\[\]{}<>\"'`/*#]*")
_ONLY_CLOSERS = re.compile(r"[\s)\]}>;,'\"`:]*")
_CLOSING_TAG = re.compile(r"</[\w.:-]*>")


def trim(draft: Draft, place: Place) -> Draft | Dropped:
    if draft.replaces == 0 and _is_even(draft.text, place):
        return draft
    before = balance(place, "")
    if not balance(place, draft.text, draft.replaces).is_worse_than(before):
        return draft
    for end in _ends(draft.text, place):
        shorter = _seated(draft, end, place)
        if not balance(place, shorter.text, shorter.replaces).is_worse_than(before):
            return next_lines.trim(shorter, place) if shorter.text.strip() else _dropped(before)
    return _dropped(before)


def _is_even(text: str, place: Place) -> bool:
    """Whether the text opens and closes nothing, or only what it opens itself: most do, and need no further look."""
    if _HARMLESS.fullmatch(text):
        return True
    if place.inside.kind != "code" or (place.language.tags and "</" in text):
        return False
    seen = scan(text, place.language)
    stack: list[str] = []
    return all(push(bracket, stack) for _, bracket in seen.brackets) and not stack and seen.inside.kind == "code"


def _seated(draft: Draft, end: int, place: Place) -> Draft:
    shorter = replace(draft, text=draft.text[:end], replaces=0)
    if not place.tail.strip():
        return shorter if not draft.replaces else replace(shorter, replaces=draft.replaces)
    return seated(shorter, place)


def _ends(text: str, place: Place) -> Iterator[int]:
    """Where the text may end, longest first: before each of its brackets and closing tags."""
    brackets = [at for at, _ in scan(text, place.language, place.inside).brackets if at >= 0]
    code = code_of(text, place.language, place.inside) if place.language.tags else ""
    tags = [match.start() for match in _CLOSING_TAG.finditer(code)]
    yield from sorted({_sound_end(text, at, place) for at in (*brackets, *tags, 0)}, reverse=True)


def _sound_end(text: str, at: int, place: Place) -> int:
    """`at`, or the start of its line where that would be left without most of it."""
    start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    opens_lines = text[at : at + 1] in ("(", "[", "{") and end >= 0
    if opens_lines and (start or not place.line_before.strip()):
        return start
    ends_line = end < 0 or _ONLY_CLOSERS.fullmatch(text, at, end) or text.startswith("</", at)
    return start if start and not ends_line else at


def _dropped(before: Balance) -> Dropped:
    return Dropped("closers", "All the text does is close what is closed already.")
