"""Writes into package.json what the server's own schema says: `fim-lsp config --schema | python generate.py [--check]`.

One setting of VS Code for each setting that is a plain value; tables whose keys are free (providers, languages) are one
setting each. What decides where code goes, who is paid and what is run belongs to the machine, not to a workspace.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).with_name("package.json")
SECTION = "fim-lsp"
MACHINE = ("provider", "providers", "limits", "privacy", "network")
"""Top-level keys that a workspace must not set."""
OWN: dict[str, Any] = {
    f"{SECTION}.server.command": {
        "type": "array",
        "items": {"type": "string"},
        "default": [],
        "scope": "machine",
        "order": -3,
        "markdownDescription": "The server's program and its arguments. "
        "Empty: `fim-lsp` from PATH, else an environment of the extension's own.",
    },
    f"{SECTION}.server.python": {
        "type": "string",
        "default": "",
        "scope": "machine",
        "order": -2,
        "description": "The Python (3.11 or newer) to make that environment with. Empty: the first on PATH.",
    },
    f"{SECTION}.tabInIndentation": {
        "type": "string",
        "enum": ["indent", "accept"],
        "enumDescriptions": ["Tab indents, Ctrl+Enter accepts.", "Tab accepts, as everywhere else."],
        "default": "indent",
        "order": -1,
        "description": "What Tab does in leading whitespace while ghost text is shown.",
    },
}
"""Settings of the extension itself."""


def properties(schema: dict[str, Any]) -> dict[str, Any]:
    found = {}
    for path, leaf in _leaves(schema, schema, ()):
        scope = "machine" if path[0] in MACHINE else "resource"
        found[".".join((SECTION, *path))] = {**leaf, "scope": scope}
    return OWN | found


def _leaves(schema: dict[str, Any], node: dict[str, Any], path: tuple[str, ...]) -> Any:
    for name, part in node["properties"].items():
        target = _resolve(schema, part)
        if "properties" in target:
            yield from _leaves(schema, target, (*path, name))
        else:
            yield (*path, name), _inlined(schema, part)


def _resolve(schema: dict[str, Any], node: dict[str, Any]) -> dict[str, Any]:
    reference = node.get("$ref")
    return schema["$defs"][reference.rsplit("/", 1)[1]] if reference else node


def _inlined(schema: dict[str, Any], node: Any) -> Any:
    """VS Code resolves no references, and takes titles from the settings' names."""
    if isinstance(node, list):
        return [_inlined(schema, part) for part in node]
    if not isinstance(node, dict):
        return node
    resolved = {**_resolve(schema, node), **{key: value for key, value in node.items() if key != "$ref"}}
    return {
        key: _inlined(schema, value) for key, value in resolved.items() if key != "title" or not isinstance(value, str)
    }


def main() -> int:
    package = json.loads(PACKAGE.read_text())
    wanted = properties(json.load(sys.stdin))
    package["contributes"]["configuration"] = {"title": "fim-lsp", "properties": wanted}
    text = json.dumps(package, indent=2, ensure_ascii=False) + "\n"
    if "--check" in sys.argv:
        if text != PACKAGE.read_text():
            print("package.json is out of date: fim-lsp config --schema | python editors/vscode/generate.py")
            return 1
        return 0
    PACKAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
