"""From the cursor to a guess: the likeliest tokens in turn, as far as all of them together keep the promise."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from fim_lsp.document import is_of_word
from fim_lsp.lookup.lexer import CLOSES, OPENS, open_quote, spell
from fim_lsp.lookup.vocabulary import EOL, LINE_STARTS, UNKNOWN, Vocabulary

MOST_STATES = 16
"""So many contexts are looked at for one guess, at most: what bounds its time."""
_HOPED_KEYS = 16
"""A branch is followed only as long as it would be the best with so many keys more."""
_PAIRS = {")": "(", "]": "[", "}": "{"}


@dataclass(frozen=True, slots=True)
class Guess:
    """A text that may follow the cursor."""

    text: str
    probability: float
    """That the text is right to its end."""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """A line so far: what is settled, and what the next token must begin with."""

    line: str
    """Symbols of the settled tokens, with the line's start."""
    text: str
    """The settled tokens as text, without indentation."""
    typed: str
    """The token at the cursor as far as it goes, with the space before it; empty once it is settled."""
    brackets: str
    """Those still open, the innermost last."""
    quote: str
    """The quote of the string that is open, if any."""

    def allows(self, token: str) -> bool:
        """Whether it goes on with what is typed, and brackets and quotes stay in order."""
        if token == "\n":
            return not self.typed
        if not token or token in LINE_STARTS or (self.typed and not spell(token, self.text).startswith(self.typed)):
            return False
        if is_of_word(token[0]):
            return True
        bare = token.strip(" \x01\x02")
        if token.endswith(OPENS):
            return not self.quote
        if token.endswith(CLOSES):
            return self.quote == bare
        return bool(self.quote) or bare not in _PAIRS or self.brackets.endswith(_PAIRS[bare])

    def then(self, symbol: str, token: str) -> State:
        bare = token.strip(" \x01\x02")
        quote = bare if token.endswith(OPENS) else "" if token.endswith(CLOSES) else self.quote
        brackets = self.brackets if quote else _after(self.brackets, bare)
        return State(self.line + symbol, self.text + spell(token, self.text), "", brackets, quote)


Predict = Callable[[State], Mapping[str, float]]
"""A state to the probabilities of the tokens that it allows; what they leave to 1 is the unknown."""


def start(line: str, tokens: list[str], text: str, brackets: str, vocabulary: Vocabulary) -> State:
    """The state at a cursor behind `text`, whose tokens are `tokens`; the last of them may not be complete."""
    settled, spelled = list(tokens), ""
    unfinished = settled.pop() if settled and text[-1] != " " else ""
    for token in settled:
        spelled += spell(token, spelled)
    space = " " if settled and not settled[-1].rstrip(OPENS + CLOSES).endswith(" ") else ""
    typed = spell(unfinished, spelled) if unfinished else space
    symbols = "".join(vocabulary.known(token) for token in settled)
    return State(line + symbols, spelled, typed, open_brackets(settled, brackets), open_quote(settled))


def search(
    cursor: State,
    rest: str,
    predict: Predict,
    vocabulary: Vocabulary,
    gate: float,
    said: Sequence[str] = (),
) -> Guess | None:
    """The guess worth most among those at least as probable as `gate`: probability times keys spared.

    `rest` is the line right of the cursor, stripped: a guess ends where it comes to it. `said` are lines, stripped,
    that are not to be said again.
    """
    best: Guess | None = None
    best_worth = 0.0
    here = len(cursor.text + cursor.typed)
    queue = [(-1.0, 0, cursor)]
    for number in range(1, MOST_STATES + 1):
        if not queue:
            break
        cost, _, state = heapq.heappop(queue)
        if -cost * (len(state.text) - here + _HOPED_KEYS) <= best_worth:
            continue
        for symbol, share in predict(state).items():
            joint = -cost * share
            if joint < gate or symbol in (EOL, UNKNOWN):
                continue
            after = state.then(symbol, vocabulary.token(symbol))
            if rest and _meets(after, max(here, len(state.text)), rest, cursor):
                continue
            heapq.heappush(queue, (-joint, number * 1000 + len(queue), after))
            shown = after.text[here:].rstrip()
            worth = joint * (len(shown) - 1)
            if worth > best_worth and not any(_says_again(after.text.rstrip(), line) for line in said):
                best, best_worth = Guess(shown, joint), worth
    return best


def open_brackets(tokens: Iterable[str], stack: str = "") -> str:
    """The brackets that `tokens` leave open, the innermost last."""
    for token in tokens:
        stack = _after(stack, token.strip(" "))
    return stack


def _after(stack: str, bare: str) -> str:
    if bare in _PAIRS:
        return stack[:-1] if stack.endswith(_PAIRS[bare]) else stack
    return stack + bare if bare in ("(", "[", "{") else stack


def _says_again(text: str, line: str) -> bool:
    """Whether a guess is that line, or all of it but what closes it."""
    return line.startswith(text) and not any(map(is_of_word, line[len(text) :]))


def _meets(state: State, since: int, rest: str, cursor: State) -> bool:
    """Whether what was added last is what stands right of the cursor already."""
    if not state.text[since:].strip().startswith(rest[0]):
        return False
    return rest[0] not in _PAIRS or len(state.brackets) < len(cursor.brackets)
