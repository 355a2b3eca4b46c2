"""The lines below, said again: the model has reached what is already there, and the text ends before it.

A line counts as said again where it is the same but for blanks, quotes and a closing comma; a definition where its
word, name and parameters are; a line that is nearly the same where the line after it is the next one, too. Another
name, key or case is another line, however alike.
Lines that code repeats all the time (`},`, `end`, `else:`, decorators) count only together with others, and so do lines
that open a block and say little more than what kind it is (`<tr>`, `ingress {`): siblings begin alike.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher
from functools import lru_cache
from itertools import dropwhile, takewhile

from fim_lsp.lexing import enclosures, scan
from fim_lsp.trim.definitions import decorates, definition, heading, leads_in
from fim_lsp.trim.draft import Draft, Dropped, Stop
from fim_lsp.trim.lines import begins_sibling, is_common, opens_block, plain
from fim_lsp.trim.place import Place

ALIKE = 0.8
SHORTEST_RUN = 3
_SUBJECT = re.compile(r"[=({\[]|(?<!:):(?!:)|->")
"""What a line is about stands before the first of these."""
_WORD = re.compile(r"\w+")
_QUOTE = re.compile(r"""["'`]""")
_DIGITS = re.compile(r"\d+")
_LEAVES = re.compile(r"\s*(?:return|break|continue|pass|raise|throw|yield|goto|exit|next|fail|panic|abort)\b")


def stop(text: str, place: Place) -> Stop | None:
    complete = text[: text.rfind("\n") + 1]
    return _stop(complete, place) if complete.strip() else None


@lru_cache(maxsize=4)
def _stop(complete: str, place: Place) -> Stop | None:
    """A stream is looked at with every word, and has new lines now and then."""
    return _find(complete, place, goes_on=True)


def trim(draft: Draft, place: Place) -> Draft | Dropped:
    found = _find(draft.text if draft.text.endswith("\n") else draft.text + "\n", place, goes_on=False)
    if found is None:
        return draft
    if not draft.text[: found.cut].strip():
        return Dropped("next-line", "The text repeats the lines below.")
    return draft.cut(found.cut)


def _find(text: str, place: Place, *, goes_on: bool) -> Stop | None:
    """The earliest place where complete lines of `text` begin to repeat the lines below. `goes_on`: more may come."""
    if not place.code_below:
        return None
    lines = text.split("\n")[:-1]
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    lines[0] = place.line_before + lines[0]
    found = []
    for number, line in enumerate(lines):
        last = _repeats(lines, number, place, goes_on) if line.strip() else None
        if last is not None and not (number and _is_in_own(text, starts[number], line, place, goes_on)):
            found.append(Stop(starts[last + 1], starts[_with_lead_in(lines, number, place)]))
    return min(found, default=None)


def _is_in_own(text: str, start: int, line: str, place: Place, goes_on: bool) -> bool:
    """Whether a line is in brackets that the text itself opens, and deeper than the next one below."""
    if place.width(line) <= place.width(place.code_below[0]):
        return False
    brackets = scan(text, place.language, place.inside).brackets
    return any(begin < start <= end for begin, end in enclosures(brackets, len(text) if goes_on else 0))


def _with_lead_in(lines: list[str], number: int, place: Place) -> int:
    """The line where decorators and comments begin that belong to a definition which stands further below."""
    if definition(lines[number]) is None:
        return number
    between = takewhile(lambda line: not _is_same(line, lines[number]), place.code_below)
    if all(leads_in(line) for line in between):  # it is the next thing below: what leads in to it here is new
        return number
    while number > 0 and leads_in(lines[number - 1]):
        number -= 1
    return number


def _repeats(lines: list[str], number: int, place: Place, goes_on: bool) -> int | None:
    """The number of the last line that it takes to see that `lines[number]` begins what stands below."""
    line, below = lines[number], place.code_below
    if not _is_same(line, below[0]):
        if _defines_again(line, place):
            return number
        return _nearly_repeats(lines, number, place) or _repeats_behind_comment(lines, number, place)
    if line.strip() == place.inside.closer.strip():
        return number  # what the cursor is inside of ends once
    if _LEAVES.match(line) is not None:  # an inner block may be left as the outer one is
        return None if _is_in_inner_block(lines, number, place) else number
    if decorates(line):
        return _run(lines, number, place) or (None if goes_on or any(lines[number + 1 :]) else number)
    is_little = is_common(line, place.language)
    tells = definition(line) is not None or _QUOTE.search(line) is not None
    opens = opens_block(line, place.language) and (is_little or not tells)
    if begins_sibling(line, place.language) or opens:
        return _block(lines, number, place, goes_on)
    if is_little:
        return _run(lines, number, place)
    return _record(lines, number, place, goes_on) if place.language.is_declarative else number


