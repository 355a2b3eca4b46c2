"""Secrets in text that may leave: pasted, typed letter by letter, cut by the edge of a prompt, remembered elsewhere.

What cannot be held back, because nothing announces it, is on `docs/privacy.md`; here is what is.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.fim_server import FimServer
from tests.hard.stack import SILENT, Editor, everything_sent, leak, running
from tests.privacy import canaries
from tests.privacy.canaries import Canary

BUSY = 25
"""Context is gathered within milliseconds or not at all; on a busy machine so many requests may be without."""
LEAST_READ = 10
"""So many of the files have been read for context even on a very busy machine; on an idle one, all."""
SEEDS = range(int(os.environ.get("TEST_SEEDS", "1")))
LEAST = 5
"""So many characters in a row are taken for a piece of a secret: by chance fewer stand anywhere."""
LEAST_TYPED = 8
"""While it is typed, the head of a token can go before it is known to be one."""
CODE = """\
import os


def connect(host, port=5432):
    client = Client(host)
    client.open(port)
    return client


def load(path, *, mode="r"):
    with open(path, mode) as file:
        return [parse(line) for line in file]


class Client:
    def __init__(self, host):
        self.host = host
        self.port = None

    def open(self, port):
        self.port = port
        return self.host
"""


@pytest.fixture
def work(tmp_path: Path) -> Path:
    work = tmp_path / "work"
    (work / ".git").mkdir(parents=True)
    return work


@pytest.fixture(params=SEEDS)
def rng(request: pytest.FixtureRequest) -> random.Random:
    return random.Random(f"{request.param}")


def every_canary(seed: int) -> Iterator[Canary]:
    yield from canaries.marked(seed)
    yield from canaries.named(seed)
    block = canaries.pem(seed)
    yield Canary("PEM", f'KEY = """{block}"""', "".join(block.split("\n")[3:-3]))
    token = canaries.jwt(seed)
    yield Canary("JWT", f'token = "{token}"', token.rpartition(".")[2])


def pieces(canary: Canary) -> list[str]:
    """What is looked for: a PEM block's body line by line."""
    return [canary.secret[at : at + 64] for at in range(0, len(canary.secret), 64)]


def leaks(canary: Canary, sent: str, least: int = LEAST) -> str:
    """By chance, five letters of a long random secret may stand elsewhere; eight may not."""
    least = max(least, LEAST_TYPED) if len(canary.secret) > 60 else least
    return next((found for piece in pieces(canary) if (found := leak(piece, sent, least))), "")


def pasted(canary: Canary, rng: random.Random) -> tuple[str, int]:
    """The code with the secret on a line of its own somewhere, and where that line ends."""
    lines = CODE.split("\n")
    at = rng.randrange(1, len(lines))
    head = "\n".join(lines[:at]) + "\n" + " " * rng.choice((0, 4)) + canary.text
    return head + "\n" + "\n".join(lines[at:]), len(head)


def serve(tmp_path: Path, work: Path, upstream: FimServer, **changes: object) -> AbstractAsyncContextManager[Editor]:
    return running(tmp_path, work, upstream, **changes)


async def test_pasted_anywhere_nothing_of_it_is_sent(tmp_path: Path, work: Path, rng: random.Random) -> None:
    """In the document itself, before and after the cursor; in another open one; in the last edits of both."""
    found = {}
    async with FimServer(SILENT) as upstream, serve(tmp_path, work, upstream) as editor:
        other = (work / "other.py").as_uri()
        editor.open(other, CODE)
        await editor.ask(other)
        for number, canary in enumerate(every_canary(rng.randrange(10**6))):
            uri = (work / f"app_{number}.py").as_uri()
            text, end = pasted(canary, rng)
            if number % 2:
                editor.open(uri, text)
            else:
                start = end - len(canary.text)
                editor.open(uri, text[:start] + text[end:])
                editor.edit(uri, start, start, canary.text)
            before = len(upstream.requests)
            places = [end + 1, rng.choice([at for at, char in enumerate(text) if char == "\n" and abs(at - end) > 1])]
            for at in (*places, None):
                await editor.ask(uri, at)
            await editor.ask(other, rng.choice([at for at, char in enumerate(CODE) if char == "\n"]))
            requests = upstream.requests[before:]
            assert requests, canary
            if found_here := leaks(canary, everything_sent(requests)):
                found[canary.kind] = found_here
            editor.close(uri)
    assert found == {}


