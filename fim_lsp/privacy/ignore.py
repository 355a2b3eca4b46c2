"""Ignore files: `.gitignore`, `.fimignore` and the globs of `privacy.ignore`, with git's rules, line by line.

Pure: file contents in, the deciding line out. pathspec turns a line into a regular expression; the walk from the top
folder down is ours, because a file under an excluded folder stays excluded whatever a later line takes back.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """One pattern of an ignore file."""

    source: str
    """Where it stands, for people: `.gitignore line 3`."""
    text: str
    negated: bool
    folders_only: bool
    regex: re.Pattern[str]

    def __str__(self) -> str:
        return f"{self.source}: {self.text}"

    def covers(self, candidate: str) -> bool:
        """Whether the line means this very file or folder (`a/b`, `a/b/`), not merely one of its parents."""
        if self.folders_only and not candidate.endswith("/"):
            return False
        return any(self._is_whole(found, candidate) for found in self.regex.finditer(candidate))

    def _is_whole(self, found: re.Match[str], candidate: str) -> bool:
        if "ps_d" in self.regex.groupindex:  # pathspec's name for the slash that ends a folder
            return found["ps_d"] is None or found.end("ps_d") == len(candidate)
        return not (candidate.endswith("/") and found.end() == len(candidate))


Rules = tuple[Line, ...]
"""The lines of one ignore file, the last first: the last that covers a path decides."""


def parse(text: str, source: str, *, ignore_case: bool = False) -> Rules:
    """The rules of one ignore file. Lines that git cannot read cover nothing, as in git."""
    lines = [line.removesuffix("\r") for line in text.removeprefix("\ufeff").split("\n")]
    named = [(f"{source} line {number}", line) for number, line in enumerate(lines, start=1)]
    return _rules(named, ignore_case)


def from_globs(globs: Sequence[str], source: str, *, ignore_case: bool = False) -> Rules:
    """The rules of a list in the settings."""
    return _rules([(source, glob) for glob in globs], ignore_case)


def everything(source: str, why: str) -> Rules:
    """Rules that cover every path: for an ignore file that is there and cannot be read."""
    return (Line(source, why, negated=False, folders_only=False, regex=re.compile("")),)


def deciding_line(parts: Sequence[str], levels: Sequence[Rules], *, is_folder: bool = False) -> Line | None:
    """The line that excludes a file (or folder), or None.

    `parts` is its path below the top folder; `levels[i]` are the rules that stand in folder `parts[:i]`.
    """
    for depth in range(1, len(parts) + 1):
        found = _last_word(parts[:depth], levels[:depth], is_folder=is_folder or depth < len(parts))
        if found is not None and not found.negated:
            return found
    return None


def _last_word(parts: Sequence[str], levels: Sequence[Rules], *, is_folder: bool) -> Line | None:
    """The innermost ignore file speaks first, and in it the last line."""
    for depth in reversed(range(len(levels))):
        if levels[depth]:
            candidate = "/".join(parts[depth:]) + ("/" if is_folder else "")
            for line in levels[depth]:
                if line.covers(candidate):
                    return line
    return None


def _rules(lines: Sequence[tuple[str, str]], ignore_case: bool) -> Rules:
    found = (_line(source, text, ignore_case) for source, text in reversed(lines))
    return tuple(line for line in found if line is not None)


def _line(source: str, text: str, ignore_case: bool) -> Line | None:
    if not text.strip() or text.startswith("#"):
        return None
    from pathspec.patterns.gitignore import GitIgnorePatternError
    from pathspec.patterns.gitignore.spec import GitIgnoreSpecPattern

    try:
        # pathspec reads "a/**/" as "a/"; to git it means the folders below a, not a itself
        pattern = GitIgnoreSpecPattern(text.rstrip().removesuffix("/") if text.rstrip().endswith("/**/") else text)
    except (GitIgnorePatternError, re.error):  # pathspec lets some through that are none: "[z-a]"
        return None
    if pattern.include is None or pattern.regex is None:
        return None
    regex = re.compile(pattern.regex.pattern, re.IGNORECASE if ignore_case else 0)
    return Line(source, text.strip(), not pattern.include, text.rstrip().endswith("/"), regex)
