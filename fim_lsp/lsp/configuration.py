"""Settings as the editor gives them, raw, on their way to the engine; and the news of files that settings come from.

Three ways lead here: `initializationOptions`, `workspace/didChangeConfiguration`, and asking the editor. What comes
later lies over `initializationOptions` and takes the place of what came by the other two, so that a client which sends
an empty object at every start (eglot does) takes nothing away. The two are not joined here: a bad value above must not
hide the good one below, and what is good is known only where they are checked.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from fim_lsp.answer import Engine
from fim_lsp.errors import describe
from fim_lsp.lsp import menu
from fim_lsp.lsp.host import LEVELS
from fim_lsp.lsp.uris import to_path
from fim_lsp.settings.layers import SECTION, from_editor, is_for_others

if TYPE_CHECKING:
    from fim_lsp.lsp.server import Server

log = logging.getLogger(__name__)

ANSWER_TIMEOUT_S = 10.0
WATCHED = (".gitignore", ".fimignore", ".fim-lsp.toml")
"""Files that say what may be completed, and how."""


class Configuration:
    """The editor's settings and workspace folders."""

    def __init__(self, ls: Server) -> None:
        self._ls = ls
        self._folders = list(ls.client.folders)
        self._options = ls.client.options
        self._later: object = None
        self._later_was_pulled = False

    def apply(self, engine: Engine) -> None:
        """Hand it everything, for the first time or once more."""
        engine.configure((self._options, self._later), self._folders)
        logging.getLogger("fim_lsp").setLevel(LEVELS[engine.settings.log_level])

    def begin(self) -> None:
        """The editor is ready: ask for what it would tell."""
        self._ls.in_background(self._register())
        if self._ls.client.pulls_settings:
            self._ls.in_background(self._pull())

    def changed(self, settings: object) -> None:
        """`didChangeConfiguration`; null means: ask me. Some clients send every server what concerns any."""
        if self._ls.client.pulls_settings and _is_null(settings):
            self._ls.in_background(self._pull())
        elif is_for_others(settings):
            log.info("settings were sent that are all for other servers")
        elif settings is not None:
            self._take(settings)

    def folders_changed(self, event: types.WorkspaceFoldersChangeEvent) -> None:
        removed = {to_path(folder.uri) for folder in event.removed}
        added = [path for folder in event.added if (path := to_path(folder.uri)) is not None]
        self._folders = [path for path in self._folders if path not in removed and path not in added] + added
        self.apply(self._ls.engine)

    def files_changed(self, events: Sequence[types.FileEvent]) -> None:
        paths = [path for event in events if (path := to_path(event.uri)) is not None]
        if paths:
            self._ls.engine.files_changed(paths)

    def saved(self, uri: str) -> None:
        """For editors that do not watch files: at least what is saved in them is noticed."""
        path = to_path(uri)
        if path is not None and PurePath(path).name in WATCHED:
            self._ls.engine.files_changed([path])

    def _take(self, settings: object, *, pulled: bool = False) -> None:
        self._later, self._later_was_pulled = settings, pulled
        self.apply(self._ls.engine)

    async def _pull(self) -> None:
        """Null: the user has no such section (any more). That says nothing of what was sent unasked, perhaps bare."""
        item = types.ConfigurationItem(section=SECTION)
        answer = await self._ask(types.WORKSPACE_CONFIGURATION, types.ConfigurationParams([item]))
        if isinstance(answer, list) and answer and (answer[0] is not None or self._later_was_pulled):
            self._take(answer[0], pulled=True)

    async def _register(self) -> None:
        client = self._ls.client
        registrations = []
        if menu.comes_late(self._ls):
            method = types.TEXT_DOCUMENT_COMPLETION
            options = {"documentSelector": None, "triggerCharacters": menu.TRIGGERS}
            registrations.append(types.Registration("menu", method, options))
        if client.registers_settings:
            method = types.WORKSPACE_DID_CHANGE_CONFIGURATION
            registrations.append(types.Registration("settings", method, {"section": SECTION}))
        if client.registers_watchers:
            method = types.WORKSPACE_DID_CHANGE_WATCHED_FILES
            watchers = [{"globPattern": f"**/{name}"} for name in WATCHED]
            registrations.append(types.Registration("files", method, {"watchers": watchers}))
        if registrations:
            await self._ask(types.CLIENT_REGISTER_CAPABILITY, types.RegistrationParams(registrations))

    async def _ask(self, method: str, params: Any) -> Any:
        """What the client answers; None if it says no, or nothing."""
        try:
            return await asyncio.wait_for(self._ls.protocol.send_request_async(method, params), ANSWER_TIMEOUT_S)
        except Exception as error:
            log.info("no answer to %s: %s", method, describe(error))
            return None


def _is_null(settings: object) -> bool:
    """Null, by itself or as all that is said of us."""
    if not isinstance(settings, dict):
        return settings is None
    return settings.get(SECTION, settings) is None and not from_editor(settings).values
