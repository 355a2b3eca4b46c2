"""Where in which call a text breaks off, and what other calls have there; a definition counts as a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fim_lsp.lookup.surroundings import Surroundings
from fim_lsp.lookup.vocabulary import EOL, STARTS

_BREAKS = EOL + "".join(STARTS.values())
_LONGEST_CALL_TOKENS = 250
_LOOK_TOKENS, _ARGUMENT_TOKENS = 60, 10


class Call(NamedTuple):
    """`name(`, `name[` …, and the number of arguments before the one at hand."""

    name: str
    bracket: str
    position: int


class Calls:
    """Arguments given elsewhere, found once for each call and position."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._given: dict[Call, dict[str, list[str]]] = {}

    def counts(self, before: str) -> dict[str, dict[str, float]]:
        """What follows where the same call has the same beginning of an argument at the same position."""
        call, beginning = innermost_call(before[-_LONGEST_CALL_TOKENS:], self._around.vocabulary.nesting)
        if call is None:
            return {}
        if call not in self._given:
            project = self._in_project(call)
            self._given[call] = {"argument": self._in_documents(call, before), "project argument": project}
        found: dict[str, dict[str, float]] = {}
        for channel, given in self._given[call].items():
            counts = found[channel] = {}
            for tokens in given:
                if tokens.startswith(beginning) and len(tokens) > len(beginning):
                    symbol = tokens[len(beginning)]
                    counts[symbol] = counts.get(symbol, 0) + 1
        return found

    def _in_documents(self, call: Call, before: str) -> list[str]:
        pattern, nesting = call.name + call.bracket, self._around.vocabulary.nesting
        places = [*self._around.places(pattern, before), *self._around.open_places(pattern)]
        found = (argument(text[at : at + _LOOK_TOKENS], call.position, nesting) for text, at, _ in places)
        return [tokens[:_ARGUMENT_TOKENS] for tokens in found if tokens]

    def _in_project(self, call: Call) -> list[str]:
        found = []
        for backwards, places in self._around.project_places(call.name + call.bracket):
            for at, length in places:
                if length == 2:
                    assert self._around.index is not None
                    text = backwards[max(0, at - _LOOK_TOKENS) : at][::-1]
                    tokens = argument(text, call.position, self._around.index.nesting)
                    found.append("".join(map(self._around.translate, tokens[:_ARGUMENT_TOKENS])))
        return found


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
