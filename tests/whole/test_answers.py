"""The answer contract, over stdio: what an editor gets back, whatever it and its user are doing meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fim_server import FimServer, Script
from tests.whole.editor import PATIENCE_S, Editor, selected_item, started, upstream_settings

URI = "file:///typed.py"
CANCELLED = -32800
SLOW = Script(text="first + second\n", first_token_ms=600)


@pytest.fixture
async def editor(upstream: FimServer, tmp_path: Path) -> AsyncIterator[Editor]:
    async with started(tmp_path, upstream_settings(upstream, completion={"candidates": 1})) as editor:
        yield editor


def insertion(answer: Any) -> tuple[str, int, int]:
    """Text and range of the only item, which must be a plain string on one line."""
    (item,) = answer
    start, end = item["range"]["start"], item["range"]["end"]
    assert start["line"] == end["line"]
    assert isinstance(item["insertText"], str)
    return item["insertText"], start["character"], end["character"]


async def test_an_item_repeats_the_text_from_its_ranges_start(upstream: FimServer, editor: Editor) -> None:
    upstream.script = Script(text="first + second\n")
    editor.open(URI, "total = \n")
    (item,) = await editor.shown(URI, 0, 8)
    text, start, end = insertion([item])
    assert "total = "[start:] + "first + second" == text
    assert end == 8
    assert item["command"]["command"] == "fim-lsp.accepted"
    assert await editor.command("fim-lsp.accepted", *item["command"]["arguments"]) is None


async def test_superseded_by_a_request_is_null(upstream: FimServer, editor: Editor) -> None:
    upstream.script = SLOW
    editor.open(URI, "total = \n")
    _, first = editor.begin_completion(URI, 0, 8, invoked=False)
    assert insertion(await editor.shown(URI, 0, 8, invoked=False))[0].endswith("first + second")
    assert (await first)["result"] is None
    assert len(upstream.requests) == 1
    assert "superseded" in [decision["reason"] for decision in await editor.command("fim-lsp.why")]


async def test_the_menu_and_ghost_text_share_one_request(upstream: FimServer, tmp_path: Path) -> None:
    upstream.script = Script(text="first + second\n", first_token_ms=60)
    settings = upstream_settings(upstream, menu={"completion": "on"})
    async with started(tmp_path, settings) as editor:
        editor.open(URI, "total = \n")
        position = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 8}}
        _, ghost = editor.begin_completion(URI, 0, 8, invoked=False)
        _, menu = editor.begin("textDocument/completion", position)
        assert insertion((await ghost)["result"])[0].endswith("first + second")
        assert (await menu)["result"]["items"] or (await editor.request("textDocument/completion", position))["items"]
    assert len(upstream.requests) == 1


async def test_superseded_by_a_key_is_null_at_once(upstream: FimServer, editor: Editor) -> None:
    upstream.script = Script(text="never", first_token_ms=60_000)
    editor.open(URI, "total = \n")
    _, first = editor.begin_completion(URI, 0, 8)
    await upstream.until(lambda: upstream.requests, PATIENCE_S)
    editor.change(URI, (0, 8), (0, 8), "x")
    assert (await asyncio.wait_for(first, 3))["result"] is None


async def test_nothing_to_say_is_an_empty_list(upstream: FimServer, editor: Editor) -> None:
    upstream.script = Script(text="")
    editor.open(URI, "total = \n")
    assert await editor.complete(URI, 0, 8, invoked=False) == []
    assert (await editor.why())["reason"] == "empty"


async def test_cancelled_by_the_editor(upstream: FimServer, editor: Editor) -> None:
    upstream.script = SLOW
    editor.open(URI, "total = \n")
    msg_id, answer = editor.begin_completion(URI, 0, 8)
    await upstream.until(lambda: upstream.requests, PATIENCE_S)
    editor.notify("$/cancelRequest", {"id": msg_id})
    assert (await asyncio.wait_for(answer, 3))["error"]["code"] == CANCELLED
    assert (await editor.why())["reason"] == "cancelled"
    # What the model says meanwhile is kept for whoever asks next.
    assert insertion(await editor.shown(URI, 0, 8))[0].endswith("first + second")
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("script", [Script(status=500), Script(status=401), Script(fault="closes")], ids=repr)
async def test_never_an_error_for_an_automatic_request(upstream: FimServer, editor: Editor, script: Script) -> None:
    upstream.script = script
    editor.open(URI, "total = \n")
    assert await editor.complete(URI, 0, 8, invoked=False) == []
    assert await editor.complete("file:///never-opened.py", 0, 0, invoked=False) == []
    assert await editor.complete(URI, 999, 999, invoked=False) == []


async def test_an_edit_elsewhere_while_the_model_talks(upstream: FimServer, editor: Editor) -> None:
    """Fifty lines away nothing of what is being generated is wrong; the answer stands at the cursor's new place."""
    upstream.script = SLOW
    editor.open(URI, "# top\n" + "pass\n" * 50 + "total = \n")
    _, first = editor.begin_completion(URI, 51, 8)
    await upstream.until(lambda: upstream.requests, PATIENCE_S)
    editor.change(URI, (0, 5), (0, 5), "\n# more")
    assert (await first)["result"] is None
    text, _, end = insertion(await editor.shown(URI, 52, 8))
    assert text.endswith("first + second")
    assert end == 8


