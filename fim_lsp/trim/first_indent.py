"""The first line's indent, where the cursor stands among blanks: before, in or after the indent that belongs there.

Models write the line's whole indent again, or what is missing of it, or none. What decides is the indent that the code
above asks for. Blanks right of the cursor become part of the indent.
"""

from __future__ import annotations

from dataclasses import replace

from fim_lsp.trim.draft import Draft
from fim_lsp.trim.lines import indent_of, is_closer, opens_block
from fim_lsp.trim.place import Place


def trim(draft: Draft, place: Place) -> Draft:
    first, _, _ = draft.text.partition("\n")
    body = first.lstrip(" \t")
    if place.indent == place.line_before != "" and place.tail.strip() and len(indent_of(place.tail)) < 2 and body:
        return draft.with_text(draft.text.lstrip(" \t"))  # the line's indent stands there
    if not place.on_blank_line or not body:
        return draft
    own = indent_of(first)
    if not own and not place.tail:
        return _on_a_level(draft, place)
    target = _target(place, own, body)
    if target == place.width(place.line_before + own) and not place.tail and not _in_other_marks(own, target, place):
        return draft
    return _indented(draft, place, target, len(own))


def _in_other_marks(own: str, target: int, place: Place) -> bool:
    """Whether the text's indent is of spaces where the document's are tabs, or the other way round."""
    if not place.unit or place.mixes_marks or place.shape.where != "code":
        return False
    written = indent(target, place)
    return place.line_before + own != written and written.startswith(place.line_before)


def _on_a_level(draft: Draft, place: Place) -> Draft:
    """No indent of its own, after blanks that are no whole number of levels: the rest of a level is missing."""
    step, left = len(place.unit), place.width(place.line_before)
    aligned = place.open_brackets[-1:] in (("(",), ("[",))
    if step < 2 or left % step == 0 or aligned or place.shape.where != "code":
        return draft
    target = left - left % step + step
    above = place.code_above[:10]
    deepest = _asked_for(place, draft.text) or (place.width(above[0]) if above else 0)
    if target > deepest or any(place.width(line) % step for line in above):
        return draft
    return _indented(draft, place, target, 0)


def _indented(draft: Draft, place: Place, target: int, own: int) -> Draft:
    """The draft with the first line at column `target`, as far as the blanks left of the cursor allow."""
    written = indent(target, place)
    missing = written[len(place.line_before) :] if written.startswith(place.line_before) else ""
    text = missing + draft.text[own:]
    covers = place.tail != "" and missing.startswith(place.tail)
    return replace(draft, text=text, replaces=len(place.tail) if covers else 0)


def _target(place: Place, own: str, body: str) -> int:
    """The column where the first line is meant to begin."""
    left, right, width = place.width(place.line_before), place.width(place.tail), place.width(own)
    if width < 2 and own != "\t":  # a blank that came with the model's first token
        return left + right
    whole, missing = width, left + width
    asked = _asked_for(place, body)
    if asked is not None and asked >= left and (asked in (whole, missing) or (place.unit == "\t" and "\t" not in own)):
        return asked
    if width < left:
        return left
    return max(whole, left + right)


def _asked_for(place: Place, body: str) -> int | None:
    """The column that a header above asks for; None where the line above is none."""
    above = place.code_above[0] if place.code_above else ""
    if not opens_block(above, place.language):
        return None
    if is_closer(body, place.language):
        return place.width(above)
    left = place.width(place.line_before)
    if not place.unit and left > place.width(above):  # nothing else shows how deep a level is here
        return left
    return place.width(above) + place.tab_width


def indent(width: int, place: Place) -> str:
    """An indent as the document writes it."""
    if place.unit == "\t" or "\t" in place.indent:
        return "\t" * (width // place.tab_width) + " " * (width % place.tab_width)
    return " " * width
