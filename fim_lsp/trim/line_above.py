"""The lines above, said again: what follows them is the suggestion, or there is none."""

from __future__ import annotations

import re

from fim_lsp.trim.draft import Draft, Dropped
from fim_lsp.trim.lines import is_common, plain
from fim_lsp.trim.place import Place

MOST_LINES = 8
_SENTENCE = re.compile(r"\s*#*\s*[^\W\d_](?:.*?[^\W\d_]){7}")
"""A line of prose, or a heading, with words in it."""


def trim(draft: Draft, place: Place) -> Draft | Dropped:
    lines = [line for line in _new_lines(draft.text, place) if line.strip()]
    above = place.code_above
    if len(above) > 1 and above[0] == above[1]:
        return draft  # the document repeats itself here
    for count in range(1, min(MOST_LINES, len(lines), len(above)) + 1):
        said = [line.strip() for line in lines[:count]]
        if said == [line.strip() for line in reversed(above[:count])] and _counts(lines[:count], place):
            return _behind(count, draft, place)
    return draft


def _behind(count: int, draft: Draft, place: Place) -> Draft | Dropped:
    """The text without the lines it repeats, where the cursor stands on a line of its own."""
    numbers = [number for number, line in enumerate(_new_lines(draft.text, place)) if line.strip()]
    rest = draft.text.split("\n")[numbers[count] :] if len(numbers) > count else []
    if not rest or place.line_before.strip() or place.tail.strip():
        return Dropped("line-above", "The text begins by repeating the lines above.")
    return draft.with_text("\n".join(rest))


def _new_lines(text: str, place: Place) -> list[str]:
    """The lines that the document would have, from the cursor's on."""
    first, *following = text.split("\n")
    return [place.line_before + first + ("" if following else place.tail), *following]


def _counts(lines: list[str], place: Place) -> bool:
    """Whether saying these lines twice is a fault: code repeats short ones, and prose its marks."""
    if place.shape.where == "prose":
        return any(_SENTENCE.match(line) for line in lines)
    if place.shape.where == "string":
        return False
    return any(not is_common(line, place.language) and sum(map(str.isalpha, plain(line))) >= 4 for line in lines)
