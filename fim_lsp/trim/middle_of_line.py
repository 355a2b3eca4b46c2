"""In the middle of a line nothing can follow the line's end: what stands right of the cursor does."""

from __future__ import annotations

from fim_lsp.trim.chat import greets
from fim_lsp.trim.draft import Stop
from fim_lsp.trim.fences import start_of_code
from fim_lsp.trim.place import Place


def stop(text: str, place: Place) -> Stop | None:
    if not place.tail.strip() or place.shape.lines != "line" or place.shape.strict:
        return None
    start = start_of_code(text, place)
    if not start and place.shape.where == "code" and greets(text):
        return None  # the code is yet to come
    start = len(text) - len(text[start:].lstrip())
    end = text.find("\n", start)
    return None if end < 0 else Stop(end + 1, end)
