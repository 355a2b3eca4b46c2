"""Document URIs to paths; editors escape more, or less, than they need to."""

from __future__ import annotations

import os
import re
from urllib.parse import unquote, urlsplit

CELL = "vscode-notebook-cell"
"""The notebook's path with a fragment that names the cell; what is not saved has no `/` before its name."""
_DRIVE = re.compile(r"/[A-Za-z]:")


def to_path(uri: str) -> str | None:
    """The absolute path of a `file:` URI, or of a saved notebook that the URI of a cell names.

    None for anything else (`untitled:`, `git:`, …).
    """
    try:
        parts = urlsplit(uri)
    except ValueError:
        return None
    if parts.scheme == CELL and parts.path.startswith("/") and not parts.netloc:
        return to_path(f"file:{uri.partition(':')[2].rpartition('#')[0]}")
    if parts.scheme != "file" or not parts.path:
        return None
    # A "?" or "#" that should have been escaped is still part of the name.
    path = unquote(uri.partition(":")[2].removeprefix("//" + parts.netloc))
    if "\0" in path:
        return None
    if parts.netloc and parts.netloc.lower() != "localhost":
        path = f"//{unquote(parts.netloc)}{path}"
    elif _DRIVE.match(path):
        path = path[1].upper() + path[2:]
    return path.replace("/", "\\") if os.name == "nt" else path
