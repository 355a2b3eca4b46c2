"""What a file defines, read from first words and indentation.

One table of definition words serves all languages: formatted code says by its indentation where a block ends and what
is a member of what. That needs no grammar, takes about a millisecond for a thousand lines, and survives code that is
only half typed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from fim_lsp.languages import Language

Kind = Literal["type", "callable", "value"]

_MODIFIERS = (
    r"(?:(?:export|default|pub(?:\([\w: ]+\))?|public|private|protected|internal|open|abstract|final|sealed|static"
    r"|async|unsafe|override|virtual|inline|extern(?: ?\"\w+\")?|declare|readonly|data|partial|suspend|local|implicit"
    r"|typedef|template ?<[^>\n]*>)[ \t]+)*+"
)
_TYPE_WORDS = (
    r"(?:class|interface|struct|enum|trait|protocol|object|record|module|namespace|union|extension|mixin|impl|type"
    r"|defmodule)[ \t]+(?:(?:class|struct)[ \t]+)?(?:<[^>\n]*>[ \t]*)?"
)
_CALLABLE_WORDS = (
    r"(?:def|defp|defmacro|func|function\b\*?|fun|fn|sub|proc|macro|macro_rules!)[ \t]+"
    r"(?:\([^)\n]*\)[ \t]*)?(?:self\.)?"
)
_VALUE_WORDS = (
    r"(?:(?:const|let|var|val|our|static(?=[ \t]+\w+[ \t]*:))[ \t]+(?:mut[ \t]+)?|\#[ \t]*define[ \t]+"
    r"|(?:self|this)\.(?=\w+[ \t]*(?:=(?!=)|:[ \t])))"
)
_WORDED = re.compile(
    rf"^(?P<indent>[ \t]*+){_MODIFIERS}"
    rf"(?:(?P<type>{_TYPE_WORDS})|(?P<callable>{_CALLABLE_WORDS})|(?P<value>{_VALUE_WORDS}))"
    r"(?P<name>[^\W\d]\w*+[?!]?)"
    r"(?=[ \t]*(?:[(<\[{:;=,&*]|$|->|(?:extends|implements|where|for|with|is|do|struct|interface|func)\b)"
    r"|[ \t]+[^\s=]+(?: =|$))",
    re.MULTILINE,
)
"""A word that defines, then a name: `class A`, `pub fn a`, `func (r *T) A`, `export const a`, `self.a = `."""
_ASSIGNED = re.compile(r"^(?P<indent>[ \t]*+)(?P<name>[^\W\d]\w*+)[ \t]*(?::[^=\n]+)?(?:=(?!=)|(?<=\w)$)", re.MULTILINE)
"""`a = `, `a: int = `, `a: int`: counts at the margin and directly in a type."""
_CALLED = re.compile(r"^(?P<indent>[ \t]*+)(?P<before>[^()=;\"'\n]*+)\((?P<parameters>[^;\"'\n]*+)$", re.MULTILINE)
"""`int a(int b) {`, `async a(b) {`: where no word defines, a call that ends no statement does."""
_STATEMENT = re.compile(
    r"\s*(?:if|for|foreach|while|switch|else|return|case|do|try|catch|match|when|using|lock|synchronized|throw|new|await"
    r"|yield|assert|goto|defer|go|select|with|print|elif|except|raise|and|or|not|in)\b|.*(?:=>|&&|\|\||\bfunction\b)"
)
_WITHOUT_CALLED = frozenset({"go", "rust", "swift", "kotlin", "scala"})

LONGEST_SIGNATURE_LINES = 8
LONGEST_BLOCK_LINES = 600
LONGEST_LINE_CHARS = 160
WHOLE_TYPE_LINES = 14
"""A type no longer than this (data classes, enums, interfaces) is shown whole; of longer ones only what their members
are called with."""
WHOLE_CALLABLE_LINES = 5


@dataclass(frozen=True, slots=True)
class Definition:
    """A name that a file gives a meaning to."""

    name: str
    kind: Kind
    line: int
    indent: int


class Outline:
    """The definitions of one file, in order."""

    def __init__(self, lines: Sequence[str], language: Language) -> None:
        self.lines = lines
        self.definitions = tuple(_definitions(lines, language))

    @cached_property
    def by_name(self) -> dict[str, list[Definition]]:
        """Definitions that other code can mean by a name; the outermost first."""
        found: dict[str, list[Definition]] = defaultdict(list)
        for definition in sorted(self.definitions, key=lambda each: each.indent):
            found[definition.name].append(definition)
        return found

    def members(self, owner: Definition) -> list[Definition]:
        """What is defined directly in `owner`, and the attributes its methods set; each name once."""
        found: dict[str, Definition] = {}
        end = self.end(owner)
        inner: int | None = None
        for each in self._after(owner.line):
            if each.line >= end:
                break
            inner = each.indent if inner is None else inner
            if each.indent == inner or is_attribute(self.lines[each.line]):
                found.setdefault(each.name, each)
        return list(found.values())

    def top_level(self) -> list[Definition]:
        return [each for each in self.definitions if each.indent == 0]

    def enclosing(self, line: int, indent: int) -> list[Definition]:
        """Types and callables around a place, outermost first."""
        around: list[Definition] = []
        for each in reversed(self.definitions):
            if each.line < line and each.kind != "value" and each.indent < indent:
                around.insert(0, each)
                indent = each.indent
        return around

    def end(self, definition: Definition) -> int:
        """Number of the line after the definition's block."""
        start = definition.line + len(self.signature_lines(definition))
        last = start
        for number in range(start, min(len(self.lines), start + LONGEST_BLOCK_LINES)):
            text = self.lines[number].lstrip()
            if not text:
                continue
            if len(self.lines[number]) - len(text) <= definition.indent:
                return number + 1 if text[0] in "})]" or text.startswith("end") else last
            last = number + 1
        return last

    def signature_lines(self, definition: Definition) -> list[str]:
        """The definition's first lines, up to where its brackets are closed."""
        taken: list[str] = []
        depth = 0
        for line in self.lines[definition.line : definition.line + LONGEST_SIGNATURE_LINES]:
            taken.append(line[:LONGEST_LINE_CHARS])
            depth += line.count("(") + line.count("[") - line.count(")") - line.count("]")
            if depth <= 0:
                break
        return taken

    def card(self, definition: Definition, *, without: range = range(0)) -> list[str]:
        """What code that uses the definition needs to see of it. Members on the lines `without` are left out."""
        end = self.end(definition)
        length = end - definition.line
        if definition.kind == "value":
            return self.signature_lines(definition)[:3]
        if length <= (WHOLE_TYPE_LINES if definition.kind == "type" else WHOLE_CALLABLE_LINES):
            return [line[:LONGEST_LINE_CHARS] for line in self.lines[definition.line : end]]
        card = [*self.signature_lines(definition), *self._doc_head(definition)]
        if definition.kind == "type":
            for member in self.members(definition):
                if member.line not in without:
                    card += self.signature_lines(member)[: 1 if member.kind == "value" else None]
        return card

    def _doc_head(self, definition: Definition) -> list[str]:
        number = definition.line + len(self.signature_lines(definition))
        line = self.lines[number] if number < len(self.lines) else ""
        if not line.lstrip().startswith(('"""', "'''", 'r"""')):
            return []
        return [line if line.count(line.strip()[:3]) > 1 or line.rstrip().endswith('"""') else line.rstrip() + '"""']

    def _after(self, line: int) -> Iterator[Definition]:
        return (each for each in self.definitions if each.line > line)


