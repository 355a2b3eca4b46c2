"""Talk around the code: chat models greet, explain and think aloud. Only the code is of use."""

from __future__ import annotations

import re

from fim_lsp.lexing import scan
from fim_lsp.trim.draft import Draft, Dropped
from fim_lsp.trim.place import Place

_GREETING = re.compile(
    r"""\s*(?:
        (?:sure|certainly|of\ course|okay|absolutely|great|no\ problem)\b[,.!:]
      | here(?:'s|\u2019s|\ is|\ are)\ (?:the|your|a|an|how|my)\b
      | (?:the|this|your|below\ is\ the)\ (?:completed?|missing|following|updated|corrected|provided)\ [a-z ]*\b
            (?:code|function|snippet|part|implementation|line|is|should)\b
      | i(?:'m|\u2019m|\ am)\ (?:sorry|unable|not\ able|an\ ai)\b
      | i\ (?:cannot|can't|can\u2019t|will|would|have|need)\b
      | i(?:'ll|\u2019ll|'ve|\u2019ve)\ \w
      | (?:as\ an\ ai|it\ (?:looks|seems|appears)\ like|to\ complete\ (?:the|this)|let\ me\ \w)\b
      | based\ on\ (?:the|your)\b
    )""",
    re.VERBOSE | re.IGNORECASE,
)
_REMARK = re.compile(
    r"^(?:\*\*)?(?:Explanation|Example usage)(?:\*\*)?:(?:\*\*)?[ \t]*(?:$|[A-Z][^;{}=\n]*$)"
    r"|^(?:This|The|In this|Here|These|Note that|Note:|I|We|You)\b[A-Za-z',()` -]{25,}[^;{}=\n]*[.:!]$",
    re.MULTILINE,
)
_FENCED = re.compile(r"^[ \t]*```[\w+#.-]*[ \t]*\n", re.MULTILINE)
_BLOCK_OF_TEXT = re.compile(r":[ \t]*[|>][+-]?\d?[ \t]*$")
_THOUGHT = re.compile(r"\s*<think(?:ing)?>.*?(?:</think(?:ing)?>\s*|\Z)", re.DOTALL)


def trim(draft: Draft, place: Place) -> Draft | Dropped:
    thought = _THOUGHT.match(draft.text) if "<think" in draft.text else None
    if thought is not None:
        draft = draft.with_text(draft.text[thought.end() :])
    if place.shape.where != "code" or place.language.prose or _in_block_of_text(draft.text, place):
        return draft
    if greets(draft.text):
        fenced = _FENCED.search(draft.text)
        if fenced is None:
            return Dropped("chat", "The model talks instead of completing.")
        draft = draft.with_text(draft.text[fenced.start() :])
    return _without_remark(draft, place)


def _in_block_of_text(text: str, place: Place) -> bool:
    """Whether the text is for people: in YAML, below a key that ends in `|` or `>`."""
    if place.language.block != "indent" or not place.language.is_declarative:
        return False
    line = place.line_before if place.line_before.strip() else place.line_before + text.lstrip("\n").partition("\n")[0]
    header = next((above for above in place.code_above if place.width(above) < place.width(line)), "")
    return _BLOCK_OF_TEXT.search(header) is not None


def greets(text: str) -> bool:
    """Whether a text begins with a sentence for people."""
    return _GREETING.match(text) is not None and _is_sentence(text.lstrip().split("\n", 1)[0])


def _is_sentence(line: str) -> bool:
    """Whether a line reads as a sentence, not as code that begins with a word of a greeting."""
    return line.rstrip().endswith((".", ":", "!", "?")) and not re.search(r"[;={}\[\]]|\w\(|^\w+:$", line)


def _without_remark(draft: Draft, place: Place) -> Draft:
    """The draft without an explanation that follows the code after a blank line."""
    for match in _REMARK.finditer(draft.text):
        above = draft.text[: match.start()]
        if above.endswith("\n\n") and scan(above, place.language, place.inside).inside.kind == "code":
            return draft.cut(match.start())
    return draft
