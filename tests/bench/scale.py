"""Many people at one upstream: `python -m tests.bench.scale [--engines 180] [--servers 20]`.

Engines in this process and whole server processes type at the same time, as VS Code does: a request a key, the one
before it cancelled. The model knows what is being typed and is wrong in one place of five. Counted is what must be
nought, requests without an answer and streams that nobody closed, and whether the upstream's time is shared fairly.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import statistics
import tempfile
import time
from collections import Counter
from contextlib import AsyncExitStack
from multiprocessing.connection import Connection
from pathlib import Path
from random import Random
from typing import Any, Protocol

from fim_lsp import prompt as prompts
from fim_lsp.chain import make_chain
from fim_lsp.cli.client import Client
from fim_lsp.desk import Setup
from fim_lsp.document import Edit, Snapshot
from fim_lsp.engine import Engine
from fim_lsp.generation import Ask
from fim_lsp.ledger import Ledger
from fim_lsp.providers.base import Prompt
from fim_lsp.settings.model import Completion, ProviderSettings, Settings
from fim_lsp.transport import Transport
from tests.fim_server import FimServer, Recorded, Script

TYPED = """\
def read_all(paths):
    texts = []
    for path in paths:
        with open(path) as file:
            texts.append(file.read())
    return texts
"""


def says(body: dict[str, Any]) -> str:
    """The next two lines of what is being typed; in one place of five, something else."""
    at = len(body["prompt"])
    rest = "".join(TYPED[at:].splitlines(keepends=True)[:2])
    return rest if at % 5 else "return None\n"


SCRIPT = Script(text=says, first_token_ms=250, tokens_per_s=90)
PATIENCE_S = 15.0


class Editor(Protocol):
    """Where a person types."""

    async def type(self, typed: str) -> None:
        """The document is now what has been typed."""
        ...

    async def ask(self) -> None:
        """Returns when there is an answer."""
        ...


class EngineEditor:
    """An engine of its own with connections of its own, in this process."""

    def __init__(self, number: int, base_url: str) -> None:
        self._uri = f"file:///person{number}.py"
        self._text = ""
        self.transport = Transport()
        settings = Settings(providers={"bench": ProviderSettings(kind="mistral", base_url=base_url)})
        chain = make_chain(
            ["bench"], settings, transport=self.transport, ledger=Ledger(), key_for=lambda name, own: _key(number)
        )
        setup = Setup(Completion(), chain, cache_key=f"person{number}")
        loop = asyncio.get_running_loop()
        self._engine = Engine(setup_for=lambda snapshot: setup, make_prompt=_prompt, clock=loop.time)

    async def type(self, typed: str) -> None:
        edit = Edit(len(self._text), "", typed[len(self._text) :])
        self._text = typed
        if self._engine.follows(self._uri):
            self._engine.typed(self._snapshot(), edit)

    async def ask(self) -> None:
        await self._engine.complete(self._snapshot(), invoked=False)

    def _snapshot(self) -> Snapshot:
        line = self._text.count("\n")
        return Snapshot(self._uri, "python", len(self._text), self._text, "", line=line)


async def _prompt(ask: Ask) -> Prompt:
    return prompts.build(ask.snapshot, budget_tokens=1024, snippets=(), path="person.py", project="")


def _key(number: int) -> Any:
    async def get() -> str:
        return f"key-of-person-{number}"

    return get


class ServerEditor:
    """A server process, as an editor starts it."""

    def __init__(self, number: int, client: Client) -> None:
        self._uri = f"file:///person{number}.py"
        self._client = client
        self._text = ""
        document = {"uri": self._uri, "languageId": "python", "version": 0, "text": ""}
        client.notify("textDocument/didOpen", {"textDocument": document})

    async def type(self, typed: str) -> None:
        at, self._text = self._position(), typed
        change = {"range": {"start": at, "end": at}, "text": typed[-1]}
        document = {"uri": self._uri, "version": len(typed)}
        self._client.notify("textDocument/didChange", {"textDocument": document, "contentChanges": [change]})

    async def ask(self) -> None:
        place = {"textDocument": {"uri": self._uri}, "position": self._position(), "context": {"triggerKind": 2}}
        await self._client.request("textDocument/inlineCompletion", place)

    def _position(self) -> dict[str, int]:
        return {"line": self._text.count("\n"), "character": len(self._text) - self._text.rfind("\n") - 1}


class Person:
    """Types the text with a rhythm of their own."""

    def __init__(self, number: int, editor: Editor) -> None:
        self._random = Random(number)
        self._editor = editor
        self.answered = 0
        self.unanswered = 0
        self.waits_ms: list[float] = []

    async def work(self) -> None:
        await asyncio.sleep(self._random.uniform(0, 2))
        asking: asyncio.Task[None] | None = None
        for end in range(1, len(TYPED) + 1):
            await self._editor.type(TYPED[:end])
            if asking is not None and not asking.done() and isinstance(self._editor, EngineEditor):
                asking.cancel()
            asking = asyncio.ensure_future(self._ask())
            await asyncio.sleep(min(2.0, self._random.lognormvariate(-1.9, 0.6)))
        if asking is not None:
            await asking

    async def _ask(self) -> None:
        begun = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE_S):
                await self._editor.ask()
        except TimeoutError:
            self.unanswered += 1
        else:
            self.answered += 1
            self.waits_ms.append((time.monotonic() - begun) * 1000)


def serve(pipe: Connection) -> None:
    """The upstream, in a process of its own; says at the end what became of each request."""

    async def run() -> None:
        async with FimServer(SCRIPT) as server:
            pipe.send(server.base_url)
            await asyncio.to_thread(pipe.recv)
            await asyncio.sleep(0.5)
            pipe.send([_outcome(request) for request in server.requests])

    asyncio.run(run())


def _outcome(request: Recorded) -> tuple[str, str, float]:
    """Who, what became of it, and when."""
    ended = "answered" if request.answered else "left" if request.closed_at_s is not None else "open"
    return str(request.body.get("prompt_cache_key")), ended, request.at_s


async def type_all(base_url: str, engines: int, servers: int) -> list[Person]:
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        editors: list[Editor] = []
        for number in range(engines):
            editor = EngineEditor(number, base_url)
            stack.push_async_callback(editor.transport.aclose)
            editors.append(editor)
        for number in range(engines, engines + servers):
            client = Client(None, settings=_settings(base_url, number), env=_environment(folder, number))
            editors.append(ServerEditor(number, await stack.enter_async_context(client)))
        people = [Person(number, editor) for number, editor in enumerate(editors)]
        await asyncio.gather(*(person.work() for person in people))
        return people


def _settings(base_url: str, number: int) -> dict[str, Any]:
    table = {"kind": "mistral", "base_url": base_url, "api_key": f"key-of-person-{number}"}
    return {"provider": "bench", "providers": {"bench": table}}


def _environment(folder: Path, number: int) -> dict[str, str]:
    """Each process is another person's: it must not share limits with the others."""
    return {**os.environ, "XDG_STATE_HOME": str(folder / str(number)), "XDG_CONFIG_HOME": str(folder / "none")}


