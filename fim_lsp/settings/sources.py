"""Where settings live on this machine, and which of them hold for a document.

The edge of the settings: files are read here, decisions are made in `resolve`. A changed file holds from the next
request. A file that breaks while we run keeps its last good values, and is reported once with the line at fault; a key
that the editor sets to something bad keeps its own.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from fim_lsp.fresh import Fresh, Unreadable
from fim_lsp.paths import is_inside
from fim_lsp.settings.layers import Layer, Problem, Source, from_editor, from_environment
from fim_lsp.settings.resolve import Resolved, last_good, resolve

PROJECT_FILE = ".fim-lsp.toml"


def user_file() -> Path:
    """`fim-lsp/config.toml` under the platform's folder for configuration."""
    import platformdirs

    return platformdirs.user_config_path("fim-lsp", appauthor=False) / "config.toml"


def known_providers() -> Collection[str]:
    """Names that need no table of their own, which are also what `kind` may say."""
    from fim_lsp.providers.presets import PRESETS

    return PRESETS.keys()


class Sources:
    """All sources of one process. `for_document` is cheap enough for every request: two `stat` calls."""

    def __init__(
        self,
        *,
        environ: Mapping[str, str],
        user_file: Path | str,
        report: Callable[[Problem], None] = lambda problem: None,
        known_providers: Callable[[], Collection[str]] = known_providers,
    ) -> None:
        self._environment = from_environment(environ)
        self._user_file = str(user_file)
        self._report = report
        self._known_providers = known_providers
        self._editor: tuple[Layer, ...] = ()
        self._folders: tuple[str, ...] = ()
        self._toml: Fresh[Layer] = Fresh(self._parse)
        self._last_good: dict[str, Mapping[str, Any]] = {}
        self._resolved: dict[str | None, tuple[tuple[Layer, ...], Resolved]] = {}
        self._told: dict[str | None, frozenset[Problem]] = {}

    def configure(self, *editor: object, folders: Sequence[str] = ()) -> None:
        """What the editor sent (the later, the stronger; each as `from_editor` takes it), and the workspace folders.

        What is bad in the last leaves what held before.
        """
        parts = [from_editor(sent) for sent in editor]
        self._editor = (*parts, *(last_good(self._editor, part) for part in parts[-1:]))
        self._folders = tuple(sorted(map(os.path.abspath, folders), key=len, reverse=True))
        self._resolved.clear()

    def for_document(self, path: str | None) -> Resolved:
        """The settings of a document. The same object as long as nothing changes."""
        return self.for_folder(self.folder_of(path))

    def folder_of(self, path: str | None) -> str | None:
        """The innermost workspace folder that holds the path."""
        if path is None:
            return self._folders[0] if len(self._folders) == 1 else None
        path = os.path.abspath(path)
        return next((folder for folder in self._folders if is_inside(path, folder)), None)

    def for_folder(self, folder: str | None) -> Resolved:
        layers = self._layers(folder)
        known = self._resolved.get(folder)
        if known is not None and len(known[0]) == len(layers) and all(map(_is, known[0], layers)):
            return known[1]
        names = self._known_providers() if any(map(_names_a_provider, layers)) else None
        resolved = resolve(layers, known_providers=names)
        self._resolved[folder] = layers, resolved
        self._tell(folder, resolved.problems)
        return resolved

    def _layers(self, folder: str | None) -> tuple[Layer, ...]:
        files = [self._toml.read(self._user_file)]
        if folder is not None:
            files.append(self._toml.read(os.path.join(folder, PROJECT_FILE)))
        return (*files, self._environment, *self._editor)

    def _tell(self, folder: str | None, problems: Collection[Problem]) -> None:
        """Each problem once; again only if it went away in between."""
        told = frozenset().union(*self._told.values())
        self._told[folder] = frozenset(problems)
        for problem in problems:
            if problem not in told:
                self._report(problem)

    def _parse(self, path: str, content: bytes | Unreadable | None) -> Layer:
        source: Source = "user file" if path == self._user_file else "project file"
        if content is None:
            self._last_good.pop(path, None)
            return Layer(source, {})
        try:
            values = _toml(content)
        except ValueError as error:
            kept = " (its last good values are kept)" if path in self._last_good else ""
            problem = Problem(source, "", f"{path} cannot be read: {error}{kept}")
            return Layer(source, self._last_good.get(path, {}), (problem,))
        self._last_good[path] = values
        return Layer(source, values, _open_to_others(path, values) if source == "user file" else ())


def _is(one: object, other: object) -> bool:
    return one is other


def _names_a_provider(layer: Layer) -> bool:
    return layer.source != "project file" and not layer.values.keys().isdisjoint({"provider", "providers"})


def _toml(content: bytes | Unreadable) -> Mapping[str, Any]:
    """Raises ValueError with the line at fault."""
    if isinstance(content, Unreadable):
        raise ValueError(str(content))
    import tomllib

    try:
        return tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ValueError(f"line {line}: not UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise ValueError(_line_first(str(error), content)) from None
    except RecursionError:
        raise ValueError("line 1: nested too deeply") from None


def _line_first(message: str, content: bytes) -> str:
    """ "Invalid value (at line 3, column 7)" → "line 3: invalid value"."""
    found = re.fullmatch(r"(.*) \(at (?:line (\d+), column \d+|end of document)\)", message, re.DOTALL)
    if found is None:
        return message
    line = found[2] or content.count(b"\n") + 1
    return f"line {line}: {found[1][:1].lower()}{found[1][1:]}"


def _open_to_others(path: str, values: Mapping[str, Any]) -> tuple[Problem, ...]:
    """A key in a file that others can read. Windows keeps other users out of the folder by itself."""
    providers = values.get("providers")
    tables = providers.values() if isinstance(providers, dict) else ()
    if os.name == "nt" or not any(isinstance(table, dict) and table.get("api_key") for table in tables):
        return ()
    try:
        mode = stat.S_IMODE(os.stat(path).st_mode)
    except OSError:
        return ()
    if not mode & (stat.S_IRWXG | stat.S_IRWXO):
        return ()
    return (
        Problem("user file", "", f"{path} holds a key and others can read it; run: chmod 600 {path}", is_warning=True),
    )
