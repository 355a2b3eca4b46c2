"""What is left of a suggestion for an editor that cannot take all of it. Only what it would put wrongly goes."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import takewhile

from fim_lsp.document import Snapshot, Suggestion

_INDENT = re.compile(r"[ \t]*")


def before_what_follows(snapshot: Snapshot, suggestion: Suggestion) -> Suggestion:
    """The text up to what stands right of the cursor already, so that nothing there is replaced.

    For LSP4IJ, which puts the replaced text first: `print(` and `"a")` in place of `)` become `print()"a")`.
    """
    end = len(suggestion.text)
    for char in reversed(snapshot.after[: suggestion.replaces]):
        end = suggestion.text.rfind(char, 0, end)
    return replace(suggestion, text=suggestion.text[: max(end, 0)], replaces=0)


def within_indent(snapshot: Snapshot, suggestion: Suggestion) -> Suggestion:
    """The text up to the first line that has less indent than the cursor's.

    For editors that give each line of a menu item at least that indent.
    """
    indent = _indent(snapshot)
    if _head(suggestion.text, indent) == suggestion.text:
        return suggestion
    beside = before_what_follows(snapshot, suggestion)  # what is cut off may be what replaces something
    return replace(beside, text=_head(beside.text, indent))


def _head(text: str, indent: str) -> str:
    first, *rest = text.split("\n")
    inside = takewhile(lambda line: line.startswith(indent) or not line.strip(), rest)
    return "\n".join([first, *inside])


def without_indent(snapshot: Snapshot, text: str) -> str:
    """`text` for an editor that puts the indent of the cursor's line before each further line by itself."""
    indent = _indent(snapshot)
    first, *rest = text.split("\n")
    return "\n".join([first, *(line.removeprefix(indent) for line in rest)])


def _indent(snapshot: Snapshot) -> str:
    """The indent of the cursor's line, as far as the cursor."""
    match = _INDENT.match(snapshot.line_before)
    return match[0] if match else ""
