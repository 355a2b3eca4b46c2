"""The command line: one file a command; the only place that wires everything.

An editor waits for the server to start, so the way there imports nothing that only the other commands need.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

COMMANDS = ("complete", "config", "doctor", "gateway", "key", "replay")
"""A module here each, with `add(subparsers)` and `run(args) -> int`."""


def main(argv: Sequence[str] | None = None) -> int:
    """Exit code 2: the command line, a file or a setting is wrong. Each command says what its 0 and 1 mean."""
    argv = sys.argv[1:] if argv is None else argv
    if not argv and sys.stdin is not None and sys.stdin.isatty():
        return _help()
    editors = _process_ids(argv)
    return _command(argv) if editors is None else _serve(editors)


def _process_ids(argv: Sequence[str]) -> list[str] | None:
    """The editor's, if there is nothing but what editors append when they start a server; else None."""
    ids: list[str] = []
    rest = iter(argv)
    for argument in rest:
        name, is_joined, value = argument.partition("=")
        if name == "--clientProcessId":
            value = value if is_joined else next(rest, "")
            if not (is_joined or value.isdecimal()):
                return None
            ids.append(value)
        elif argument != "--stdio":
            return None
    return ids


def _serve(editors: Sequence[str]) -> int:
    if sys.stdin is None or sys.stdout is None:
        print("fim-lsp: stdin or stdout is closed, and an editor talks to the server over both", file=sys.stderr)
        return 2
    from fim_lsp.cli.server import run

    run(int(editors[-1]) if editors and editors[-1].isdecimal() else None)


def _command(argv: Sequence[str]) -> int:
    from fim_lsp.cli.arguments import run_command

    return run_command(argv, COMMANDS)


def _help() -> int:
    from fim_lsp.cli.arguments import make_parser

    make_parser(COMMANDS).print_help(sys.stderr)
    return 2
