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

from fim_lsp.prompt.tokens import MOST_CHARS_PER_TOKEN, weigh

TOKENS_PER_STEP_LINE = 32
"""With room for 1,024 tokens, about 100 lines of code, the prefix begins at a multiple of 32 lines; only where that
would take more than two thirds of what fits (long lines), at a multiple of 8, or anywhere."""


def start_of_prefix(before: str, line: int, room_tokens: int, *, cut: bool = False) -> int:
    """Offset in `before` where the prefix begins, so that it takes at most `room_tokens`.

    `line` is the number of the last line of `before`; `cut` says that `before` lacks the document's beginning.
    """
    room = room_tokens * 100
    own = before.rfind("\n") + 1
    left = room - weigh(before[own:])
    if left < 0:
        return _start_inside_line(before, len(before), room)
    above = measured(before[:own])
    first = bisect_left(above.weights, above.weight - left)
    left -= above.weight - above.weights[first]
    if cut and first == 0 and own:
        first, left = 1, 0  # the beginning of the first line is unknown
    farthest = above.starts[first]
    if farthest == 0:
        return 0
    if 2 * left > room:
        return _start_inside_line(before, farthest, left)
    number = line - above.count + first
    step = max(1, room_tokens // TOKENS_PER_STEP_LINE)
    for each in (step, max(1, step // 4)):
        stepped = first + -number % each
        if stepped <= above.count and 3 * (len(before) - above.starts[stepped]) >= len(before) - farthest:
            return above.starts[stepped]
    return farthest


def end_of_suffix(after: str, room_tokens: int) -> int:
    """Offset in `after` where the suffix ends, so that it takes at most `room_tokens`."""
    room = room_tokens * 100
    lines = measured(after)
    whole = bisect_right(lines.weights, room) - 1
    end, left = lines.starts[whole], room - lines.weights[whole]
    if whole == lines.count or 2 * left <= room:
        return end
    return end + _longest_head(after[end : min(lines.starts[whole + 1], end + _most_chars(left))], left)


def tokens_before(before: str) -> int:
    """As `estimate`, quickly where only the last line has changed."""
    own = before.rfind("\n") + 1
    return -(-(measured(before[:own]).weight + weigh(before[own:])) // 100)


def tokens_after(after: str) -> int:
    """As `estimate`, quickly where nothing has changed."""
    return -(-measured(after).weight // 100)


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


def _most_chars(room: int) -> int:
    """No text longer than this fits."""
    return room * MOST_CHARS_PER_TOKEN // 100 + 1
