"""A small language client: starts the real server as a child process and talks to it over stdio.

It is an editor without a screen: it knows messages and nothing of what they are about.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

import msgspec

SERVER = (sys.executable, "-P", "-m", "fim_lsp")
"""-P: nothing is imported from the folder that the server is started in."""
_BYE_S = 3.0
_LINE_LIMIT = 1 << 16
_NULL_ANSWERS = frozenset(
    {"client/registerCapability", "client/unregisterCapability", "window/workDoneProgress/create"}
)


class ServerError(Exception):
    """The server answered with an error, or ended."""


class Client:
    """`async with Client(folder) as client:` — a server that has answered `initialize`."""

    def __init__(
        self,
        folder: Path | None,
        *,
        settings: Mapping[str, Any] | None = None,
        command: Sequence[str] = SERVER,
        env: Mapping[str, str] | None = None,
        capabilities: Mapping[str, Any] | None = None,
        on_notification: Callable[[str, Any], None] = lambda method, params: None,
    ) -> None:
        self._folder = folder
        self._settings = settings
        self._command = command
        self._env = env
        self._capabilities = capabilities or {}
        self._on_notification = on_notification
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._last_id = 0
        self.server: Mapping[str, Any] = {}
        """The answer to `initialize`."""

    async def __aenter__(self) -> Client:
        self._process = await asyncio.create_subprocess_exec(
            *self._command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            cwd=self._folder,
            env=self._env,
            limit=_LINE_LIMIT,
        )
        self._reading = asyncio.create_task(self._read())
        try:
            self.server = await self.request("initialize", self._initialize_params())
        except BaseException:
            await self._end()
            raise
        self.notify("initialized", {})
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            async with asyncio.timeout(_BYE_S):
                await self.request("shutdown")
                self.notify("exit")
                await self._process.wait()
        except (TimeoutError, ServerError, OSError):
            pass
        finally:
            await self._end()

    async def _end(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        await self._reading
        assert self._process.stdin is not None
        self._process.stdin.close()

    async def request(self, method: str, params: object = None) -> Any:
        """Raises ServerError."""
        if self._reading.done():
            raise ServerError("The server has ended.")
        self._last_id += 1
        answer = self._answers[self._last_id] = asyncio.get_running_loop().create_future()
        self._send({"id": self._last_id, "method": method, "params": params})
        return await answer

    def notify(self, method: str, params: object = None) -> None:
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        body = msgspec.json.encode({"jsonrpc": "2.0", **message})
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    async def _read(self) -> None:
        stdout = self._process.stdout
        assert stdout is not None
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                header = (await stdout.readuntil(b"\r\n\r\n")).lower()
                length = int(header.partition(b"content-length:")[2].split()[0])
                self._take(msgspec.json.decode(await stdout.readexactly(length)))
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(ServerError("The server has ended."))
        self._answers.clear()

    def _take(self, message: Any) -> None:
        method = message.get("method")
        if method is None:
            self._take_answer(message)
        elif "id" in message:
            self._answer(message["id"], method, message.get("params"))
        else:
            self._on_notification(method, message.get("params"))

    def _take_answer(self, message: Any) -> None:
        answer = self._answers.pop(message["id"], None)
        if answer is None or answer.done():
            return
        if error := message.get("error"):
            answer.set_exception(ServerError(error["message"]))
        else:
            answer.set_result(message.get("result"))

    def _answer(self, request_id: object, method: str, params: Any) -> None:
        """What the server asks of us."""
        if method == "workspace/configuration":
            self._send({"id": request_id, "result": [self._settings for _ in params["items"]]})
        elif method in _NULL_ANSWERS:
            self._send({"id": request_id, "result": None})
        else:
            self._send({"id": request_id, "error": {"code": -32601, "message": f"{method} is not supported"}})

    def _initialize_params(self) -> dict[str, Any]:
        folders = [{"uri": self._folder.as_uri(), "name": self._folder.name}] if self._folder else None
        return {
            "processId": os.getpid(),
            "clientInfo": {"name": "fim-lsp"},
            "rootUri": folders[0]["uri"] if folders else None,
            "workspaceFolders": folders,
            "capabilities": {"general": {"positionEncodings": ["utf-32", "utf-16"]}, **self._capabilities},
            "initializationOptions": self._settings,
        }
