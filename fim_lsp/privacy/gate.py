"""May this file's text leave the machine? One predicate for the document, for lookup and for every snippet.

A verdict holds for this very moment: ignore files are looked at again each time (one `stat` each), symlinks are
resolved, and both the name that a file is asked for by and the name that it really has must be free of every rule.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

from fim_lsp.fresh import Fresh, Unreadable
from fim_lsp.paths import IGNORES_CASE, is_inside
from fim_lsp.privacy.ignore import Line, Rules, deciding_line, everything, from_globs, parse
from fim_lsp.privacy.secret_files import secret_rule
from fim_lsp.reasons import Reason
from fim_lsp.settings.model import Privacy

SCHEMES = frozenset({"file", "untitled", "vscode-notebook-cell"})
"""Documents that people write. `git:`, `output:`, `vscode-settings:` … hold what others wrote, or secrets."""

_DEFAULT = Privacy()
_REMEMBERED = 2_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a file's text may leave, and if not, by which rule."""

    allowed: bool
    reason: Reason | None = None
    rule: str = ""
    """For people: `.gitignore line 3: build/`."""


ALLOWED = Verdict(True)
Levels = tuple[tuple[Rules, ...], tuple[Rules, ...]]
"""The rules of .gitignore and of .fimignore, one entry a folder from the top down."""


class Gate:
    """The rules of one process: its workspace folders, and the ignore files as they stand."""

    def __init__(self, folders: Sequence[str] = (), *, ignore_case: bool = IGNORES_CASE) -> None:
        self._ignore_case = ignore_case
        self._rules: Fresh[Rules] = Fresh(self._parse)
        self.configure(folders)

    def configure(self, folders: Sequence[str]) -> None:
        """The workspace folders' paths."""
        self._named = {os.path.abspath(folder): os.path.realpath(folder) for folder in folders}
        self._tops = {folder: _repository(folder) or folder for folder in self._named.values()}
        self._verdicts: dict[str, tuple[Levels, Privacy, bool, Verdict]] = {}

    def may_leave(self, path: str | None, privacy: Privacy = _DEFAULT, *, uri: str = "") -> Verdict:
        """`uri`: of the document that the user has opened. Empty: the file would be another one's context.

        A folder may be asked for too, to leave out what lies below it.
        """
        if uri:
            refused = _refused_scheme(uri)
            if refused is not None:
                return refused
            if path is None and _is_unsaved(uri):
                return ALLOWED
        if not path or "\0" in path:
            return Verdict(False, Reason.OUTSIDE, "not a file")
        asked, real, is_folder = self._names(path)
        if not uri and not is_folder and _is_special(real):
            return Verdict(False, Reason.IGNORED, "not a regular file")
        for name in dict.fromkeys((real, asked)):
            if name is real or self._folder_of(name) is not None:
                verdict = self._judge(name, privacy, is_opened=bool(uri), is_folder=is_folder)
            else:
                verdict = _refused_secret(name) or ALLOWED
            if not verdict.allowed:
                return verdict
        return ALLOWED

    # Names

    def _names(self, path: str) -> tuple[str, str, bool]:
        """The name asked for (below the real workspace folder), the real name, and whether it is a folder."""
        asked = os.path.abspath(path)
        for named, real_folder in self._named.items():
            if self._within(asked, named):
                asked = real_folder + asked[len(named) :]
                break
        folder = self._folder_of(asked)
        mode = _mode_without_links(asked, folder) if folder is not None else None
        if mode is not None:
            return asked, asked, stat.S_ISDIR(mode)
        real = os.path.realpath(asked)
        return asked, real, os.path.isdir(real)

    def _folder_of(self, path: str) -> str | None:
        """The innermost workspace folder that holds a real path."""
        return max((folder for folder in self._tops if self._within(path, folder)), key=len, default=None)

    def _within(self, path: str, folder: str) -> bool:
        return is_inside(path, folder, ignore_case=self._ignore_case)

    # Rules

    def _judge(self, path: str, privacy: Privacy, *, is_opened: bool, is_folder: bool) -> Verdict:
        folder = self._folder_of(path)
        if folder is None and not is_opened:
            return _refused_secret(path) or Verdict(False, Reason.OUTSIDE, "outside the workspace")
        if folder is None and privacy.outside == "never":
            return _refused_secret(path) or Verdict(False, Reason.OUTSIDE, 'privacy.outside = "never"')
        parent = os.path.dirname(path)
        top = self._tops[folder] if folder is not None else _repository(parent) or parent
        parts = _parts(path, top)
        levels = self._levels(top, parts)
        known = self._verdicts.get(path)
        if known is not None and known[0] == levels and known[1] == privacy and known[2] == is_folder:
            return known[3]
        verdict = _refused_secret(path) or self._refused_by_rules(path, folder, parts, levels, privacy, is_folder)
        if len(self._verdicts) >= _REMEMBERED:
            self._verdicts.clear()
        self._verdicts[path] = levels, privacy, is_folder, verdict
        return verdict

    def _refused_by_rules(
        self, path: str, folder: str | None, parts: Sequence[str], levels: Levels, privacy: Privacy, is_folder: bool
    ) -> Verdict:
        lines: list[Line | None] = [deciding_line(parts, kind, is_folder=is_folder) for kind in levels]
        globs = _globs(privacy.ignore, self._ignore_case)
        root = os.path.splitdrive(path)[0] + os.sep
        lines += [deciding_line(_parts(path, top), (globs,), is_folder=is_folder) for top in (folder, root) if top]
        line = next((line for line in lines if line is not None), None)
        return ALLOWED if line is None else Verdict(False, Reason.IGNORED, str(line))

    def _levels(self, top: str, parts: Sequence[str]) -> Levels:
        names = _ignore_files(top, tuple(parts[:-1]))
        git, fim = ([self._rules.read(name) for name in kind] for kind in (names.git, names.fim))
        git[0] += self._rules.read(names.exclude)
        return tuple(git), tuple(fim)

    def _parse(self, path: str, content: bytes | Unreadable | None) -> Rules:
        if content is None:
            return ()
        source = self._label(path)
        if isinstance(content, Unreadable):
            return everything(source, f"cannot be read: {content}")
        return parse(content.decode("utf-8", "surrogateescape"), source, ignore_case=self._ignore_case)

    def _label(self, path: str) -> str:
        """An ignore file's name for people: from its workspace folder on."""
        folder = self._folder_of(path)
        return "/".join(_parts(path, folder)) if folder is not None else path


