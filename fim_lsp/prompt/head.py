"""What the model should still see of its own file where the window cuts it off: imports, and headers of open blocks.

Both are read from indentation and first words, in every language alike. All depends on the text above the window only,
so it stays put while the user types.
"""

from __future__ import annotations

import re
from functools import lru_cache

from fim_lsp.prompt.tokens import estimate

_IMPORT = re.compile(
    r"(?:pub |export |local |static |global )?"
    r"(?:import|from|use|using|require|require_relative|include|package|module|namespace|mod|extern crate|open|library"
    r"|#\s*include|#\s*import|@import|@use|source|load|alias)\b"
    r"|(?:const|let|var|local)\b.*\brequire\b"
)
_SEARCHED_CHARS = 20_000
_OPENERS = "([{"
_CLOSERS = ")]}"
_LONGEST_IMPORT_LINES = 12


@lru_cache(maxsize=4)
def head_of_file(above: str, room_tokens: int, *, cut: bool = False) -> str:
    """Import lines of `above`, then the first lines of the blocks that are still open where it ends.

    The innermost headers matter most, then the first imports. `cut` says that `above` lacks the document's beginning.
    """
    headers: list[str] = []
    for header in open_headers(above):
        if estimate("\n".join([header, *headers])) > room_tokens:
            break
        headers.insert(0, header)
    imports: list[str] = []
    for line in () if cut else _imports(above):
        if estimate("\n".join([*imports, line, *headers])) > room_tokens:
            break
        imports.append(line)
    return "\n".join([*imports, *headers])


def _imports(above: str) -> list[str]:
    """Import statements at the left margin, with the lines that continue them."""
    lines = above[:_SEARCHED_CHARS].split("\n")
    found: list[str] = []
    depth = left = 0
    for line in lines:
        if _IMPORT.match(line):
            depth, left = 0, _LONGEST_IMPORT_LINES
        elif depth <= 0 or left <= 0:
            continue
        found.append(line)
        depth += sum(map(line.count, _OPENERS)) - sum(map(line.count, _CLOSERS))
        left -= 1
    return found


def open_headers(above: str) -> list[str]:
    """First lines of the blocks open at the end of `above`, innermost first."""
    lines = above[-_SEARCHED_CHARS:].split("\n")
    headers: list[str] = []
    indent = None
    for line in reversed(lines):
        text = line.lstrip()
        if not text or text[0] in ")]}#":
            continue
        width = len(line) - len(text)
        if indent is None:
            indent = width
        elif width < indent:
            headers.append(line)
            indent = width
        if indent == 0:
            break
    return headers
