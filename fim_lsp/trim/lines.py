"""Small questions to lines: how far they are indented, what they are made of, whether they are the same."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from fim_lsp.languages import Language
from fim_lsp.languages.families import words

_WORD = re.compile(r"[^\W\d]\w*")
_ARRAY_OF_TABLES = re.compile(r"\[\[[^\[\],]+\]\]")
"""`[[name]]` begins every table of an array in TOML."""
_EMPTY_TAG = re.compile(r"<([a-z]\w*)></\1>")
_BLOCK_PARAMETERS = re.compile(r"(?<=\w)\s*\|[^|\n]*\|$")
"""As in `each do |item|`."""
_OPENING_TAG = re.compile(r"<[A-Za-z][\w.:-]*(?:\s(?:[^<>]|=>)*)?(?:(?<!/)>)?")
"""Its `>` may stand on a line below."""
_LITTLE_OPENER = re.compile(r"(?:- )?[\w.:!]+ ?[({\[]|if err != nil \{|- [\w-]+: \S+")
"""A name and what opens its block, Go's question of every other call, and how an item of a YAML list begins."""
_DIRECTIVE = re.compile(r"#[ \t]*([a-z]+)")
_USUAL_WIDTHS = (2, 3, 4, 8)
"""Of a level, in spaces."""
_OFTEN_REPEATED = words(
    "end else then do fi done esac pass break continue return default try finally begin endif endfor endwhile next "
    "loop except catch ensure rescue null none nil true false undefined"
)


def indent_of(line: str) -> str:
    """The blanks a line begins with."""
    return line[: len(line) - len(line.lstrip(" \t"))]


def width_of(indent: str, tab_width: int) -> int:
    """Columns an indent takes."""
    if "\t" not in indent:
        return len(indent)
    return len(indent.expandtabs(tab_width))


def unit_of(lines: Sequence[str]) -> str:
    """One level of indentation, from how lines are indented against the line above; "" where nothing tells."""
    steps: Counter[str] = Counter()
    above = ""
    for line in lines:
        if not line.strip() or line.lstrip()[0] in "*\\":  # the middle of a comment, or of a line
            continue
        indent = indent_of(line)
        if indent.startswith(above) and len(indent) > len(above):
            steps[indent[len(above) :]] += 1
        above = indent
    if not steps:
        return _single_unit([indent_of(line) for line in lines])
    unit = max(steps, key=lambda step: (steps[step], -len(step)))
    if unit[0] == "\t":
        return "\t"
    return unit if len(unit) in _USUAL_WIDTHS and not unit.strip(" ") else ""


def _single_unit(indents: Sequence[str]) -> str:
    """The unit where all lines are indented alike: a tab, or the spaces if they make a usual unit."""
    widths = {len(indent) for indent in indents if indent and "\t" not in indent}
    if any("\t" in indent for indent in indents):
        return "\t"
    return " " * min(widths) if widths and min(widths) in _USUAL_WIDTHS else ""


def is_common(line: str, language: Language) -> bool:
    """Whether a line says so little that code repeats it all the time: `},`, `end`, `else:`, `</div>`."""
    stripped = line.strip()
    if (
        stripped.startswith("</")
        or _ARRAY_OF_TABLES.fullmatch(stripped)
        or stripped in ("<br>", "<hr>", "<br/>", "<br />")
    ):
        return True
    if _EMPTY_TAG.fullmatch(stripped):
        return True
    said = _WORD.findall(stripped)
    if any(char.isdigit() for char in stripped) or len(said) > 3:
        return False
    if '"' in stripped or "'" in stripped:
        return not said  # what is quoted says something
    known = _OFTEN_REPEATED | language.closers | language.middles | language.repeated
    return all(word.lower() in known or word in known for word in said)


def begins_sibling(line: str, language: Language) -> bool:
    """Whether a line begins a block and says so little that the next block may well begin alike."""
    stripped = line.strip()
    if language.tags and _OPENING_TAG.fullmatch(stripped):
        return True
    if word := directive(stripped, language):
        return word in CONDITIONS
    return _LITTLE_OPENER.fullmatch(stripped) is not None and not is_common(line, language)


CONDITIONS = ("if", "ifdef", "ifndef")


def directive(line: str, language: Language) -> str:
    """The word of a line for a preprocessor, which stands at the margin; empty: it is none."""
    if language.block != "brace" or "#" in language.line_comment:
        return ""
    found = _DIRECTIVE.match(line)
    return found[1] if found is not None else ""


def is_closer(line: str, language: Language) -> bool:
    """Whether a line does nothing but close what was opened above it."""
    stripped = line.strip()
    if not stripped:
        return False
    if stripped.startswith("</") and language.tags:
        return True
    if stripped[0] in ")]}":
        return not _WORD.search(stripped)
    word = _WORD.match(stripped)
    return word is not None and (stripped in language.closers or word.group() in language.closers)


def is_middle(line: str, language: Language) -> bool:
    """Whether a line ends one block and begins its sibling: `else:`, `} catch (e) {`."""
    word = _WORD.match(line.strip().lstrip("}) "))
    return word is not None and word.group() in language.middles


def opens_block(line: str, language: Language) -> bool:
    """Whether the lines below a line are expected to be deeper."""
    stripped = _BLOCK_PARAMETERS.sub("", line.rstrip())
    if not stripped:
        return False
    if stripped[-1] in "{([":
        return True
    if language.block == "indent" and stripped[-1] == ":":
        return True
    said = _WORD.findall(stripped)
    if language.block != "end" or not said:
        return False
    return said[-1] in language.openers or said[0] in language.openers


def plain(line: str) -> str:
    """A line without what does not matter when two are compared: blanks, quote style, a closing comma or semicolon."""
    return re.sub(r"\s+", "", line).replace("'", '"').rstrip(",;")
