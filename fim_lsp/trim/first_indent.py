"""The first line's indent, where the cursor stands among blanks: before, in or after the indent that belongs there.

Models write the line's whole indent again, or what is missing of it, or none. What decides is the indent that the code
above asks for. Blanks right of the cursor become part of the indent. Lines that follow as deep as the model took the
first one to be are moved along with it.
"""

from __future__ import annotations

import re
from dataclasses import replace

from fim_lsp.trim.draft import Draft
from fim_lsp.trim.lines import indent_of, is_closer, is_middle, opens_block
from fim_lsp.trim.place import Place

_LABEL = re.compile(r"[}#]|\w+\s*:(?!:)")
_GOES_ON = ".?:&|+-*/%<>=,"
"""What a line begins with that goes on with the one above."""


def trim(draft: Draft, place: Place) -> Draft:
    first, _, _ = draft.text.partition("\n")
    body = first.lstrip(" \t")
    if place.indent == place.line_before != "" and place.tail.strip() and len(indent_of(place.tail)) < 2 and body:
        return draft.with_text(draft.text.lstrip(" \t"))  # the line's indent stands there
    if not place.on_blank_line or not body:
        return draft
    own = indent_of(first)
    if not own and not place.tail:
        return _without_indent(draft, place, body)
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


def _without_indent(draft: Draft, place: Place, body: str) -> Draft:
    """The text stands where the cursor does, unless no statement can stand there."""
    asked, left = _asked_for(place, body), place.width(place.line_before)
    if asked is not None and left < asked and _must_be_as_asked(place, body):
        return _indented(draft, place, asked, 0)
    return _on_a_level(draft, place)


def _must_be_as_asked(place: Place, body: str) -> bool:
    """Whether anything shallower than what is asked for would be outside of the block that it is meant to be in."""
    below_header = opens_block(place.above, place.language)
    if place.shape.where != "code" or place.language.is_declarative or place.is_comment(body):
        return False
    if place.language.block == "indent":
        return below_header and place.width(place.line_before) <= place.width(place.above)
    return not below_header


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
    meant = place.width(draft.text) if own else place.width(place.line_before)
    text = missing + _moved_along(draft.text[own:], target - meant, meant, place)
    covers = place.tail != "" and missing.startswith(place.tail)
    return replace(draft, text=text, replaces=len(place.tail) if covers else 0)


def _moved_along(text: str, columns: int, meant: int, place: Place) -> str:
    """The text with the lines below its first one moved, where the least deep of them is as deep as the first was."""
    first, *following = text.split("\n")
    widths = [place.width(line) for line in following if line.strip()]
    if not columns or not widths or min(widths) != meant or place.inside.kind != "code":
        return text
    return "\n".join([first, *(moved(line, columns, place) for line in following)])


def _target(place: Place, own: str, body: str) -> int:
    """The column where the first line is meant to begin."""
    left, right, width = place.width(place.line_before), place.width(place.tail), place.width(own)
    if width == 1 and not left + right and _is_one_blank_deep(place, body):
        return 1
    if width < 2 and own != "\t":  # a blank that came with the model's first token
        return left + right
    if not left + right and _is_one_too_deep(place, own):
        width -= 1
    whole, missing = width, left + width
    asked = _asked_for(place, body)
    if asked is not None and asked >= left and (asked in (whole, missing) or (place.unit == "\t" and "\t" not in own)):
        return asked
    if asked is not None and asked > max(whole, missing) and _must_be_as_asked(place, body):
        return asked
    if not right and _goes_too_deep(place, asked, whole, body):
        return left
    if place.language.block == "indent" and _is_at_level(missing, place) and not _is_at_level(whole, place):
        return missing
    if width < left:
        return left
    return max(whole, left + right)


def _is_at_level(column: int, place: Place) -> bool:
    """Whether a line above begins there: where indents are blocks, no other column is right."""
    return any(place.width(line) == column for line in place.code_above)


def _is_one_blank_deep(place: Place, body: str) -> bool:
    """The middle of a block comment, and arguments in Lisp, stand behind a bracket."""
    in_comment = body[0] == "*" and place.inside.kind == "comment"
    return in_comment or (place.language.block == "sexp" and bool(place.open_brackets))


def _is_one_too_deep(place: Place, own: str) -> bool:
    """Whether a blank came with the model's first token before the indent, where all lines stand on levels."""
    step = len(place.unit)
    if step < 2 or "\t" in own or len(own) % step != 1 or place.shape.where != "code":
        return False
    return not any(place.width(line) % step for line in (*place.code_above[:10], *place.code_below[:10]))


def _goes_too_deep(place: Place, asked: int | None, whole: int, body: str) -> bool:
    """Whether the cursor stands where the line belongs, and deeper than that no statement can be."""
    left = place.width(place.line_before)
    if whole <= left or place.shape.where != "code" or place.language.is_declarative or not place.above:
        return False
    if asked is not None:
        return asked == left and body[0] not in _GOES_ON
    is_statement = place.language.block == "indent" and not place.open_brackets
    return is_statement and left == place.width(place.above) and not place.above.endswith("\\")


def _asked_for(place: Place, body: str) -> int | None:
    """The column that a header above asks for, or the statements of the block in braces; None where none does."""
    if not opens_block(place.above, place.language):
        return _column_in_braces(place, body)
    left, above = place.width(place.line_before), place.width(place.above)
    if is_closer(body, place.language):
        return above
    if not place.unit and left > above:  # nothing else shows how deep a level is here
        return left
    return above + place.tab_width


def _column_in_braces(place: Place, body: str) -> int | None:
    """The column of the line above, if it is the one right below a `{`; labels and closers stand elsewhere."""
    in_braces = place.language.block == "brace" and place.open_brackets[-1:] == ("{",)
    if not in_braces or is_closer(body, place.language) or is_middle(body, place.language) or _LABEL.match(body):
        return None
    column = place.width(place.above)
    header = next((line for line in place.code_above if place.width(line) < column), "")
    return column if header.rstrip().endswith("{") else None


def moved(line: str, columns: int, place: Place) -> str:
    """A line of code so many columns further right; a blank one stays as it is."""
    blanks = indent_of(line)
    return indent(place.width(line) + columns, place) + line[len(blanks) :] if line.strip() else line


def indent(width: int, place: Place) -> str:
    """An indent as the document writes it."""
    if place.unit == "\t" or "\t" in place.indent:
        return "\t" * (width // place.tab_width) + " " * (width % place.tab_width)
    return " " * width