def report(people: list[Person], outcomes: list[tuple[str, str, float]], seconds: float) -> None:
    ended = Counter(outcome for _, outcome, _ in outcomes)
    shares = sorted(Counter(who for who, _, _ in outcomes).values())
    seen = [at for _, _, at in outcomes]
    busiest = max(Counter(int(at) for at in seen).values())
    waits = sorted(wait for person in people for wait in person.waits_ms)
    print(f"{len(people)} people typed {len(TYPED)} keys each in {seconds:.0f} s")
    print(f"requests without an answer: {sum(person.unanswered for person in people)}")
    print(f"upstream streams not closed: {ended['open']} (answered {ended['answered']}, left early {ended['left']})")
    print(f"upstream requests a person: {shares[0]} to {shares[-1]}, median {statistics.median(shares):.0f}")
    print(f"upstream requests in the busiest second: {busiest}, {busiest / len(people):.2f} a person")
    print(f"waits: median {statistics.median(waits):.0f} ms, 99 % within {waits[len(waits) * 99 // 100]:.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engines", type=int, default=180)
    parser.add_argument("--servers", type=int, default=20)
    args = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    upstream = context.Process(target=serve, args=(there,), daemon=True)
    upstream.start()
    begun = time.monotonic()
    try:
        people = asyncio.run(type_all(here.recv(), args.engines, args.servers))
        seconds = time.monotonic() - begun
        here.send("done")
        report(people, here.recv(), seconds)
    finally:
        upstream.terminate()


if __name__ == "__main__":
    main()
