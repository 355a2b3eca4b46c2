"""Tokens numbered by characters, so that a text becomes a string with one character per token: its symbols.

Then a context is a slice, the places where it occurs are found by `str.rfind` at memory speed, and 5 MB of code are
one million characters. Nothing here is ever shown; tokens come back through `token`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zlib import crc32

from fim_lsp.document import is_of_word
from fim_lsp.lookup.lexer import END_OF_LINE

LINE_STARTS = tuple(f"\r{step}{blank}" for step in ("<<", "<", "=", ">") for blank in ("", "b"))
"""What a line begins with: its indentation against the line before (two or more steps out, one, none, one in),
and whether a blank line parts them."""

CAPACITY = 0x10FFFF - 64
EOL = "\x00"
UNKNOWN = "\x01"
COMMON = (END_OF_LINE, "", *LINE_STARTS)
"""The tokens that every vocabulary begins with."""
STARTS = {text: chr(2 + number) for number, text in enumerate(LINE_STARTS)}


NESTING = {
    before + mark + after: turn
    for marks, turn in (("([{", 1), (")]}", -1), (",", 0))
    for mark in marks
    for before in ("", " ", "  ")
    for after in ("", " ")
}
SNAKE, CAMEL, TITLE, CONSTANT, NUMBER, PRIVATE = "acTCn_"
WORD_SHAPES = frozenset((SNAKE, CAMEL, TITLE, CONSTANT, PRIVATE))
"""The shapes of names. Keywords and punctuation have a shape of their own each, see `shape_of`."""


_REMEMBERED_ROWS = 5000
"""Lines repeat, in a file and from key to key."""


class Vocabulary:
    """Grows by use; a token keeps its symbol."""

    def __init__(self, keywords: frozenset[str] = frozenset()) -> None:
        self._tokens: list[str] = []
        self._symbols: dict[str, str] = {}
        self._shapes = _Shapes(self._tokens, keywords)
        self._row_shapes: dict[str, str] = {}
        self.nesting: dict[str, int] = {}
        """Of brackets and commas: 1 opens, -1 closes, 0 parts."""
        self.extend(COMMON)

    def __len__(self) -> int:
        return len(self._tokens)

    def symbol(self, token: str) -> str:
        symbol = self._symbols.get(token)
        if symbol is None:
            if len(self._tokens) >= CAPACITY:
                return UNKNOWN
            symbol = self._symbols[token] = chr(len(self._tokens))
            self._tokens.append(token)
            if (turn := NESTING.get(token)) is not None:
                self.nesting[symbol] = turn
        return symbol

    def extend(self, tokens: Sequence[str]) -> None:
        """Add tokens that it does not have yet, in this order."""
        first = len(self._tokens)
        self._tokens += tokens
        self._symbols.update(zip(tokens, map(chr, range(first, len(self._tokens))), strict=True))
        for token, turn in NESTING.items():
            if token in self._symbols:
                self.nesting[self._symbols[token]] = turn

    def since(self, size: int) -> list[str]:
        """The tokens added since it had `size` of them."""
        return self._tokens[size:]

    def shapes(self, symbols: str) -> str:
        """What kind of token each is, one character a token: the text with its names forgotten."""
        rows, remembered = symbols.split(EOL), self._row_shapes
        if len(remembered) > _REMEMBERED_ROWS:
            remembered.clear()
        for row in rows:
            if row not in remembered:
                remembered[row] = row.translate(self._shapes)
        return self._shapes[0].join([remembered[row] for row in rows])

    def shape(self, symbol: str) -> str:
        return self._shapes[ord(symbol)]

    def known(self, token: str) -> str:
        """Its symbol, or `UNKNOWN` without adding it."""
        return self._symbols.get(token, UNKNOWN)

    def token(self, symbol: str) -> str:
        return self._tokens[ord(symbol)]

    def encode(self, tokens: list[str]) -> str:
        get = self._symbols.get
        return "".join([get(token) or self.symbol(token) for token in tokens])

    def decode(self, symbols: Iterable[str]) -> list[str]:
        return [self._tokens[ord(symbol)] for symbol in symbols]


class _Shapes(dict[int, str]):
    """Symbol to shape, as `str.translate` asks for it; found out when asked."""

    def __init__(self, tokens: list[str], keywords: frozenset[str]) -> None:
        self._tokens = tokens
        self._keywords = keywords

    def __missing__(self, number: int) -> str:
        shape = self[number] = shape_of(self._tokens[number], self._keywords)
        return shape


def shape_of(token: str, keywords: frozenset[str]) -> str:
    """A letter for the kinds of names and numbers; what is not a name stands for itself."""
    if not token or not is_of_word(token[0]) or token in keywords:
        return chr(0x100 + crc32(token.encode("utf-8", "replace")) % 0x4000)  # the same in every process
    if token[0].isdecimal():
        return NUMBER
    if token[0] == "_":
        return PRIVATE
    if token.isupper():
        return CONSTANT
    if token[0].isupper():
        return TITLE
    return SNAKE if token.islower() else CAMEL
