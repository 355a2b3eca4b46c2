"""Where in which call a text breaks off, and what other calls have there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fim_lsp.lookup.vocabulary import EOL, STARTS

_BREAKS = EOL + "".join(STARTS.values())


class Call(NamedTuple):
    """`name(`, `name[` …, and the number of arguments before the one at hand."""

    name: str
    bracket: str
    position: int


def innermost_call(text: str, nesting: Mapping[str, int]) -> tuple[Call | None, str]:
    """The call that `text` ends in, and the symbols of the argument at hand so far."""
    depth = commas = 0
    given = len(text)
    for at in range(len(text) - 1, 0, -1):
        turn = nesting.get(text[at])
        if turn is None:
            continue
        if turn < 0:
            depth += 1
        elif turn > 0 and depth:
            depth -= 1
        elif turn > 0:
            argument = text[given if commas else at + 1 :].lstrip(_BREAKS)
            return Call(text[at - 1], text[at], commas), argument
        elif not depth:
            given = at + 1 if not commas else given
            commas += 1
    return None, ""


def argument(text: str, position: int, nesting: Mapping[str, int]) -> str:
    """The argument of that number and what follows it, where `text` begins behind the opening bracket."""
    if position == 0:
        return text.lstrip(_BREAKS)
    depth = commas = 0
    for at, symbol in enumerate(text):
        turn = nesting.get(symbol)
        if turn is None:
            continue
        if turn == 0 and depth == 0:
            commas += 1
            if commas == position:
                return text[at + 1 :].lstrip(_BREAKS)
        depth += turn
        if depth < 0:
            return ""
    return ""
