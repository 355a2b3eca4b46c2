"""When to wait before asking a model, and how long: only where the key is probably not what the user will keep.

Joining makes the first request serve the keys that follow, so a pause after every key buys nothing and costs latency.
The figures come from replayed sessions; `docs/performance.md` has them with the command that prints them.
"""

from __future__ import annotations

from fim_lsp.keystrokes import Key

INSIDE_WORD_MS = 800
"""The first key that departs from a fitting text inside a word is six times likelier a slip than a better idea."""
BLANKS_MS = 600
"""Enter or an indent that departs: the indent is about to be corrected."""
DELETION_MS = 250


def pause_ms(key: Key, *, departs: bool, inside_word: bool, debounce_ms: int | str) -> float:
    """Milliseconds to wait after `key`, which nothing generated fits any more.

    `departs`: something fitted before the key. `inside_word`: a character of a word stands before it.
    """
    if isinstance(debounce_ms, int):
        return debounce_ms
    if key is Key.DELETION:
        return DELETION_MS
    if departs and key is Key.BLANK:
        return BLANKS_MS
    if departs and key is Key.WORD and inside_word:
        return INSIDE_WORD_MS
    return 0
