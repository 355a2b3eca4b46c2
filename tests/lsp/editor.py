"""An editor in the same process: it speaks real messages, and never waits for the clock."""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

from fim_lsp.lsp.framing import Deframer, Malformed
from fim_lsp.lsp.server import Server
from tests.lsp.fake_engine import FakeEngine

URI = "file:///project/a.py"
AUTOMATIC, INVOKED = 2, 1


class Editor:
    """Talks to a `Server` with a `FakeEngine`. Answers its requests with what `answers` says, else with null."""

    def __init__(self, **capabilities: Any) -> None:
        self.capabilities = capabilities
        self.left: list[int] = []
        self.watched: list[int] = []
        self.received: list[dict[str, Any]] = []
        self.answers: dict[str, Any] = {}
        self._waiting: dict[Any, asyncio.Future[dict[str, Any]]] = {}
        self._ids = itertools.count(1)
        self._deframer = Deframer()
        self.server = Server(FakeEngine, self.left.append, self.watched.append)
        self.server.protocol.set_writer(self)  # type: ignore[arg-type]

    @property
    def engine(self) -> FakeEngine:
        assert isinstance(self.server.engine, FakeEngine)
        return self.server.engine

    # What the server writes

    def write(self, data: bytes) -> None:
        for body in self._deframer.feed(data):
            assert not isinstance(body, Malformed)
            self._take(json.loads(body))

    def _take(self, message: dict[str, Any]) -> None:
        self.received.append(message)
        if "method" not in message:
            waiting = self._waiting.pop(message["id"], None)
            if waiting is not None:
                waiting.set_result(message)
        elif "id" in message:
            answer = self.answers.get(message["method"])
            if answer is not NEVER:
                asyncio.get_running_loop().call_soon(self.send, {"id": message["id"], "result": answer})

    def notified(self, method: str) -> list[Any]:
        """The params of the server's messages of that method."""
        return [message.get("params") for message in self.received if message.get("method") == method]

    # What the editor writes

    def send(self, message: dict[str, Any]) -> None:
        self.server.protocol.receive(json.dumps({"jsonrpc": "2.0", **message}).encode())

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"method": method, "params": params})

    def begin(self, method: str, params: Any = None, msg_id: Any = None) -> asyncio.Future[dict[str, Any]]:
        """Send a request; the future is its whole response."""
        msg_id = next(self._ids) if msg_id is None else msg_id
        future = self._waiting[msg_id] = asyncio.get_running_loop().create_future()
        self.send({"id": msg_id, "method": method, "params": params})
        return future

    async def request(self, method: str, params: Any = None) -> Any:
        """The result of a request that must not fail."""
        response = await asyncio.wait_for(self.begin(method, params), 5)
        assert "error" not in response, response
        return response["result"]

    async def error(self, method: str, params: Any = None) -> int:
        """The error code of a request that must fail."""
        response = await asyncio.wait_for(self.begin(method, params), 5)
        assert isinstance(response["error"]["message"], str)
        assert "data" not in response["error"]
        code = response["error"]["code"]
        assert isinstance(code, int)
        return code

    async def initialize(self, **params: Any) -> Any:
        params = {"processId": None, "rootUri": None, "capabilities": self.capabilities, **params}
        result = await self.request("initialize", params)
        self.notify("initialized", {})
        return result

    def open(self, text: str, uri: str = URI, language: str = "python") -> None:
        document = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def change(self, *changes: dict[str, Any], uri: str = URI, version: int | None = 2) -> None:
        params = {"textDocument": {"uri": uri, "version": version}, "contentChanges": list(changes)}
        self.notify("textDocument/didChange", params)

    def begin_complete(self, line: int, character: int, uri: str = URI, **context: Any) -> Any:
        return self.begin("textDocument/inlineCompletion", asked_at(line, character, uri, **context))

    async def complete(self, line: int, character: int, uri: str = URI, **context: Any) -> Any:
        return await self.request("textDocument/inlineCompletion", asked_at(line, character, uri, **context))

    async def close(self) -> None:
        await self.server.close()


NEVER = object()
"""As an answer: none at all."""


def asked_at(line: int, character: int, uri: str = URI, **context: Any) -> dict[str, Any]:
    return {
        "textDocument": {"uri": uri},
        "position": {"line": line, "character": character},
        "context": {"triggerKind": AUTOMATIC, **context},
    }


def insert(line: int, character: int, text: str) -> dict[str, Any]:
    return replace(line, character, line, character, text)


def replace(line: int, character: int, end_line: int, end_character: int, text: str) -> dict[str, Any]:
    start, end = {"line": line, "character": character}, {"line": end_line, "character": end_character}
    return {"range": {"start": start, "end": end}, "text": text}


async def settle() -> None:
    """Let everything run that is ready to."""
    for _ in range(20):
        await asyncio.sleep(0)
