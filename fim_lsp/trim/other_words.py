"""The rest of the line in other words: `x) -> str:` before `) -> int:`, `a if ok else c` before ` if ok else b`.

Where the text begins to say it, the rest's first token tells, looked for outside of the brackets that the text opens.
It takes a second sign that the text is no part before the rest: a token that a statement says once, or the same end.
"""

from __future__ import annotations

import re

from fim_lsp.document import is_of_word
from fim_lsp.languages.families import words
from fim_lsp.lexing import Scan, code_of, push, scan
from fim_lsp.trim.place import Place

_TOKEN = re.compile(r"\w+|[=!<>:&|?+*-]+|[^\s\w]")
_ONCE = words("= := : => in if else as from for then do where unless throws extends implements")
"""What a statement, or a part of a list, says once."""
_ENDS = (";", ":", "{")


def begins_in_other_words(text: str, tail: str, place: Place) -> int | None:
    """Where the first line of `text` begins to say `tail` differently; None: nowhere that is certain enough."""
    text, rest = text.partition("\n")[0], tail.lstrip()
    if text.endswith(tail):
        return None
    seen = scan(text, place.language, place.inside)
    if place.inside.kind == "string":
        return _behind_string(text, rest, seen, place.inside.closer)
    stack: list[str] = []
    leaves = next((at for at, bracket in seen.brackets if not push(bracket, stack)), None)
    if rest[0] in ")]}":
        return leaves if leaves and stack in ([], ["{"]) and _goes_on_alike(text, leaves, rest) else None
    return _first_token_again(text, tail, seen, leaves, place)


def _behind_string(text: str, rest: str, seen: Scan, closer: str) -> int | None:
    """The string that the cursor is in, ended by the text and once more by the rest."""
    if seen.inside.kind != "code" or rest.count(closer) % 2 == 0:
        return None
    return 0 if is_of_word(rest[0]) else max(0, text.find(rest[0]))


def _goes_on_alike(text: str, leaves: int, rest: str) -> bool:
    """Whether text and rest close the same bracket, and go on with the same token or end alike."""
    if text[leaves] != rest[0]:
        return False
    mine, theirs = _TOKEN.search(text, leaves + 1), _TOKEN.search(rest, 1)
    is_same = mine is not None and theirs is not None and mine[0] == theirs[0]
    return is_same or (_ends_alike(text, rest) and any(map(str.isalpha, rest)))


def _first_token_again(text: str, tail: str, seen: Scan, leaves: int | None, place: Place) -> int | None:
    """Where the text says the first token of the tail, in the item of a list that it ends with."""
    found = _TOKEN.match(tail.lstrip())
    ends_alike = _ends_alike(text, tail)
    if found is None or not (ends_alike or (found[0].lower() in _ONCE and _leaves_alike(tail, leaves, place))):
        return None
    token = found[0].lower()
    flat = _flat(code_of(text, place.language, place.inside)[:leaves], seen)
    at = next((match.start() for match in _TOKEN.finditer(flat) if match[0].lower() == token), 0)
    if at == 0 or (token == ":" and "?" in flat[:at]):
        return None
    item = re.split(r"," if tail[0] in " \t" else r"[,\s]", flat)[-1]
    return at if ends_alike or token in map(str.lower, _TOKEN.findall(item)) else None


def _ends_alike(text: str, tail: str) -> bool:
    return text.endswith(_ENDS) and tail.endswith(text[-1])


def _leaves_alike(tail: str, leaves: int | None, place: Place) -> bool:
    """Whether the text closes the bracket that the cursor is in, if the tail does."""
    if tail.endswith(_ENDS):
        return False
    stack: list[str] = []
    return leaves is not None or all(push(bracket, stack) for _, bracket in scan(tail, place.language).brackets)


def _flat(code: str, seen: Scan) -> str:
    """The code with blanks for what its brackets hold."""
    chars, depth, brackets = list(code), 0, dict(seen.brackets)
    for at in range(len(chars)):
        bracket = brackets.get(at, "")
        depth -= bracket in (")", "]", "}")
        if depth > 0:
            chars[at] = " "
        depth += bracket in ("(", "[", "{")
    return "".join(chars)
