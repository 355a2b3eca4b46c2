"""When to wait before asking a model, and how long: only where the key is probably not what the user will keep.

Joining makes the first request serve the keys that follow, so a pause after every key buys nothing and costs latency.
The figures come from replayed sessions; `docs/performance.md` has them with the command that prints them.
"""

from __future__ import annotations

import re

from fim_lsp.departure import Departure
from fim_lsp.document import Snapshot
from fim_lsp.keystrokes import Key

SLIP_MS = 800
"""Inside a word, a key that departs from a fitting text is six times likelier a slip than a better idea."""
BLANKS_MS = 600
"""Enter or an indent that departs: the indent is about to be corrected."""
DELETION_MS = 250
_LEAVES = re.compile(r"([ \t]*)(?:return|raise|throw|break|continue|pass)\b")


def pause_ms(key: Key, snapshot: Snapshot, departure: Departure | None) -> float:
    """Milliseconds to wait after `key`, which nothing generated fits any more.

    `snapshot`: with the key. `departure`: how the document left the text that fitted last, if one did.
    """
    if key is Key.DELETION:
        return DELETION_MS
    if (departure is not None and departure.is_blank) or (key is Key.BLANK and _goes_on_where_nothing_can(snapshot)):
        return BLANKS_MS
    if departure is not None and departure.is_slip:
        return SLIP_MS
    return 0


def _goes_on_where_nothing_can(snapshot: Snapshot) -> bool:
    """Whether the editor's indent is that of a `return` in the line above, after which its block has ended."""
    above, _, indent = snapshot.before[-400:].rpartition("\n")
    leaves = _LEAVES.match(above[above.rfind("\n") + 1 :])
    return leaves is not None and leaves[1] == indent != ""
