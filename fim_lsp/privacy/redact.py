"""Text as it may be sent: secrets are replaced by an `x` a character, so that every offset stays what it was.

The whole text around the cursor is redacted before a prompt is cut from it: a window's edge can fall into the middle
of a placeholder, never into the middle of a secret. Pure: the same text gives the same answer, however it came about
(by typing or at once); what is remembered only saves time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from fim_lsp.document import Snapshot
from fim_lsp.privacy import being_typed
from fim_lsp.privacy.secrets_in_lines import Facts, Span, across_lines, facts_of

CONFIG = frozenset(
    """
    yaml dockercompose github-actions-workflow helm ansible json jsonc json5 toml ini properties dotenv env editorconfig
    shellscript sh bash zsh fish powershell bat dockerfile makefile terraform tf hcl xml plist nginx conf apacheconf
    systemd plaintext text markdown rst asciidoc log git-commit git-config http sql nix
    """.split()  # noqa: SIM905 (a page of ids)
)
"""Languages where a value stands without quotes: `password: hunter2`."""

LINE_LIMIT = 20_000
"""Longer lines are made by machines: of the cursor's so much is looked at, of others nothing; the rest is masked."""
_REMEMBERED_PARTS = 8
_LEAST_REMEMBERED = 100_000
"""So much is remembered of lines at least, in characters: about a thousand lines."""
_COST_OF_A_LINE = 60
"""What remembering a line takes besides its characters."""


@dataclass(frozen=True, slots=True)
class Redacted:
    """A snapshot without its secrets."""

    snapshot: Snapshot
    rule: str = ""
    """Set if the cursor is in or next to a secret, which is never completed from."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Whole lines above or below the cursor's line."""

    raw: str
    lines: Sequence[str]
    facts: Sequence[Facts]
    triggers: Sequence[int]
    redacted: str
    """As far as each line tells by itself."""


