"""What this editor is and can do, read from `initialize`.

Clients declare far more than is read here, and newer ones declare what lsprotocol has never heard of, so the params are
not structured as a whole: an unknown word in a capability that nobody needs must not keep the server from starting.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lsprotocol import types

from fim_lsp.lsp.convert import Encoding, choose_encoding
from fim_lsp.lsp.uris import to_path


@dataclass(frozen=True, slots=True)
class Client:
    """One editor."""

    name: str
    """Lower case, as in `clientInfo`; empty if it does not say."""
    process_id: int | None
    folders: tuple[str, ...]
    """Paths of the workspace folders."""
    options: object
    """`initializationOptions`, raw."""
    encoding: Encoding
    inline_completion: bool
    """Declared; Emacs lsp-mode can do it and does not say so."""
    pulls_settings: bool
    registers_settings: bool
    registers_watchers: bool
    registers_menu: bool
    progress: bool
    status: bool
    """Wants `fim-lsp/status`."""
    markdown: bool
    """Shows Markdown beside a menu item."""
    indents_menu_lines: bool
    """Gives the further lines of a menu item the indent of the line they go into, unless asked not to."""
    takes_menu_lines: bool
    """Can be asked to leave them as they are."""
    jetbrains: bool
    """An IDE of JetBrains with LSP4IJ. Its name is the product's, with a version; the version tells it."""
    trace: str

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> Client:
        """Raises TypeError if `params` are not those of `initialize`."""
        if not isinstance(params, Mapping):
            raise TypeError("not an object")
        capabilities = params.get("capabilities")
        process_id = params.get("processId")
        return cls(
            name=str(_dig(params, "clientInfo.name") or "").lower(),
            process_id=process_id if type(process_id) is int and process_id > 0 else None,
            folders=_folders(params),
            options=params.get("initializationOptions"),
            encoding=choose_encoding(_dig(capabilities, "general.positionEncodings")),
            inline_completion=_dig(capabilities, "textDocument.inlineCompletion") is not None,
            pulls_settings=_dig(capabilities, "workspace.configuration") is True,
            registers_settings=_dig(capabilities, "workspace.didChangeConfiguration.dynamicRegistration") is True,
            registers_watchers=_dig(capabilities, "workspace.didChangeWatchedFiles.dynamicRegistration") is True,
            registers_menu=_dig(capabilities, "textDocument.completion.dynamicRegistration") is True,
            progress=_dig(capabilities, "window.workDoneProgress") is True,
            status=_dig(capabilities, "experimental.fimLsp.status") is True,
            markdown="markdown" in _strings(_dig(capabilities, _DOCUMENTATION_FORMAT)),
            indents_menu_lines=_dig(capabilities, "textDocument.completion.insertTextMode")
            == types.InsertTextMode.AdjustIndentation,
            takes_menu_lines=types.InsertTextMode.AsIs in _list(_dig(capabilities, _INSERT_TEXT_MODES)),
            jetbrains=_JETBRAINS.search(str(_dig(params, "clientInfo.version"))) is not None,
            trace=str(params.get("trace") or "off"),
        )


_DOCUMENTATION_FORMAT = "textDocument.completion.completionItem.documentationFormat"
_INSERT_TEXT_MODES = "textDocument.completion.completionItem.insertTextModeSupport.valueSet"
_JETBRAINS = re.compile(r"\(build [A-Z]+-\d+\.")
"""As in `PyCharm (build PY-252.23892.409)`."""


def _dig(tree: object, path: str) -> Any:
    """What stands at a dotted path, or None."""
    for key in path.split("."):
        if not isinstance(tree, Mapping):
            return None
        tree = tree.get(key)
    return tree


def _strings(value: object) -> list[str]:
    return [item for item in _list(value) if isinstance(item, str)]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _folders(params: Mapping[str, Any]) -> tuple[str, ...]:
    """Workspace folders, or the root of clients that know only one."""
    folders = params.get("workspaceFolders")
    if isinstance(folders, list) and folders:
        return tuple(path for folder in folders if (path := to_path(str(_dig(folder, "uri")))) is not None)
    if isinstance(uri := params.get("rootUri"), str):
        return (path,) if (path := to_path(uri)) is not None else ()
    return (path,) if isinstance(path := params.get("rootPath"), str) and path else ()
