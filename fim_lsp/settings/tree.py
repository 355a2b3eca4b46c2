"""Settings as plain tables, for showing them, never with a key in them; and their JSON Schema."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from fim_lsp.settings.layers import language_keys
from fim_lsp.settings.model import Settings

MASK = "********"
_TABLES_OF_SECRETS = frozenset({"headers", "extra"})


def masked(settings: Settings) -> dict[str, Any]:
    """Settings as a user would write them, with MASK for everything that may be or hold a key."""
    tree: dict[str, Any] = msgspec.to_builtins(settings)
    tree["languages"] = {
        name: {"enabled": language["enabled"], **language["completion"]} for name, language in tree["languages"].items()
    }
    tables = [*tree["providers"].values(), tree["network"]]
    for table in tables:
        table.update({name: _MASKED[name](value) for name, value in table.items() if name in _MASKED and value})
    return tree


def flat(tree: Mapping[str, Any], at: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted key and value of every setting."""
    for name, value in tree.items():
        if isinstance(value, dict) and name not in _TABLES_OF_SECRETS:
            yield from flat(value, f"{at}{name}.")
        else:
            yield f"{at}{name}", value


def _table(values: Mapping[str, Any]) -> dict[str, str]:
    return dict.fromkeys(values, MASK)


def _command(command: str | list[str]) -> str:
    words = command.split() if isinstance(command, str) else command
    return f"{words[0]} {MASK}" if len(words) > 1 else str(words[0]) if words else ""


def _variable(name: str) -> str:
    """A name; a key put there by mistake does not look like one."""
    return name if re.fullmatch(r"[A-Z_][A-Z0-9_]{0,60}", name) else MASK


def _address(url: str) -> str:
    return re.sub(r"//[^/@\s]*@", f"//{MASK}@", url)


_MASKED: dict[str, Callable[[Any], Any]] = {
    "api_key": lambda key: MASK,
    "api_key_command": _command,
    "api_key_env": _variable,
    "headers": _table,
    "extra": _table,
    "base_url": _address,
    "proxy": _address,
}


# JSON Schema


def schema() -> dict[str, Any]:
    """JSON Schema of the settings as people write them."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(msgspec.json.schema(Settings)))
    tables: dict[str, Any] = found["$defs"]
    tables["LanguageSettings"]["properties"] = _language_properties(tables)
    for table, key in (("Completion", "stop"), ("LanguageSettings", "stop"), ("Privacy", "ignore")):
        tables[table]["properties"][key] = _or_one_string(tables[table]["properties"][key])
    for table in tables.values():
        table.pop("required", None)
        table["additionalProperties"] = False
        table["properties"] = {name: _titled(name, entry) for name, entry in table["properties"].items()}
    root: dict[str, Any] = tables.pop("Settings")
    draft = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": draft, **root, "title": "fim-lsp", "description": "Settings of fim-lsp.", "$defs": tables}


def _language_properties(tables: Mapping[str, Any]) -> dict[str, Any]:
    """`[languages.ID]` holds [completion] keys; what is not set there has no default of its own."""
    own = {"enabled": tables["LanguageSettings"]["properties"]["enabled"]}
    inherited = tables["Completion"]["properties"]
    for name in language_keys() - own.keys():
        own[name] = {key: value for key, value in inherited[name].items() if key != "default"}
    return {name: own[name] for name in ("enabled", *inherited)}


def _or_one_string(entry: dict[str, Any]) -> dict[str, Any]:
    rest = {key: value for key, value in entry.items() if key not in ("type", "items")}
    return {**rest, "anyOf": [{"type": "string"}, {"type": "array", "items": entry["items"]}]}


def _titled(name: str, entry: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in entry:  # its defaults stand at its keys
        return {"$ref": entry["$ref"]}
    if {"type": "null"} in entry.get("anyOf", ()):  # "not set" is said by leaving the key out
        entry = entry["anyOf"][0]
    return {"title": name.replace("_", " ").capitalize(), **entry}
