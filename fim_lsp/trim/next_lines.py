"""The lines below, said again: the model has reached what is already there, and the text ends before it.

A line counts as said again where it is the same but for blanks, quotes and a closing comma; a definition where its
word, name and parameters are; a line that is nearly the same where the line after it is the next one, too.
Lines that code repeats all the time (`},`, `end`, `else:`) count only together with others.
"""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from fim_lsp.lexing import scan
from fim_lsp.trim.definitions import definition, leads_in, parameters
from fim_lsp.trim.draft import Draft, Dropped, Stop
from fim_lsp.trim.lines import is_common, plain
from fim_lsp.trim.place import Place

ALIKE = 0.8
_DIGITS = re.compile(r"\d+")
_LEAVES = re.compile(r"\s*(?:return|break|continue|pass|raise|throw|yield|goto|exit|next|fail|panic|abort)\b")


def stop(text: str, place: Place) -> Stop | None:
    complete = text[: text.rfind("\n") + 1]
    return _find(complete, place) if complete.strip() else None


def trim(draft: Draft, place: Place) -> Draft | Dropped:
    found = _find(draft.text if draft.text.endswith("\n") else draft.text + "\n", place)
    if found is None:
        return draft
    if not draft.text[: found.cut].strip():
        return Dropped("next-line", "The text repeats the lines below.")
    return draft.cut(found.cut)


def _find(text: str, place: Place) -> Stop | None:
    """The earliest place where complete lines of `text` begin to repeat the lines below."""
    below = place.code_below
    if not below:
        return None
    lines = text.split("\n")[:-1]
    lines[0] = place.line_before + lines[0]
    starts = _starts(lines, len(place.line_before))
    found = []
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        last = _repeats(lines, number, below, place)
        if last is not None:
            cut = starts[_with_lead_in(lines, number)]
            found.append(Stop(starts[last] + len(lines[last]) + 1 - (len(place.line_before) if last == 0 else 0), cut))
    return min(found, default=None)


def _starts(lines: list[str], line_before: int) -> list[int]:
    starts = [0]
    for line in lines[:-1]:
        starts.append(starts[-1] + len(line) + 1 - (line_before if len(starts) == 1 else 0))
    return starts


def _with_lead_in(lines: list[str], number: int) -> int:
    """The line where decorators and comments above a repeated definition begin."""
    if definition(lines[number]) is None:
        return number
    while number > 0 and leads_in(lines[number - 1]):
        number -= 1
    return number


def _repeats(lines: list[str], number: int, below: list[str], place: Place) -> int | None:
    """The number of the last line that it takes to see that `lines[number]` begins what stands below."""
    line = lines[number]
    same = _is_same(line, below[0])
    leaves = same and _LEAVES.match(line) is not None
    if same and (leaves or not is_common(line, place.language)):
        # an inner block may be left as the outer one is
        return None if leaves and place.width(line) > place.width(below[0]) else number
    if _defines_again(line, place):
        return number
    following = next((other for other in range(number + 1, len(lines)) if lines[other].strip()), None)
    if following is None or len(below) < 2 or not _is_same(lines[following], below[1]):
        return None
    if is_common(below[1], place.language) or not (same or _is_alike(line, below[0])):
        return None
    return None if same and _closes_own(lines, number, place) else following


def _is_same(line: str, other: str) -> bool:
    line, other = line.strip(), other.strip()
    if line[0] != other[0] and not (line[0] in "\"'" and other[0] in "\"'"):
        return False
    return line == other or plain(line) == plain(other)


def _defines_again(line: str, place: Place) -> bool:
    if not place.definitions_below:
        return False
    defined = definition(line)
    return defined is not None and (*defined, parameters(line), place.width(line)) in place.definitions_below


def _is_alike(line: str, other: str) -> bool:
    if abs(len(line.strip()) - len(other.strip())) > (1 - ALIKE) * 3 * len(other):
        return False
    one, two = plain(line), plain(other)
    if min(len(one), len(two)) < 8 or _DIGITS.findall(one) != _DIGITS.findall(two):
        return False
    matcher = SequenceMatcher(None, one, two, autojunk=False)
    return matcher.real_quick_ratio() >= ALIKE and matcher.quick_ratio() >= ALIKE and matcher.ratio() >= ALIKE


def _closes_own(lines: list[str], number: int, place: Place) -> bool:
    """Whether a closing line closes what the text itself has opened."""
    text = "\n".join(lines[:number])[len(place.line_before) :]
    depth = 0
    for _, bracket in scan(text, place.language, place.inside).brackets:
        depth = depth + 1 if bracket in "([{" else max(0, depth - 1)
    return depth > 0
