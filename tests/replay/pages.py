"""Files to type, and a notation for a cursor: `▏`."""

from __future__ import annotations

from pathlib import Path

from fim_lsp.replay.session import Source

FOLDER = Path(__file__).parent / "files"
SOURCES = [Source(path, path.read_text("utf-8")) for path in sorted(FOLDER.iterdir()) if path.suffix != ".md"]
CURSOR = "▏"


def placed(page: str) -> tuple[str, int]:
    """Text and cursor of a page."""
    cursor = page.index(CURSOR)
    return page.replace(CURSOR, ""), cursor


def shown(text: str, cursor: int) -> str:
    return text[:cursor] + CURSOR + text[cursor:]
