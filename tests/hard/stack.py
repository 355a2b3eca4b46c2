"""The whole thing, as people run it: the server in a process of its own, and an upstream that records all it gets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil

from fim_lsp.cli.client import SERVER, Client
from tests.cli.processes import environment
from tests.fim_server import FimServer, Recorded, Script

KEY = "sesame-4711"
SILENT = Script(text="total = first + second\n")
PATIENCE_S = 20.0
"""Long enough for a busy machine; what is waited for here happens soon or never."""


class Editor(Client):
    """A client that knows documents. Documents are changed by replacing a span of their text."""

    def __init__(self, folder: Path, *, process_id: int | None = None, **options: Any) -> None:
        self.heard: list[tuple[str, Any]] = []
        super().__init__(folder, on_notification=lambda method, params: self.heard.append((method, params)), **options)
        self.texts: dict[str, str] = {}
        self._versions: dict[str, int] = {}
        self._process_id = process_id

    def _initialize_params(self) -> dict[str, Any]:
        own = {} if self._process_id is None else {"processId": self._process_id}
        return {**super()._initialize_params(), **own}

    @property
    def process(self) -> psutil.Process:
        return psutil.Process(self._process.pid)

    @property
    def last_id(self) -> int:
        """Of the last request."""
        return self._last_id

    @property
    def has_ended(self) -> bool:
        return self._process.returncode is not None

    def open(self, uri: str, text: str, language: str = "python") -> None:
        self.texts[uri], self._versions[uri] = text, 1
        document = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def close(self, uri: str) -> None:
        del self.texts[uri]
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def edit(self, uri: str, start: int, end: int, text: str) -> None:
        before = self.texts[uri]
        span = {"start": position(before, start), "end": position(before, end)}
        self.texts[uri] = before[:start] + text + before[end:]
        self._versions[uri] += 1
        document = {"uri": uri, "version": self._versions[uri]}
        self.notify(
            "textDocument/didChange", {"textDocument": document, "contentChanges": [{"range": span, "text": text}]}
        )

    async def ask(self, uri: str, at: int | None = None, *, invoked: bool = True, **context: Any) -> Any:
        """The suggestions at an offset, by default at the end of the text."""
        return await asyncio.wait_for(self.begin(uri, at, invoked=invoked, **context), PATIENCE_S)

    def begin(self, uri: str, at: int | None = None, *, invoked: bool = True, **context: Any) -> asyncio.Task[Any]:
        text = self.texts.get(uri, "")
        where = position(text, len(text) if at is None else at)
        params = {
            "textDocument": {"uri": uri},
            "position": where,
            "context": {"triggerKind": 1 if invoked else 2, **context},
        }
        return asyncio.ensure_future(self.request("textDocument/inlineCompletion", params))

    async def command(self, name: str, *arguments: Any) -> Any:
        asked = self.request("workspace/executeCommand", {"command": f"fim-lsp.{name}", "arguments": list(arguments)})
        return await asyncio.wait_for(asked, PATIENCE_S)

    async def reason(self) -> str | None:
        """Why the last answer was silent."""
        decision = (await self.command("why"))[0]
        reason: str | None = decision["reason"]
        return reason

    def messages(self) -> list[str]:
        """What people were shown."""
        return [params["message"] for method, params in self.heard if method == "window/showMessage"]


def position(text: str, offset: int) -> dict[str, int]:
    """In utf-32, which the client prefers."""
    return {"line": text.count("\n", 0, offset), "character": offset - text.rfind("\n", 0, offset) - 1}


def settings_for(upstream: FimServer | None, **changes: Any) -> dict[str, Any]:
    base_url = upstream.base_url if upstream is not None else "http://127.0.0.1:1/v1"
    own = {"kind": "mistral", "base_url": base_url, "api_key": KEY}
    settings = {"provider": "mine", "providers": {"mine": own}, "completion": {"debounce_ms": 0, "candidates": 1}}
    for name, value in changes.items():
        both_are_tables = isinstance(value, dict) and isinstance(settings.get(name), dict)
        settings[name] = {**settings[name], **value} if both_are_tables else value  # type: ignore[dict-item]
    return settings


@asynccontextmanager
async def running(
    home: Path,
    folder: Path,
    upstream: FimServer | None,
    *,
    variables: dict[str, str] | None = None,
    process_id: int | None = None,
    **changes: Any,
) -> AsyncIterator[Editor]:
    """A server in `folder`, with its own home and nothing of the user's."""
    env = {**environment(home, **(variables or {}))}
    del env["FIM_LSP_PROVIDER"]
    settings = settings_for(upstream, **changes)
    async with Editor(folder, settings=settings, env=env, command=SERVER, process_id=process_id) as editor:
        yield editor


def everything_sent(requests: list[Recorded]) -> str:
    """Every text of every request: path, headers, and all strings of the body."""
    return "\n".join(
        "\n".join([request.path, json.dumps(request.headers), *_strings(request.body)]) for request in requests
    )


def _strings(body: Any) -> Iterator[str]:
    if isinstance(body, str):
        yield body
    elif isinstance(body, dict):
        for name, value in body.items():
            yield name
            yield from _strings(value)
    elif isinstance(body, list):
        for value in body:
            yield from _strings(value)


def leak(secret: str, sent: str, least: int) -> str:
    """A piece of the secret, of `least` characters, that is in what was sent."""
    pieces = (secret[start : start + least] for start in range(len(secret) - least + 1))
    return next((piece for piece in pieces if piece in sent), "")