def _is_in_inner_block(lines: list[str], number: int, place: Place) -> bool:
    """Whether a line is deeper than the next one below, in a block that stands there or that the text opens."""
    width = place.width(lines[number])
    if width <= place.width(place.code_below[0]):
        return False
    return width <= place.width(lines[0]) or any(opens_block(line, place.language) for line in lines[:number])


def _record(lines: list[str], number: int, place: Place, goes_on: bool) -> int | None:
    """In data, the last line of a record may be the next line, too, where the text goes on with another record."""
    following = next(_said(lines, number + 1), None)
    if following is None:
        return None if goes_on else number
    ends = place.width(lines[following]) < place.width(lines[number])
    expected = place.code_below[1:2]
    return None if ends and not (expected and _is_same(lines[following], expected[0])) else number


def _block(lines: list[str], number: int, place: Place, goes_on: bool) -> int | None:
    """A block is the next one if all of it is, up to a line that is in it no more, or the text's end."""
    at = number
    says_something = False
    for count, (at, expected) in enumerate(zip(_said(lines, number), place.code_below, strict=False)):
        is_begun = not any(lines[at + 1 :]) and expected.strip().startswith(lines[at].strip())
        if not (_is_same(lines[at], expected) or is_begun):
            goes_deeper = place.width(lines[at]) > place.width(lines[number])
            return at if count == 1 and lines[number].lstrip()[0] == "-" and not goes_deeper else None
        says_something = says_something or not _says_little(expected, place)
        if count and says_something and place.width(expected) <= place.width(place.code_below[0]):
            return at
    return None if goes_on else at


def _says_little(line: str, place: Place) -> bool:
    opens = begins_sibling(line, place.language) or decorates(line)
    return opens or is_common(line, place.language) or _LEAVES.match(line) is not None


def _nearly_repeats(lines: list[str], number: int, place: Place) -> int | None:
    """A line that is nearly the next one counts where the line after it is the next but one."""
    below = place.code_below
    following = next(_said(lines, number + 1), None)
    if following is None or len(below) < 2 or not _is_same(lines[following], below[1]):
        return None
    if is_common(below[1], place.language) or place.language.is_declarative:  # its records are alike
        return None
    if opens_block(below[0], place.language) and _WORD.findall(lines[number]) != _WORD.findall(below[0]):
        return None  # another test, condition or case
    return following if _is_alike(lines[number], below[0]) else None


def _repeats_behind_comment(lines: list[str], number: int, place: Place) -> int | None:
    """The code below a comment counts with two lines that say something: the comment may be left out, or reworded."""
    code = list(dropwhile(place.is_comment, place.code_below))
    start = next((at for at in _said(lines, number) if not place.is_comment(lines[at])), None)
    if len(code) in (0, len(place.code_below)) or start is None:
        return None
    telling = 0
    for at, expected in zip(_said(lines, start), code, strict=False):
        if not _is_same(lines[at], expected) or place.width(lines[at]) != place.width(expected):
            return None
        telling += not (is_common(expected, place.language) or begins_sibling(expected, place.language))
        if telling == 2:
            return at
    return None


def _run(lines: list[str], number: int, place: Place) -> int | None:
    """Common lines count where they go on as the lines below do, at the same depth: up to one that says something."""
    first = place.code_below[0].strip()
    is_repeated_here = any(map(str.isalpha, first)) and first in map(str.strip, place.code_above[:1])
    says_something = False
    for count, (at, expected) in enumerate(zip(_said(lines, number), place.code_below, strict=False), 1):
        if not _is_same(lines[at], expected) or place.width(lines[at]) != place.width(expected):
            return None
        says_something = says_something or any(char.isalpha() for char in expected)
        little = is_common(expected, place.language) or decorates(expected)
        if not little or (count >= SHORTEST_RUN and says_something and not is_repeated_here):
            return at
    return None


def _said(lines: list[str], start: int) -> Iterator[int]:
    """The numbers of the lines from `start` on that are not blank."""
    return (number for number in range(start, len(lines)) if lines[number].strip())


def _is_same(line: str, other: str) -> bool:
    line, other = line.strip(), other.strip()
    if line[0] != other[0] and not (line[0] in "\"'" and other[0] in "\"'"):
        return False
    return line == other or plain(line) == plain(other)


def _defines_again(line: str, place: Place) -> bool:
    return definition(line) is not None and (place.width(line), heading(line)) in place.definitions_below


def _is_alike(line: str, other: str) -> bool:
    one, two = plain(line), plain(other)
    if min(len(one), len(two)) < 8 or _DIGITS.findall(one) != _DIGITS.findall(two):
        return False
    one, two = one.lstrip("[({"), two.lstrip("[({")
    if _SUBJECT.split(one, maxsplit=1)[0] != _SUBJECT.split(two, maxsplit=1)[0]:
        return False
    return SequenceMatcher(None, one, two, autojunk=False).ratio() >= ALIKE
