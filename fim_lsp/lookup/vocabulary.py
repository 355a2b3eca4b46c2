"""Tokens numbered by characters, so that a text becomes a string with one character per token: its symbols.

Then a context is a slice, the places where it occurs are found by `str.rfind` at memory speed, and 5 MB of code are
one million characters. Nothing here is ever shown; tokens come back through `token`.
"""

from __future__ import annotations

from fim_lsp.lookup.lexer import END_OF_LINE

LINE_STARTS = tuple(f"\r{step}{blank}" for step in ("<<", "<", "=", ">") for blank in ("", "b"))
"""What a line begins with: its indentation against the line before (two or more steps out, one, none, one in),
and whether a blank line parts them."""

CAPACITY = 0x10FFFF - 64
EOL = "\x00"
UNKNOWN = "\x01"
STARTS = {text: chr(2 + number) for number, text in enumerate(LINE_STARTS)}


class Vocabulary:
    """Grows by use; a token keeps its symbol."""

    def __init__(self) -> None:
        self._tokens = [END_OF_LINE, "", *LINE_STARTS]
        self._symbols = {token: chr(number) for number, token in enumerate(self._tokens)}

    def __len__(self) -> int:
        return len(self._tokens)

    def symbol(self, token: str) -> str:
        symbol = self._symbols.get(token)
        if symbol is None:
            if len(self._tokens) >= CAPACITY:
                return UNKNOWN
            symbol = self._symbols[token] = chr(len(self._tokens))
            self._tokens.append(token)
        return symbol

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
