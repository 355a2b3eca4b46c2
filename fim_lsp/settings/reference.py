"""The settings reference, docs/settings.md: every key with its default, what is allowed and what it does."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from fim_lsp.settings.describe import allowed
from fim_lsp.settings.layers import PROJECT_MAY_SET
from fim_lsp.settings.model import LanguageSettings, ProviderSettings, Settings

_INTRODUCTION = """\
# Settings

<!-- Made by `fim-lsp config --reference`; do not edit. -->

The same keys hold everywhere.
Later sources win: defaults, user file, project file, environment, editor.
Only `privacy.ignore` adds up over all of them.

| source | where |
|---|---|
| user file | `fim-lsp/config.toml` in the platform's folder for configuration; `fim-lsp config` prints its path |
| project file | `.fim-lsp.toml` in the workspace folder |
| environment | `FIM_LSP_PROVIDER`, `FIM_LSP_COMPLETION__MAX_TOKENS`, …; lists and tables as JSON |
| editor | `initializationOptions`, and the section `fim-lsp` of its settings |

A bad key or value costs that key only and is reported once, with what is allowed.
A changed file holds from the next request.
`fim-lsp config` shows what holds, where it comes from and what is wrong.
`fim-lsp config --schema` prints a JSON Schema.

## What a project file may say

A repository is written by strangers, so of its file only this is taken, and the rest is reported:

"""


def page() -> str:
    """The whole page."""
    return _INTRODUCTION + "".join(f"- {line}\n" for line in _project_lines()) + "".join(_tables())


def _project_lines() -> Iterator[str]:
    for rule in PROJECT_MAY_SET:
        key = ".".join(rule.pattern).replace("*", "ID", 1).replace("*", "KEY")
        yield f"`{key}`" + (f": {rule.instead}" if rule.instead else "")


def _tables() -> Iterator[str]:
    fields = msgspec.structs.fields(Settings)
    yield from _section("Top level", "", [field for field in fields if not _table_of(field)])
    for field in fields:
        table = _table_of(field)
        if table is not None and table is not LanguageSettings:
            name = field.name if table is not ProviderSettings else "providers.NAME"
            yield from _section(f"[{name}]", table.__doc__ or "", list(msgspec.structs.fields(table)))
    yield "\n## [languages.ID]\n\n`enabled`, and any key of [completion], for one language id.\n"


def _section(title: str, text: str, fields: list[msgspec.structs.FieldInfo]) -> Iterator[str]:
    yield f"\n## {title}\n"
    if text and not text.startswith("`["):
        yield f"\n{text}\n"
    yield "\n| key | default | allowed | |\n|---|---|---|---|\n"
    for field in fields:
        yield f"| `{field.name}` | {_default(field)} | {allowed(field.type)} | {_description(field)} |\n"


def _table_of(field: msgspec.structs.FieldInfo) -> type | None:
    """The table under a key, or under each name in it."""
    named = {"providers": ProviderSettings, "languages": LanguageSettings}
    if field.name in named:
        return named[field.name]
    is_table = isinstance(field.type, type) and issubclass(field.type, msgspec.Struct)
    return field.type if is_table else None


def _default(field: msgspec.structs.FieldInfo) -> str:
    value: Any = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    return "not set" if value is None else f"`{json.dumps(value)}`"


def _description(field: msgspec.structs.FieldInfo) -> str:
    schema = msgspec.json.schema(field.type)
    parts = [schema, *schema.get("anyOf", ())]
    return next((part["description"] for part in parts if "description" in part), "")
