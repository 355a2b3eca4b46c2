"""The server: which methods there are, and what each does with the engine.

A handler is a plain function that reads what it needs from the documents at once; only what it returns may be awaited.
No handler waits for the client: some editors answer nothing while they wait for us.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from functools import cached_property
from typing import Any, TypeVar

import cattrs
from lsprotocol import converters, types
from pygls.lsp.server import LanguageServer

from fim_lsp import __version__
from fim_lsp.answer import Engine, Host
from fim_lsp.lsp import commands, inline, lifecycle, logs, menu
from fim_lsp.lsp.client import Client
from fim_lsp.lsp.configuration import Configuration
from fim_lsp.lsp.host import EditorHost
from fim_lsp.lsp.rpc import RpcProtocol
from fim_lsp.lsp.structure import register_lenient_hooks
from fim_lsp.lsp.sync import Sync
from fim_lsp.reasons import Reason

log = logging.getLogger("fim_lsp")

T = TypeVar("T")
MakeEngine = Callable[[Host], Engine]


class Server(LanguageServer):
    """One editor's server.

    The engine, and what needs it, is made when it is first looked at: after `initialize` is answered.
    """

    protocol: RpcProtocol
    client: Client
    host: EditorHost
    offers_menu = False

    def __init__(self, make_engine: MakeEngine, leave: Callable[[int], None], watch: Callable[[int], None]) -> None:
        super().__init__("fim-lsp", __version__, protocol_cls=RpcProtocol, converter_factory=_converter)
        self._make_engine = make_engine
        self._tasks: set[asyncio.Task[Any]] = set()
        self.leave = leave
        """Ends the process with an exit code."""
        self.watch = watch
        """Ends the process when that one is gone."""
        for method, handler in HANDLERS.items():
            self.feature(method)(handler)
        self.protocol.dismissed = self._dismissed
        for name, command in commands.COMMANDS.items():
            self.command(name)(command)

    def meet(self, client: Client) -> None:
        """The editor has introduced itself."""
        self.client = client
        self.host = EditorHost(self.protocol, client)
        self._editor_log = logs.EditorLog(self.host)
        log.addHandler(self._editor_log)

    @cached_property
    def engine(self) -> Engine:
        engine = self._make_engine(self.host)
        self.configuration.apply(engine)
        return engine

    @cached_property
    def configuration(self) -> Configuration:
        return Configuration(self)

    @cached_property
    def sync(self) -> Sync:
        return Sync(self.engine, self.client.encoding)

    def _dismissed(self, method: str, params: Any) -> None:
        if method in (types.TEXT_DOCUMENT_INLINE_COMPLETION, types.TEXT_DOCUMENT_COMPLETION):
            self.engine.refused(params.text_document.uri, Reason.CANCELLED)

    def in_background(self, coroutine: Coroutine[Any, Any, T]) -> asyncio.Task[T]:
        """Work that outlives the handler that began it, but not the server."""
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def close(self) -> None:
        """End everything that runs."""
        self.protocol.cancel_all()
        for task in list(self._tasks):
            task.cancel()
        if hasattr(self, "client"):
            log.removeHandler(self._editor_log)
        if "engine" in vars(self):
            await self.engine.close()

    def report_server_error(self, error: Exception, source: Any) -> None:
        """pygls would show it to people; `rpc` has logged it."""


HANDLERS: dict[str, Callable[[Any, Any], Any]] = {
    types.INITIALIZE: lifecycle.initialize,
    types.INITIALIZED: lifecycle.initialized,
    types.SHUTDOWN: lifecycle.shutdown,
    types.EXIT: lifecycle.leave,
    types.SET_TRACE: lifecycle.set_trace,
    types.TEXT_DOCUMENT_DID_OPEN: lambda ls, params: ls.sync.open(params.text_document),
    types.TEXT_DOCUMENT_DID_CHANGE: lambda ls, params: ls.sync.change(params.text_document, params.content_changes),
    types.TEXT_DOCUMENT_DID_CLOSE: lambda ls, params: ls.sync.close(params.text_document.uri),
    types.TEXT_DOCUMENT_DID_SAVE: lambda ls, params: ls.configuration.saved(params.text_document.uri),
    types.NOTEBOOK_DOCUMENT_DID_OPEN: lambda ls, params: ls.sync.open_notebook(params),
    types.NOTEBOOK_DOCUMENT_DID_CHANGE: lambda ls, params: ls.sync.change_notebook(params),
    types.NOTEBOOK_DOCUMENT_DID_SAVE: lambda ls, params: None,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE: lambda ls, params: ls.sync.close_notebook(params),
    types.TEXT_DOCUMENT_INLINE_COMPLETION: inline.complete,
    types.TEXT_DOCUMENT_COMPLETION: menu.complete,
    types.WORKSPACE_EXECUTE_COMMAND: commands.execute,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: lambda ls, params: ls.configuration.changed(params.settings),
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: lambda ls, params: ls.configuration.files_changed(params.changes),
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: lambda ls, params: ls.configuration.folders_changed(params.event),
    types.WINDOW_WORK_DONE_PROGRESS_CANCEL: lambda ls, params: None,
}


def _converter() -> cattrs.Converter:
    # Detailed validation collects every error with the values that caused it; nobody may read those.
    return register_lenient_hooks(converters.get_converter(cattrs.Converter(detailed_validation=False)))
