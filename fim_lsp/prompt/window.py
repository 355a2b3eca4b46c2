"""Where the text that the model reads begins and ends.

Services keep a prompt's head warm, and Mistral's reads the suffix before the prompt: while the user types, neither the
start of the prefix nor the end of the suffix may move. So the prefix begins at a line whose number is a multiple of a
step, whatever the cursor does, and jumps to the next one only when the room is spent. The suffix does not change while
text is typed before it, and ends at a line's end.

Lines too long for that (minified code, data) are cut by characters, in steps as well.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from fim_lsp.prompt.tokens import MOST_CHARS_PER_TOKEN, estimate, weigh

TOKENS_PER_STEP_LINE = 32
"""With room for 1,024 tokens, about 100 lines of code, the prefix begins at a multiple of 32 lines; only where that
would take more than two thirds of what fits (long lines), at a multiple of 8, or anywhere."""


@dataclass(frozen=True, slots=True)
class Before:
    """The text before the cursor, measured."""

    text: str
    line: int
    """Number of the cursor's line in the document."""
    is_cut: bool
    """`text` lacks the document's beginning."""
    above: Measured
    own: int
    """What the cursor's line weighs up to the cursor, in hundredths of a token."""

    @staticmethod
    def of(text: str, *, line: int | None = None, is_cut: bool = False) -> Before:
        """`line`: where it is not the text's last."""
        begun = text.rfind("\n") + 1
        above = measured(text[:begun])
        return Before(text, above.count if line is None else line, is_cut, above, weigh(text[begun:]))

    @property
    def tokens(self) -> int:
        return _rounded_up(self.above.weight + self.own)

    def tokens_from(self, start: int) -> int:
        """As `estimate` of the end of the text, quickly where it begins with a line."""
        line = bisect_left(self.above.starts, start)
        if line > self.above.count or self.above.starts[line] != start:
            return estimate(self.text[start:])
        return _rounded_up(self.above.weight - self.above.weights[line] + self.own)

    def start_of_prefix(self, room_tokens: int) -> int:
        """Offset where the prefix begins, so that it takes at most `room_tokens`."""
        above, length = self.above, len(self.text)
        room = room_tokens * 100
        left = room - self.own
        if left < 0:
            return _start_inside_line(self.text, length, room)
        first = bisect_left(above.weights, above.weight - left)
        left -= above.weight - above.weights[first]
        if self.is_cut and first == 0 and above.count:
            first, left = 1, 0  # the beginning of the first line is unknown
        farthest = above.starts[first]
        if farthest == 0:
            return 0
        if 2 * left > room:
            return _start_inside_line(self.text, farthest, left)
        number = self.line - above.count + first
        step = max(1, room_tokens // TOKENS_PER_STEP_LINE)
        for each in (step, max(1, step // 4)):
            stepped = first + -number % each
            if stepped <= above.count and 3 * (length - above.starts[stepped]) >= length - farthest:
                return above.starts[stepped]
        return farthest


@dataclass(frozen=True, slots=True)
class After:
    """The text after the cursor, measured."""

    text: str
    lines: Measured

    @staticmethod
    def of(text: str) -> After:
        return After(text, measured(text))

    @property
    def tokens(self) -> int:
        return _rounded_up(self.lines.weight)

    def tokens_to(self, end: int) -> int:
        """As `estimate` of the beginning of the text, quickly where it ends with a line."""
        line = bisect_left(self.lines.starts, end)
        if self.lines.starts[line] != end:
            return estimate(self.text[:end])
        return _rounded_up(self.lines.weights[line])

    def end_of_suffix(self, room_tokens: int) -> int:
        """Offset where the suffix ends, so that it takes at most `room_tokens`."""
        lines, room = self.lines, room_tokens * 100
        whole = bisect_right(lines.weights, room) - 1
        end, left = lines.starts[whole], room - lines.weights[whole]
        if whole == lines.count or 2 * left <= room:
            return end
        return end + _longest_head(self.text[end : min(lines.starts[whole + 1], end + _most_chars(left))], left)


@dataclass(frozen=True, slots=True)
class Measured:
    """Where the lines of a text begin, and what it weighs up to there; the last entry is the text's end."""

    starts: Sequence[int]
    weights: Sequence[int]

    @property
    def count(self) -> int:
        """How many lines there are."""
        return len(self.starts) - 1

    @property
    def weight(self) -> int:
        return self.weights[-1]


@lru_cache(maxsize=8)
def measured(text: str) -> Measured:
    """As long as one types in a line, nothing above or below it changes."""
    lines = text.split("\n")
    last = lines.pop()
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    weights = [0, *accumulate(weigh(line) + LINE_END for line in lines)]
    if last:
        starts.append(len(text))
        weights.append(weights[-1] + weigh(last))
    return Measured(starts, weights)


LINE_END = weigh("\n")


def _start_inside_line(before: str, end: int, room: int) -> int:
    """Offset where the tail begins that still fits of the long line before `end`."""
    line_start = before.rfind("\n", 0, max(end - 1, 0)) + 1
    tail = before[max(line_start, end - _most_chars(room)) : end]
    fitting = end - _longest_head(tail[::-1], room)
    step = max(1, room // 400)  # characters; even where each is a token, the tail keeps three quarters of the room
    return min(line_start + -(-(fitting - line_start) // step) * step, end)


def _longest_head(text: str, room: int) -> int:
    """The most first characters of `text` that fit."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        if weigh(text[:middle]) <= room:
            low = middle
        else:
            high = middle - 1
    return low


def _rounded_up(weight: int) -> int:
    """Tokens, of hundredths."""
    return -(-weight // 100)


def _most_chars(room: int) -> int:
    """No text longer than this fits."""
    return room * MOST_CHARS_PER_TOKEN // 100 + 1
