"""Just enough of a lexer for every language: which brackets count, and whether a place is in a comment or a string.

One regular expression a language, made from its record. It runs over text that is half written, so an unclosed quote
takes the rest of nothing with it: only on the last line does it mean that the end of the text is inside a string.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal, NamedTuple

from fim_lsp.languages import Language

Kind = Literal["code", "comment", "string"]


class Inside(NamedTuple):
    """What the end of a text is inside of."""

    kind: Kind = "code"
    opener: str = ""
    """The mark that began it."""
    closer: str = ""
    """The mark that would end it; empty for what ends with its line."""
    start: int = 0
    """Where it began."""


CODE = Inside()


@dataclass(frozen=True, slots=True)
class Scan:
    """What was found in a text."""

    brackets: list[tuple[int, str]]
    """Offset and character of every bracket that is in no comment and no closed string."""
    inside: Inside
    loose_quotes: int
    """Quotes without a partner on their line."""
    spans: list[tuple[int, int]]
    """Start and end of comments and strings that span lines."""


def scan(text: str, language: Language, start: Inside = CODE) -> Scan:
    """Look through `text`, which begins inside of `start`."""
    head = start.opener
    source = head + text
    brackets: list[tuple[int, str]] = []
    loose: list[int] = []
    spans: list[tuple[int, int]] = []
    inside = CODE
    for match in _pattern(language).finditer(source):
        kind = match.lastgroup
        if kind is None:
            continue
        at, end = match.span(kind)
        if kind == "bracket":
            brackets.append((at - len(head), source[at]))
        elif kind == "loose":
            loose.append(at)
        else:
            if "\n" in source[at:end]:
                spans.append((at - len(head), end - len(head)))
            if end == len(source):
                inside = _open_at_end(source, at, language)
    last_line = source.rfind("\n") + 1
    quote = next((at for at in loose if at >= last_line), None)
    if quote is not None:
        inside = Inside("string", source[quote], source[quote], quote)
    return Scan(brackets, inside._replace(start=max(0, inside.start - len(head))), len(loose), spans)


def code_of(text: str, language: Language, start: Inside = CODE) -> str:
    """The text, which begins inside of `start`, with blanks for its comments and strings; text between tags stays."""
    head = len(start.opener)
    source = start.opener + text
    pieces, at = [], 0
    for match in _pattern(language).finditer(source):
        if match.lastgroup in ("comment", "string") and source[match.start(match.lastgroup)] != ">":
            begin, end = match.span(match.lastgroup)
            pieces += [source[at:begin], " " * (end - begin)]
            at = end
    return "".join([*pieces, source[at:]])[head:]


WINDOW = 4_000
"""So many characters before a cursor are looked through for brackets, …"""
REACH = 32_000
"""… and so many above them for long strings and comments that the window begins in the middle of, …"""
BLOCK = 4_000
"""… in pieces of about this length, which are remembered."""


class Seen(NamedTuple):
    """The end of a text, and what the lexer saw in it."""

    text: str
    """From its least indented line on, where it is long."""
    brackets: list[tuple[int, str]]
    inside: Inside


def look_back(before: str, language: Language, *, is_cut: bool = False) -> Seen:
    """What the end of `before` is inside of. `is_cut`: there is more above it.

    While one types in a line, the lines above are known from the key before.
    """
    start = max(0, len(before) - WINDOW - REACH) // BLOCK * BLOCK
    return _look_back(before[start:], language, is_cut or start > 0)


@lru_cache(maxsize=4)
def _look_back(before: str, language: Language, is_cut: bool) -> Seen:
    start = 0 if len(before) <= WINDOW and not is_cut else _least_indented(before, max(0, len(before) - WINDOW))
    text = before[start:]
    own = text.rfind("\n") + 1
    above = _scan_lines(text[:own], language, _state_after(before[:start], language, is_cut))
    line = scan(text[own:], language, above.inside)
    inside = line.inside
    if inside.kind != "code":
        goes_on = above.inside.kind != "code" and not inside.start
        inside = above.inside if goes_on else inside._replace(start=own + inside.start)
    return Seen(text, above.brackets + [(own + at, bracket) for at, bracket in line.brackets], inside)


def _state_after(text: str, language: Language, is_cut: bool) -> Inside:
    """What a text is inside of where it ends."""
    at = _least_indented(text, 0) if is_cut else 0
    state = CODE
    while at < len(text):
        end = text.find("\n", at + BLOCK) + 1 or len(text)
        state = _scan_lines(text[at:end], language, state).inside._replace(start=0)
        at = end
    return state


def _least_indented(text: str, begin: int) -> int:
    """The offset of the least indented line that begins with a word, in the first part of a window's length."""
    end = begin + min(WINDOW, len(text) - begin) * 2 // 3
    best, least = text.find("\n", begin) + 1 or begin, WINDOW
    at = best
    while begin < at < end and least:
        line = text[at : text.find("\n", at) + 1]
        indent = len(line) - len(line.lstrip())
        if indent < least and line[indent : indent + 1].isalpha():
            best, least = at, indent
        at = text.find("\n", at) + 1
    return best


_scan_lines = lru_cache(maxsize=128)(scan)


OPENER_OF = {")": "(", "]": "[", "}": "{"}


