"""What a syntax tree knows of the cursor's place, for the languages that have a grammar here.

Only a window around the cursor is parsed, and the parser is told to give up after a fixed amount of work, so a huge or
hostile file costs no more than a small one. Half-written code makes trees with errors: where the cursor is next to one,
the answer is None, and the lexer and the indents decide.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from fim_lsp.document import Snapshot
from fim_lsp.languages import Language
from fim_lsp.languages.families import words
from fim_lsp.lexing import CODE, Inside

if TYPE_CHECKING:
    from tree_sitter import Node, Parser, Point

WINDOW_BEFORE = 2_400
WINDOW_AFTER = 400
MOST_STEPS = 100
"""The parser reports after every hundred operations or so. Half-written code takes 10 reports in the median, 50 in one
window of a hundred; the last step through what makes no sense at all takes half a second, and is not to be reached."""
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_SUBSTITUTIONS = ("interpolation", "template_substitution", "string_interpolation", "command_substitution", "expansion")
_HOLD_DEFINITIONS = words(
    "module program source_file translation_unit compilation_unit class_body interface_body declaration_list "
    "field_declaration_list enum_body template_body object_body stylesheet document namespace_body "
    "class_declaration_body enum_class_body"
)
_HOLD_NO_DEFINITIONS = words(
    "block statement_block compound_statement function_body constructor_body lambda_literal do_block do_group "
    "body_statement switch_body switch_block match_block then_block if_statement statements "
    "literal_value initializer_list array object table_constructor arguments argument_list import_spec_list"
)
_HOLD_ONLY_DEFINITIONS = words("class module singleton_class")
"""Of Ruby, where the body of a class is of the same kind as a method's."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What the tree says of a place."""

    inside: Inside | None
    """The comment or string that the cursor is in; `start` counts from the window's start.

    None where the code has errors, which may as well be an open string that the parser has taken for code.
    """
    window: str
    """The text before the cursor that was parsed."""
    among_definitions: bool | None
    """Whether the cursor stands where definitions follow each other; None: the tree does not tell."""


def look(snapshot: Snapshot, language: Language) -> Sight | None:
    """The cursor's place in the syntax tree, or None where there is no grammar or no clean tree."""
    parser = _parser(language.tree_sitter) if language.tree_sitter else None
    if parser is None:
        return None
    return _look(parser, _window(snapshot.before), snapshot.after[:WINDOW_AFTER], language)


@lru_cache(maxsize=8)
def _look(parser: Parser, window: str, after: str, language: Language) -> Sight | None:
    """The same place is looked at before a text is asked for and when it has come."""
    source = _in_ascii(window + after)
    at = len(window)
    root = _parse(parser, source)
    if root is None:
        return None
    node = root.descendant_for_byte_range(max(0, at - 1), at)
    if node is None or _is_broken(node):
        return None
    inside = _inside(node, at, source, language)
    return Sight(
        inside=None if inside is CODE and root.has_error else inside,
        window=window,
        among_definitions=_container(node, language) if inside is CODE else None,
    )


def _in_ascii(text: str) -> bytes:
    """One byte a character, and a letter for each that is not ASCII.

    Scanners of some grammars (tree-sitter-bash 0.25) look characters up in C tables of 256 entries, and die of others.
    """
    return text.encode() if text.isascii() else _NOT_ASCII.sub("x", text).encode()


def _window(before: str) -> str:
    """The end of `before`, from the start of a line that is not indented if there is one."""
    if len(before) <= WINDOW_BEFORE:
        return before
    window = before[-WINDOW_BEFORE:]
    at = window.find("\n") + 1
    while 0 < at < WINDOW_BEFORE * 2 // 3:
        if window[at : at + 1].isalpha():
            return window[at:]
        at = window.find("\n", at) + 1
    return window[window.find("\n") + 1 :]


def _parse(parser: Parser, source: bytes) -> Node | None:
    """None where it takes too long. Only a parser that is read to can give up."""
    steps = 0

    def read(offset: int, _: Point) -> bytes | bytearray:
        left = len(source) - offset
        if left <= 0:
            return b""
        piece = _PIECES[left.bit_length() - 1]
        piece[:] = source[offset : offset + len(piece)]
        return piece

    def is_too_much(_: int, __: bool) -> bool:
        nonlocal steps
        steps += 1
        return steps > MOST_STEPS

    try:
        tree = parser.parse(read, progress_callback=is_too_much)
    except ValueError:  # given up
        parser.reset()
        return None
    return tree.root_node


_PIECES = tuple(bytearray(1 << power) for power in range((4 * (WINDOW_BEFORE + WINDOW_AFTER)).bit_length()))
"""Any text is a few of these, one after another. py-tree-sitter (0.26) never lets go of what a reader returns, which
makes some 30 MB in a day of typing: so it is handed the same pieces again and again. Only one thread parses."""


def _is_broken(node: Node) -> bool:
    """Whether the parser did not understand what the cursor stands in."""
    here: Node | None = node
    while here is not None:
        if here.is_error or here.is_missing:
            return True
        here = here.parent
    return False


def _inside(node: Node, at: int, source: bytes, language: Language) -> Inside:
    here: Node | None = node
    while here is not None:
        if here.type in _SUBSTITUTIONS:
            return CODE
        kind = "comment" if "comment" in here.type else "string" if _is_string(here) else None
        if kind is not None and here.start_byte < at:
            text = source[here.start_byte : here.end_byte].decode()
            inside = _marked(kind, text, here.start_byte, language)
            ends_with_line = inside.kind == "comment" and not inside.closer and source[at - 1 : at] != b"\n"
            if at < here.end_byte or (at == here.end_byte and ends_with_line):
                return inside
        here = here.parent
    return CODE


def _is_string(node: Node) -> bool:
    parent = node.parent
    whole = parent is None or not ("string" in parent.type or "heredoc" in parent.type)
    return node.is_named and whole and ("string" in node.type or "heredoc_body" in node.type)


def _marked(kind: str, text: str, start: int, language: Language) -> Inside:
    """A comment or string with the marks that its language gives it."""
    if kind == "comment":
        for opener, closer in language.block_comment:
            if text.startswith(opener):
                return Inside("comment", opener, closer, start)
        return Inside("comment", language.line_comment[0] if language.line_comment else "", "", start)
    for opener, closer in language.long_strings:
        if text.lstrip("rRbBuUfF").startswith(opener):
            return Inside("string", opener, closer, start)
    return Inside("string", text[:1], text[:1], start)


def _container(node: Node, language: Language) -> bool | None:
    """Whether the nearest container holds definitions. Indents alone say so where blocks are nothing but indents."""
    if language.block == "indent":
        return None
    here: Node | None = node
    is_broken = False
    while here is not None:
        is_broken = is_broken or here.type == "ERROR"
        if here.type in _HOLD_DEFINITIONS or (here.parent is not None and here.parent.type in _HOLD_ONLY_DEFINITIONS):
            return None if is_broken else True
        if here.type in _HOLD_NO_DEFINITIONS:
            return False
        here = here.parent
    return None


@cache
def _parser(grammar: str) -> Parser | None:
    """The parser for `module:function`; grammars are imported when first needed."""
    import tree_sitter

    module, _, function = grammar.partition(":")
    try:
        language = getattr(importlib.import_module(module), function)()
    except (ImportError, AttributeError):
        return None
    return tree_sitter.Parser(tree_sitter.Language(language))
