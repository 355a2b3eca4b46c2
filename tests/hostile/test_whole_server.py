"""A hostile upstream, seen from the editor: the whole server process, every fault that the test server knows."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from fim_lsp.cli.client import Client
from tests.fim_server import FAULTS, FimServer, Script

KEY = "sesame-4711-canary"
URI = "file:///typed.py"
DEADLINE_S = 0.8
LAG_S = 4.0
"""A busy machine may be this late; what hangs is later."""
SILENT = Script(text="total = first + second\n")


class Typist:
    """An editor with one document, in which letters are typed at the end."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self.text = "def work():\n    "
        self._version = 0
        document = {"uri": URI, "languageId": "python", "version": 0, "text": self.text}
        client.notify("textDocument/didOpen", {"textDocument": document})

    def type(self, letters: str) -> None:
        at = self._position()
        self.text += letters
        self._version += 1
        change = {"range": {"start": at, "end": at}, "text": letters}
        document = {"uri": URI, "version": self._version}
        self._client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})

    async def ask(self, *, invoked: bool = True) -> Any:
        kind = {"triggerKind": 1 if invoked else 2}
        place = {"textDocument": {"uri": URI}, "position": self._position(), "context": kind}
        async with asyncio.timeout(DEADLINE_S + LAG_S):
            return await self._client.request("textDocument/inlineCompletion", place)

    async def works(self) -> bool:
        """Whether a suggestion comes; a busy machine may miss the short deadline once or twice."""
        for _ in range(3):
            if await self.ask():
                return True
        return False

    async def command(self, name: str) -> Any:
        return await self._client.request("workspace/executeCommand", {"command": name, "arguments": []})

    def _position(self) -> dict[str, int]:
        return {"line": self.text.count("\n"), "character": len(self.text) - self.text.rfind("\n") - 1}


class Heard:
    """All that the server said besides answers."""

    def __init__(self) -> None:
        self.notifications: list[tuple[str, Any]] = []

    def __call__(self, method: str, params: Any) -> None:
        self.notifications.append((method, params))

    @property
    def messages(self) -> Counter[str]:
        return Counter(params["message"] for method, params in self.notifications if method == "window/showMessage")


@pytest.fixture
async def upstream() -> AsyncIterator[FimServer]:
    async with FimServer(SILENT) as server:
        yield server


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
async def typist(upstream: FimServer, heard: Heard, tmp_path: Path) -> AsyncIterator[Typist]:
    settings = {
        "provider": "mine",
        "providers": {"mine": {"kind": "mistral", "base_url": upstream.base_url, "api_key": KEY}},
        "completion": {"deadline_ms": int(DEADLINE_S * 1000)},
        "log_level": "debug",
    }
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path)}
    async with Client(None, settings=settings, env=environment, on_notification=heard) as client:
        yield Typist(client)


async def test_every_fault_is_survived(
    upstream: FimServer, typist: Typist, heard: Heard, capfd: pytest.CaptureFixture[str]
) -> None:
    """Answered in time, one message a cause, and the next good request works."""
    for number, fault in enumerate(sorted(FAULTS)):
        upstream.script = Script(fault=fault)
        typist.type(f"a{number} = ")
        begun = time.monotonic()
        answer = await typist.ask()
        assert time.monotonic() - begun < DEADLINE_S + LAG_S, fault
        assert answer is None or isinstance(answer, list | dict), fault
        upstream.script = SILENT
        await typist.command("fim-lsp.clear")
        typist.type(f"b{number}\n    c{number} = ")
        assert await typist.works(), (fault, (await typist.command("fim-lsp.why"))[-2:])
        typist.type("0\n    ")
    assert [message for message, count in heard.messages.items() if count > 1] == []
    assert KEY not in repr(heard.notifications)
    assert KEY not in "".join(capfd.readouterr())


@pytest.mark.parametrize(
    "script",
    [Script(status=401), Script(status=403), Script(status=404), Script(status=429, headers={"Retry-After": "3600"})],
    ids=lambda script: str(script.status),
)
async def test_no_request_follows_a_refusal_while_typing_goes_on(
    upstream: FimServer, typist: Typist, heard: Heard, script: Script
) -> None:
    upstream.script = script
    typist.type("x = ")
    assert not await typist.ask()
    for letter in "compute(first, second)\n    return x\n":
        typist.type(letter)
        assert not await typist.ask(invoked=letter == "(")
    assert len(upstream.requests) == 1
    assert sum(heard.messages.values()) == 1


@pytest.mark.parametrize(
    "script", [Script(status=500), Script(fault="closes"), Script(fault="cut"), Script(fault="dead")], ids=repr
)
async def test_one_fault_does_not_delay_the_next_request_by_hand(
    upstream: FimServer, typist: Typist, script: Script
) -> None:
    upstream.script = script
    typist.type("x = ")
    assert not await typist.ask(invoked=False)
    upstream.script = SILENT
    typist.type("y")
    assert await typist.works()
