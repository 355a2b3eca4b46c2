"""Blanks at the ends of lines, and at the end of the text, where nothing needs them.

Before closers that stand right of the cursor, a text of several lines keeps its last line break: they go on a line of
their own.
"""

from __future__ import annotations

import re
from dataclasses import replace

from fim_lsp.trim.draft import Draft
from fim_lsp.trim.place import Place

_AT_LINE_ENDS = re.compile(r"[ \t]+(?=\n)")


def trim(draft: Draft, place: Place) -> Draft:
    text = draft.text
    if (" \n" in text or "\t\n" in text) and not (place.language.prose or place.inside.kind == "string"):
        text = _AT_LINE_ENDS.sub("", text)
    rest = place.tail[draft.replaces :]
    return replace(draft, text=_end(text, rest, place))


def _end(text: str, rest: str, place: Place) -> str:
    bare = text.rstrip()
    if not rest.strip():
        return bare
    blanks = text[len(bare) :]
    if "\n" not in blanks:
        stands_close = rest[0] in " \t,;" or (rest[0] in ")]" and not _is_airy(bare, place))
        return bare if stands_close else bare + blanks[:1]
    if "\n" not in bare.lstrip("\n") and "\n" not in bare:
        return bare
    own = blanks[blanks.rfind("\n") + 1 :]
    return bare + "\n" + (own or place.indent)


def _is_airy(text: str, place: Place) -> bool:
    """Whether the bracket that is open at the text's end has a blank behind it."""
    line, depth = place.line_before + text, 0
    for at in range(len(line) - 1, -1, -1):
        depth += (line[at] in ")]}") - (line[at] in "([{")
        if depth < 0:
            return line[at + 1 : at + 2] == " "
    return True
