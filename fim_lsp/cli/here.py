"""Files, and the settings as the server would see them for a path, for commands that run without an editor."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from fim_lsp.cli.arguments import BadInput
from fim_lsp.settings.layers import Problem
from fim_lsp.settings.resolve import Resolved
from fim_lsp.settings.sources import PROJECT_FILE, Sources, user_file


def workspace_of(path: Path) -> Path:
    """The folder an editor would most likely have open: the repository or project around the path, or its folder."""
    start = path if path.is_dir() else path.parent
    for folder in (start, *start.parents):
        if any((folder / mark).exists() for mark in (".git", PROJECT_FILE)):
            return folder
    return start


def read(path: Path, name: str) -> bytes:
    """A file named on the command line. Raises BadInput, also for a pipe or a device, which may have no end."""
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise BadInput(f"{name} is not a regular file")
        return path.read_bytes()
    except FileNotFoundError:
        raise BadInput(f"there is no file {name}") from None
    except OSError as error:
        raise BadInput(f"{name} cannot be read: {error.strerror}") from None


def stdin() -> TextIO:
    """Raises BadInput where there is none, as below a service manager or behind `<&-`."""
    if sys.stdin is None:
        raise BadInput("stdin is closed: there is nothing to read")
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    return sys.stdin


def settings_for(path: Path, *, editor: object = None) -> Resolved:
    """`editor`: settings of the command line, which stand where an editor's would."""
    sources = Sources(environ=os.environ, user_file=user_file())
    sources.configure(editor, folders=[str(workspace_of(path))])
    return sources.for_document(str(path))


def check(*settings: Resolved, named: str = "--") -> None:
    """Raises BadInput where settings of the command line are wrong. `named`: what stands before them."""
    wrong = [problem for problem in _problems(settings) if problem.source == "editor"]
    if wrong:
        raise BadInput("\n  ".join(f"{named}{problem.key}: {problem.message}" for problem in wrong))


def warn(command: str, *settings: Resolved) -> None:
    """Of what is wrong in the user's own settings, of which the rest holds; a repository's file may say what it likes.

    On stderr, each once.
    """
    for problem in _problems(settings):
        if problem.source not in ("editor", "project file"):
            print(f"fim-lsp {command}: {problem}", file=sys.stderr)


def _problems(settings: Iterable[Resolved]) -> list[Problem]:
    found = [problem for resolved in settings for problem in resolved.problems if not problem.is_warning]
    return list(dict.fromkeys(found))
