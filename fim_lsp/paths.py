"""Where a path lies, by its name alone: nothing here looks at the file system."""

from __future__ import annotations

import os
import sys

IGNORES_CASE = sys.platform in ("win32", "darwin")
"""Whether a file is found by its name in any case: one editor says `C:`, the next `c:`, and both mean one folder."""


def is_inside(path: str, folder: str, *, ignore_case: bool = IGNORES_CASE) -> bool:
    """Whether an absolute path is a folder or lies below it; both normal, but for a separator at the folder's end.

    Strings, because pathlib takes longer than all else that is done with a path here.
    """
    if ignore_case:
        path, folder = path.casefold(), folder.casefold()
    below = folder.rstrip(os.sep) + os.sep
    return path.startswith(below) or path + os.sep == below
