"""One line, or a block? Decided from the code around the cursor, before a model has said anything.

Text right of the cursor means one line, unless it is only closers. In comments, strings and prose it is one line, too.
Else it is a block, and where the block ends is a question of what encloses the cursor: in a function body statement
follows statement, in a class or a file one definition is a suggestion.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from fim_lsp import syntax
from fim_lsp.document import Snapshot
from fim_lsp.languages import Language
from fim_lsp.lexing import Inside, enclosures, look_back
from fim_lsp.settings.model import Mode

Lines = Literal["line", "block"]
Where = Literal["code", "comment", "string", "docstring", "prose"]

CLOSERS = re.compile(r"""[\s)\]}>"'`]*(?:/>)?(?:</[\w.:-]*>)*[)\]}]*\s*[;,]?\s*(?:\bend\b[)\]}]*[;,]?)?\s*""")
"""What may stand right of the cursor without being in the way: closers, then perhaps one separator.

A `{` or `:` is in the way: the line is the header of a block that stands there already.
"""
LOOK_BACK = 4_000


@dataclass(frozen=True, slots=True)
class Shape:
    """How much to show at a cursor."""

    lines: Lines = "block"
    where: Where = "code"
    among_definitions: bool = False
    """The cursor stands where definitions follow each other, not statements."""
    strict: bool = False
    """`lines` was set by the user: it holds whatever the text says."""
    max_lines: int = 0


def decide(snapshot: Snapshot, language: Language, *, mode: Mode, max_lines: int) -> Shape:
    """The shape at the snapshot's cursor. `mode` other than auto overrides what the code says."""
    where = _where(snapshot, language)
    lines = _lines(snapshot, language, where) if mode == "auto" else ("line" if mode == "single" else "block")
    return Shape(
        lines=lines,
        where=where,
        among_definitions=lines == "block" and where == "code" and _among_definitions(snapshot, language),
        strict=mode != "auto",
        max_lines=max_lines,
    )


def _lines(snapshot: Snapshot, language: Language, where: Where) -> Lines:
    if not CLOSERS.fullmatch(snapshot.line_after):
        return "line"
    return "block" if where in ("code", "docstring") else "line"


def _where(snapshot: Snapshot, language: Language) -> Where:
    if language.prose:
        return "code" if _in_fence(snapshot.before[-LOOK_BACK:]) else "prose"
    seen = look_back(snapshot.before, language, is_cut=snapshot.before_is_cut)
    if seen.inside.kind == "code" and language.block == "indent":
        return "code"  # the lexer has seen all that is above, the tree only a part of it
    sight = syntax.look(snapshot, language)
    if sight is not None and sight.inside is not None:
        return kind_of(sight.inside, sight.window)
    return kind_of(seen.inside, seen.text)


def kind_of(inside: Inside, before: str) -> Where:
    """A lexer's finding in the shape's terms: what begins its own line or spans lines is a text of several lines."""
    if inside.kind == "code":
        return "code"
    begins_line = not before[before.rfind("\n", 0, inside.start) + 1 : inside.start].strip()
    spans_lines = "\n" in before[inside.start :]
    if inside.kind == "comment":
        return "docstring" if inside.closer and (begins_line or spans_lines) else "comment"
    return "docstring" if spans_lines or (len(inside.closer) > 1 and begins_line) else "string"


def _in_fence(before: str) -> bool:
    """Whether a Markdown code fence is open."""
    return len(re.findall(r"^ {0,3}(?:```|~~~)", before, re.MULTILINE)) % 2 == 1


_HOLDS_DEFINITIONS = re.compile(
    r"\b(?:class|interface|struct|trait|impl|enum|object|module|namespace|record|protocol|defmodule|defprotocol|defimpl)\b"
)


def _among_definitions(snapshot: Snapshot, language: Language) -> bool:
    """Whether what encloses the cursor is a file or a class: as the tree says, or else the indents."""
    sight = syntax.look(snapshot, language) if language.block != "indent" else None
    if sight is not None and sight.among_definitions is not None:
        return sight.among_definitions
    line = snapshot.line_before
    width = len(line) - len(line.lstrip()) if line.strip() else len(line)
    if width == 0:
        header = _line_of_open_brace(snapshot, language)
        return header is None or _holds_definitions(header)
    for above in reversed(snapshot.before[-LOOK_BACK:].split("\n")[:-1]):
        if above.strip() and len(above) - len(above.lstrip()) < width:
            return _holds_definitions(above)
    return False


def _holds_definitions(header: str) -> bool:
    return bool(_HOLDS_DEFINITIONS.search(header)) and "=" not in header


def _line_of_open_brace(snapshot: Snapshot, language: Language) -> str | None:
    """The line that the brace around the cursor belongs to: an empty line's own column says nothing about it."""
    if language.block != "brace" or snapshot.line_before:
        return None
    seen = look_back(snapshot.before, language, is_cut=snapshot.before_is_cut)
    braces = [(at, bracket) for at, bracket in seen.brackets if bracket in "{}"]
    opened = next((begin for begin, end in enclosures(braces, len(seen.text)) if end == len(seen.text)), None)
    return None if opened is None else seen.text[:opened].rstrip().rpartition("\n")[2]
