"""A stream transformer, one step before the rules: what no rule should ever see.

Line ends become LF, and characters go that an editor would not show as what they are: control characters, the
overrides that make code read other than it runs, halves of surrogate pairs. Joiners and marks that emoji and scripts
need stay.
"""

from __future__ import annotations

import re

_HARMFUL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")


def clean(text: str) -> str:
    """The text with LF line ends and without harmful characters."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    return _HARMFUL.sub("", text)


class Cleaner:
    """Feed what comes, take what is clean; a CR at a chunk's end waits for what follows."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, chunk: str) -> str:
        chunk = self._held + chunk
        self._held = "\r" if chunk.endswith("\r") else ""
        return clean(chunk[: len(chunk) - len(self._held)])

    def finish(self) -> str:
        held, self._held = self._held, ""
        return clean(held)