async def test_windows_line_ends_stay_in_the_editor(upstream: FimServer, editor: Editor) -> None:
    upstream.script = Script(text="\n    first = 1\n    return first\n", gather=True)
    editor.open(URI, "import os\r\n\r\ndef work():\r\n\r\nwork()\r\n")
    text, _, end = insertion(await editor.shown(URI, 2, 11))
    assert "\r" not in text
    assert "\n    first = 1" in text
    assert end == 11
    (request,) = upstream.requests
    assert request.body["prompt"].endswith("import os\n\ndef work():")
    assert request.body["suffix"] == "\n\nwork()\n"
    assert b"\\r" not in editor.traffic


UNITS = {"utf-8": 1, "utf-16": 2, "utf-32": 4}


@pytest.mark.parametrize("encoding", UNITS)
async def test_columns_in_the_editors_encoding(upstream: FimServer, tmp_path: Path, encoding: str) -> None:
    name, width = encoding if encoding == "utf-8" else f"{encoding}-le", UNITS[encoding]
    line = "x = '🎉é😀'; y"
    column = len(line.encode(name)) // width
    upstream.script = Script(text="= '🎉'\n")
    async with started(tmp_path, upstream_settings(upstream), encoding=encoding) as editor:
        editor.open(URI, f"{line}\n")
        editor.change(URI, (0, column), (0, column), " ")
        text, start, end = insertion((await editor.shown(URI, 0, column + 1))[:1])
        assert upstream.requests[0].body["prompt"] == f"{line} "
        assert end == column + 1
        repeated = f"{line} ".encode(name)[start * width :].decode(name)
        assert text == f"{repeated}= '🎉'"


async def test_the_menus_item_begins_the_suggestion(upstream: FimServer, editor: Editor) -> None:
    upstream.script = Script(text="(path)\n")
    editor.open(URI, "import os\nos.pa\n")
    text, start, end = insertion(await editor.shown(URI, 1, 5, selected=selected_item(1, 3, 5, "path.join")))
    assert upstream.requests[0].body["prompt"].endswith("os.path.join")
    assert text == "os.path.join(path)"[start:]
    assert start <= 3
    assert end == 5


async def test_a_menu_item_that_says_something_else_silences(upstream: FimServer, editor: Editor) -> None:
    editor.open(URI, "import os\nos.pa\n")
    assert await editor.complete(URI, 1, 5, selected=selected_item(1, 3, 5, "getcwd")) == []
    assert (await editor.why())["reason"] == "menu"
    assert upstream.requests == []


async def test_typing_along_and_back_asks_nobody(upstream: FimServer, editor: Editor) -> None:
    upstream.script = Script(text="first + second\n")
    editor.open(URI, "total = \n")
    await editor.complete(URI, 0, 8)
    for number, letter in enumerate("first"):
        editor.change(URI, (0, 8 + number), (0, 8 + number), letter, version=2 + number)
        text, start, _ = insertion(await editor.shown(URI, 0, 9 + number, invoked=False))
        assert text == "total = first + second"[start:]
    editor.change(URI, (0, 10), (0, 13), "", version=9)
    text, start, end = insertion(await editor.shown(URI, 0, 10, invoked=False))
    assert (text, end) == ("total = first + second"[start:], 10)
    assert len(upstream.requests) == 1


async def test_the_stream_is_closed_when_the_document_leaves_it(upstream: FimServer, editor: Editor) -> None:
    upstream.script = Script(text=" + ".join(f"part_{n}" for n in range(99)), first_token_ms=10, tokens_per_s=20)
    editor.open(URI, "total = \n")
    _, answer = editor.begin_completion(URI, 0, 8)
    await upstream.until(lambda: upstream.requests and upstream.requests[0].sent, PATIENCE_S)
    editor.change(URI, (0, 8), (0, 8), "z")
    await upstream.until(lambda: upstream.requests[0].closed_at_s, PATIENCE_S)
    assert (await answer)["result"] is None
    assert not upstream.requests[0].answered
