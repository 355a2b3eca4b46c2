"""Control tokens of models: the text ends before the first one, whichever family it comes from."""

from __future__ import annotations

import re

from fim_lsp.lexing import scan
from fim_lsp.prompt.control import AMBIGUOUS, CONTROL_TOKENS
from fim_lsp.trim.draft import Draft, Stop
from fim_lsp.trim.place import Place

_LISTED = "|".join(re.escape(token) for token in sorted(CONTROL_TOKENS, key=len, reverse=True))
_TOKEN = re.compile(rf"{_LISTED}|<\|[A-Za-z][\w▁-]{{0,40}}\|>|<｜[^｜\n]{{1,40}}｜>|<\[[A-Za-z▁-]{{1,40}}\]>")
"""Listed ones, and whatever else is written like one: new families follow old habits."""
_MARKS = ("<", "[", "{", "▁")
_BEGINNINGS = frozenset(token[:length] for token in CONTROL_TOKENS for length in range(4, len(token)))
_BARE = ("<|", "<｜")


def stop(text: str, place: Place) -> Stop | None:
    cut = _first(text, place)
    return None if cut is None else Stop(cut[1], cut[0])


def trim(draft: Draft, place: Place) -> Draft:
    first = _first(draft.text, place)
    if first is not None:
        return draft.cut(first[0])
    return draft.cut(len(draft.text) - _begun(draft))


def _first(text: str, place: Place) -> tuple[int, int] | None:
    """Start and end of the first control token."""
    if not any(mark in text for mark in _MARKS):
        return None
    for match in _TOKEN.finditer(text):
        if match.group() not in AMBIGUOUS or not _is_text(match, text, place):
            return match.start(), match.end()
    return None


def _is_text(match: re.Match[str], text: str, place: Place) -> bool:
    """Whether a token that people write, too, is meant as text where it stands."""
    token = match.group()
    if place.language.tags or place.language.prose or token in place.snapshot.before or token in place.snapshot.after:
        return True
    return scan(text[: match.start()], place.language, place.inside).inside.kind != "code"


def _begun(draft: Draft) -> int:
    """Length of a token's beginning that a text was cut in."""
    text = draft.text.rstrip("\n")
    tail = text[-24:]
    if not any(mark in tail for mark in _MARKS):
        return 0
    for start in range(len(tail)):
        if tail[start:] in _BEGINNINGS and tail[start] in "<[{▁" and not tail[start:].isalpha():
            return len(draft.text) - len(text) + len(tail) - start
    if not draft.ended and text.endswith(_BARE):
        return len(draft.text) - len(text) + 2
    return 0
