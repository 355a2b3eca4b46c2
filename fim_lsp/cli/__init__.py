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
    if not argv and sys.stdin.isatty():
        return _help()
    if all(map(_is_for_the_server, argv)):
        return _serve(argv)
    return _command(argv)


def _is_for_the_server(argument: str) -> bool:
    """What editors append when they start a server."""
    return argument == "--stdio" or argument.startswith("--clientProcessId=")


def _serve(argv: Sequence[str]) -> int:
    from fim_lsp.cli.server import run

    ids = [argument.partition("=")[2] for argument in argv if "=" in argument]
    run(int(ids[-1]) if ids and ids[-1].isdecimal() else None)


def _command(argv: Sequence[str]) -> int:
    from fim_lsp.cli.arguments import run_command

    return run_command(argv, COMMANDS)


def _help() -> int:
    from fim_lsp.cli.arguments import make_parser

    make_parser(COMMANDS).print_help(sys.stderr)
    return 2