async def test_typed_letter_by_letter_nothing_of_it_is_sent(tmp_path: Path, work: Path, rng: random.Random) -> None:
    """The editor asks after every letter, and goes on to the next line when the secret is there."""
    found = {}
    async with FimServer(SILENT) as upstream, serve(tmp_path, work, upstream) as editor:
        for number, canary in enumerate(every_canary(rng.randrange(10**6))):
            if number % 3 != rng.randrange(3) and canary.kind not in ("PEM", "JWT"):
                continue
            uri = (work / f"typed_{number}.py").as_uri()
            editor.open(uri, CODE + "\n")
            at, before = len(CODE), len(upstream.requests)
            for letter in f"{canary.text}\n":
                editor.edit(uri, at, at, letter)
                at += 1
                if letter.isalnum() or rng.random() < 0.5:
                    editor.begin(uri, at, invoked=rng.random() < 0.3).add_done_callback(lambda task: task.exception())
            await editor.ask(uri, at)
            await editor.ask(uri, 0)
            if found_here := leaks(canary, everything_sent(upstream.requests[before:]), LEAST_TYPED):
                found[canary.kind] = found_here
            editor.close(uri)
    assert found == {}


@pytest.mark.parametrize("side", ["before", "after"])
async def test_cut_by_the_edge_of_the_prompt_nothing_of_it_is_sent(
    tmp_path: Path, work: Path, rng: random.Random, side: str
) -> None:
    """A small window, and secrets at every distance from its edge."""
    found = {}
    chosen = rng.sample(list(every_canary(rng.randrange(10**6))), 8)
    async with (
        FimServer(SILENT) as upstream,
        serve(tmp_path, work, upstream, context={"max_tokens": 128}) as editor,
    ):
        uri = (work / "edge.py").as_uri()
        editor.open(uri, "")
        for canary in chosen:
            before = len(upstream.requests)
            for distance in range(80, 480, 16 + rng.randrange(8)):
                filler = "x = call(1)\n" * (distance // 12) + "y" * (distance % 12)
                far = "z = 2\n" * 50
                parts = (far, canary.text, "\n", filler, "\n", "q = \n", far)
                text = "".join(parts if side == "before" else ("q = \n", filler, "\n", canary.text, "\n", far))
                editor.edit(uri, 0, len(editor.texts[uri]), text)
                await editor.command("clear")
                await editor.ask(uri, text.index("q = ") + 4)
            requests = upstream.requests[before:]
            assert len(requests) > 10, canary
            if found_here := leaks(canary, everything_sent(requests)):
                found[canary.kind] = found_here
    assert found == {}


async def test_in_files_that_are_read_for_context_nothing_of_it_is_sent(
    tmp_path: Path, work: Path, rng: random.Random
) -> None:
    """Closed neighbours and imported modules; the code around the secret is sent, the secret is not."""
    chosen = list(every_canary(rng.randrange(10**6)))
    for number, canary in enumerate(chosen):
        text, _ = pasted(canary, rng)
        (work / f"part_{number}.py").write_text(
            f"def helper_{number}(host):\n    {canary.text}\n    return host\n\n\n{text}"
        )
    found, are_read = {}, 0
    async with FimServer(SILENT) as upstream, serve(tmp_path, work, upstream) as editor:
        for number, canary in enumerate(chosen):
            uri = (work / f"main_{number}.py").as_uri()
            start = (
                f"from part_{number} import helper_{number}, connect\n\n\ndef run(host):\n    helper_{number}(\n    "
            )
            editor.open(uri, start)
            before, sent = len(upstream.requests), ""
            for _ in range(BUSY):
                await editor.ask(uri)
                sent = everything_sent(upstream.requests[before:])
                if f"def helper_{number}(host)" in sent:
                    are_read += 1
                    break
                await editor.command("clear")  # it had no time to read; it looks again
            if found_here := leaks(canary, sent):
                found[canary.kind] = found_here
            editor.close(uri)
    assert are_read >= LEAST_READ, "definitions of imported names are context"
    assert found == {}


async def test_a_place_left_before_the_secret_was_done_is_not_sent_later(
    tmp_path: Path, work: Path, rng: random.Random
) -> None:
    """Half a token stays where the user stopped typing; it is an edit and a visit that later prompts look at."""
    found = {}
    async with FimServer(SILENT) as upstream, serve(tmp_path, work, upstream) as editor:
        app = (work / "app.py").as_uri()
        editor.open(app, CODE + "\nconnect(\n")
        for number, canary in enumerate(list(canaries.marked(rng.randrange(10**6)))[::3]):
            uri = (work / f"half_{number}.py").as_uri()
            half = canary.text[: canary.text.index(canary.secret) + len(canary.secret) * 2 // 3]
            editor.open(uri, CODE)
            at, before = CODE.index("    client.open"), len(upstream.requests)
            editor.edit(uri, at, at, f"{half}\n")
            await editor.ask(uri, at)
            editor.edit(app, len(editor.texts[app]), len(editor.texts[app]), f"client_{number} = connect(\n")
            await editor.ask(app)
            if found_here := leaks(canary, everything_sent(upstream.requests[before:]), LEAST_TYPED):
                found[canary.kind] = found_here
    assert found == {}
