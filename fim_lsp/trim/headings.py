"""Headings that set files apart in prompts: where the model writes one, it has begun another file."""

from __future__ import annotations

import re

from fim_lsp.trim.draft import Draft, Stop
from fim_lsp.trim.place import Place

_HEADING = re.compile(
    r"""^(?:
        \+{5}\x20\S                                    # Codestral: +++++ src/main.py
      | -{3}\x20snippet\x20-{3}                        # llama.cpp
      | (?://|\#|--|;+|%|/\*|<!--)\x20?Path:\x20\S     # comment blocks: # Path: src/main.py
    )""",
    re.MULTILINE | re.VERBOSE,
)


def stop(text: str, place: Place) -> Stop | None:
    match = _find(text, place)
    return None if match is None else Stop(match.end(), match.start())


def trim(draft: Draft, place: Place) -> Draft:
    match = _find(draft.text, place)
    return draft if match is None else draft.cut(match.start())


def _find(text: str, place: Place) -> re.Match[str] | None:
    for match in _HEADING.finditer(text):
        if match.start() > 0 or not place.line_before or match[0].startswith("+"):
            return match
    return None
