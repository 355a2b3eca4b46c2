"""How the text sits before what stands right of the cursor.

It is inserted in front of it, or stops where it begins to repeat it, or takes the place of closers that it brings
itself. Of these ways the one is taken that leaves brackets, quotes and tags most in order; where several do, the text
takes the place of closers that it ends with, and stops before words that stand there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from fim_lsp.document import is_of_word
from fim_lsp.lexing import scan
from fim_lsp.trim.balance import Balance, balance
from fim_lsp.trim.draft import Draft
from fim_lsp.trim.other_words import begins_in_other_words
from fim_lsp.trim.place import Place

_CLOSERS = re.compile(r"""(?:[)\]}>"'`;,:]|\(\)|/>|</[\w.:-]*>|[ \t](?=\S))+""")
_NAMED_ARGUMENT = re.compile(r""",\s*["']?\w+["']?\s*(?:=(?!=)|:(?!:))""")
_SHORTEST_FOUND = 4


def trim(draft: Draft, place: Place) -> Draft:
    if not place.tail.strip() or draft.replaces:
        return draft
    return seated(draft, place)


def seated(draft: Draft, place: Place) -> Draft:
    """The best way for the text to sit before the rest of its line."""
    ways = list(_ways(draft, place))
    certain = next((way for rank, way in ways if rank == 0), None)
    if certain is not None or len(ways) == 1:
        return certain or draft
    before = balance(place, "")

    def harm(way: tuple[int, Draft]) -> tuple[Balance, Balance, int]:
        rank, draft = way
        after = balance(place, draft.text, draft.replaces)
        return after.at_least(before), after, rank

    return min(ways, key=harm)[1]


def _ways(draft: Draft, place: Place) -> Iterator[tuple[int, Draft]]:
    """Ways to sit, each with its rank among those that leave things equally in order; rank 0 needs no comparison."""
    text, tail = draft.text.rstrip(), place.tail.rstrip()
    closers = tail if _CLOSERS.fullmatch(tail) else ""
    for length in range(len(closers), 0, -1):
        if is_subsequence(closers[:length], text):
            yield (1 if text.endswith(closers) else 5), replace(draft, text=text, replaces=length)
    for length in range(min(len(text), len(tail)), 0, -1):
        if text.endswith(tail[:length]) and _is_whole(text, tail, length, place.line_before):
            says_it_all = length == len(tail) and sum(map(str.isalpha, tail)) >= _SHORTEST_FOUND
            yield (0 if says_it_all else 2), replace(draft, text=text[: len(text) - length])
    if not closers:
        yield from _ways_to_say_the_end(draft, text, tail)
    found = (_found(text, tail) if not closers else None) or _same_argument(text, tail)
    if found is not None:
        yield 3, replace(draft, text=text[:found])
    if not closers:
        yield from _ways_in_other_words(draft, text, tail, place)
    bare = _without_comment(text, place)
    if bare != text:
        if bare[-1:] in (",", ";") and tail.startswith(bare[-1]):
            yield 3, replace(draft, text=bare[:-1])
        yield 3, replace(draft, text=bare)
    yield 4, draft if "\n" in text else draft.cut(len(draft.text.partition("\n")[0]))


def _ways_in_other_words(draft: Draft, text: str, tail: str, place: Place) -> Iterator[tuple[int, Draft]]:
    begins = begins_in_other_words(text, tail, place)
    if begins is not None:
        yield (1 if tail.lstrip()[0] in ")]}" else 3), replace(draft, text=text[:begins])
    ends_statement = draft.text.endswith((";", ":")) and tail.endswith(text[-1]) and "?" not in text
    if ends_statement and tail[0] in " \t":
        yield 3, replace(draft, text=text[:-1])


def _ways_to_say_the_end(draft: Draft, text: str, tail: str) -> Iterator[tuple[int, Draft]]:
    """Where the text says the tail's end, but the closers that the tail begins with otherwise: `) -> int:` for `):`."""
    for length in range(1, len(tail)):
        if not _CLOSERS.fullmatch(tail[:length]):
            return
        if text.endswith(tail[length:]):
            said = text[: len(text) - len(tail) + length]
            yield 3, replace(draft, text=said)
            if is_subsequence(tail[:length], said):
                yield 2, replace(draft, text=said, replaces=length)


def _without_comment(text: str, place: Place) -> str:
    """The text without a comment at its end, which would swallow the rest of the line."""
    inside = scan(text, place.language, place.inside).inside
    ends_with_line = inside.kind == "comment" and not inside.closer
    return text[: inside.start].rstrip() if ends_with_line and inside.start > 0 else text


def _is_whole(text: str, tail: str, length: int, before: str) -> bool:
    """Whether text and tail share whole words, not the ends of different ones."""
    start = len(text) - length
    begins = start == 0 or not (is_of_word(text[start - 1]) and is_of_word(text[start]))
    begins = begins or (length == len(tail) and is_of_word(before[-1:]))  # the cursor is inside of a word
    ends = length == len(tail) or not (is_of_word(tail[length - 1]) and is_of_word(tail[length]))
    return begins and ends


def _found(text: str, tail: str) -> int | None:
    """Where the text says all of the tail and then goes on."""
    bare = tail.strip()
    if len(bare) < _SHORTEST_FOUND or all(map(is_of_word, bare)) or not any(map(str.isalpha, bare)) or "\n" in text:
        return None
    at = text.find(bare)
    if at < 0 or (at > 0 and is_of_word(text[at - 1]) and is_of_word(bare[0])):
        return None
    return at


def _same_argument(text: str, tail: str) -> int | None:
    """Where the text begins the argument that the tail begins with, by its name."""
    named = _NAMED_ARGUMENT.match(tail)
    at = text.find(named[0]) if named is not None else -1
    return at if at > 0 else None


def is_subsequence(small: str, large: str) -> bool:
    """Whether the characters of `small` stand in `large` in this order: else editors cannot draw the suggestion."""
    rest = iter(large)
    return all(char in rest for char in small)
