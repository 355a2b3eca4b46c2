"""A suggestion has to change something."""

from __future__ import annotations

from fim_lsp.trim.draft import Draft, Dropped
from fim_lsp.trim.place import Place


def trim(draft: Draft, place: Place) -> Draft | Dropped:
    if not draft.text.strip():
        return Dropped("blank", "Nothing but blanks is left of the text.")
    if draft.replaces and draft.text.strip() == place.tail[: draft.replaces].strip():
        return Dropped("nothing-new", "The text stands right of the cursor already.")
    return draft
