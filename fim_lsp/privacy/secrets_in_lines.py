"""Where the secrets are, line by line: what each line shows by itself, then what only its neighbours tell.

A line's own facts depend on nothing but the line, so they are found once and remembered; while one types, one line is
looked at. Blocks that run over lines (a PEM key, a value below its name) start at lines that are marked as triggers.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from fim_lsp.privacy import named_values, service_tokens
from fim_lsp.privacy.named_values import Grade, Name
from fim_lsp.privacy.randomness import looks_random

Span = tuple[int, int, str]
"""Start and end within the line, and the rule in words."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What a line shows by itself."""

    spans: tuple[Span, ...] = ()
    opens_block: bool = False
    """It ends with the first line of a PEM block."""
    is_wide: bool = False
    """It is nothing but base64 of the width that keys are wrapped to."""
    opens_value: Grade | None = None
    """It ends with the name of a secret; the value must be on the next line."""

    @property
    def is_trigger(self) -> bool:
        return self.opens_block or self.is_wide or self.opens_value is not None


_PLAIN = Facts()


def facts_of(lines: Sequence[str], *, is_config: bool) -> list[Facts]:
    """The facts of lines that need not be neighbours. Looking at many at once costs much less than one by one."""
    text = "\n".join(lines)
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    names, runs = named_values.names(text), list(_RUN.finditer(text))

    def line_of(offset: int) -> int:
        return bisect_right(starts, offset) - 1

    spans: dict[int, list[Span]] = {}
    for start, end, rule in _spans(text, names, runs, is_config=is_config):
        first = starts[line_of(start)]
        spans.setdefault(line_of(start), []).append((start - first, end - first, rule))
    opens_value = {line_of(name.end): name.grade for name in names if named_values.is_last_in_line(name, text)}
    wide = {line_of(run.start()) for run in runs if run.end() - run.start() >= 48}
    opens_block = {number for number, line in enumerate(lines) if _OPENING.search(line)} if "-----B" in text else set()
    found = [_PLAIN] * len(lines)
    for number in {*spans, *opens_value, *wide, *opens_block}:
        is_wide = number in wide and _is_wide(lines[number])
        own = tuple(span for span in spans.get(number, ()) if not (is_wide and span[2] == _RANDOM))
        found[number] = Facts(own, number in opens_block, is_wide, opens_value.get(number))
    return found


def _spans(text: str, names: Sequence[Name], runs: Sequence[re.Match[str]], *, is_config: bool) -> Iterator[Span]:
    yield from service_tokens.find(text)
    yield from named_values.find(text, names, is_config=is_config)
    yield from _nameless(text, runs)
    if "-----BEGIN" in text:
        for found in _BLOCK_IN_A_LINE.finditer(text):
            yield found.start(1), found.end(1), "PEM block"


# Random text without a name

_RANDOM = "random text"
_RUN = re.compile(r"(?<![A-Za-z0-9+/_=.-])[A-Za-z0-9+/_=-]{20,200}(?![A-Za-z0-9+/_=-])")
_HASH = re.compile(
    r"(?:sha\d*|h\d|md5|hash|checksum|digest|integrity|etag|commit|revision|rev|fingerprint|nonce|base64)\W{0,4}$",
    re.IGNORECASE,
)


def _nameless(text: str, runs: Sequence[re.Match[str]]) -> Iterator[Span]:
    for run in runs:
        if _HASH.search(text, max(0, run.start() - 16), run.start()) or _HASH.match(run[0].partition("-")[0] + "-"):
            continue
        if looks_random(run[0]):
            yield run.start(), run.end(), _RANDOM
        else:
            for part in re.finditer(r"[^-_/=]{20,}", run[0]):
                if looks_random(part[0]):
                    yield run.start() + part.start(), run.start() + part.end(), _RANDOM


# Blocks

