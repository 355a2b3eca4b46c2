"""All sources of settings → the settings of one document, what was wrong, and where each value comes from.

Later sources win: defaults < user file < project file < environment < editor. A bad key costs that key only.
What an editor has sent in several parts counts as one source, each part checked by itself: of a key said twice the
later good value holds. The one list that adds up from source to source instead of being replaced is `privacy.ignore`:
an editor that sends its empty default must not take back what the user's file forbids.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import msgspec

from fim_lsp.settings.layers import Key, Layer, Problem, Source, read, spelled
from fim_lsp.settings.model import Completion, Settings

_ADDS_UP = ("privacy", "ignore")
_OFFLINE = "lookup"
_ALWAYS_KNOWN = frozenset({"auto", _OFFLINE})


@dataclass(frozen=True, slots=True, eq=False)
class Resolved:
    """Settings, decided."""

    settings: Settings
    problems: tuple[Problem, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    """Dotted key → who set it; absent: the default."""

    def source_of(self, key: str) -> Source:
        return self.sources.get(key, "default")


def resolve(layers: Iterable[Layer], *, known_providers: Collection[str] | None = None) -> Resolved:
    """Merges layers, first to last. `known_providers`: preset names and wire formats; None: names are not checked."""
    merged = _Merged()
    for source, parts in groupby(map(read, layers), key=lambda taken: taken.source):
        values: dict[Key, Any] = {}
        for taken in parts:
            merged.problems += taken.problems
            values |= taken.values
        for key, value in values.items():
            merged.set(key, value, source)
    _check_token_bounds(merged)
    if known_providers is not None:
        _check_provider_names(merged, known_providers)
    return Resolved(_settings(merged.values), tuple(dict.fromkeys(merged.problems)), merged.dotted_sources())


def last_good(before: Iterable[Layer], now: Layer) -> Layer:
    """What the same source had set by the keys for which it has something bad to say now."""
    bad = [problem.key for problem in read(now).problems]
    values: dict[Key, Any] = {}
    for layer in before:
        values |= {key: value for key, value in read(layer).values.items() if any(_holds(name, key) for name in bad)}
    return Layer(now.source, _nested(values))


def _holds(name: str, key: Key) -> bool:
    """Whether a problem's key is this one, or a table around it; empty: all that was sent."""
    return not name or f"{'.'.join(key)}.".startswith(f"{name}.")


@dataclass(slots=True)
class _Merged:
    values: dict[Key, Any] = field(default_factory=dict)
    sources: dict[Key, Source] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def set(self, key: Key, value: Any, source: Source) -> None:
        if key == _ADDS_UP:
            value = tuple(dict.fromkeys((*self.values.get(key, ()), *value)))
        self.values[key] = value
        self.sources[key] = source

    def report(self, key: Key, message: str, consequence: str = "") -> None:
        source = self.sources[key]
        self.problems.append(Problem(source, spelled(key, source), message, consequence=consequence))

    def drop(self, key: Key, message: str) -> None:
        self.report(key, message)
        del self.values[key], self.sources[key]

    def dotted_sources(self) -> dict[str, Source]:
        return {".".join(key): source for key, source in self.sources.items()}


def _settings(values: Mapping[Key, Any]) -> Settings:
    return msgspec.convert(_nested({_place(key): value for key, value in values.items()}), Settings)


def _nested(values: Mapping[Key, Any]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for key, value in values.items():
        table = tree
        for name in key[:-1]:
            table = table.setdefault(name, {})
        table[key[-1]] = value
    return tree


def _place(key: Key) -> Key:
    """Where the model keeps a key: [languages.ID] holds [completion] keys one level down."""
    if key[0] == "languages" and key[-1] != "enabled":
        return (*key[:-1], "completion", key[-1])
    return key


# What can only be seen with all sources together


def _check_token_bounds(merged: _Merged) -> None:
    """`min_tokens` above `max_tokens` cannot be met: it is not sent, for all languages or for the one it concerns."""
    languages = dict.fromkeys(key[:2] for key in merged.values if key[0] == "languages")
    for table in (("completion",), *languages):
        most_key, least_key = _set_by(merged, table, "max_tokens"), _set_by(merged, table, "min_tokens")
        if least_key is None:
            continue
        most = merged.values[most_key] if most_key else Completion().max_tokens
        least = merged.values[least_key]
        if least > most:
            merged.report(
                least_key, f"{least} is more than {'.'.join(table)}.max_tokens = {most}; allowed: at most that"
            )
            merged.values[(*table, "min_tokens")] = None
            merged.sources.setdefault((*table, "min_tokens"), merged.sources[least_key])


def _set_by(merged: _Merged, table: Key, name: str) -> Key | None:
    """The key that decides `name` for a language or for all."""
    keys = ((*table, name), ("completion", name))
    return next((key for key in keys if merged.values.get(key) is not None), None)


def _check_provider_names(merged: _Merged, known: Collection[str]) -> None:
    """Unknown names are dropped; where none is left nothing may be sent to anyone, so `lookup` answers."""
    own = {key[1] for key in merged.values if key[0] == "providers"}
    _check_kinds(merged, own, known)
    asked = merged.values.get(("provider",))
    if asked is None:
        return
    names = (asked,) if isinstance(asked, str) else asked
    good = tuple(name for name in names if name in own or name in known or name in _ALWAYS_KNOWN)
    if good and good == names:
        return
    choices = f"{', '.join(sorted({*own, *known, *_ALWAYS_KNOWN}))}, or a table [providers.NAME]"
    then = "The others are tried." if good else f"Until then {_OFFLINE} answers and nothing is sent anywhere."
    bad = ", ".join(f'"{name}"' for name in names if name not in good) or "an empty list"
    merged.report(("provider",), f"{bad} is not known; allowed: {choices}", then)
    merged.values[("provider",)] = good or _OFFLINE


def _check_kinds(merged: _Merged, own: Collection[str], known: Collection[str]) -> None:
    """A table's wire format is its `kind`, or else its name."""
    allowed = f"allowed: {', '.join(sorted(known))}"
    for name in sorted(own):
        key = ("providers", name, "kind")
        kind = merged.values.get(key, "")
        if kind and kind not in known:
            merged.drop(key, f'"{kind}" is not known; {allowed}')
        elif not kind and name not in known:
            any_key = next(found for found in merged.sources if found[:2] == key[:2])
            merged.problems.append(Problem(merged.sources[any_key], ".".join(key), f"is needed; {allowed}"))
