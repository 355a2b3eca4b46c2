"""Names that are used but defined nowhere: often the cursor stands where they are about to be defined.

Known are names that other files import from this one, attributes of `self`, and, for languages whose built-in names are
listed here, names that are called or are written like types and constants. Where many are missing, the reading is wrong
(inherited or generated names), and nothing is said.
"""

from __future__ import annotations

import builtins
import re
from collections.abc import Iterator
from os.path import basename

from fim_lsp.context.candidate import Candidate
from fim_lsp.context.files import Text
from fim_lsp.context.imports import Import, paths
from fim_lsp.context.place import Place

BUILT_IN = {"python": frozenset(dir(builtins))}
MOST_NAMES = 6
MOST_FILES = 16
LONGEST_LINE_CHARS = 120
_WORD = re.compile(r"\w+")
_LAST_PART = re.compile(r"[./\\:]+")
_ATTRIBUTE = re.compile(r"\b(?:self|this|cls)\.([^\W\d]\w*)")
_BARE = re.compile(r"(?<![\w.])([^\W\d]\w*(?=\()|_?[A-Z]\w+)")
_BOUND = re.compile(
    r"(?:^[ \t]*|[(,*][ \t]*|\b(?:for|as|import|global|nonlocal)[ \t]+)([^\W\d]\w*)[ \t]*(?=[:=,)]|\bin\b|$)",
    re.MULTILINE,
)
_NO_CODE = re.compile(
    r"\"\"\"[\s\S]*?(?:\"\"\"|\Z)|'''[\s\S]*?(?:'''|\Z)|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'|(?:#|//).*"
)


def missing(place: Place) -> Iterator[Candidate | None]:
    """Lines that use names which nothing defines, one for each name."""
    uses = dict(_lines_of_others(place))
    yield None
    here = dict(_lines_here(place))
    if len(here) <= MOST_NAMES:
        uses |= here
    by_file: dict[str, list[str]] = {}
    for path, line in list(uses.values())[:MOST_NAMES]:
        by_file.setdefault(path, []).append(line[:LONGEST_LINE_CHARS].strip())
    for path, lines in by_file.items():
        yield Candidate(path, 0, tuple(dict.fromkeys(lines)), "definition")


def _lines_of_others(place: Place) -> Iterator[tuple[str, tuple[str, str]]]:
    """Name, and file and line that use it: what files beside this one import from it."""
    known = place.text.outline.by_name.keys() | {here for each in place.text.imports for here, _ in each.names}
    for text, imported in _imports_of_this(place):
        for here, there in imported.names:
            line = None if there in known else _first_use(text, here)
            if line is not None:
                yield there, (text.path, line)


def _imports_of_this(place: Place) -> Iterator[tuple[Text, Import]]:
    """Where files beside this one import it."""
    own, folder = place.text.path, place.folder
    stem = basename(own).split(".")[0]
    for text in filter(None, map(place.look_up, place.beside[:MOST_FILES])):
        if folder is None or stem not in text.top:
            continue
        for imported in text.imports:
            meant = _LAST_PART.split(imported.module)[-1] == stem
            if meant and own in paths(imported, text.language, text.path, folder):
                yield text, imported


def _first_use(text: Text, name: str) -> str | None:
    use = re.compile(rf"(?<![\w.]){name}\s*[(.\[)]|(?:return|=|raise|\|)\s*{name}\b|:\s*{name}\b")
    return next((line for line in text.lines if use.search(line)), None)


def _lines_here(place: Place) -> Iterator[tuple[str, tuple[str, str]]]:
    """Uses in the file itself, outside of what the window shows."""
    built_in = BUILT_IN.get(place.text.language.id)
    if built_in is None:
        return
    lines = place.text.lines
    code = _NO_CODE.sub(lambda match: "''" + "\n" * match[0].count("\n"), "\n".join(lines))
    known = place.text.outline.by_name.keys() | {here for each in place.text.imports for here, _ in each.names}
    known |= {each.alias for each in place.text.imports}
    used = set(_BARE.findall(code)) - built_in - place.text.language.keywords - known - set(_BOUND.findall(code))
    if not any("(" in lines[each.line] for each in place.enclosing if each.kind == "type"):
        used |= set(_ATTRIBUTE.findall(code)) - known
    used = {name for name in used if not name.startswith("__")}
    for number, line in enumerate(code.split("\n") if used else ()):
        for name in sorted(used.intersection(_WORD.findall(line))):
            if number not in place.shown:
                yield name, (place.text.path, lines[number])
