"""One source of settings as sent → its good keys, typed by the model, and a problem for each bad one.

Nothing here merges or decides: `resolve` does. A key is a tuple of names, `("completion", "max_tokens")`.
A value is never repeated in a problem where it may hold a secret.
"""

from __future__ import annotations

import json
import types
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from fim_lsp.settings.model import Completion, ProviderSettings, Settings

Source = Literal["default", "user file", "project file", "environment", "editor"]
Key = tuple[str, ...]

ENVIRONMENT_PREFIX = "FIM_LSP_"
SECTION = "fim-lsp"
"""Name under which editors keep our settings."""
_PREFIX = f"{SECTION}."


@dataclass(frozen=True, slots=True)
class Problem:
    """A part of the settings that was not taken."""

    source: Source
    key: str
    """As the user wrote it: `completion.temperature`, `FIM_LSP_COMPLETION__TEMPERATURE`; empty for a whole file."""
    message: str
    is_warning: bool = False
    """Nothing was left out; it is merely unwise."""
    consequence: str = ""
    """What holds instead, as a sentence, for those who go on with it."""

    @property
    def in_full(self) -> str:
        return f"{self.message}. {self.consequence}" if self.consequence else self.message

    def __str__(self) -> str:
        return f"{self.source}: {self.key}: {self.in_full}" if self.key else f"{self.source}: {self.in_full}"


@dataclass(frozen=True, slots=True)
class Layer:
    """What one source says, before anything is checked."""

    source: Source
    values: Mapping[str, Any] = field(repr=False)
    problems: tuple[Problem, ...] = ()
    """Of the source as a whole: a file that cannot be read."""


@dataclass(slots=True)
class Taken:
    """The good part of a layer, and what is wrong with the rest."""

    source: Source
    values: dict[Key, Any] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, key: Key, message: str) -> None:
        self.problems.append(Problem(self.source, spelled(key, self.source), message))


def read(layer: Layer) -> Taken:
    """Every key of a layer that exists, has the right type and may come from this source."""
    taken = Taken(layer.source, problems=list(layer.problems))
    _read_table(layer.values, Settings, (), taken)
    return taken


def from_environment(environ: Mapping[str, str]) -> Layer:
    """`FIM_LSP_COMPLETION__MAX_TOKENS=64` → `completion.max_tokens`; an empty variable counts as not set.

    Lists and tables are written as JSON.
    """
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for name in sorted(environ):
        if not (name.startswith(ENVIRONMENT_PREFIX) and environ[name]):
            continue
        path = name.removeprefix(ENVIRONMENT_PREFIX).lower().split("__")
        if not _put(values, path, _from_text(environ[name])):
            problems.append(Problem("environment", name, "contradicts another variable"))
    return Layer("environment", values, tuple(problems))


def from_editor(sent: object) -> Layer:
    """Settings as an editor sends them: bare, under `fim-lsp` or with it before their names; nested or with dots.

    Nothing is set by null, and by the empty list that Lua writes for an empty table. Where something bears our name,
    the rest may be other servers': of that only what we know is taken.
    """
    if sent is None or sent == []:
        return Layer("editor", {})
    if not isinstance(sent, Mapping):
        return Layer("editor", {}, (Problem("editor", "", f"expected an object, got {_kind(sent)}"),))
    wrapped = from_editor(sent.get(SECTION))
    prefixed = {name.removeprefix(_PREFIX): value for name, value in sent.items() if name.startswith(_PREFIX)}
    is_named = bool(prefixed) or SECTION in sent
    bare = {name: value for name, value in sent.items() if not is_named or name.partition(".")[0] in _keys(Settings)}
    values: dict[str, Any] = {}
    problems = list(wrapped.problems)
    for name, value in (*bare.items(), *wrapped.values.items(), *prefixed.items()):
        if not _put(values, name.split("."), value):
            problems.append(Problem("editor", name, "contradicts another key"))
    return Layer("editor", values, tuple(problems))


def is_for_others(sent: object) -> bool:
    """Whether an object holds settings, but only of other servers: sections whose names are nowhere near ours."""
    if not isinstance(sent, Mapping) or not sent:
        return False
    return all(_is_section(name, value) and not _is_near_ours(name.partition(".")[0]) for name, value in sent.items())


