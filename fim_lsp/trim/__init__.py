"""From what a model says to what is shown: a list of rules, each a small pure function with its page of cases.

Stop rules look at a stream and say where nothing can follow that will ever be of use. Finish rules look at a text and
make of it what is to be shown at one cursor: they run on every request, also on texts that were generated for another.
A rule makes a text shorter, drops it, or writes its blanks as the document does. None adds a word to it.
"""

from __future__ import annotations

from fim_lsp.document import Suggestion
from fim_lsp.trim import (
    block,
    chat,
    closers,
    control_tokens,
    echo,
    fences,
    first_indent,
    headings,
    indentation,
    line_above,
    loops,
    middle_of_line,
    next_lines,
    nothing_new,
    rest_of_line,
    said_twice,
    seam,
    trailing,
)
from fim_lsp.trim.cleaner import Cleaner
from fim_lsp.trim.draft import Draft, Dropped, Rule, StopRule
from fim_lsp.trim.place import Place

__all__ = ["RULES", "STOP_RULES", "Cleaner", "Dropped", "Place", "finish", "stop"]

STOP_RULES: tuple[StopRule, ...] = (
    control_tokens.stop,
    headings.stop,
    fences.stop,
    loops.stop,
    next_lines.stop,
    middle_of_line.stop,
)
RULES: tuple[Rule, ...] = (
    control_tokens.trim,
    headings.trim,
    chat.trim,
    fences.trim,
    echo.trim,
    said_twice.trim,
    seam.trim,
    line_above.trim,
    first_indent.trim,
    indentation.trim,
    loops.trim,
    next_lines.trim,
    block.trim,
    rest_of_line.trim,
    closers.trim,
    trailing.trim,
    nothing_new.trim,
)
"""In order: first what is not code at all, then how it begins, then where it ends, then how it sits on its line."""


def stop(text: str, place: Place) -> int | None:
    """Where a generation may end: nothing after `text[:n]` can ever be of use. None: let it go on.

    `text` is all that was generated so far. However it came in chunks, the outcome is the same.
    """
    stops = [found for rule in STOP_RULES if (found := rule(text, place)) is not None]
    if not stops:
        return None
    first = min(stops)
    return first.cut or first.known  # where all is useless, `finish` is to say why


def finish(text: str, place: Place, *, ended: bool) -> Suggestion | Dropped:
    """What to show of `text` at the place's cursor, or why nothing.

    `ended`: the model has said all it had to say. Otherwise `text` holds complete lines only: the caller leaves a half
    last line out, since it alone knows whether more is to come.
    """
    draft = Draft(text, ended=ended)
    for rule in RULES:
        result = rule(draft, place)
        if isinstance(result, Dropped):
            return result
        draft = result
    return Suggestion(draft.text, draft.replaces)