_OPENING = re.compile(r"-----BEGIN [A-Z0-9 ]+-----(?:\\[nr])*[\"'`]?[\s,;+\\(]*$")
_CLOSING = "-----END"
_BLOCK_IN_A_LINE = re.compile(
    r"-----BEGIN [A-Z0-9 ]+-----(?:\\+[nr]|[\"'`+, ])*"
    r"((?:(?!-----)[-:A-Za-z0-9+/=\"'`, \\])*?[A-Za-z0-9+/=]{16,}(?:[A-Za-z0-9+/=\\\"'`, ]*[A-Za-z0-9+/=])?)"
)
_BODY = re.compile(
    r"\s*(?:[#;*|]|//|\+)?\s*(?:[A-Za-z]{0,2}\\?[\"'`])?([A-Za-z0-9+/=]{4,})(?:\\[nr])*[\"'`]?[\s,;+\\)\]]*"
)
_HEADER = re.compile(r"\s*[\"'`]?(?:[A-Z][A-Za-z-]+: .*|)")
_PICTURES = (
    "iVBORw0KGgo",
    "R0lGOD",
    "/9j/",
    "UklGR",
    "PHN2Zy",
    "PD94bWw",
    "AAABAA",
    "JVBERi",
    "H4sI",
    "UEsDB",
    "d09GM",
    "AAEAAA",
)
"""How pictures, fonts, archives and documents begin in base64."""


def _is_wide(line: str) -> bool:
    body = _BODY.fullmatch(line)
    return body is not None and 48 <= len(body[1]) <= 80 and looks_random(body[1][:64], least=40)


def across_lines(
    lines: Sequence[str], facts: Sequence[Facts], triggers: Sequence[int], *, is_config: bool
) -> dict[int, list[Span]]:
    """Line number → spans that only the neighbours tell, given the numbers of the lines that may start one."""
    found: dict[int, list[Span]] = {}
    for number in triggers:
        fact = facts[number]
        if fact.opens_block:
            _mark_block(lines, number + 1, found)
        if fact.is_wide and number not in found:
            _mark_wide_run(lines, facts, number, found)
        if fact.opens_value is not None:
            _mark_value_below(lines, number + 1, fact.opens_value, is_config, found)
    return found


def _mark_block(lines: Sequence[str], number: int, found: dict[int, list[Span]]) -> None:
    """From the line after BEGIN to END, or as long as it looks like a block: its end may not be there yet."""
    for at in range(number, len(lines)):
        if _CLOSING in lines[at] or not _mark_body(lines[at], at, found):
            return


def _mark_wide_run(lines: Sequence[str], facts: Sequence[Facts], number: int, found: dict[int, list[Span]]) -> None:
    """A block whose BEGIN is out of sight: its wide lines, and the shorter ones at its two ends."""
    first = number
    while first > 0 and _is_body(lines[first - 1]):
        first -= 1
    start = _BODY.fullmatch(lines[first])
    if start is not None and start[1].startswith(_PICTURES):
        return
    for at in range(first, len(lines)):
        if not _is_body(lines[at]):
            return
        _mark_body(lines[at], at, found)


def _is_body(line: str) -> bool:
    """Base64 and nothing else; a single word in small letters is a statement."""
    body = _BODY.fullmatch(line)
    return body is not None and not (
        len(body[1]) < 24 and body[1].isalpha() and (body[1].islower() or body[1].istitle())
    )


def _mark_body(line: str, at: int, found: dict[int, list[Span]]) -> bool:
    """Marks a line of a block; False where the block is over."""
    body = _BODY.fullmatch(line) if _is_body(line) else None
    if body is not None:
        found.setdefault(at, []).append((body.start(1), body.end(1), "PEM block"))
    return body is not None or _HEADER.fullmatch(line) is not None


def _mark_value_below(
    lines: Sequence[str], number: int, grade: Grade, is_config: bool, found: dict[int, list[Span]]
) -> None:
    if number < len(lines):
        value = named_values.value_alone(lines[number], grade, is_config=is_config)
        if value is not None:
            found.setdefault(number, []).append((*value, "value of the name above"))
