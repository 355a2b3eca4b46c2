"""When to wait before asking a model, and how long: only where the key is probably not what the user will keep.

Joining makes the first request serve the keys that follow, so a pause after every key buys nothing and costs latency.
The figures come from replayed sessions; `docs/performance.md` has them with the command that prints them.
"""

from __future__ import annotations

from fim_lsp.departure import Departure
from fim_lsp.keystrokes import Key

SLIP_MS = 800
"""Inside a word, a key that departs from a fitting text is six times likelier a slip than a better idea."""
BLANKS_MS = 600
"""Enter or an indent that departs: the indent is about to be corrected."""
DELETION_MS = 250


def pause_ms(key: Key, departure: Departure | None) -> float:
    """Milliseconds to wait after `key`, which nothing generated fits any more.

    `departure`: how the document left the text that fitted last, if one did.
    """
    if key is Key.DELETION:
        return DELETION_MS
    if departure is not None and departure.is_blank:
        return BLANKS_MS
    if departure is not None and departure.is_slip:
        return SLIP_MS
    return 0
