"""The indents of the lines that follow: written as the document writes them, and deep enough for where they stand.

Each correction asks for evidence that the model is wrong throughout: a text whose indents make sense stays as it is.
"""

from __future__ import annotations

from itertools import pairwise
from math import gcd

from fim_lsp.trim.definitions import begins_definition
from fim_lsp.trim.draft import Draft
from fim_lsp.trim.first_indent import moved
from fim_lsp.trim.lines import indent_of, is_closer, is_middle, opens_block, width_of
from fim_lsp.trim.place import Place

_STEPS = (2, 3, 4, 8)


def trim(draft: Draft, place: Place) -> Draft:
    first, *following = draft.text.split("\n")
    if not any(line.strip() for line in following):
        return draft
    if place.inside.kind == "string" or place.mixes_marks:
        return draft
    header = place.line_before + first
    for correct in (_in_own_marks, _shifted_by_one, _from_the_margin, _as_from_the_margin, _in_own_steps):
        following = correct(header, following, place)
    text = "\n".join([first, *following])
    return draft if text == draft.text else draft.with_text(text)


def _in_own_marks(header: str, following: list[str], place: Place) -> list[str]:
    """Spaces to tabs in a document of tabs, and the other way round."""
    if place.unit == "\t":
        step = _step_of_spaces(header, following, place)
        return [_tabbed(line, step) for line in following]
    if place.unit:
        return [_spaced(line, place.unit) for line in following]
    return following


def _step_of_spaces(header: str, following: list[str], place: Place) -> int:
    """How many spaces the model means by one level: as many as let no line be deeper than it can be."""
    indented = [line for line in following if line.startswith(" ") and line.strip()]
    widths = [len(indent_of(line)) for line in indented]
    opens = opens_block(header, place.language)
    level = place.width(header) // place.tab_width + opens
    likely = [widths[0] // level] if widths and level and widths[0] % level == 0 else []
    most = level - (bool(indented) and not opens and is_closer(indented[0], place.language))
    for step in (*likely, gcd(*widths), 4, *_STEPS):
        if step not in _STEPS or any(width % step for width in widths):
            continue
        levels = [width // step for width in widths]
        fits = not header.strip() or levels[:1] <= [most]
        if fits and all(deeper <= above + 1 for above, deeper in pairwise(levels)):
            return step
    return 4


def _tabbed(line: str, step: int) -> str:
    blanks = indent_of(line)
    if not blanks.startswith(" ") or len(blanks) % step:
        return line
    return "\t" * (len(blanks) // step) + line[len(blanks) :]


def _spaced(line: str, unit: str) -> str:
    blanks = indent_of(line)
    return blanks.replace("\t", unit) + line[len(blanks) :] if "\t" in blanks else line


def _shifted_by_one(header: str, following: list[str], place: Place) -> list[str]:
    """One blank too many on every line: a leading space that the model's tokens brought along."""
    step = len(place.unit)
    code = [line for line in following if line.strip()]
    if step < 2 or any(place.width(line) % step != 1 or line.lstrip().startswith("*") for line in code):
        return following
    if any(place.width(line) % step for line in place.code_above[:10]):
        return following
    if abs(place.width(code[0]) - 1 - place.width(header)) > step:  # a continued line, below what it belongs to
        return following
    return [line[1:] if line.strip() else line for line in following]


def _from_the_margin(header: str, following: list[str], place: Place) -> list[str]:
    """A body indented as if its header began at the margin."""
    base = place.width(header)
    first = next(line for line in following if line.strip())
    if not header.strip() or not _opens_body(header, place):
        return following
    if is_closer(first, place.language) or is_middle(first, place.language):
        return following
    if place.width(first) != place.tab_width or base < place.tab_width or place.language.is_declarative:
        return following  # data has no headers: in YAML a list may stand right below its key
    return [moved(line, base, place) for line in following]


def _as_from_the_margin(header: str, following: list[str], place: Place) -> list[str]:
    """Statements that follow at the margin though nothing was closed and blocks are open: all were meant to be here."""
    base = place.width(place.line_before)
    first = following[0]
    if not place.on_blank_line or not base or not first.strip() or place.width(first) or place.shape.where != "code":
        return following
    if _opens_body(header, place) or first[0] in ")]}#" or first.endswith(":") or is_middle(first, place.language):
        return following
    in_braces = place.language.block == "brace" and place.open_brackets[-1:] == ("{",)
    in_two_blocks = place.language.block == "indent" and base >= 2 * place.tab_width
    if begins_definition(first) or not (in_braces or in_two_blocks):
        return following
    return [moved(line, base, place) for line in following]


def _in_own_steps(header: str, following: list[str], place: Place) -> list[str]:
    """Levels of another depth than the document's, where every level of the text says so."""
    step = len(place.unit)
    if place.unit in ("", "\t") or (header.lstrip().startswith("- ") and place.language.is_declarative):
        return following  # below an item of a YAML list, what is in it is two levels deeper
    lines = [header, *(line for line in following if line.strip())] if header.strip() else following
    lines = [line for line in lines if line.strip()]
    base = place.width(lines[0])
    steps = {
        place.width(below) - place.width(above)
        for above, below in pairwise(lines)
        if _opens_body(above, place) and not is_closer(below, place.language)
    }
    own = next(iter(steps)) if len(steps) == 1 else step
    if own == step or own not in _STEPS or base % step:
        return following
    depths = [place.width(line) - base for line in lines]
    if any(depth > 0 and depth % own for depth in depths):
        return following
    return [_rescaled(line, base, own, step, place) for line in following]


def _opens_body(line: str, place: Place) -> bool:
    if line.lstrip().startswith((*place.language.line_comment, "*")):
        return False
    return opens_block(line, place.language) and not line.rstrip().endswith(("(", "["))


def _rescaled(line: str, base: int, own: int, step: int, place: Place) -> str:
    blanks = indent_of(line)
    depth = width_of(blanks, place.tab_width) - base
    if depth <= 0 or not line.strip():
        return line
    return " " * (base + depth // own * step) + line[len(blanks) :]
