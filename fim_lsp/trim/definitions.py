"""What a line defines, in any language that announces definitions with a word."""

from __future__ import annotations

import re

_MODIFIERS = (
    "export|default|pub(?:\\([^)]*\\))?|public|private|protected|internal|static|final|abstract|async|override|virtual"
    "|inline|unsafe|extern|sealed|open|data|suspend|partial|local|declare|fileprivate|case"
)
_WORDS = (
    "def|defp|defmacro|defmodule|defn|defn-|defun|class|function|fn|func|fun|struct|enum|interface|trait|impl|module"
    "|namespace|sub|proc|method|record|object|macro|procedure|subroutine|protocol|extension|message|service"
)
_DEFINITION = re.compile(rf"[ \t]*\(?(?:(?:{_MODIFIERS})\s+)*({_WORDS})\b\s*\*?\s*([\w.$:!?<>~-]+)")
_DECORATES = re.compile(r"\s*(?:@\w|#\[|\[[A-Z]\w*)")
_LEADS_IN = re.compile(r"\s*(?:@\w|#\[|//|#|/\*|\*|--|;;|\[[A-Z]\w*|template\s*<)")
_BRINGS_IN = re.compile(
    r"(?:pub(?:\([^)]*\))?\s+)?(?:#\s*include|import|from|use|using|include|require\w*|alias|open)\b"
)


def definition(line: str) -> tuple[str, str] | None:
    """The word and the name, where a line begins a definition."""
    match = _DEFINITION.match(line)
    return None if match is None else (match.group(1), match.group(2).rstrip(":"))


def begins_definition(text: str) -> bool:
    """Whether the first line that is no decorator or comment begins a definition."""
    for line in text.split("\n", 12)[:12]:
        if definition(line) is not None:
            return True
        if line.strip() and not leads_in(line):
            return False
    return False


def leads_in(line: str) -> bool:
    """Whether a line belongs to the definition below it: a decorator, an attribute, a comment."""
    return _LEADS_IN.match(line) is not None


def brings_in(line: str) -> bool:
    """Whether a line brings in something of another file: such lines stand in groups, with blank lines between."""
    return _BRINGS_IN.match(line.lstrip()) is not None


def decorates(line: str) -> bool:
    """Whether a line is a decorator or an attribute: code says the same one above many a definition."""
    return _DECORATES.match(line) is not None


def heading(line: str) -> str:
    """A line that begins a definition, without blanks and without what may differ: all behind the parameters."""
    match = _DEFINITION.match(line)
    end = line.find(")", match.end() if match else 0)
    return "".join(line[: end + 1 or None].split()).rstrip("{:=")
