"""The beginning of the cursor's line, said again: chat models give whole lines back.

It counts where it begins with the line's indent, and where no code says it twice: a statement's keyword, what is given
a value, a word that is half typed, many words. A call may well stand in a call of the same function, and a list in a
list.
"""

from __future__ import annotations

import re

from fim_lsp.document import is_of_word
from fim_lsp.trim.draft import Draft
from fim_lsp.trim.place import Place

SHORTEST = 2
SHORTEST_HALF_WORD = 3
LONG = 20
_FIRST_WORD = re.compile(r"[^\W\d]\w*")
_GIVES_VALUE = re.compile(r"""["'$@\w][^()\[\]{}=:]*(?:(?<![=!<>])=(?![=>])|:(?!:)).*""")
_MORE_THAN_A_NAME = re.compile(r"""[\s,"']""")
_MAY_DOUBLE = frozenset({"not", "await", "typeof", "new", "yield", "delete"})


def trim(draft: Draft, place: Place) -> Draft:
    if place.indent and place.line_before != place.indent and draft.text.startswith(place.line_before):
        return draft.with_text(draft.text[len(place.line_before) :])
    line, text = place.line_before.strip(), draft.text.lstrip(" \t")
    if len(line) < SHORTEST or not text.startswith(line):
        return draft
    rest = text[len(line) :]
    if not place.line_before.endswith(line):  # there is a blank before the cursor
        if is_of_word(line[-1]) and is_of_word(rest[:1]):
            return draft  # the text begins with a longer word
        rest = rest.lstrip(" \t")
    return draft.with_text(rest) if _is_said_once(line, place) else draft


def _is_said_once(line: str, place: Place) -> bool:
    if len(line) >= LONG and _MORE_THAN_A_NAME.search(line):
        return True
    if place.shape.where != "code":
        return line.startswith(place.language.line_comment) and any(map(str.isalnum, line))
    word = _FIRST_WORD.match(line)
    if word is not None and word[0] == line == place.line_before.lstrip():  # the cursor is at a word's end
        return len(line) >= SHORTEST_HALF_WORD
    begins_statement = word is not None and _is_keyword(word[0], place)
    return begins_statement or _GIVES_VALUE.match(line) is not None


def _is_keyword(word: str, place: Place) -> bool:
    """In any case: SQL is written in capitals, too."""
    return bool({word, word.lower()} & place.language.keywords) and word.lower() not in _MAY_DOUBLE
