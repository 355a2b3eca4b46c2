"""Puts the blocks that users paste into the pages that show them: `python editors/include.py [--check]`.

A page says `<!-- include: PATH -->`; the fenced block below that line is the file at PATH, which the tests paste too.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
PAGES = (REPOSITORY / "README.md", *sorted((REPOSITORY / "docs/editors").glob("*.md")))
LANGUAGES = {".el": "elisp", ".lua": "lua", ".toml": "toml", ".json": "json", ".sublime-settings": "json", "": "sh"}
PLACE = re.compile(r"^<!-- include: (?P<path>\S+) -->\n(?:\n```.*?^```\n)?", re.MULTILINE | re.DOTALL)


def included(page: str) -> str:
    """The page with each block as its file is now."""
    return PLACE.sub(lambda place: _block(place["path"]), page)


def _block(path: str) -> str:
    file = REPOSITORY / path
    return f"<!-- include: {path} -->\n\n```{LANGUAGES[file.suffix]}\n{file.read_text(encoding='utf-8')}```\n"


def main() -> int:
    stale = []
    for page in PAGES:
        before = page.read_text(encoding="utf-8")
        after = included(before)
        if after != before:
            stale.append(str(page.relative_to(REPOSITORY)))
            if "--check" not in sys.argv:
                page.write_text(after, encoding="utf-8")
    if stale and "--check" in sys.argv:
        print(f"{', '.join(stale)}: out of date; run python editors/include.py")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
