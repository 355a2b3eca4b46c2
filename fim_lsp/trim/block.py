"""How much is shown: one line, or to the end of the block that the text is in.

A block is held together by its indents: lines as deep as the first one belong to it, what closes it ends it, anything
shallower is beyond it. Where definitions follow each other, one definition is a suggestion, or all up to a blank line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import pairwise

from fim_lsp.lexing import enclosures, scan
from fim_lsp.trim.definitions import begins_definition, brings_in, leads_in
from fim_lsp.trim.draft import Draft, Dropped
from fim_lsp.trim.lines import CONDITIONS, directive, is_closer, is_middle, opens_block
from fim_lsp.trim.place import Place

_NAMESPACE = re.compile(r"\b(?:namespace|extern)\b")
_TRY = re.compile(r"\s*(?:try|begin|do)\b\s*[:{]?\s*$")


def trim(draft: Draft, place: Place) -> Draft | Dropped:
    shape, text = place.shape, draft.text
    in_the_way = bool(place.tail.strip()) and shape.lines == "line" and not shape.strict
    if in_the_way and text.lstrip(" \t").startswith("\n"):
        return Dropped("line-break", "The text breaks a line that goes on right of the cursor.")
    if _in_table(text, place):
        end = _end_of_table(text)
    elif shape.lines == "line" and not _leaves_comment(text, place):
        end = _first_line(text)
    elif shape.where == "docstring":
        end = _end_of_docstring(text, place)
    else:
        end = _end_of_block(text, place)
    return draft.cut(min(end, _most_lines(text, shape.max_lines)))


def _leaves_comment(text: str, place: Place) -> bool:
    """Whether the text is the code that a comment announces, from the next line on."""
    return place.shape.where == "comment" and not place.shape.strict and text.startswith("\n")


def _in_table(text: str, place: Place) -> bool:
    """Whether the text is a row of a table in prose: rows follow rows as in data."""
    line = (place.line_before + text).lstrip(" ")
    return line.startswith("|") and place.shape.where == "prose" and not place.shape.strict and not place.tail.strip()


def _end_of_table(text: str) -> int:
    end = _first_line(text)
    while text[end + 1 :].lstrip(" ").startswith("|"):
        end = text.find("\n", end + 1)
        if end < 0:
            return len(text)
    return end


def _first_line(text: str) -> int:
    """Length of the text up to the end of its first line that is not blank."""
    start = len(text) - len(text.lstrip())
    end = text.find("\n", start)
    return len(text) if end < 0 else end


def _most_lines(text: str, most: int) -> int:
    if not most:
        return len(text)
    end = _first_line(text)
    for _ in range(most - 1):
        end = text.find("\n", end + 1)
        if end < 0:
            return len(text)
    return end


def _end_of_docstring(text: str, place: Place) -> int:
    """Up to the line that closes it; that line too, unless it stands there already."""
    closer = place.inside.closer
    at = text.find(closer) if closer else -1
    if at < 0:
        return len(text)
    line = text.rfind("\n", 0, at) + 1
    below = place.code_below[0].strip() if place.code_below else ""
    if line and not text[line:at].strip() and not place.tail.strip() and below.startswith(closer.strip()):
        return line
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _end_of_block(text: str, place: Place) -> int:
    lines = text.split("\n")
    walk = _Walk(lines[0], text, place)
    end, position = len(lines[0]), len(lines[0]) + 1
    for number, line in enumerate(lines[1:], 1):
        stop = position + len(line)
        if line.strip():
            verdict = walk.step(line, position, after_blank=not lines[number - 1].strip() and number > 1)
            if verdict == "beyond":
                return end + 1 if place.tail.strip() else end
            end = stop
            if verdict == "last":
                return end + sum(len(each) + 1 for each in walk.closers_after(lines, number))
        position = stop + 1
    return len(text)


class _Walk:
    """Goes through the lines of a text and says of each whether it belongs to the block."""

    def __init__(self, first: str, text: str, place: Place) -> None:
        self._text = text
        header = place.line_before + first
        self._place = place
        self._width = place.width(header)
        self._below_header = bool(place.line_before.strip()) and not first.strip()
        opens = opens_block(header, place.language)
        goes_deeper = self._below_header and opens and not (place.is_comment(header) or self._goes_no_deeper(header))
        self._floor = self._width + goes_deeper
        self._has_shown = bool(first.strip()) and not self._leads_in(header)
        self._started = opens or bool(first.strip())
        self._opened = int(opens and not is_middle(header, place.language))
        # so many blocks were begun, and not ended, by lines as deep as the first one
        self._conditions = int(directive(header, place.language) in CONDITIONS)

    def _goes_no_deeper(self, header: str) -> bool:
        """Whether what the text says below the header need not be deeper: a list in YAML, what is in a namespace."""
        first = next((line for line in self._text.split("\n")[1:] if line.strip()), "")
        if self._place.width(first) != self._width:
            return False
        if self._place.language.is_declarative:
            return first.lstrip().startswith("- ")
        return _NAMESPACE.search(header) is not None and first.lstrip()[:1] not in (")", "]", "}")

    def step(self, line: str, start: int, *, after_blank: bool) -> str:
        """`in`, `last` (the block ends with this line) or `beyond` (it ended before)."""
        place = self._place
        width = place.width(line)
        if not self._started:  # nothing was begun: the text's first line says how deep the block is
            self._started = True
            self._width = self._floor = width
            self._has_shown = not self._leads_in(line)
            self._conditions = int(directive(line, place.language) in CONDITIONS)
            self._opened = int(opens_block(line, place.language) and not is_middle(line, place.language))
            return "in"
        if place.language.prose and line.lstrip().startswith("```"):
            below = place.code_below[0].lstrip() if place.code_below else ""
            return "beyond" if below.startswith("```") else "last"
        if self._closes_twice(line, start):
            return "beyond"
        if width > self._floor:
            return self._inside(line)
        if word := directive(line, place.language):
            return "beyond" if self._ends_condition_of_document(word) else "in"
        if self._is_held(start):
            return "in"
        if width == self._floor:
            if self._closes_what_stands_above(line) and self._stands_below(line, width):
                return "beyond"
            return "beyond" if self._begins_another(line, after_blank) else self._inside(line)
        return self._at_the_end(line, width)

    def _closes_twice(self, line: str, start: int) -> bool:
        """Whether the text ends a block of its own with this line, and did so with the line above."""
        place, above = self._place, self._text[: max(0, start - 1)]
        if not is_closer(line, place.language) or place.language.tags or place.shape.where != "code":
            return False
        if above.rpartition("\n")[2] != line or is_middle(line, place.language):
            return False
        return any(place.width(each) > place.width(line) for each in above.split("\n") if each.strip())

    def _closes_what_stands_above(self, line: str) -> bool:
        """Whether a word as deep as the first line closes none of the text's own blocks: `end` below `when`."""
        language = self._place.language
        if line.lstrip()[0] in ")]}":
            return False
        if is_middle(line, language):
            return self._opened <= 0
        if is_closer(line, language):
            self._opened -= 1
        elif opens_block(line, language):
            self._opened += 1
        return self._opened < 0

    def _ends_condition_of_document(self, word: str) -> bool:
        """Whether a preprocessor's line goes on with, or ends, what was asked above the text, as one below does."""
        if word in CONDITIONS:
            self._conditions += 1
        if self._conditions:
            self._conditions -= word == "endif"
            return False
        below = next(iter(self._place.code_below), "")
        return word.startswith(("endif", "el")) and directive(below, self._place.language) == word

    def closers_after(self, lines: list[str], number: int) -> Iterator[str]:
        """The lines after the block's last that close what is around it, where the document does not."""
        for above, line in pairwise(lines[number:]):
            width = self._place.width(line)
            closes = bool(line.strip()) and (is_closer(line, self._place.language) or line.lstrip()[0] in ")]}")
            if not closes or width >= self._place.width(above) or self._stands_below(line, width):
                return
            if is_middle(line, self._place.language) or opens_block(line, self._place.language):
                return
            yield line

    @cached_property
    def _held(self) -> list[tuple[int, int]]:
        """Where the text is inside of strings, comments and brackets that it has opened itself."""
        seen = scan(self._text, self._place.language, self._place.inside)
        return seen.spans + enclosures(seen.brackets, len(self._text))

    def _is_held(self, start: int) -> bool:
        """Whether a line begins in the middle of something that goes on."""
        return any(begin < start <= end for begin, end in self._held)

    def _inside(self, line: str) -> str:
        self._has_shown = self._has_shown or not self._leads_in(line)
        return "in"

    def _leads_in(self, line: str) -> bool:
        return leads_in(line) and not directive(line, self._place.language)

    def _begins_another(self, line: str, after_blank: bool) -> bool:
        """Whether a line as deep as the first one begins another definition or paragraph, where one is a suggestion."""
        if not self._place.shape.among_definitions or self._below_header or not self._has_shown:
            return False
        if is_closer(line, self._place.language) or line.lstrip()[0] in ")]}":
            return False
        return begins_definition(line) or (after_blank and not brings_in(line))

    def _at_the_end(self, line: str, width: int) -> str:
        place = self._place
        if self._below_header and width < self._width:
            return "beyond"
        if is_middle(line, place.language):
            if not (self._below_header or self._is_tried(width)) or self._stands_below(line, width):
                return "beyond"
            self._floor = width + 1
            return "in"
        if is_closer(line, place.language) or line.lstrip()[0] in ")]}":
            if self._stands_below(line, width):
                return "beyond"
            if opens_block(line, place.language):
                self._floor = width + 1
                return "in"
            return "last"
        return "beyond"

    def _is_tried(self, width: int) -> bool:
        """Whether the text is in a `try` that nothing below handles: it is not complete without a handler."""
        place = self._place
        header = next((line for line in place.code_above if place.width(line) < self._width), "")
        is_try = place.width(header) == width and _TRY.match(header) is not None
        return is_try and not is_middle(self._next_at(width), place.language)

    def _stands_below(self, line: str, width: int) -> bool:
        """Whether the first line below that is no deeper than this one is the same."""
        return self._next_at(width).strip() == line.strip()

    def _next_at(self, width: int) -> str:
        """The first line below that is no deeper than a column, if it begins there; else empty."""
        place = self._place
        below = next((line for line in place.code_below if place.width(line) <= width), "")
        return below if place.width(below) == width else ""
