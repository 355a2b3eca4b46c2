"""What records of related languages share, and how the tables write a record."""

from __future__ import annotations

from typing import Any

from fim_lsp.languages.record import Block, Language

C_MARKS: dict[str, Any] = {"line_comment": ("//",), "block_comment": (("/*", "*/"),)}
HASH: dict[str, Any] = {"line_comment": ("#",)}
MARKUP: dict[str, Any] = {"block_comment": (("<!--", "-->"),)}
DASHES: dict[str, Any] = {"line_comment": ("--",)}
BACKTICK = (("`", "`"),)
TRIPLE = (('"""', '"""'),)
PYTHON_LONG = (('"""', '"""'), ("'''", "'''"))
ONLY_DOUBLE = ('"',)
_REGEX = (
    r"(?:\A|(?<=[\n(,=:!\[{&|?;~])|(?<=[(,=:!\[{&|?;~] )|(?<=\breturn )|(?<=\bwhen )|(?<=\bif )|(?<=\bsplit ))"
    r"/(?![/*> ])(?:\\[^\n]|\[(?:\\[^\n]|[^\]\\\n])*\]|[^/\\\[\n])+/[a-z]*"
)
SLASHES = (("/", _REGEX),)
"""A regular expression: where a value is expected, and with no blank first, as a division has."""
_BETWEEN_SLASHES = r"/(?:\\.|[^/\\\n])*"
SUBSTITUTIONS = (("/", rf"(?:(?<=\bs)|(?<=\btr)|(?<=\by)){_BETWEEN_SLASHES}{_BETWEEN_SLASHES}/[a-z]*"),)
SIGILS = (("~", rf"~[A-Za-z]{_BETWEEN_SLASHES}/[a-z]*"),)
CHARACTERS = (("?", r"\?\\?[()\[\]{}\"';#]"),)
"""`?)`, where it holds a mark that means something elsewhere."""
BACKSLASHED = (("\\", r"\\[()\[\]{}\"';]"),)
"""`\\)`, a character in Lisp."""
C_WORDS = "break case char const continue default do double else enum extern float for goto if inline int long "
C_WORDS += "register return short signed sizeof static struct switch typedef union unsigned void volatile while "
JS_WORDS = "async await break case catch class const continue debugger default delete do else export extends false "
JS_WORDS += "finally for from function if import in instanceof let new null of return static super switch this throw "
JS_WORDS += "true try typeof undefined var void while with yield "
TS_WORDS = JS_WORDS + "abstract any as boolean declare enum implements interface is keyof namespace never number "
TS_WORDS += "private protected public readonly string symbol type unknown "


def language(id: str, name: str, block: Block, keywords: str = "", middles: str = "", **fields: Any) -> Language:
    """A record whose word lists are written as one string each."""
    for field in ("aliases", "extensions", "filenames"):
        fields[field] = tuple(fields.get(field, "").split())
    for field in ("openers", "closers", "repeated"):
        fields[field] = words(fields.get(field, ""))
    return Language(id, name, block=block, keywords=words(keywords), middles=words(middles), **fields)


def c_like(
    id: str, name: str, keywords: str, middles: str = "else case default catch finally", **fields: Any
) -> Language:
    """A language with braces, `//` and `/* */`."""
    return language(id, name, "brace", keywords, middles, **(C_MARKS | fields))


def lisp(id: str, name: str, keywords: str, **fields: Any) -> Language:
    """A language of parentheses, where `'` quotes and names hold nearly anything."""
    marks: dict[str, Any] = {
        "line_comment": (";",),
        "strings": (),
        "long_strings": (('"', '"'),),
        "literals": BACKSLASHED,
    }
    return language(id, name, "sexp", keywords, **(marks | {"word_marks": "-?!*+<>=/"} | fields))


def markup(id: str, name: str, keywords: str = "", **fields: Any) -> Language:
    """A markup language. An apostrophe in its text is no quote, so only `"` is one."""
    return language(
        id, name, "tag", keywords, **(MARKUP | {"strings": ONLY_DOUBLE, "word_marks": "-", "tags": True} | fields)
    )


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())
