"""An editor that drives the real server process over stdio, and remembers every byte that passed either way."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from tests.fim_server import FimServer

COMMAND = (sys.executable, "-P", "-m", "fim_lsp")
PATIENCE_S = 20.0
"""Long enough for a busy machine; what is waited for here either comes soon or never."""
KEY = "sesame-4711-canary"
AUTOMATIC, INVOKED = 2, 1
Json = dict[str, Any]


def upstream_settings(server: FimServer, **more: Any) -> Json:
    """Settings that ask only this server."""
    mistral = {"base_url": server.base_url, "api_key": KEY}
    return {"provider": "mistral", "providers": {"mistral": mistral}, "context": {"enabled": False}, **more}


def clean_environment(home: Path, **variables: str) -> dict[str, str]:
    """Ours without keys and settings, and with a home of its own."""
    kept = {name: value for name, value in os.environ.items() if "API_KEY" not in name and "FIM_LSP" not in name}
    folders = dict.fromkeys(("HOME", "APPDATA", "LOCALAPPDATA", "XDG_CONFIG_HOME", "XDG_STATE_HOME"), str(home))
    return {**kept, **folders, "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring", **variables}


class Editor:
    """Answers what the server asks from `answers`, by method; `settings` are what it gives when they are pulled."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.heard: list[Json] = []
        """All that came from the server, in order."""
        self.traffic = b""
        self.settings: Any = None
        self._waiting: dict[int, asyncio.Future[Json]] = {}
        self._last_id = 0
        self._changed = asyncio.Event()
        self._reading = asyncio.create_task(self._read())
        self._errors = asyncio.create_task(self._read_errors())
        self.errors = b""

    # Messages

    def send(self, **message: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def notify(self, method: str, params: Any) -> None:
        self.send(method=method, params=params)

    def begin(self, method: str, params: Any = None) -> tuple[int, asyncio.Future[Json]]:
        """The request's id, and its whole answer."""
        self._last_id += 1
        answer = self._waiting[self._last_id] = asyncio.get_running_loop().create_future()
        self.send(id=self._last_id, method=method, params=params)
        return self._last_id, answer

    async def request(self, method: str, params: Any = None) -> Any:
        """The result; an error fails the test."""
        async with asyncio.timeout(PATIENCE_S):
            answer = await self.begin(method, params)[1]
        assert "error" not in answer, answer
        return answer["result"]

    async def command(self, name: str, *arguments: Any) -> Any:
        return await self.request("workspace/executeCommand", {"command": name, "arguments": list(arguments)})

    async def _read(self) -> None:
        stdout = self.process.stdout
        assert stdout is not None
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await stdout.readuntil(b"\r\n\r\n")
                body = await stdout.readexactly(int(head.split(b":")[1].split()[0]))
                self.traffic += body
                self._take(json.loads(body))

    async def _read_errors(self) -> None:
        assert self.process.stderr is not None
        self.errors = await self.process.stderr.read()

    def _take(self, message: Json) -> None:
        self.heard.append(message)
        if "method" not in message:
            waiting = self._waiting.pop(message["id"], None)
            if waiting is not None and not waiting.done():
                waiting.set_result(message)
        elif "id" in message:
            pulled = [self.settings] if message["method"] == "workspace/configuration" else None
            self.send(id=message["id"], result=pulled)
        self._changed.set()

    async def until(self, condition: Any) -> None:
        """Wait until something heard makes it so."""
        async with asyncio.timeout(PATIENCE_S):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    def told(self) -> list[tuple[int, str]]:
        """Type and text of every message shown to people."""
        shown = (each["params"] for each in self.heard if each.get("method") == "window/showMessage")
        return [(params["type"], params["message"]) for params in shown]

    # Documents

    def open(self, uri: str, text: str, language: str = "python") -> None:
        document = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def change(self, uri: str, start: tuple[int, int], end: tuple[int, int], text: str, version: int = 2) -> None:
        change = {"range": {"start": _position(*start), "end": _position(*end)}, "text": text}
        document = {"uri": uri, "version": version}
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})

    def configure(self, settings: Any) -> None:
        self.notify("workspace/didChangeConfiguration", {"settings": settings})

    def begin_completion(
        self, uri: str, line: int, character: int, *, invoked: bool = True, selected: Json | None = None
    ) -> tuple[int, asyncio.Future[Json]]:
        context: Json = {"triggerKind": INVOKED if invoked else AUTOMATIC}
        if selected is not None:
            context["selectedCompletionInfo"] = selected
        params = {"textDocument": {"uri": uri}, "position": _position(line, character), "context": context}
        return self.begin("textDocument/inlineCompletion", params)

    async def complete(self, uri: str, line: int, character: int, **how: Any) -> Any:
        """The result: items or null."""
        async with asyncio.timeout(PATIENCE_S):
            answer = await self.begin_completion(uri, line, character, **how)[1]
        assert "error" not in answer, answer
        return answer["result"]

    async def shown(self, uri: str, line: int, character: int, **how: Any) -> list[Json]:
        """Items that must be there; else the test fails with the reason."""
        items: list[Json] = await self.complete(uri, line, character, **how)
        assert items, f"{items}: {await self.why()}"
        return items

    async def why(self) -> Json:
        """The newest decision."""
        decision: Json = (await self.command("fim-lsp.why"))[0]
        return decision

    async def end(self) -> None:
        with suppress(ProcessLookupError):
            self.process.kill()
        await asyncio.gather(self.process.wait(), self._reading, self._errors)
        assert self.process.stdin is not None
        self.process.stdin.close()


def _position(line: int, character: int) -> dict[str, int]:
    return {"line": line, "character": character}


def selected_item(line: int, start: int, end: int, text: str) -> Json:
    return {"range": {"start": _position(line, start), "end": _position(line, end)}, "text": text}


@asynccontextmanager
async def started(
    home: Path,
    settings: Any = None,
    *,
    folders: tuple[Path, ...] = (),
    capabilities: Mapping[str, Any] | None = None,
    encoding: str = "utf-16",
    **variables: str,
) -> AsyncIterator[Editor]:
    """A server that has answered `initialize`."""
    process = await asyncio.create_subprocess_exec(
        *COMMAND,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=home,
        env=clean_environment(home, **variables),
        limit=1 << 22,
    )
    editor = Editor(process)
    try:
        await editor.request(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": None,
                "workspaceFolders": [{"uri": folder.as_uri(), "name": folder.name} for folder in folders] or None,
                "capabilities": {"general": {"positionEncodings": [encoding]}, **(capabilities or {})},
                "initializationOptions": settings,
            },
        )
        editor.notify("initialized", {})
        yield editor
    finally:
        await editor.end()
