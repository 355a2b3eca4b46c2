"""A piece of text that may help, before anyone has decided whether the model reads it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Candidate:
    """Lines of a file."""

    path: str
    start: int
    """Number of the first line; among those that follow some may be left out."""
    lines: tuple[str, ...]
    source: str
