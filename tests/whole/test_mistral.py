"""Mistral's FIM API from settings to socket: what is sent, what is understood, and what follows a refusal."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fim_server import FimServer, Script
from tests.fim_server.schema import validator
from tests.whole.editor import KEY, Editor, Json, started, upstream_settings

URI = "file:///typed.py"
TEXT = "def work():\n    total = \n"
AT = (1, 12)
SAYS = Script(text="first + second\n")
ALWAYS: Json = {
    "model": "codestral-latest",
    "prompt": "def work():\n    total = ",
    "suffix": "\n",
    "temperature": 0.0,
    "max_tokens": 128,
    "stream": True,
}


@pytest.fixture
async def editor(upstream: FimServer, tmp_path: Path) -> AsyncIterator[Editor]:
    """With a document open, asking one candidate at a time."""
    upstream.script = SAYS
    async with started(tmp_path, only(upstream)) as editor:
        editor.open(URI, TEXT)
        yield editor


def only(upstream: FimServer, **more: Any) -> Json:
    return upstream_settings(upstream, **{"completion": {"candidates": 1, **more.pop("completion", {})}, **more})


def body_of(upstream: FimServer) -> Json:
    body: Json = dict(upstream.requests[-1].body)
    assert isinstance(body.pop("prompt_cache_key"), str)
    return body


SENT: list[tuple[Json, Json]] = [
    ({}, {}),
    ({"temperature": 0.7}, {"temperature": 0.7}),
    ({"top_p": 0.5}, {"top_p": 0.5}),
    ({"max_tokens": 7}, {"max_tokens": 7}),
    ({"min_tokens": 3}, {"min_tokens": 3}),
    ({"random_seed": 0}, {"random_seed": 0}),
    ({"stop": "\n\n"}, {"stop": ["\n\n"]}),
    ({"stop": ["\n\n", "END"]}, {"stop": ["\n\n", "END"]}),
]


@pytest.mark.parametrize(("completion", "sent"), SENT, ids=repr)
async def test_every_field_of_the_schema_is_reached_by_a_setting(
    upstream: FimServer, tmp_path: Path, completion: Json, sent: Json
) -> None:
    upstream.script = SAYS
    async with started(tmp_path, only(upstream, completion=completion)) as editor:
        editor.open(URI, TEXT)
        assert await editor.shown(URI, *AT)
    (request,) = upstream.requests
    assert request.path == "/v1/fim/completions"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    validator("FimCompletionRequest").validate(request.body)
    assert body_of(upstream) == {**ALWAYS, **sent}


async def test_values_outside_the_schemas_ranges_are_refused_and_told_once(upstream: FimServer, tmp_path: Path) -> None:
    bad = {"temperature": 2.5, "top_p": 1.1, "max_tokens": 0, "min_tokens": -1, "random_seed": -5, "stop": 7}
    upstream.script = SAYS
    async with started(tmp_path, only(upstream, completion=bad)) as editor:
        editor.open(URI, TEXT)
        await editor.complete(URI, *AT)
        await editor.complete(URI, 0, 0)
        told = [text for _, text in editor.told()]
    assert body_of(upstream).keys() == ALWAYS.keys() | ({"suffix"} & body_of(upstream).keys())
    for name, value in bad.items():
        (problem,) = [text for text in told if f"completion.{name}" in text]
        assert str(value) in problem


async def test_an_answer_that_is_not_a_stream_is_read(upstream: FimServer, tmp_path: Path) -> None:
    settings = only(upstream)
    settings["providers"]["mistral"]["extra"] = {"stream": False}
    upstream.script = SAYS
    async with started(tmp_path, settings) as editor:
        editor.open(URI, TEXT)
        (item,) = await editor.shown(URI, *AT)
        assert item["insertText"].endswith("first + second")
        assert body_of(upstream) == {**ALWAYS, "stream": False}
        assert (await editor.why())["usage"]["completion"] > 0


@pytest.mark.parametrize(
    "script",
    [
        Script(text="first + second\n", gather=True),
        Script(text="first + second\n", done=False),
        Script(text="first + second\nreturn", finish="length"),
        Script(text="first + second\n", finish="error"),
        Script(text="first + second\n", content="list"),
        Script(text="first + second\n", crlf=True, bytes_a_write=3),
        Script(text="first + second\n", bytes_a_write=1),
    ],
    ids=repr,
)
async def test_every_shape_of_answer_is_understood(upstream: FimServer, editor: Editor, script: Script) -> None:
    upstream.script = script
    (item,) = await editor.shown(URI, *AT)
    assert item["insertText"].endswith("first + second")


async def test_an_unknown_field_is_dropped_and_stays_dropped(upstream: FimServer, editor: Editor) -> None:
    detail = [{"type": "extra_forbidden", "loc": ["body", "prompt_cache_key"], "msg": "Extra inputs are not permitted"}]
    upstream.next_scripts.append(Script(status=422, error={"detail": detail}))
    assert await editor.shown(URI, *AT)
    editor.open(URI, "other = \n")
    assert await editor.shown(URI, 0, 8)
    assert ["prompt_cache_key" in request.body for request in upstream.requests] == [True, False, False]
    assert editor.told() == []


@pytest.mark.parametrize(
    ("said", "shown", "reason"),
    [("first + sec", [], "provider-error"), ("first\nsec", ["first"], None)],
)
async def test_what_the_service_itself_calls_an_error_is_not_its_end(
    upstream: FimServer, editor: Editor, said: str, shown: list[str], reason: str | None
) -> None:
    """Only whole lines of it are shown, as of a stream that broke."""
    upstream.script = Script(text=said, finish="error")
    items = await editor.complete(URI, *AT)
    assert [item["insertText"] for item in items] == shown
    assert (await editor.why())["reason"] == reason
    await editor.until(editor.told)


# Refusals

STEPS = {
    400: "Check model",
    401: "key",
    403: "plan",
    404: "model",
    422: "Check model",
    429: "goes on by itself",
    500: "tried again",
    503: "tried again",
}


@pytest.mark.parametrize("status", STEPS)
async def test_a_refusal_is_one_sentence_with_the_next_step_once(
    upstream: FimServer, editor: Editor, status: int
) -> None:
    upstream.script = Script(status=status)
    for _ in range(3):
        assert await editor.complete(URI, *AT) == []
    await editor.until(editor.told)
    ((_, message),) = editor.told()
    assert STEPS[status] in message
    assert KEY not in message


@pytest.mark.parametrize("status", [401, 403, 404])
async def test_a_refusal_holds_until_the_user_clears_it(upstream: FimServer, editor: Editor, status: int) -> None:
    upstream.script = Script(status=status)
    assert await editor.complete(URI, *AT) == []
    assert (await editor.command("fim-lsp.status"))["state"] == "error"
    upstream.script = SAYS
    assert await editor.complete(URI, *AT) == []
    assert await editor.complete(URI, 0, 0) == []
    assert len(upstream.requests) == 1
    await editor.command("fim-lsp.clear")
    assert (await editor.command("fim-lsp.status"))["state"] == "idle"
    assert await editor.shown(URI, *AT)
    assert len(upstream.requests) == 2


async def test_a_refusal_holds_until_the_settings_change(upstream: FimServer, editor: Editor) -> None:
    upstream.key = "another-key"
    upstream.script = SAYS
    assert await editor.complete(URI, *AT) == []
    settings = only(upstream)
    settings["providers"]["mistral"]["api_key"] = "another-key"
    editor.configure(settings)
    assert await editor.shown(URI, *AT)
    assert [request.key for request in upstream.requests] == [KEY, "another-key"]


async def test_a_key_command_is_run_once_more_after_a_401(upstream: FimServer, tmp_path: Path) -> None:
    upstream.script, upstream.key = SAYS, "key-2"
    count = tmp_path / "count"
    command = f"echo x >> '{count}'; echo key-$(wc -l < '{count}' | tr -d ' ')"
    settings = only(upstream)
    settings["providers"]["mistral"] |= {"api_key": "", "api_key_command": command}
    async with started(tmp_path, settings) as editor:
        editor.open(URI, TEXT)
        assert await editor.shown(URI, *AT)
        assert editor.told() == []
    assert [request.key for request in upstream.requests] == ["key-1", "key-2"]


@pytest.mark.parametrize(
    "script", [Script(status=500), Script(status=503), Script(fault="cut"), Script(fault="stalls")], ids=repr
)
async def test_one_failure_never_delays_the_next_request_by_hand(
    upstream: FimServer, tmp_path: Path, script: Script
) -> None:
    upstream.next_scripts.append(script)
    upstream.script = SAYS
    async with started(tmp_path, only(upstream, completion={"deadline_ms": 700})) as editor:
        editor.open(URI, "total = \n")
        await editor.complete(URI, 0, 8, invoked=False)
        editor.open(URI, TEXT)
        begun = time.monotonic()
        assert await editor.shown(URI, *AT)
        assert upstream.requests[1].at_s - begun < 1


async def test_back_off_starts_short(upstream: FimServer, editor: Editor) -> None:
    """The wait that automatic requests are told of after the first failure."""
    upstream.script = Script(status=503)
    await editor.complete(URI, *AT, invoked=False)
    editor.open(URI, "other = \n")
    assert await editor.complete(URI, 0, 8, invoked=False) == []
    assert (await editor.why())["reason"] == "backing-off"
    assert len(upstream.requests) == 1


async def test_plain_http_beyond_loopback_is_refused_before_anything_is_sent(
    upstream: FimServer, tmp_path: Path
) -> None:
    settings = only(upstream)
    settings["providers"]["mistral"]["base_url"] = "http://192.0.2.1/v1"
    async with started(tmp_path, settings) as editor:
        editor.open(URI, TEXT)
        begun = time.monotonic()
        assert await editor.complete(URI, *AT) == []
        assert time.monotonic() - begun < 4
        ((_, message),) = editor.told()
        assert "allow_http" in message
        assert (await editor.why())["reason"] == "configuration"


async def test_a_redirect_takes_neither_key_nor_prompt_elsewhere(upstream: FimServer, editor: Editor) -> None:
    async with FimServer(SAYS) as stranger:
        location = f"{stranger.base_url}/fim/completions"
        upstream.script = Script(status=307, headers={"Location": location})
        assert await editor.complete(URI, *AT) == []
        assert stranger.requests == stranger.probes == []
        assert len(editor.told()) == 1


async def test_the_key_is_nowhere_but_in_its_header(upstream: FimServer, tmp_path: Path) -> None:
    """Not even where the service repeats it, and everything is logged."""
    repeats = {"message": f"No such key: {KEY}", "detail": [{"input": f"Bearer {KEY}"}]}
    async with started(tmp_path, only(upstream, log_level="debug")) as editor:
        for number, status in enumerate((401, 403, 404, 422, 429, 500)):
            upstream.script = Script(status=status, error=repeats)
            editor.open(f"file:///{number}.py", TEXT)
            await editor.complete(f"file:///{number}.py", *AT)
            await editor.command("fim-lsp.why")
            await editor.command("fim-lsp.status")
            await editor.command("fim-lsp.clear")
    assert len(upstream.requests) >= 5
    assert KEY.encode() not in editor.traffic + editor.errors
    assert all(KEY not in repr(request.body) for request in upstream.requests)
