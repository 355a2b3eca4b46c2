"""A line of any language as tokens, and back.

A token carries its own spacing: punctuation keeps the spaces around it (` = `, `, `, `(`), words carry none and are
parted by one space where two of them meet. So the text of a guess is the tokens joined, and nothing decides about
spaces a second time. Quotes know whether they open or close; a string or a comment is lexed into words like code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from fim_lsp.document import is_of_word
from fim_lsp.languages import Language

END_OF_LINE = "\n"
OPENS, CLOSES = "\x01", "\x02"
"""Appended to a quote that opens or closes a string, so that the two are different tokens."""

_OPERATORS = (
    *("<<=", ">>=", "**=", "//=", "...", "===", "!==", "??=", "||=", "&&=", "..=", "<=>", "->", "=>", "==", "!="),
    *("<=", ">=", ":=", "+=", "-=", "*=", "/=", "%=", "&=", "|=", "^=", "@=", "**", "//", "<<", ">>", "&&", "||"),
    *("++", "--", "::", "?.", "??", "..", "<-", "|>", '"""', "'''", "```"),
)
_CONTRACTION = r"(?:'(?:t|s|re|ve|ll|d|m)\b)?"
_QUOTES = frozenset("\"'`")
_HAS_QUOTE = re.compile("[\"'`]")


def lex(text: str, language: Language) -> list[str]:
    """The tokens of a line or of its beginning, without indentation; `text` holds no line end."""
    tokens: list[str] = _pattern(language.word_marks).findall(text)
    return mark_quotes(tokens) if _HAS_QUOTE.search(text) else tokens


def mark_quotes(tokens: Iterable[str]) -> list[str]:
    """Tell the quotes that open a string from those that close one; a string ends with its line at the latest."""
    marked, quote = [], ""
    for token in tokens:
        bare = token.strip(" ")
        if bare not in _QUOTES:
            marked.append(token)
        elif not quote:
            quote = bare
            marked.append(token + OPENS)
        elif quote == bare:
            quote = ""
            marked.append(token + CLOSES)
        else:
            marked.append(token)
    return marked


def open_quote(tokens: Sequence[str]) -> str:
    """The quote of the string that the line leaves open, or nothing."""
    last = next((token for token in reversed(tokens) if token[-1] in "\x01\x02"), "")
    return last.strip(" \x01") if last.endswith(OPENS) else ""


def spell(token: str, after: str) -> str:
    """`token` as it is written behind the text `after`."""
    text = token.rstrip("\x01\x02")
    return f" {text}" if after and is_of_word(text[0]) and is_of_word(after[-1]) else text


@lru_cache(maxsize=64)
def _pattern(word_marks: str) -> re.Pattern[str]:
    marks = re.escape(word_marks)
    word = rf"[^\W\d][\w{marks}]*{_CONTRACTION}"
    number = r"\d\w*(?:\.\d\w*)?"
    operators = "|".join(re.escape(operator) for operator in sorted(_OPERATORS, key=len, reverse=True))
    return re.compile(rf"{word}|{number}| {{0,2}}(?:{operators}|[^\w\s]) ?")
