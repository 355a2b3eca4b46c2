"""The first line's indent, where the cursor stands among blanks: before, in or after the indent that belongs there.

Models write the line's whole indent again, or what is missing of it, or none. What decides is the indent that the code
above asks for. Blanks right of the cursor become part of the indent.
"""

from __future__ import annotations

from dataclasses import replace

from fim_lsp.trim.draft import Draft
from fim_lsp.trim.lines import indent_of, is_closer, is_middle, opens_block
from fim_lsp.trim.place import Place


def trim(draft: Draft, place: Place) -> Draft:
    first, _, rest = draft.text.partition("\n")
    body = first.lstrip(" \t")
    if not place.on_blank_line or not body:
        return draft
    own = indent_of(first)
    if not own and not place.tail:
        return draft
    target = _target(place, own, body, rest)
    if target == place.width(place.line_before + own) and not place.tail:
        return draft
    return _indented(draft, place, target, len(own))


def _indented(draft: Draft, place: Place, target: int, own: int) -> Draft:
    """The draft with the first line at column `target`, as far as the blanks left of the cursor allow."""
    written = indent(target, place)
    missing = written[len(place.line_before) :] if written.startswith(place.line_before) else ""
    text = missing + draft.text[own:]
    covers = place.tail != "" and missing.startswith(place.tail)
    return replace(draft, text=text, replaces=len(place.tail) if covers else 0)


def _target(place: Place, own: str, body: str, rest: str) -> int:
    """The column where the first line is meant to begin."""
    left, right, width = place.width(place.line_before), place.width(place.tail), place.width(own)
    if not own:
        return left + right
    expected = _expected(place, body)
    candidates = [width, left + width] if width >= left else [left + width, left]
    if right:
        candidates.append(left + right)
    if expected in candidates:
        return expected
    below = next((line for line in rest.split("\n") if line.strip()), None)
    if below is not None and not opens_block(body, place.language) and place.width(below) in candidates:
        return place.width(below)
    if left == 0:
        return width
    return max(left, width) if width >= left else left


def _expected(place: Place, body: str) -> int:
    """The column that the code above asks for."""
    if not place.code_above:
        return 0
    above = place.code_above[0]
    step = place.tab_width
    column = place.width(above) + (step if opens_block(above, place.language) else 0)
    if is_closer(body, place.language) or is_middle(body, place.language):
        column -= step
    return max(0, column)


def indent(width: int, place: Place) -> str:
    """An indent as the document writes it."""
    if place.unit == "\t" or "\t" in place.indent:
        return "\t" * (width // place.tab_width) + " " * (width % place.tab_width)
    return " " * width