def _refused_scheme(uri: str) -> Verdict | None:
    """None: it is a document that people write, and its name, if it has one already, is not a secret's."""
    scheme, _, name = uri.partition(":")
    if scheme.lower() not in SCHEMES:
        return Verdict(False, Reason.IGNORED, f"documents of the scheme {scheme}: are not completed")
    return _refused_secret(unquote(name.partition("#")[0].partition("?")[0]))


def _is_unsaved(uri: str) -> bool:
    """A document, or a cell of a notebook, that has no file yet."""
    scheme, _, name = uri.partition(":")
    return scheme.lower() == "untitled" or (scheme.lower() == "vscode-notebook-cell" and not name.startswith("/"))


def _refused_secret(path: str) -> Verdict | None:
    rule = _secret_rule(path)
    return Verdict(False, Reason.SECRET_FILE, rule) if rule else None


_secret_rule = lru_cache(_REMEMBERED)(secret_rule)


@lru_cache(64)
def _globs(ignore: tuple[str, ...], ignore_case: bool) -> Rules:
    home = os.path.expanduser("~").replace(os.sep, "/")
    globs = [home + glob[1:] if glob.startswith("~/") else glob for glob in ignore]
    return from_globs(globs, "privacy.ignore", ignore_case=ignore_case)


class _IgnoreFiles(NamedTuple):
    git: tuple[str, ...]
    fim: tuple[str, ...]
    exclude: str


@lru_cache(_REMEMBERED)
def _ignore_files(top: str, folders: tuple[str, ...]) -> _IgnoreFiles:
    """What may hold rules for a file that lies so many folders below `top`, from there down."""
    paths = [os.path.join(top, *folders[:depth]) for depth in range(len(folders) + 1)]
    return _IgnoreFiles(
        git=tuple(os.path.join(path, ".gitignore") for path in paths),
        fim=tuple(os.path.join(path, ".fimignore") for path in paths),
        exclude=os.path.join(top, ".git", "info", "exclude"),
    )


def _parts(path: str, top: str) -> list[str]:
    return [part for part in path[len(top) :].replace(os.sep, "/").split("/") if part]


def _repository(folder: str) -> str | None:
    """The innermost folder from here up that git keeps."""
    while not os.path.lexists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


def _mode_without_links(path: str, folder: str) -> int | None:
    """The file's mode; None where a link lies on the way below the folder, or where that cannot be told."""
    if os.name == "nt":  # junctions and short names: only the system knows
        return None
    mode = 0
    for part in _parts(path, folder):
        folder = os.path.join(folder, part)
        try:
            mode = os.lstat(folder).st_mode
        except OSError:
            return None
        if stat.S_ISLNK(mode):
            return None
    return mode or stat.S_IFDIR


def _is_special(path: str) -> bool:
    """A pipe, a socket, a device: reading it could hang."""
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except OSError:
        return False