def _is_section(name: str, value: object) -> bool:
    return isinstance(value, Mapping) or "." in name


def _is_near_ours(name: str) -> bool:
    """Ours, or perhaps meant to be: a misspelt name must not be passed over in silence."""
    from difflib import get_close_matches

    return bool(get_close_matches(name.lower(), (SECTION, *_keys(Settings)), n=1, cutoff=0.75))


def spelled(key: Key, source: Source) -> str:
    """The key as its source spells it."""
    if source == "environment":
        return ENVIRONMENT_PREFIX + "__".join(key).upper()
    return ".".join(key)


# One table, one key


def _read_table(values: Mapping[str, Any], table: type, at: Key, taken: Taken) -> None:
    keys = language_keys() if at[:1] == ("languages",) else _keys(table)
    for name, value in values.items():
        key = (*at, str(name))
        if value is None:
            continue
        if name not in keys:
            taken.refuse(key, _unknown(key, keys, taken.source))
        elif name in _NAMED_TABLES and not at:
            _read_named_tables(value, _NAMED_TABLES[name], key, taken)
        elif _is_table(keys[name]):
            _read_if_table(value, keys[name], key, taken)
        else:
            _read_value(value, keys[name], key, taken)


def _read_named_tables(value: Any, table: type, key: Key, taken: Taken) -> None:
    if not isinstance(value, Mapping):
        taken.refuse(key, f"expected a table, got {_kind(value)}")
        return
    for name, inner in value.items():
        if inner is not None:
            _read_if_table(inner, table, (*key, str(name)), taken)


def _read_if_table(value: Any, table: type, key: Key, taken: Taken) -> None:
    if isinstance(value, Mapping):
        _read_table(value, table, key, taken)
    else:
        taken.refuse(key, f"expected a table, got {_kind(value)}")


def _read_value(value: Any, expected: Any, key: Key, taken: Taken) -> None:
    value = _longhand(key, value)
    if taken.source == "project file" and key == ("privacy", "ignore"):
        value = _additions(value, taken)
    refusal = _refusal(taken.source, key, value)
    if refusal:
        taken.refuse(key, refusal)
        return
    for tried in (value, _whole(value)):
        with suppress(msgspec.ValidationError):
            taken.values[key] = msgspec.convert(tried, expected, strict=taken.source != "environment")
            return
    from fim_lsp.settings.describe import allowed

    taken.refuse(key, f"{shown(key, value)} is not taken; allowed: {allowed(expected)}")


def _whole(value: Any) -> Any:
    """`64.0` → 64: editors that are set up in Lua have one kind of number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _from_text(value: str) -> Any:
    if value[:1] in ("[", "{"):
        with suppress(ValueError):
            return json.loads(value)
    return value


def _longhand(key: Key, value: Any) -> Any:
    """Lists may be sent as one string; a comma parts names of providers."""
    if not isinstance(value, str):
        return value
    if key == ("provider",) and "," in value:
        return [name.strip() for name in value.split(",")]
    return [value] if key[-1] in ("stop", "ignore") else value


# Which source may set what


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: Key
    may: Callable[[Any], bool] = lambda value: True
    instead: str = ""


def _only_off(value: Any) -> bool:
    return value is False


def _additions(globs: Any, taken: Taken) -> Any:
    """What a project adds to `privacy.ignore`: a glob that takes something back is not an addition."""
    if not isinstance(globs, list):
        return globs
    for glob in globs:
        if isinstance(glob, str) and glob.startswith("!"):
            taken.refuse(("privacy", "ignore"), f"{json.dumps(glob)} is ignored: a project file can only add")
    return [glob for glob in globs if not (isinstance(glob, str) and glob.startswith("!"))]


PROJECT_MAY_SET = (
    _Rule(("enabled",), _only_off, "a project file can only say false"),
    _Rule(("completion", "mode")),
    _Rule(("completion", "max_lines")),
    _Rule(("completion", "max_tokens")),
    _Rule(("completion", "trigger")),
    _Rule(("languages", "*", "enabled"), _only_off, "a project file can only say false"),
    _Rule(("languages", "*", "*")),
    _Rule(("context", "enabled"), _only_off, "a project file can only say false"),
    _Rule(("privacy", "ignore")),
)
"""A repository is written by strangers: what it may say can only save, forbid or shape, never send or run."""


def _refusal(source: Source, key: Key, value: Any) -> str:
    """Why this source may not say so; empty if it may."""
    if source == "project file":
        rule = next((rule for rule in PROJECT_MAY_SET if _fits(rule.pattern, key)), None)
        if rule is None:
            return "ignored: a project file may not set it; use the user file or the editor"
        return "" if rule.may(value) else f"ignored: {rule.instead}"
    if source == "environment" and key[-1] == "allow_http":
        return "ignored: set it in the user file or the editor"
    return ""


def _fits(pattern: Key, key: Key) -> bool:
    return len(pattern) == len(key) and all(p in ("*", k) for p, k in zip(pattern, key, strict=True))


# Words for problems


_SECRET_KEYS = frozenset({"api_key", "headers", "extra", "proxy", "api_key_command"})
"""Their values are never repeated."""


def shown(key: Key, value: Any) -> str:
    """A value for people's eyes: short, and never a secret."""
    if _SECRET_KEYS.intersection(key):
        return "its value"
    if isinstance(value, Mapping):
        return "a table"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else f"{text[:57]}…"