class Redactor:
    """Remembers lines that it has looked at lately."""

    def __init__(self) -> None:
        self._lines = {is_config: _Lines(is_config) for is_config in (False, True)}
        self._own = (False, "", Facts())
        """The last cursor's line: the next is mostly the same, and the one after that another."""
        self._parts: dict[tuple[str, bool], _Part] = {}

    def snapshot(self, snapshot: Snapshot) -> Redacted:
        """The same snapshot with the same offsets."""
        is_config = snapshot.language in CONFIG or not snapshot.language
        above, above_end, line_before = snapshot.before.rpartition("\n")
        line_after, below_end, below = snapshot.after.partition("\n")
        line, column = line_before + line_after, len(line_before)
        head = self._part(snapshot.uri, above, is_config, is_above=True) if above_end else _NO_PART
        tail = self._part(snapshot.uri, below, is_config, is_above=False) if below_end else _NO_PART
        facts = self._facts_of_cursor_line(line, column, is_config)
        spans = list(facts.spans)
        before, after = head.redacted, tail.redacted
        if head.triggers or tail.triggers or facts.is_trigger:
            extra = _across(head, line, facts, tail, is_config)
            here = len(head.lines)
            spans += extra.pop(here, ())
            before, after = _with(head, extra, 0), _with(tail, extra, here + 1)
        masked = mask(line, spans)
        is_cut = snapshot.before_is_cut or snapshot.after_is_cut
        clean = snapshot
        if masked != line or before is not head.raw or after is not tail.raw or is_cut:
            before, after = before + above_end + masked[:column], masked[column:] + below_end + after
            cut_start = _cut_start(before, is_cut=snapshot.before_is_cut)
            cut_end = len(after) - _cut_end(after, is_cut=snapshot.after_is_cut)
            before, after = mask(before, [(0, cut_start, "")]), mask(after, [(cut_end, len(after), "")])
            clean = replace(snapshot, before=before, after=after)
        touched = next((rule for start, end, rule in spans if start <= column <= end and rule), "")
        return Redacted(clean, touched or being_typed.rule(line_before, is_config=is_config))

    def text(self, text: str, language: str = "") -> str:
        """Any other text that may be sent: a snippet, a recent edit. Cut it to size afterwards."""
        is_config = language in CONFIG or not language
        lines = text.split("\n")
        part = _make_part(text, lines, self._lines[is_config].facts(lines))
        extra = across_lines(lines, part.facts, part.triggers, is_config=is_config)
        return _with(part, extra, 0)

    def _part(self, uri: str, raw: str, is_config: bool, *, is_above: bool) -> _Part:
        """The part as it was made last time, if it has not changed: comparing is all it costs then."""
        known = self._parts.pop((uri, is_above), None)
        if known is None or known.raw != raw:
            lines = raw.split("\n")
            known = _make_part(raw, lines, self._lines[is_config].facts(lines))
        self._parts[uri, is_above] = known
        if len(self._parts) > _REMEMBERED_PARTS:
            del self._parts[next(iter(self._parts))]
        return known

    def forget(self, uri: str) -> None:
        """The document was closed."""
        for is_above in (True, False):
            self._parts.pop((uri, is_above), None)

    def _facts_of_cursor_line(self, line: str, column: int, is_config: bool) -> Facts:
        if len(line) <= LINE_LIMIT:
            if self._own[:2] != (is_config, line):
                self._own = is_config, line, facts_of([line], is_config=is_config)[0]
            return self._own[2]
        first, last = max(0, column - LINE_LIMIT // 2), min(len(line), column + LINE_LIMIT // 2)
        near = line[first:last]
        (facts,) = facts_of([near], is_config=is_config)
        start, end = first + _cut_start(near, is_cut=first > 0), last - _cut_end(near, is_cut=last < len(line))
        inner = [(first + one, first + other, rule) for one, other, rule in facts.spans]
        return replace(facts, spans=((0, start, ""), (end, len(line), ""), *inner))


class _Lines:
    """The facts of lines that were asked for lately: as many as the longest text needs, and some more."""

    def __init__(self, is_config: bool) -> None:
        self._is_config = is_config
        self._young: dict[str, Facts] = {}
        self._old: dict[str, Facts] = {}
        self._size = 0
        """Of the young ones."""

    def facts(self, lines: Sequence[str]) -> list[Facts]:
        missing = [line for line in dict.fromkeys(lines) if line not in self._young]
        new = [line for line in missing if line not in self._old]
        looked = dict(zip(new, self._look_at(new), strict=True))
        for line in missing:
            self._young[line] = looked[line] if line in looked else self._old[line]
        found = [self._young[line] for line in lines]
        self._size += _size(missing)
        if self._size > _LEAST_REMEMBERED and self._size > 2 * _size(lines):
            self._old, self._young, self._size = self._young, {}, 0
        return found

    def _look_at(self, lines: Sequence[str]) -> Iterator[Facts]:
        if lines:
            found = facts_of(["" if len(line) > LINE_LIMIT else line for line in lines], is_config=self._is_config)
            for line, facts in zip(lines, found, strict=True):
                yield facts if len(line) <= LINE_LIMIT else Facts(((0, len(line), ""),))


def _size(lines: Sequence[str]) -> int:
    return sum(map(len, lines)) + _COST_OF_A_LINE * len(lines)


def mask(line: str, spans: Sequence[Span]) -> str:
    """An `x` for every character of a secret; what ends a line within a string (`\\n`) stays."""
    pieces, at = [], 0
    for start, end, _ in sorted(spans):
        start = max(start, at)
        if start < end:
            pieces += [line[at:start], _SECRET.sub("x", line[start:end])]
            at = end
    return "".join([*pieces, line[at:]])


_SECRET = re.compile(r"(?<!\\)[^\s\\]|\\(?![nr])|(?<=\\)[^\snr]")
_NO_PART = _Part("", (), (), (), "")


def _make_part(raw: str, lines: Sequence[str], facts: Sequence[Facts]) -> _Part:
    triggers = [number for number, fact in enumerate(facts) if fact.is_trigger]
    if not any(fact.spans for fact in facts):
        return _Part(raw, lines, facts, triggers, raw)
    redacted = "\n".join(mask(line, fact.spans) for line, fact in zip(lines, facts, strict=True))
    return _Part(raw, lines, facts, triggers, redacted)


def _across(head: _Part, line: str, facts: Facts, tail: _Part, is_config: bool) -> dict[int, list[Span]]:
    here = len(head.lines)
    triggers = [*head.triggers, *([here] if facts.is_trigger else ()), *(here + 1 + n for n in tail.triggers)]
    lines, all_facts = [*head.lines, line, *tail.lines], [*head.facts, facts, *tail.facts]
    return across_lines(lines, all_facts, triggers, is_config=is_config)


def _with(part: _Part, extra: dict[int, list[Span]], offset: int) -> str:
    """The part's text with the spans that its neighbours tell as well."""
    mine = {number - offset: spans for number, spans in extra.items() if 0 <= number - offset < len(part.lines)}
    if not mine:
        return part.redacted
    lines = part.redacted.split("\n")
    for number, spans in mine.items():
        lines[number] = mask(lines[number], spans)
    return "\n".join(lines)


_EDGE = "[A-Za-z0-9+/=_.~-]{12,}"
_EDGE_REACH = 4096


def _cut_start(text: str, *, is_cut: bool) -> int:
    """How many characters at the start may be the rest of a secret, where we hold only a part of the document."""
    edge = re.match(_EDGE, text) if is_cut else None
    return edge.end() if edge else 0


def _cut_end(text: str, *, is_cut: bool) -> int:
    edge = re.search(rf"{_EDGE}\Z", text[-_EDGE_REACH:]) if is_cut else None
    return len(edge[0]) if edge else 0
