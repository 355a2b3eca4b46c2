"""Other people's clients: pytest-lsp drives the real process with what real editors declare.

Its bundled profiles are older than inline completion, so the capabilities are written out here.
"""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_lsp
from lsprotocol import types
from pytest_lsp import ClientServerConfig, LanguageClient

from tests.protocol.process import ROOT

EDITORS: dict[str, dict[str, Any]] = {
    "Visual Studio Code": {
        "general": {"positionEncodings": ["utf-16"]},
        "window": {"workDoneProgress": True},
        "workspace": {
            "configuration": True,
            "workspaceFolders": True,
            "didChangeConfiguration": {"dynamicRegistration": True},
            "didChangeWatchedFiles": {"dynamicRegistration": True, "relativePatternSupport": True},
        },
        "textDocument": {"inlineCompletion": {"dynamicRegistration": True}},
        "notebookDocument": {"synchronization": {"dynamicRegistration": True}},
    },
    "Neovim": {
        "general": {"positionEncodings": ["utf-8", "utf-16", "utf-32"]},
        "window": {"workDoneProgress": True},
        "workspace": {"configuration": True, "didChangeWatchedFiles": {"dynamicRegistration": False}},
        "textDocument": {"inlineCompletion": {"dynamicRegistration": False}},
    },
    "emacs": {
        "general": {"positionEncodings": ["utf-32", "utf-8", "utf-16"]},
        "workspace": {"configuration": True, "didChangeWatchedFiles": {"dynamicRegistration": True}},
        "textDocument": {},
    },
    "helix": {
        "general": {"positionEncodings": ["utf-8", "utf-32", "utf-16"]},
        "window": {"workDoneProgress": True},
        "workspace": {"configuration": True, "didChangeConfiguration": {"dynamicRegistration": False}},
        "textDocument": {"completion": {"completionItem": {"documentationFormat": ["markdown"]}}},
    },
}
ENCODED = {"utf-8": 9, "utf-16": 6, "utf-32": 5}
"""Columns of the end of `LINE`."""
LINE = "é😀 = "


@pytest_lsp.fixture(
    config=ClientServerConfig(
        server_command=[sys.executable, "-m", "tests.lsp.fake_server"],
        server_env={**os.environ, "PYTHONPATH": str(ROOT)},
    ),
    params=list(EDITORS),
)
async def client(request: pytest.FixtureRequest, lsp_client: LanguageClient) -> AsyncIterator[None]:
    lsp_client.set_configuration({"fim-lsp": {"text": "configured()"}})

    @lsp_client.feature(types.CLIENT_REGISTER_CAPABILITY)
    def register(params: types.RegistrationParams) -> None:
        return None

    capabilities = EDITORS[request.param]
    await lsp_client.initialize_session(
        types.InitializeParams(
            capabilities=_structured(capabilities),
            client_info=types.ClientInfo(name=request.param, version="1"),
            workspace_folders=[types.WorkspaceFolder(ROOT.as_uri(), "project")],
        )
    )
    yield
    await lsp_client.shutdown_session()


def _structured(capabilities: dict[str, Any]) -> types.ClientCapabilities:
    from lsprotocol.converters import get_converter

    return get_converter().structure(capabilities, types.ClientCapabilities)


async def test_a_session(client: LanguageClient) -> None:
    uri = "file:///project/a.py"
    item = types.TextDocumentItem(uri, "python", 1, LINE + "\n")
    client.text_document_did_open(types.DidOpenTextDocumentParams(item))
    column = ENCODED[client.capabilities.general.position_encodings[0]]
    position = types.Position(0, column)
    context = types.InlineCompletionContext(types.InlineCompletionTriggerKind.Automatic)
    params = types.InlineCompletionParams(context, types.TextDocumentIdentifier(uri), position)

    for _ in range(100):
        [shown] = await client.text_document_inline_completion_async(params)
        if shown.insert_text == "configured()":  # the settings that the server asked for have arrived
            break

    assert shown.insert_text == "configured()"
    assert shown.range == types.Range(position, position)
    command = types.ExecuteCommandParams(shown.command.command, shown.command.arguments)
    assert await client.workspace_execute_command_async(command) is None
    assert await client.workspace_execute_command_async(types.ExecuteCommandParams("fim-lsp.status"))
