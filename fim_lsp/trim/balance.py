"""What a suggestion does to the brackets, quotes and tags of its document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from fim_lsp.languages.families import words
from fim_lsp.lexing import Scan, code_of, excess_by_kind, push, scan
from fim_lsp.trim.place import WINDOW_AFTER, Place

_TAG = re.compile(r"<(/?)([A-Za-z][\w.:-]*)(?:\s(?:[^<>]|=>)*?)?(?<!=)(/?)>|<(/?)>")
_VOID = words("area base br col embed hr img input link meta param source track wbr")
_PATTERN = re.compile(r"(?:\bin|;;)\s+[^\s();|&<>]+(?:[ \t]*\|[ \t]*[^\s();|&<>]+)*\)\Z")
_NO_CLOSER = re.compile(r"(?:^[ \t>]*\d{1,3}|(?<=\s):-?)\)\Z", re.MULTILINE)
_LOOK_BACK = 300
"""Far enough to see that a line begins a pattern: what ends above it is `in` or `;;`."""
_ARROWS = re.compile(r"->|=>|<=|>=|<-|<<|(?<= )[<>](?= )")


_BRACKETS = frozenset("()[]{}")


class Balance(NamedTuple):
    """How much is wrong with a document; the first three are about what closes nothing."""

    excess: int
    """Closing brackets that do not close the bracket opened last."""
    excess_by_kind: int
    """The same, where each kind of bracket is counted by itself."""
    excess_tags: int
    loose: int
    """Quotes without a partner, strings left open and closers swallowed by a comment, on the text's lines."""
    local: int
    """Closing brackets that close nothing which was opened on the cursor's line or since."""
    angles: int
    """How far `<` and `>` of the line are from even; 0 where the rest of the line holds no `>`."""
    unclosed: int

    def at_least(self, other: Balance) -> Balance:
        """The balance, where to be better than `other` is no merit: what is wrong already is not the text's to mend."""
        return Balance._make([*map(max, self[:-1], other[:-1]), self.unclosed])

    def is_worse_than(self, other: Balance) -> bool:
        """Whether more closes nothing."""
        return any(mine > theirs for mine, theirs in zip(self[:3], other[:3], strict=True))


def balance(place: Place, text: str, replaces: int = 0) -> Balance:
    """The document's balance with `text` at the cursor in place of the next `replaces` characters."""
    tail = place.tail[replaces:]
    seen = scan(text + tail, place.language, place.inside)
    own = brackets = _counting(seen, text + tail, place)
    if _leaves_open(seen, place) and seen.inside.start < len(text):
        brackets = brackets + [char for char in (text + tail)[seen.inside.start :] if char in _BRACKETS]
    brackets = brackets + place.brackets_below
    excess, unclosed = _run(brackets, place.open_brackets)
    excess_tags, unclosed_tags = _tags(place, text, replaces) if place.language.tags else (0, 0)
    return Balance(
        excess=excess,
        excess_by_kind=excess_by_kind(brackets, place.open_by_kind)[0],
        excess_tags=excess_tags,
        loose=seen.loose_quotes + _leaves_open(seen, place) + _swallows(seen, text, tail) + _odd(place, text + tail),
        local=_local_excess(place, text + tail, own),
        angles=_angles(place.line_before + text + tail) if ">" in place.tail else 0,
        unclosed=unclosed + unclosed_tags,
    )


def _counting(seen: Scan, text: str, place: Place) -> list[str]:
    """The brackets that open or close something. A shell ends the patterns of `case` with one that does not, prose the
    numbers of lists and the eyes of a smile.
    """
    if place.language.prose:
        source, left = place.line_before + text, len(place.line_before)
        return [bracket for at, bracket in seen.brackets if not _NO_CLOSER.search(source, 0, left + at + 1)]
    if "esac" not in place.language.closers:
        return [bracket for _, bracket in seen.brackets]
    stack = list(place.open_brackets)
    above = place.before[-_LOOK_BACK:]
    source = above + text
    return [
        bracket
        for at, bracket in seen.brackets
        if push(bracket, stack) or not _PATTERN.search(source, len(above) + at - _LOOK_BACK, len(above) + at + 1)
    ]


def _leaves_open(seen: Scan, place: Place) -> bool:
    """Whether a long string or comment begins here and does not end: then it may as well be none."""
    begun_here = place.inside.kind == "code" or seen.inside.start > 0
    return begun_here and bool(seen.inside.closer) and not seen.loose_quotes


def _odd(place: Place, text: str) -> int:
    """Kinds of quotes that a comment's line holds an odd number of; apostrophes are no quotes."""
    line = place.line_before + text
    return sum(line.count(quote) % 2 for quote in '"`') if place.inside.kind == "comment" else 0


def _swallows(seen: Scan, text: str, tail: str) -> bool:
    """Whether the text ends in a comment that hides what stands right of the cursor."""
    comment = seen.inside.kind == "comment" and not seen.inside.closer
    return comment and 0 < seen.inside.start < len(text) and bool(tail.strip())


def _local_excess(place: Place, text: str, brackets: list[str]) -> int:
    """As the name says; in strings and comments, every bracket counts."""
    if place.inside.kind != "code":
        return _run([char for char in place.line_before + text if char in _BRACKETS], ())[0]
    return _run(brackets, place.open_on_line)[0]


def _run(brackets: Iterable[str], start: Sequence[str]) -> tuple[int, int]:
    """How many brackets close nothing, and how many stay open."""
    stack = list(start)
    excess = sum(not push(bracket, stack) for bracket in brackets)
    return excess, len(stack)


def _tags(place: Place, text: str, replaces: int) -> tuple[int, int]:
    """How many closing tags close nothing, and how many tags stay open."""
    after = place.snapshot.after[replaces:WINDOW_AFTER]
    depths: Counter[str] = Counter()
    excess = 0
    code = code_of(text, place.language, place.inside) if "</" in text else text
    for match in _TAG.finditer(place.before + code + after):
        closes, name, closed, bare = match.group(1, 2, 3, 4)
        name = name or ""
        if closed or name.lower() in _VOID:
            continue
        if not (closes or bare):
            depths[name] += 1
        elif depths[name] > 0:
            depths[name] -= 1
        else:
            excess += 1
    return excess, sum(depths.values())


def _angles(line: str) -> int:
    line = _ARROWS.sub("", line[line.rfind("\n") + 1 :])
    return abs(line.count("<") - line.count(">"))
