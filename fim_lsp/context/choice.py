"""Chooses among the candidates of all sources: the best of each, nothing twice, nothing the model sees anyway."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from fim_lsp.context.candidate import Candidate
from fim_lsp.context.definitions import definitions
from fim_lsp.context.files import Text
from fim_lsp.context.memory import LineRange
from fim_lsp.context.place import Place, relative
from fim_lsp.context.similar import Piece, rank
from fim_lsp.prompt.snippets import cost, unseen
from fim_lsp.providers.base import Snippet
from fim_lsp.settings.model import Context

WEIGHTS = {"similar": 1.3, "definition": 1.0, "edit": 0.7, "visit": 0.3}
RANK_OFFSET = 6
"""Reciprocal rank fusion: the n-th candidate of a source scores the source's weight / (offset + n)."""
MOST_DEFINITIONS = 40
MOST_SIMILAR = 12
MOST_FILES_COMPARED = 16
MOST_OPENED_FIRST = 8
"""So many open documents are compared before the neighbours in the folder, the others after them."""
SAME = 0.8
"""Two texts that share this much of their names (Jaccard) are the same."""
MOST_PLACES = 6
LINES_AROUND_EDIT = 4
LINES_AROUND_VISIT = 8
DEFINITIONS_SHARE = 0.4
"""Of the time: what is left is for comparing files."""

TIME_TO_RANK = 0.1

TimeLeft = Callable[[], float]
"""The share of the time that is left, from 1 down to 0 and below."""


def choose(
    place: Place,
    settings: Context,
    *,
    edits: Sequence[LineRange],
    visits: Sequence[LineRange],
    near: Sequence[str],
    time_left: TimeLeft,
) -> dict[Snippet, str]:
    """Snippets, best first, of at most `max_tokens` together, each with its file.

    `near` is text that the model reads anyway.
    """
    found: dict[str, list[Candidate]] = {}
    if settings.edits:
        found["edit"] = list(islice(_ranges(place, edits, "edit", LINES_AROUND_EDIT), MOST_PLACES))
    if settings.visits:
        found["visit"] = list(islice(_ranges(place, visits, "visit", LINES_AROUND_VISIT), MOST_PLACES))
    if settings.definitions:
        found["definition"] = list(islice(_in_time(definitions(place), time_left), MOST_DEFINITIONS))
    if settings.similar:
        found["similar"] = _similar(place, time_left)[:MOST_SIMILAR]
    snippets = {
        Snippet(relative(each.path, place.folder), "\n".join(each.lines), each.source): each.path
        for each in _fused(found)
    }
    chosen = _within(unseen(list(snippets), *near), settings.max_tokens)
    return {snippet: snippets[snippet] for snippet in chosen}


def _in_time(steps: Iterator[Candidate | None], time_left: TimeLeft) -> Iterator[Candidate]:
    for step in steps:
        if step is not None:
            yield step
        if time_left() < 1 - DEFINITIONS_SHARE:
            return


def _similar(place: Place, time_left: TimeLeft) -> list[Candidate]:
    """Pieces of this file, of open documents and of neighbours, those that resemble the place most first."""
    own = (each for each in place.text.pieces if not _overlap(each.start, each.start + len(each.lines), place.shown))
    pieces: list[tuple[str, Piece]] = [(place.text.path, piece) for piece in own]
    first, rest = place.opened[:MOST_OPENED_FIRST], place.opened[MOST_OPENED_FIRST:]
    looked_at: set[str] = set()  # files: all cells of a notebook are one
    for name in dict.fromkeys([*first, *place.beside, *rest]):
        if time_left() <= TIME_TO_RANK or len(looked_at) >= MOST_FILES_COMPARED:
            break
        text = place.look_up(name)
        looked_at.add(text.path if text else name)
        if text is not None and text.path != place.text.path and _akin(text, place.text):
            pieces += [(text.path, piece) for piece in text.pieces if not _same(piece.names, place.around)]
    return [Candidate(path, piece.start, piece.lines, "similar") for _, path, piece in rank(place.near, pieces)]


def _same(names: frozenset[str], around: frozenset[str]) -> bool:
    """A copy of what stands at the cursor makes models repeat it."""
    fewer, more = sorted((len(names), len(around)))
    return fewer > SAME * more and len(names & around) > SAME * len(names | around)


def _overlap(start: int, end: int, lines: range) -> bool:
    return start < lines.stop and end > lines.start


def _ranges(place: Place, ranges: Sequence[LineRange], source: str, around: int) -> Iterator[Candidate]:
    """The lines around places in files and in far parts of this one."""
    for each in ranges:
        text = place.text if each.document == place.document else place.look_up(each.document)
        if text is None:
            continue
        first = place.first_line if text is place.text else 0
        start, end = max(0, each.start - first - around), min(len(text.lines), each.end - first + around)
        if text is place.text and _overlap(start, end, place.shown):
            continue
        if start < end:
            yield Candidate(text.path, start, tuple(text.lines[start:end]), source)


def _fused(found: dict[str, list[Candidate]]) -> list[Candidate]:
    scored = [
        (WEIGHTS[source] / (RANK_OFFSET + number), each)
        for source, candidates in found.items()
        for number, each in enumerate(candidates)
    ]
    scored.sort(key=lambda pair: -pair[0])
    return [each for _, each in scored]


def _within(snippets: Sequence[Snippet], room_tokens: int) -> tuple[Snippet, ...]:
    kept = []
    for snippet in snippets:
        room_tokens -= cost(snippet)
        if room_tokens < 0:
            break
        kept.append(snippet)
    return tuple(kept)


def _akin(text: Text, other: Text) -> bool:
    """The same language, or one of its dialects."""
    return text.language.block == other.language.block and bool(text.language.keywords & other.language.keywords)
