"""What of a generated text is to be seen at a snapshot: all complete lines there are, as far as the shape allows.

Pure, but for what a text remembers of its last view: while the user types along, the same view gets shorter by a letter
at a time, and no rule is asked again. A text that has grown meanwhile may add to the view; it takes nothing back that
the user is typing along.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from fim_lsp import trim
from fim_lsp.document import Snapshot, Suggestion, is_of_word
from fim_lsp.generated import GeneratedText, View
from fim_lsp.reasons import Reason
from fim_lsp.trim.rest_of_line import is_subsequence


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing to show, and why."""

    reason: Reason
    detail: str = ""


WAIT = None
"""Nothing to show yet."""
Sight = Suggestion | Silence | None


def see(text: GeneratedText, consumed: int, snapshot: Snapshot, place: Callable[[], trim.Place]) -> Sight:
    """What to show of a text of which `consumed` characters stand before the cursor already.

    A suggestion that is not a part of the text, because a rule has changed it, has no `id`.
    """
    view = text.view
    closers = view.closers(consumed, snapshot) if view is not None else None
    if view is not None and closers is not None:
        return _see_more(text, view, consumed, closers, snapshot, place)
    seen = _by_the_rules(text, consumed, snapshot, place)
    _remember(text, seen, consumed, consumed, snapshot)
    return seen


def _see_more(
    text: GeneratedText, view: View, consumed: int, closers: str, snapshot: Snapshot, place: Callable[[], trim.Place]
) -> Sight:
    """What was shown, without what was typed along since; of a text that has grown, more, if that goes on from it.

    `closers`: those that the editor has put right of the cursor meanwhile.
    """
    left = text.text[consumed : view.end]
    kept = Suggestion(left, _brought(closers, left), text.provider, text.id) if left != closers else None
    if kept is not None and view.of_length == len(text.text):
        return kept
    seen = _in_place_of(closers, text, consumed, snapshot, place)
    goes_on = isinstance(seen, Suggestion) and seen.text.startswith(left)
    if kept is not None and consumed > view.start and not goes_on:
        view.of_length = len(text.text)
        return kept
    _remember(text, seen, view.start if goes_on else consumed, consumed, snapshot, closers)
    return seen


def _remember(
    text: GeneratedText, seen: Sight, start: int, consumed: int, snapshot: Snapshot, closers: str = ""
) -> None:
    """What is shown of the text from `start` on, if it is a part of it."""
    if isinstance(seen, Suggestion) and seen.id:
        replaces = max(seen.replaces, len(closers))
        text.view = View.of(start, consumed + len(seen.text), snapshot, replaces, len(text.text))


def _in_place_of(
    closers: str, text: GeneratedText, consumed: int, snapshot: Snapshot, place: Callable[[], trim.Place]
) -> Sight:
    """What the rules make of the text where it takes the place of the editor's closers, as far as it brings them."""
    bare = replace(snapshot, after=snapshot.after[len(closers) :])
    seen = _by_the_rules(text, consumed, bare, lambda: trim.Place.of(bare, place().language, place().shape))
    if not isinstance(seen, Suggestion):
        return seen
    brought = _brought(closers, seen.text)
    if seen.text == closers[:brought] or (seen.replaces and brought < len(closers)):
        return _by_the_rules(text, consumed, snapshot, place)
    return replace(seen, replaces=brought + seen.replaces)


def _brought(closers: str, text: str) -> int:
    """How many of the closers, from the first on, the text brings itself, or will bring when it has grown."""
    return next(count for count in range(len(closers), -1, -1) if is_subsequence(closers[:count], text))


def _by_the_rules(text: GeneratedText, consumed: int, snapshot: Snapshot, place: Callable[[], trim.Place]) -> Sight:
    rest = text.text[consumed:]
    if text.live or text.was_cut:
        rest = _whole(text, rest)
        if not rest.strip():
            return WAIT if text.live else Silence(Reason.USED_UP)
    if not rest.strip():
        return Silence(Reason.USED_UP if consumed else Reason.EMPTY)
    shown = _trimmed(text, consumed, rest, place())
    if isinstance(shown, trim.Dropped):
        # What comes next may make sense of it: a code fence's first line is nothing to show, the second is.
        return WAIT if text.live else Silence(Reason.FILTERED, f"{shown.rule}: {shown.sentence}")
    return replace(shown, provider=text.provider, id=text.id if rest.startswith(shown.text) else "")


def _trimmed(text: GeneratedText, consumed: int, rest: str, place: trim.Place) -> Suggestion | trim.Dropped:
    """What the rules make of the rest of a text.

    Where the cursor is among the blanks that a line of the text begins with, they are shown the line from its start:
    half an indent looks like a whole one that says something else.
    """
    ended = not text.live and not text.was_cut
    typed = _typed_of_indent(text.text, consumed, place.snapshot)
    if typed:
        snapshot = replace(place.snapshot, before=place.snapshot.before[: -len(typed)])
        whole = trim.finish(typed + rest, trim.Place.of(snapshot, place.language, place.shape), ended=ended)
        if isinstance(whole, Suggestion) and whole.text.startswith(typed):
            return replace(whole, text=whole.text[len(typed) :])
    return trim.finish(rest, place, ended=ended)


def _typed_of_indent(text: str, consumed: int, snapshot: Snapshot) -> str:
    """How much of a line's indent stands before the cursor already, where there is more of it to come."""
    said = text[:consumed]
    typed = said[len(said.rstrip(" \t")) :]
    inside = text[consumed : consumed + 1] in (" ", "\t") and not snapshot.line_before.strip()
    return typed if inside and snapshot.line_before.endswith(typed) else ""


def has_more(text: GeneratedText, consumed: int) -> bool:
    """Whether there is, or will be, something to be seen beyond what stands before the cursor."""
    rest = text.text[consumed:]
    return text.live or bool(_whole(text, rest).strip() if text.was_cut else rest.strip())


def _whole(text: GeneratedText, rest: str) -> str:
    """What may be shown of a text that is not at its own end: the half of a line, or of a word, may become another."""
    return whole_lines(rest) or (whole_words(rest) if text.finish == "length" else "")


def whole_lines(text: str) -> str:
    """The lines of `text` that are complete, if one of them is not blank."""
    whole = text[: text.rfind("\n") + 1]
    return whole if whole.strip() else ""


def whole_words(text: str) -> str:
    """A line that max_tokens cut, without the word it was cut in."""
    end = len(text)
    while end and is_of_word(text[end - 1]):
        end -= 1
    return text[:end].rstrip()
