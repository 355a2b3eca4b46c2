"""The record of a language, and the one used for languages that nobody has described."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Block = Literal["indent", "brace", "end", "tag", "sexp", "none"]
"""What holds a block together: deeper lines, `{ }`, a closing word, `<tag> </tag>`, `( )`; or there are no blocks."""


@dataclass(frozen=True, slots=True, eq=False)
class Language:
    """One language, as far as completing it goes. Marks are written as they stand in the code.

    Records are compared by identity: there is one a language, and they are keys of caches.
    """

    id: str
    """The id in the LSP specification, or the one that most editors send."""
    name: str
    aliases: tuple[str, ...] = ()
    """Other ids that editors send for it, lower case."""
    extensions: tuple[str, ...] = ()
    """With the dot, lower case. No extension belongs to two records."""
    filenames: tuple[str, ...] = ()
    """Whole file names without a telling extension, lower case."""
    line_comment: tuple[str, ...] = ()
    """Marks that make the rest of the line a comment; the usual one first."""
    block_comment: tuple[tuple[str, str], ...] = ()
    strings: tuple[str, ...] = ('"', "'")
    """Delimiters of strings that end on their own line."""
    long_strings: tuple[tuple[str, str], ...] = ()
    """Opening and closing delimiters of strings that may span lines, longest first."""
    escape: str = "\\"
    """Takes the meaning from the next character in a string; empty where there is no such thing."""
    brackets: tuple[tuple[str, str], ...] = (("(", ")"), ("[", "]"), ("{", "}"))
    keywords: frozenset[str] = frozenset()
    block: Block = "brace"
    openers: frozenset[str] = frozenset()
    """Words that open a block which a word of `closers` ends (`do`, `then`)."""
    closers: frozenset[str] = frozenset()
    """Words that stand on a line of their own and end a block (`end`, `fi`)."""
    middles: frozenset[str] = frozenset()
    """Words at a line's start that end one block and begin its sibling (`else`, `except`, `case`)."""
    repeated: frozenset[str] = frozenset()
    """Words of lines that code says again and again, besides those above (`UNION ALL`)."""
    word_marks: str = ""
    """Characters besides letters, digits and `_` that belong to names (`-` in CSS and Lisp)."""
    tags: bool = False
    """Whether `<name>` … `</name>` pairs stand in it (markup, and languages that embed it)."""
    literals: tuple[tuple[str, str], ...] = ()
    """Other literals whose brackets and quotes are text: the first character of each, and a pattern for it."""
    prose: bool = False
    """Text for people: one sentence or line at a time."""
    tree_sitter: str | None = None
    """`module:function` of the grammar, where one is installed with this package."""

    @property
    def comment(self) -> tuple[str, str] | None:
        """What to write before and after a line of text to make it a comment."""
        if self.line_comment:
            return self.line_comment[0], ""
        return self.block_comment[0] if self.block_comment else None

    @property
    def is_declarative(self) -> bool:
        """Whether it has no `else` or the like: data, markup, style sheets. Their records are alike, line by line."""
        return not self.middles


PLAIN = Language(id="unknown", name="Unknown", line_comment=("#", "//"), block="indent")
"""Unknown languages: brackets and indentation still mean what they mean nearly everywhere."""
