"""From `initialize` to `exit`.

`initialize` is answered before anything slow is imported or anybody is asked anything; the engine starts its slow work
when the answer is out.
"""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

from lsprotocol import types

from fim_lsp.lsp import commands, menu
from fim_lsp.lsp.client import Client

if TYPE_CHECKING:
    from fim_lsp.lsp.server import Server


def initialize(ls: Server, client: Client) -> types.InitializeResult:
    ls.meet(client)
    ls.offers_menu = menu.is_wanted(client)
    ls.protocol.initialized = True
    if client.process_id is not None:
        ls.watch(client.process_id)
    asyncio.get_running_loop().call_soon(_begin, ls)
    return types.InitializeResult(
        capabilities=_capabilities(client, with_menu=ls.offers_menu),
        server_info=types.ServerInfo(ls.name, ls.version),
    )


def _begin(ls: Server) -> None:
    ls.engine.start()
    # What exists by now stays: the collector need not look at it again, which would stop everything for 20 ms.
    gc.freeze()


def initialized(ls: Server, params: object) -> None:
    ls.host.release()
    ls.configuration.begin()


def shutdown(ls: Server, params: object) -> None:
    ls.protocol.shut_down()


def leave(ls: Server, params: object) -> None:
    ls.leave(0 if ls.protocol.is_shut_down else 1)


def set_trace(ls: Server, params: types.SetTraceParams) -> None:
    ls.protocol.trace = params.value


def _capabilities(client: Client, *, with_menu: bool) -> types.ServerCapabilities:
    return types.ServerCapabilities(
        position_encoding=client.encoding.name,
        text_document_sync=types.TextDocumentSyncOptions(
            open_close=True, change=types.TextDocumentSyncKind.Incremental, save=types.SaveOptions(include_text=False)
        ),
        notebook_document_sync=types.NotebookDocumentSyncOptions(
            notebook_selector=[types.NotebookDocumentFilterWithNotebook(notebook="*")]
        ),
        # Not empty: an empty object is nil to an Emacs client, as if there were no such thing.
        inline_completion_provider=types.InlineCompletionOptions(work_done_progress=False),
        completion_provider=menu.options() if with_menu else None,
        execute_command_provider=types.ExecuteCommandOptions(commands=list(commands.COMMANDS)),
        workspace=types.WorkspaceOptions(
            workspace_folders=types.WorkspaceFoldersServerCapabilities(supported=True, change_notifications=True)
        ),
    )