def _unknown(key: Key, keys: Iterable[str], source: Source) -> str:
    from difflib import get_close_matches

    moved = [] if len(key) > 1 else [spelled(known, source) for known in known_keys() if known[-1] == key[0]]
    near = {spelled((*key[:-1], name), source) for name in keys}
    if len(key) == 1:
        near |= {spelled(known, source) for known in known_keys()}
    close = moved or get_close_matches(spelled(key, source), near, n=1, cutoff=0.75)
    return "no such setting; " + (f"did you mean {' or '.join(close)}?" if close else f"allowed: {', '.join(keys)}")


def _kind(value: Any) -> str:
    return _KINDS.get(type(value), type(value).__name__)


_KINDS = {str: "a string", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "a table"}


# The model's shape


_NAMED_TABLES: dict[str, type] = {"providers": ProviderSettings, "languages": Completion}
"""Tables whose keys are names that the user chooses."""


@cache
def _keys(table: type) -> dict[str, Any]:
    return {found.name: _without_none(found.type) for found in msgspec.structs.fields(table)}


@cache
def language_keys() -> dict[str, Any]:
    return {"enabled": bool, **_keys(Completion)}


@cache
def known_keys() -> tuple[Key, ...]:
    tables = {name: type_ for name, type_ in _keys(Settings).items() if _is_table(type_)}
    plain = tuple((name,) for name in _keys(Settings) if name not in tables)
    return plain + tuple((name, inner) for name, type_ in tables.items() for inner in _keys(type_))


def _without_none(expected: Any) -> Any:
    """`T | None` → T: null means "not set" and is dealt with before."""
    if get_origin(expected) not in (Union, types.UnionType):
        return expected
    return Union[tuple(arg for arg in get_args(expected) if arg is not type(None))]  # noqa: UP007 (built at run time)


def _is_table(expected: Any) -> bool:
    return isinstance(expected, type) and issubclass(expected, msgspec.Struct)


def _put(values: dict[str, Any], path: list[str], value: Any) -> bool:
    """Nests a dotted key; of one key said twice the later counts, but for null, which says nothing.

    False where a table and a value contradict.
    """
    if value is None:
        return True
    for name in path[:-1]:
        inner = values.setdefault(name, {})
        if not isinstance(inner, dict):
            return False
        values = inner
    last, standing = path[-1], values.get(path[-1])
    if isinstance(value, Mapping) and isinstance(standing, dict):
        placed = [_put(standing, [name], inner) for name, inner in value.items()]
        return all(placed)
    if isinstance(standing, dict):
        return False
    values[last] = dict(value) if isinstance(value, Mapping) else value
    return True
