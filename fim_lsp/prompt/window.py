"""Where the text that the model reads begins and ends.

Services keep a prompt's head warm, and Mistral's reads the suffix before the prompt: while the user types, neither the
start of the prefix nor the end of the suffix may move. So the prefix begins at a line whose number is a multiple of a
step, whatever the cursor does, and jumps to the next one only when the room is spent. The suffix does not change while
text is typed before it, and ends at a line's end.

Lines too long for that (minified code, data) are cut by characters, in steps as well.
"""

from __future__ import annotations

from fim_lsp.prompt.tokens import MOST_CHARS_PER_TOKEN, weigh

TOKENS_PER_STEP_LINE = 32
"""With room for 1,024 tokens, about 100 lines of code, the prefix begins at a multiple of 32 lines; only where that
would take more than two thirds of what fits (long lines), at a multiple of 8, or anywhere."""


def start_of_prefix(before: str, line: int, room_tokens: int, *, cut: bool = False) -> int:
    """Offset in `before` where the prefix begins, so that it takes at most `room_tokens`.

    `line` is the number of the last line of `before`; `cut` says that `before` lacks the document's beginning.
    """
    room = room_tokens * 100
    lines, left = _last_lines(before, line, room)
    if cut and len(lines) > 1 and lines[-1][1] == 0:
        lines.pop()  # its beginning is unknown
        left = 0
    farthest = lines[-1][1] if lines else len(before)
    if farthest == 0:
        return 0
    if 2 * left > room:
        return _start_inside_line(before, farthest, left)
    step = max(1, room_tokens // TOKENS_PER_STEP_LINE)
    for each in (step, max(1, step // 4)):
        for number, offset in reversed(lines):
            if number % each == 0 and 3 * (len(before) - offset) >= len(before) - farthest:
                return offset
    return farthest


def end_of_suffix(after: str, room_tokens: int) -> int:
    """Offset in `after` where the suffix ends, so that it takes at most `room_tokens`."""
    left = room = room_tokens * 100
    end = 0
    while end < len(after):
        line_end = after.find("\n", end) + 1 or len(after)
        line = after[end : min(line_end, end + _most_chars(left))]
        weight = weigh(line)
        if weight > left:
            return end if 2 * left <= room else end + _longest_head(line, left)
        left -= weight
        end = line_end
    return end


def _last_lines(before: str, line: int, room: int) -> tuple[list[tuple[int, int]], int]:
    """Number and offset of the last lines that fit into `room` together, the cursor's first; and what is left of it."""
    lines: list[tuple[int, int]] = []
    end = len(before)  # of the line with its line end
    while True:
        start = before.rfind("\n", 0, end - 1 if lines else end) + 1
        weight = weigh(before[max(start, end - _most_chars(room)) : end])
        if weight > room:
            return lines, room
        lines.append((line - len(lines), start))
        room -= weight
        if start == 0:
            return lines, room
        end = start


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
