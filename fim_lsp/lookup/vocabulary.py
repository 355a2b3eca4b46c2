"""Tokens numbered by characters, so that a text becomes a string with one character per token: its symbols.

Then a context is a slice, the places where it occurs are found by `str.rfind` at memory speed, and 5 MB of code are
one million characters. Nothing here is ever shown; tokens come back through `token`.
"""

from __future__ import annotations

from zlib import crc32

from fim_lsp.lookup.lexer import END_OF_LINE, is_wordlike

LINE_STARTS = tuple(f"\r{step}{blank}" for step in ("<<", "<", "=", ">") for blank in ("", "b"))
"""What a line begins with: its indentation against the line before (two or more steps out, one, none, one in),
and whether a blank line parts them."""

CAPACITY = 0x10FFFF - 64
EOL = "\x00"
UNKNOWN = "\x01"
STARTS = {text: chr(2 + number) for number, text in enumerate(LINE_STARTS)}


_NESTING = {**dict.fromkeys("([{", 1), **dict.fromkeys(")]}", -1), ",": 0}
SNAKE, CAMEL, TITLE, CONSTANT, NUMBER, PRIVATE = "acTCn_"
WORD_SHAPES = frozenset((SNAKE, CAMEL, TITLE, CONSTANT, PRIVATE))
"""The shapes of names. Keywords and punctuation have a shape of their own each, see `shape_of`."""


class Vocabulary:
    """Grows by use; a token keeps its symbol."""

    def __init__(self, keywords: frozenset[str] = frozenset()) -> None:
        self._keywords = keywords
        self._tokens: list[str] = []
        self._symbols: dict[str, str] = {}
        self._shapes: dict[int, str] = {}
        """Symbol to shape, as `str.translate` wants it."""
        self.nesting: dict[str, int] = {}
        """Of brackets and commas: 1 opens, -1 closes, 0 parts."""
        for token in (END_OF_LINE, "", *LINE_STARTS):
            self._add(token)

    def __len__(self) -> int:
        return len(self._tokens)

    def symbol(self, token: str) -> str:
        symbol = self._symbols.get(token)
        if symbol is None:
            if len(self._tokens) >= CAPACITY:
                return UNKNOWN
            symbol = self._add(token)
        return symbol

    def shapes(self, symbols: str) -> str:
        """What kind of token each is, one character a token: the text with its names forgotten."""
        return symbols.translate(self._shapes)

    def shape(self, symbol: str) -> str:
        return self._shapes[ord(symbol)]

    def words(self) -> list[str]:
        """All names and numbers."""
        return [token for token in self._symbols if token and is_wordlike(token[0])]

    def known(self, token: str) -> str:
        """Its symbol, or `UNKNOWN` without adding it."""
        return self._symbols.get(token, UNKNOWN)

    def token(self, symbol: str) -> str:
        return self._tokens[ord(symbol)]

    def encode(self, tokens: list[str]) -> str:
        get = self._symbols.get
        return "".join([get(token) or self.symbol(token) for token in tokens])

    def decode(self, symbols: str) -> list[str]:
        return [self._tokens[ord(symbol)] for symbol in symbols]

    def _add(self, token: str) -> str:
        number = len(self._tokens)
        symbol = self._symbols[token] = chr(number)
        self._tokens.append(token)
        self._shapes[number] = shape_of(token, self._keywords)
        if (nesting := _NESTING.get(token.strip(" "))) is not None:
            self.nesting[symbol] = nesting
        return symbol


def shape_of(token: str, keywords: frozenset[str]) -> str:
    """A letter for the kinds of names and numbers; what is not a name stands for itself."""
    if not token or not is_wordlike(token[0]) or token in keywords:
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