def _definitions(lines: Sequence[str], language: Language) -> list[Definition]:
    text = "\n".join(lines)
    found: dict[int, Definition] = {}
    for pattern in _patterns(language):
        for match in pattern.finditer(text):
            name = _called_name(match) if pattern is _CALLED else match["name"]
            if name and name not in language.keywords:
                found.setdefault(match.start(), Definition(name, _kind(match, pattern), 0, len(match["indent"])))
    return list(_telling(_numbered(sorted(found.items()), text), lines))


def _called_name(match: re.Match[str]) -> str:
    """The name that `int a(int b) {` defines, or nothing where the line is a statement."""
    end = match["parameters"].rstrip()[-1:] or "("
    if _STATEMENT.match(match[0]) or end not in (("{", "(") if match["indent"] else ("{", "(", ")", ",")):
        return ""
    before = match["before"]
    name = re.search(r"[^\W\d]\w*$", before[-80:])
    types = before[: -len(name[0])] if name else ":"
    return name[0] if name and ("::" in types or ":" not in types) else ""


def _patterns(language: Language) -> tuple[re.Pattern[str], ...]:
    if language.prose or language.block in ("tag", "none"):
        return ()
    if language.block == "brace" and language.id not in _WITHOUT_CALLED:
        return _WORDED, _CALLED
    return (_WORDED, _ASSIGNED) if language.block in ("indent", "end") else (_WORDED,)


def _kind(match: re.Match[str], pattern: re.Pattern[str]) -> Kind:
    if pattern is _WORDED:
        return "type" if match["type"] else "callable" if match["callable"] else "value"
    return "callable" if pattern is _CALLED else "value"


def _numbered(found: list[tuple[int, Definition]], text: str) -> Iterator[Definition]:
    line = at = 0
    for offset, each in found:
        line += text.count("\n", at, offset)
        at = offset
        yield Definition(each.name, each.kind, line, each.indent)


def _telling(definitions: Iterator[Definition], lines: Sequence[str]) -> Iterator[Definition]:
    """Without local variables: values count at the margin, directly in a type, and as attributes of `self`."""
    open_blocks: list[Definition] = []
    for each in definitions:
        while open_blocks and open_blocks[-1].indent >= each.indent:
            open_blocks.pop()
        if each.kind != "value":
            open_blocks.append(each)
        elif (
            each.indent and not is_attribute(lines[each.line]) and not (open_blocks and open_blocks[-1].kind == "type")
        ):
            continue
        yield each


def is_attribute(line: str) -> bool:
    return line.lstrip().startswith(("self.", "this."))
