"""The seam between what stands left of the cursor and the text: no doubled blanks, no needless line breaks.

Models that read the suffix first like to begin with a space, and with a line break where there is no suffix.
"""

from __future__ import annotations

import re

from fim_lsp.trim.definitions import begins_definition
from fim_lsp.trim.draft import Draft
from fim_lsp.trim.lines import indent_of
from fim_lsp.trim.place import Place

_BLANK_LINES = re.compile(r"(?:[ \t]*\n)+")
_COLUMNS = re.compile(r"\S(?: {2,}|\t)\S")
_HUGGING = ("(", ".", "->", "::", "@")
"""What no blank follows, in code that does not write `( x )`."""


def trim(draft: Draft, place: Place) -> Draft:
    if place.line_before.strip():
        return _after_code(draft, place)
    blank = _BLANK_LINES.match(draft.text)
    return draft if blank is None else _on_blank_line(draft, blank, place)


def _after_code(draft: Draft, place: Place) -> Draft:
    bare = draft.text.lstrip(" \t")
    if bare == draft.text:
        return draft
    if bare.startswith("\n") or _hugs(place):
        return draft.with_text(bare)
    doubled = place.line_before[-1] in " \t" and not _is_aligned(place)
    return draft.with_text(bare) if doubled else draft


def _is_aligned(place: Place) -> bool:
    """Whether the lines next to the cursor's stand in columns, which takes more than one blank."""
    near = [*place.code_above[:1], *place.code_below[:1]]
    return any(_COLUMNS.search(line) is not None for line in near)


def _hugs(place: Place) -> bool:
    if place.shape.where != "code" or not place.line_before.endswith(_HUGGING):
        return False
    return place.line_before[-1] + " " not in place.before


def _on_blank_line(draft: Draft, blank: re.Match[str], place: Place) -> Draft:
    """Leading line breaks on an empty line: as many as the document has blank lines elsewhere, none after an indent."""
    rest = draft.text[blank.end() :]
    breaks = blank.group().count("\n")
    if place.line_before:
        leaves = place.width(rest) < place.width(place.line_before) and (
            indent_of(rest) != "" or begins_definition(rest)
        )
        return draft if leaves else draft.with_text(rest)
    above = _blank_run(place.lines_above)
    if not place.code_above:
        return draft.with_text(rest)
    kept = max(0, min(breaks, _usual_blank_lines(place, rest) - above))
    return draft.with_text("\n" * kept + rest)


def _usual_blank_lines(place: Place, rest: str) -> int:
    """How many blank lines the document puts between things, at most."""
    usual = 2 if place.language.block == "indent" and not indent_of(rest) and begins_definition(rest) else 1
    run = 0
    for line in place.lines_above[_blank_run(place.lines_above) :]:
        run = 0 if line.strip() else run + 1
        usual = max(usual, run)
    return usual


def _blank_run(lines: list[str]) -> int:
    """How many lines at the beginning are blank."""
    return next((number for number, line in enumerate(lines) if line.strip()), len(lines))
