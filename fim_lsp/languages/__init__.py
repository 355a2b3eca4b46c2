"""What the layers need to know of a language, one record each: data that is looked up, never a branch on an id.

An unknown id is no error: it gets `PLAIN`, a record that claims as little as possible, and completes all the same.
"""

from __future__ import annotations

from fim_lsp.languages.record import PLAIN, Block, Language
from fim_lsp.languages.table import LANGUAGES

__all__ = ["LANGUAGES", "PLAIN", "Block", "Language", "from_path", "get"]


def get(language_id: str) -> Language:
    """The record of an editor's language id or alias (`python`, `sh`, `typescript.tsx`), or `PLAIN`."""
    name = language_id.strip().lower()
    found = _BY_NAME.get(name)
    if found is None and "." in name:  # Vim joins file types: `yaml.ansible`, `javascript.jsx`
        found = next((_BY_NAME[part] for part in name.split(".") if part in _BY_NAME), None)
    return found or PLAIN


def from_path(path: str) -> Language:
    """The record for a file, by its name or the longest extension known; for tools that have no editor to ask."""
    name = path.replace("\\", "/").rpartition("/")[2].lower()
    if name in _BY_FILENAME:
        return _BY_FILENAME[name]
    first_dot = name.find(".", 1)
    while first_dot >= 0:
        if name[first_dot:] in _BY_EXTENSION:
            return _BY_EXTENSION[name[first_dot:]]
        first_dot = name.find(".", first_dot + 1)
    return PLAIN


_BY_NAME = {name: language for language in LANGUAGES for name in (language.id, *language.aliases)}
_BY_EXTENSION = {extension: language for language in LANGUAGES for extension in language.extensions}
_BY_FILENAME = {filename: language for language in LANGUAGES for filename in language.filenames}
