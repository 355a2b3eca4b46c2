"""Which of the offered snippets the model reads: the best that fit, none twice, none that the window shows anyway."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from fim_lsp.prompt.tokens import estimate
from fim_lsp.providers.base import Snippet

HEADER_TOKENS = 6
"""What a snippet's header costs besides its path (`+++++ `, comment marks, repository tokens, line ends)."""

SHOWN = 0.6
"""A snippet is known already when the window holds this share of its lines."""


@lru_cache(maxsize=128)
def cost(snippet: Snippet) -> int:
    """Tokens of a snippet with its header."""
    return estimate(snippet.text) + estimate(snippet.path) + HEADER_TOKENS


def fill(snippets: Iterable[Snippet], room_tokens: int) -> tuple[Snippet, ...]:
    """The best that fit together, in the order given: best first. One that is too long makes way for the next."""
    chosen = []
    for snippet in snippets:
        tokens = cost(snippet)
        if tokens <= room_tokens:
            chosen.append(snippet)
            room_tokens -= tokens
    return tuple(chosen)


def unseen(snippets: Sequence[Snippet], *texts: str) -> tuple[Snippet, ...]:
    """Those that say something `texts` do not: models repeat what they read twice."""
    if not snippets:
        return ()
    seen = set().union(*map(_telling_lines, texts))
    kept = []
    for snippet in snippets:
        lines = _telling_lines(snippet.text)
        if lines and len(lines & seen) < SHOWN * len(lines):
            kept.append(snippet)
            seen |= lines
    return tuple(kept)


def _telling_lines(text: str) -> frozenset[str]:
    """Lines without their indent; short ones (`}`, `else:`) tell nothing."""
    above, _, last = text.rpartition("\n")
    return _telling_lines_of(above).union(_telling_lines_of(last))


@lru_cache(maxsize=64)
def _telling_lines_of(text: str) -> frozenset[str]:
    return frozenset(line for line in map(str.strip, text.split("\n")) if len(line) > 5)