def push(bracket: str, stack: list[str]) -> bool:
    """Take a bracket in: an opener goes on the stack, a closer takes its own off; False if it closes nothing."""
    opener = OPENER_OF.get(bracket)
    if opener is None:
        stack.append(bracket)
        return True
    if stack and stack[-1] == opener:
        stack.pop()
        return True
    return False


def enclosures(brackets: Iterable[tuple[int, str]], end: int) -> list[tuple[int, int]]:
    """Where each bracket is opened and closed, the innermost of those that overlap first; `end`: where it is not."""
    found, opened = list[tuple[int, int]](), list[int]()
    for at, bracket in brackets:
        if bracket not in OPENER_OF:
            opened.append(at)
        elif opened:
            found.append((opened.pop(), at))
    return found + [(at, end) for at in reversed(opened)]


def excess_by_kind(brackets: Iterable[str], start: Mapping[str, int] | None = None) -> tuple[int, Counter[str]]:
    """How many brackets close nothing and how many stay open, where each kind is counted by itself."""
    depths = Counter(start)
    excess = 0
    for bracket in brackets:
        opener = OPENER_OF.get(bracket)
        if opener is None:
            depths[bracket] += 1
        elif depths[opener] > 0:
            depths[opener] -= 1
        else:
            excess += 1
    return excess, depths


def _open_at_end(source: str, at: int, language: Language) -> Inside:
    """Whether the comment or string that begins at `at` and reaches the end of the text is still open there."""
    for opener, closer in language.block_comment:
        if source.startswith(opener, at):
            return CODE if _is_closed(source, at, opener, closer) else Inside("comment", opener, closer, at)
    for opener, closer in language.long_strings:
        if source.startswith(opener, at):
            return CODE if _is_closed(source, at, opener, closer) else Inside("string", opener, closer, at)
    for mark in language.line_comment:
        if source.startswith(mark, at):
            return Inside("comment", mark, "", at)
    return CODE


def _is_closed(source: str, at: int, opener: str, closer: str) -> bool:
    return len(source) >= at + len(opener) + len(closer) and source.endswith(closer)


_TEXT_OF_ELEMENT = r"(?<=[\w\"'}/])>[^<>{}\n]+(?=</)"
"""What stands between a tag and the next closing one: its brackets are text."""


@cache
def _pattern(language: Language) -> re.Pattern[str]:
    """Runs of uninteresting characters, then one thing of interest or any one character."""
    escape = re.escape(language.escape)
    body = rf"(?:{escape}(?:.|\Z)|(?!{escape}).)" if escape else "."
    tokens: list[tuple[str, str]] = []
    for opener, closer in language.block_comment:
        tokens.append(("comment", rf"{re.escape(opener)}.*?(?:{re.escape(closer)}|\Z)"))
    for opener, closer in language.long_strings:
        tokens.append(("string", rf"{re.escape(opener)}{body}*?(?:{re.escape(closer)}|\Z)"))
    for mark in language.line_comment:
        tokens.append(("comment", rf"{_boundary(mark)}{re.escape(mark)}{_ending(mark)}[^\n]*"))
    tokens += [("string", pattern) for _, pattern in language.literals]
    if language.tags:
        tokens.append(("string", _TEXT_OF_ELEMENT))
    for quote in language.strings:
        one = re.escape(quote)
        line = f"(?:{escape}[^\\n]|(?!{escape})[^{one}\\n])" if escape else f"[^{one}\\n]"
        tokens.append(("string", f"{one}{line}*{one}"))
        tokens.append(("loose", one))
    if not any("'" in mark for mark in (*language.strings, *language.line_comment)):
        tokens.append(("string", r"'(?:\\[^\n']{1,8}|[^\\'\n])'"))  # a character literal, as in Rust and Haskell
    brackets = "".join(re.escape(bracket) for pair in language.brackets for bracket in pair)
    tokens.append(("bracket", f"[{brackets}]"))
    by_kind = [
        f"(?P<{kind}>{'|'.join(token for name, token in tokens if name == kind)})"
        for kind in ("comment", "string", "loose", "bracket")
        if any(name == kind for name, _ in tokens)
    ]
    telling = "".join(re.escape(char) for char in sorted(_first_characters(language)))
    return re.compile(rf"[^{telling}]*+(?:{'|'.join(by_kind)}|.|\Z)", re.DOTALL)


def _first_characters(language: Language) -> set[str]:
    marks = [*language.line_comment, *language.strings, "'"]
    marks += [opener for opener, _ in (*language.block_comment, *language.long_strings, *language.literals)]
    marks += [bracket for pair in language.brackets for bracket in pair]
    return {mark[0] for mark in marks} | ({">"} if language.tags else set())


def _ending(mark: str) -> str:
    return r"\b" if mark[-1].isalpha() else ""


def _boundary(mark: str) -> str:
    """What may not stand before a comment's mark: `$#` and `\\%` are none, `REM` is a word, Vim's `"` begins a line, or
    is the last of it.
    """
    if mark == '"':
        first = "|".join(rf"(?<=\n{blanks})" for blanks in (*(" " * width for width in range(9)), "\t", "\t\t"))
        return rf"(?:{first}|(?<![^\s])(?=\"[^\"\n]*(?:\n|\Z)))"
    if mark[0].isalpha() or mark in "\"'!/*":
        return r"(?<![^\s])"
    if mark == "#":
        return r"(?<![$&\\{])"
    return r"(?<!\\)" if mark == "%" else ""
