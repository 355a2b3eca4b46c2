"""`fim-lsp config`: the settings that hold, where each comes from, and what is wrong with the rest."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import Any

from fim_lsp.cli.arguments import BadInput
from fim_lsp.cli.here import settings_for, workspace_of
from fim_lsp.settings.resolve import Resolved
from fim_lsp.settings.sources import PROJECT_FILE, user_file
from fim_lsp.settings.tree import flat, masked, schema

EPILOG = """\
An editor's own settings are not seen here: they reach the server only.
Exit code: 0 all is well, 1 there are problems, 2 there is no such path."""


def add(subparsers: Any) -> None:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "config",
        help="show the settings, their sources and problems",
        description="Show the settings that hold for a file or folder, and where each comes from. Keys are masked.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("path", nargs="?", default=".", help="file or folder (default: the current folder)")
    parser.add_argument("--all", action="store_true", help="show defaults too")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print settings, sources, files and problems as JSON")
    form.add_argument("--schema", action="store_true", help="print the JSON Schema of the settings")
    form.add_argument("--reference", action="store_true", help="print the settings reference, docs/settings.md")


def run(args: argparse.Namespace) -> int:
    if args.schema:
        print(json.dumps(schema(), indent=2, ensure_ascii=False))
        return 0
    if args.reference:
        from fim_lsp.settings.reference import page

        print(page(), end="")
        return 0
    path = Path(os.path.abspath(args.path))
    if not path.exists():
        raise BadInput(f"there is no file or folder {args.path}")
    resolved = settings_for(path)
    files = {"user file": str(user_file()), "project file": str(workspace_of(path) / PROJECT_FILE)}
    print(_as_json(resolved, files) if args.json else _as_text(resolved, files, with_defaults=args.all))
    return 1 if resolved.problems else 0


def _as_json(resolved: Resolved, files: dict[str, str]) -> str:
    problems = [
        {"source": found.source, "key": found.key, "message": found.in_full, "warning": found.is_warning}
        for found in resolved.problems
    ]
    return json.dumps(
        {
            "settings": masked(resolved.settings),
            "sources": dict(resolved.sources),
            "files": {source: {"path": path, "exists": os.path.isfile(path)} for source, path in files.items()},
            "problems": problems,
        },
        indent=2,
        ensure_ascii=False,
    )


def _as_text(resolved: Resolved, files: dict[str, str], *, with_defaults: bool) -> str:
    lines = [f"{source + ':':14}{path}{'' if os.path.isfile(path) else '  (none)'}" for source, path in files.items()]
    rows = [(key, value, resolved.source_of(key)) for key, value in flat(masked(resolved.settings))]
    rows = [row for row in rows if with_defaults or row[2] != "default"]
    lines += ["", *(f"{_toml(key, value)}  # {source}" for key, value, source in rows)]
    if not rows:
        lines.append("Nothing is set: the defaults hold. --all shows them.")
    if resolved.problems:
        lines += ["", "Problems:", *(f"  {problem}" for problem in resolved.problems)]
    return "\n".join(lines)


def _toml(key: str, value: Any) -> str:
    return f"# {key}: not set" if value is None else f"{key} = {json.dumps(value, ensure_ascii=False)}"
