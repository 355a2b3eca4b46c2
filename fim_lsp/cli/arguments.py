"""The command line's grammar, and how a command says that it was asked for something impossible."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Iterable, Sequence
from importlib import import_module
from typing import Any, NoReturn

import fim_lsp

DESCRIPTION = """\
A language server for inline (ghost text) code completion over fill-in-the-middle models.
Without a command it is the server, on stdin and stdout: this is what an editor starts."""


class BadInput(Exception):
    """What was asked for cannot be done; the message says what to do instead. Exit code 2."""


def plainly(error: Exception) -> str:
    """What went wrong, without the number that the system has for it."""
    if not isinstance(error, OSError) or not error.strerror:
        return str(error)
    return f"{error.filename}: {error.strerror}" if error.filename else error.strerror


def run_command(argv: Sequence[str], commands: Sequence[str]) -> int:
    """Parses, runs one command and returns its exit code. Only what is needed is imported."""
    wanted = [argv[0]] if argv[0] in commands else commands
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # code may hold what a terminal cannot show
    parser = make_parser(wanted)
    arguments = parser.parse_args(_with_stdin_last(argv))
    if arguments.command is None:
        parser.error("name a command; the server takes --stdio and --clientProcessId N, and nothing else")
    try:
        code: int = _module(arguments.command).run(arguments)
        print(end="", flush=True)
    except BadInput as error:
        print(f"fim-lsp {arguments.command}: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:  # `| head` has seen enough
        _discard_output()
        return 0
    except OSError as error:  # a full disk behind `>`
        _discard_output()
        print(f"fim-lsp {arguments.command}: {plainly(error)}", file=sys.stderr)
        return 1
    return code


def _discard_output() -> None:
    """Else the interpreter tries once more at its end, and complains."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _with_stdin_last(argv: Sequence[str]) -> list[str]:
    """`-:3:4` is a place in stdin, not an option; behind `--sent` it is that option's value."""
    rest: list[str] = []
    places: list[str] = []
    for argument in argv:
        if not argument.startswith("-:"):
            rest.append(argument)
        elif rest and rest[-1] == "--sent":
            rest[-1] = f"--sent={argument}"
        else:
            places.append(argument)
    return [*rest, "--", *places] if places else rest


class _Parser(argparse.ArgumentParser):
    """Each command's errors end with where its help is; argparse leaves what no command knows to the whole line's."""

    def error(self, message: str) -> NoReturn:
        super().error(f"{message}; see `{self.prog} --help`")

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        namespace, unknown = super().parse_known_args(args, namespace)
        if unknown:
            self.error(f"unrecognized arguments: {' '.join(unknown)}")
        return namespace, unknown


def make_parser(commands: Iterable[str]) -> argparse.ArgumentParser:
    """A parser that knows these commands; only their modules are imported."""
    parser = _Parser(prog="fim-lsp", description=DESCRIPTION, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--version", action="version", version=f"fim-lsp {fim_lsp.__version__}")
    parser.add_argument("--stdio", action="store_true", help="serve on stdin and stdout, even if that is a terminal")
    parser.add_argument("--clientProcessId", metavar="N", help="the editor's process; the server ends with it")
    subparsers = parser.add_subparsers(title="commands", dest="command", metavar="COMMAND")
    for command in commands:
        _module(command).add(subparsers)
    return parser


def _module(command: str) -> Any:
    return import_module(f"fim_lsp.cli.{command}")
