"""Markdown code fences around the answer: the code is what stands between them.

In prose a fence is text. Where a line of documentation begins it is text, too: documentation shows examples.
"""

from __future__ import annotations

import re

from fim_lsp.lexing import scan
from fim_lsp.trim.chat import greets
from fim_lsp.trim.draft import Draft, Stop
from fim_lsp.trim.place import Place

_FENCE = re.compile(r"^[ \t]*```[\w+#.-]*[ \t]*$", re.MULTILINE)
_OPENING = re.compile(r"\s*```[\w+#.-]*[ \t]*(?:\n|\Z)")
_OPENING_LATER = re.compile(r"^[ \t]*```[\w+#.-]*[ \t]*(?:\n|\Z)", re.MULTILINE)
_ON_ONE_LINE = re.compile(r"\s*```([^`\n]+)```\s*")
_CLOSING = re.compile(r"^[ \t]*```", re.MULTILINE)


def stop(text: str, place: Place) -> Stop | None:
    if "```" not in text or place.language.prose:
        return None
    start = start_of_code(text, place)
    for match in _CLOSING.finditer(text, start):
        begun = text[start : match.start()]
        if begun.strip() and _in_code(begun, place):
            return Stop(match.end(), match.start())
    return None


def trim(draft: Draft, place: Place) -> Draft:
    if "```" not in draft.text or place.language.prose:
        return draft
    on_one_line = _ON_ONE_LINE.fullmatch(draft.text)
    if on_one_line is not None and place.inside.kind == "code":
        return draft.with_text(on_one_line[1])
    start = start_of_code(draft.text, place)
    draft = draft.with_text(draft.text[start:])
    for match in _FENCE.finditer(draft.text):
        if (start and place.inside.kind != "code") or _in_code(draft.text[: match.start()], place):
            return draft.cut(match.start())
    return draft


def start_of_code(text: str, place: Place) -> int:
    """Where the code begins: behind an opening fence, which may stand behind a greeting."""
    opening = _OPENING.match(text) or (_OPENING_LATER.search(text) if greets(text) else None)
    if opening is None or (place.inside.kind != "code" and _is_example(text[opening.end() :], place)):
        return 0
    return opening.end()


def _is_example(fenced: str, place: Place) -> bool:
    """Whether documentation shows an example: from a line's beginning on, and where lines have marks, behind them."""
    if place.shape.where == "string" or any(map(str.isalnum, place.line_before)):
        return False
    if not fenced.strip():
        return True  # the end of one
    beside = place.line_before.strip() or "".join(place.code_above[:1]).strip()
    if place.inside.closer and not beside.startswith(("*", "/*")):
        return True
    return fenced.lstrip().startswith((*place.language.line_comment, "*"))


def _in_code(text: str, place: Place) -> bool:
    return scan(text, place.language, place.inside).inside.kind == "code"
