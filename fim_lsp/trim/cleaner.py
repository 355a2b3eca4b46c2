"""A stream transformer, one step before the rules: what no rule should ever see.

Line ends become LF, and characters go that an editor would not show as what they are: control characters, the
overrides that make code read other than it runs, halves of surrogate pairs, and what cannot be seen at all. Invisible
characters stay where scripts and emoji need them: behind the characters that they join, part or vary. A model's token
that only says that the text begins goes, too.
"""

from __future__ import annotations

import re

from fim_lsp.prompt.control import OPENING

_HARMFUL = (
    "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # controls
    "\u2028\u2029\u202a-\u202e\u2066-\u2069"  # line ends that only some know, overrides
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb"  # invisible
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e001f\U000e0080-\U000e00ff\U000e01f0-\U000e0fff"
    "\ud800-\udfff"  # halves
)
_SCRIPTS = "\u0590-\u180a\u1810-\u1fff\u2c00-\u2dff\ua800-\uabff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00011fff"
_PICTURES = "\u00a9\u00ae\u203c-\u2049\u2100-\u2bff\u3030\u303d\u3297\u3299\ufe0f\U0001f000-\U0001faff\U000e007f"
_NEED: tuple[tuple[str, str], ...] = (
    ("\u200c\u200d", _SCRIPTS + _PICTURES),  # joiners: Persian, Indic, families of emoji
    ("\u061c\u200e\u200f", "\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff"),  # marks of direction
    ("\u180b-\u180f", "\u1810-\u18af"),  # Mongolian
    ("\u200b", "\u0e00-\u109f\u1780-\u17ff\u1950-\u1aaf"),  # words that no blank parts: Thai, Khmer, Burmese
    ("\ufe00-\ufe0e", "0-9#*\u00a9-\u180a\u1810-\u1fff\u203c-\u205f\u2070-\ufdff\U00010000-\U0003ffff"),
    ("\ufe0f", "0-9#*" + _PICTURES.replace("\ufe0f", "")),
    ("\U000e0100-\U000e01ef", "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"),  # forms of ideographs
)
"""Invisible characters, and behind which ones they stay."""
_TAGS = "\U000e0020-\U000e007f"
_FLAG = "\U0001f3f4"
_MOST_TAGS = 6
"""England is a black flag, five letters and an end, all of them tags."""

_SUSPECT = re.compile(f"[{_HARMFUL}{''.join(invisible for invisible, _ in _NEED)}{_TAGS}]")
_DROPPED = re.compile(
    "|".join(
        [
            f"[{_HARMFUL}]",
            *(f"[{invisible}](?<![{needs}].)" for invisible, needs in _NEED),
            f"[{_TAGS}]" + "".join(f"(?<!{_FLAG}[{_TAGS}]{{{count}}}.)" for count in range(_MOST_TAGS)),
        ]
    ),
    re.DOTALL,
)
_REACH = _MOST_TAGS
"""So many characters before one decide about it."""


class Cleaner:
    """Feed what comes, take what is clean. A CR at a chunk's end waits for what follows, and so does the beginning of
    a token where the text begins.
    """

    def __init__(self, before: str = "") -> None:
        """`before`: what the text goes on from."""
        self._before = before[-_REACH:]
        self._held = ""
        self._begun = False

    def feed(self, chunk: str) -> str:
        chunk = self._held + chunk
        if not self._begun:
            chunk = chunk.removeprefix(next(filter(chunk.startswith, OPENING), ""))
            if any(token.startswith(chunk) for token in OPENING):
                self._held = chunk
                return ""
            self._begun = True
        self._held = "\r" if chunk.endswith("\r") else ""
        return self._clean(chunk[: len(chunk) - len(self._held)])

    def finish(self) -> str:
        held, self._held = self._held, ""
        return self._clean(held)

    def _clean(self, text: str) -> str:
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        pieces, whole = [], self._before + text
        start = len(self._before)
        for suspect in _SUSPECT.finditer(whole, start):
            if _DROPPED.match(whole, suspect.start()):
                pieces.append(whole[start : suspect.start()])
                start = suspect.end()
        self._before = whole[-_REACH:]
        return "".join([*pieces, whole[start:]])
