"""Which editor it is, whatever else it says of itself; and what its URIs are as paths."""

from __future__ import annotations

import os
from typing import Any

import pytest

from fim_lsp.lsp.uris import to_path
from tests.lsp.editor import Editor

STRANGE = [
    {},
    {"capabilities": None},
    {"capabilities": []},
    {"capabilities": {"general": {"positionEncodings": "utf-8"}}},
    {"capabilities": {"general": [], "textDocument": 7, "workspace": None, "window": "x", "experimental": []}},
    {
        "capabilities": {
            "textDocument": {"codeAction": {"codeActionLiteralSupport": {"codeActionKind": {"valueSet": 9}}}}
        }
    },
    {"capabilities": {"textDocument": {"completion": {"completionItem": {"documentationFormat": ["rtf", 7]}}}}},
    {"capabilities": {"workspace": {"symbol": {"symbolKind": {"valueSet": [1, 9999]}}}}},
    {"capabilities": {}, "clientInfo": None, "processId": "7", "trace": "everything", "workspaceFolders": {}},
    {"capabilities": {}, "clientInfo": {"name": None}, "processId": -7, "trace": None},
    {"capabilities": {}, "clientInfo": "me", "processId": True, "rootUri": 7, "rootPath": 7},
    {"capabilities": {}, "initializationOptions": [1], "locale": 7, "unheard": {"of": 1}},
]


@pytest.mark.parametrize("params", STRANGE)
async def test_strange_capabilities_do_not_keep_the_server_from_starting(params: dict[str, Any]) -> None:
    editor = Editor()

    result = await editor.request("initialize", params)

    assert result["serverInfo"]["name"] == "fim-lsp"
    assert result["capabilities"]["positionEncoding"] == "utf-16"
    assert editor.watched == []
    await editor.close()


async def test_the_editors_process_is_watched() -> None:
    editor = Editor()

    await editor.initialize(processId=4321)

    assert editor.watched == [4321]
    await editor.close()


async def test_the_server_says_what_it_can() -> None:
    result = await Editor().initialize()

    assert result["capabilities"]["textDocumentSync"] == {
        "openClose": True,
        "change": 2,
        "save": {"includeText": False},
    }


async def test_trace(editor: Editor) -> None:
    editor.notify("$/setTrace", {"value": "verbose"})

    assert editor.server.protocol.trace == "verbose"


PATHS = [
    ("file:///a/b.py", "/a/b.py"),
    ("file:///a%20b/%C3%A9.py", "/a b/é.py"),
    ("file:///a b/é.py", "/a b/é.py"),
    ("file:///a;b/c%23d%3F.py", "/a;b/c#d?.py"),
    ("file:///a#b?c", "/a#b?c"),
    ("file://localhost/a.py", "/a.py"),
    ("file:/a.py", "/a.py"),
    ("file://server/share/a.py", "//server/share/a.py"),
    ("file:///c%3A/a.py", "C:/a.py"),
    ("file:///C:/a.py", "C:/a.py"),
    ("untitled:Untitled-1", None),
    ("vscode-notebook-cell:/a%20b.ipynb#W0sZmlsZQ%3D%3D", "/a b.ipynb"),
    ("vscode-notebook-cell:/a#b.ipynb#W0", "/a#b.ipynb"),
    ("vscode-notebook-cell:///a.ipynb#W0", "/a.ipynb"),
    ("vscode-notebook-cell:/a.ipynb", None),
    ("vscode-notebook-cell:a.ipynb#W0", None),
    ("vscode-notebook-cell://elsewhere/a.ipynb#W0", None),
    ("git:/a.py?x", None),
    ("/a.py", None),
    ("", None),
    ("file://", None),
    ("file:///a%00b", None),
    ("file://[/a", None),
    ("http://[::1", None),
]


@pytest.mark.skipif(os.name == "nt", reason="the table is written with forward slashes")
@pytest.mark.parametrize(("uri", "path"), PATHS)
def test_paths(uri: str, path: str | None) -> None:
    assert to_path(uri) == path
