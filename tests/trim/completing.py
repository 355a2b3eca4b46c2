"""The one helper that calls the interface: a model's text, in chunks, to what is shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from fim_lsp import languages, shape, trim
from fim_lsp.document import Snapshot, Suggestion
from fim_lsp.settings.model import Mode


def snapshot(before: str, after: str, language: str = "python") -> Snapshot:
    line = before.count("\n")
    return Snapshot("file:///a", language, 1, before, after, path="/a", line=line)


def place(before: str, after: str, language: str, *, mode: Mode = "auto", max_lines: int = 0) -> trim.Place:
    at = snapshot(before, after, language)
    record = languages.get(language)
    decided = shape.decide(at, record, mode=mode, max_lines=max_lines)
    return trim.Place.of(at, record, decided)


def completed(chunks: Iterable[str], at: trim.Place, *, ended: bool = True) -> Suggestion | trim.Dropped:
    """What is shown once a model has said all its chunks, or the stream was stopped."""
    cleaner = trim.Cleaner(at.snapshot.before)
    text = ""
    for chunk in chunks:
        text += cleaner.feed(chunk)
        end = trim.stop(text, at)
        if end is not None:
            return trim.finish(text[:end], at, ended=True)
    text += cleaner.finish()
    if not ended:
        text = text[: text.rfind("\n") + 1]
    return trim.finish(text, at, ended=ended)


def by_letter(text: str) -> Sequence[str]:
    return list(text)
