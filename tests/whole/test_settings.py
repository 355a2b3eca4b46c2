"""Settings as editors send them and files hold them, and what the next request makes of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.fim_server import FimServer, Script
from tests.whole.editor import KEY, Editor, Json, started, upstream_settings

URI = "file:///typed.py"
INFO = 3
SAYS = Script(text="first + second\n")
REPEATS = """\
def load_users(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def load_orders(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def load_items(path):
    with open("""
REPEATS_AT = (11, 14)


@pytest.fixture
async def other() -> AsyncIterator[FimServer]:
    async with FimServer(Script(text="from_the_other\n")) as server:
        yield server


def only(upstream: FimServer, **more: Any) -> Json:
    return upstream_settings(upstream, **{"completion": {"candidates": 1}, **more})


def text_of(answer: Any) -> str:
    text: str = answer[0]["insertText"]
    return text


# provider = "auto"


async def test_auto_with_a_key_tells_once_before_anything_is_sent(upstream: FimServer, tmp_path: Path) -> None:
    """The first automatic request right after didOpen, as a fresh install with a key in the environment makes it."""
    upstream.script = SAYS
    settings = {"providers": {"mistral": {"base_url": upstream.base_url}}}
    async with started(tmp_path, settings, MISTRAL_API_KEY=KEY) as editor:
        editor.open(URI, "total = \n")
        assert text_of(await editor.shown(URI, 0, 8, invoked=False)).endswith("first + second")
        assert [request.key for request in upstream.requests] == [KEY]
        order = [each.get("method") or "answer" for each in editor.heard]
        assert order.index("window/showMessage") < len(order) - 1 - order[::-1].index("answer")
        ((kind, message),) = editor.told()
        assert kind == INFO
        assert upstream.base_url in message
        assert 'provider = "lookup"' in message
        assert (await editor.command("fim-lsp.status"))["provider"] == "mistral"
        assert (await editor.why())["provider"] == "mistral"
        editor.open("file:///second.py", "other = \n")
        await editor.complete("file:///second.py", 0, 8)
        assert len(editor.told()) == 1
    assert KEY.encode() not in editor.traffic + editor.errors


async def test_what_auto_says_is_on_its_way_before_the_prompt_is(tmp_path: Path) -> None:
    """The message arrives although the service never answers."""
    async with FimServer(Script(fault="dead")) as dead:
        settings = {"providers": {"mistral": {"base_url": dead.base_url}}}
        async with started(tmp_path, settings, MISTRAL_API_KEY=KEY) as editor:
            editor.open(URI, "total = \n")
            editor.begin_completion(URI, 0, 8, invoked=False)
            await editor.until(editor.told)
            await dead.until(lambda: dead.requests)


async def test_auto_with_a_codestral_key(upstream: FimServer, tmp_path: Path) -> None:
    upstream.script = SAYS
    settings = {"providers": {"codestral": {"base_url": upstream.base_url}}}
    async with started(tmp_path, settings, CODESTRAL_API_KEY=KEY) as editor:
        editor.open(URI, "total = \n")
        assert await editor.shown(URI, 0, 8)
    assert upstream.requests[0].key == KEY


async def test_auto_without_a_key_completes_from_the_text(tmp_path: Path) -> None:
    async with started(tmp_path) as editor:
        editor.open(URI, REPEATS)
        assert text_of(await editor.shown(URI, *REPEATS_AT)).endswith('path, encoding="utf-8") as file:')
        assert (await editor.why())["provider"] == "lookup"
        assert editor.told() == []


# How it stands with each provider


async def test_status_names_each_provider_in_order_and_what_keeps_it(upstream: FimServer, tmp_path: Path) -> None:
    upstream.script = Script(status=429, headers={"Retry-After": "600"})
    mine = {"kind": "mistral", "base_url": upstream.base_url, "api_key": KEY}
    settings = {"provider": ["mistral", "mine", "lookup"], "providers": {"mine": mine}}
    async with started(tmp_path, settings) as editor:
        editor.open(URI, REPEATS)
        before = (await editor.command("fim-lsp.status"))["providers"]
        assert [(each["name"], each["state"]) for each in before] == [
            ("mistral", "ready"),
            ("mine", "ready"),
            ("lookup", "ready"),
        ]
        assert await editor.shown(URI, *REPEATS_AT)
        no_key, waits, ready = (await editor.command("fim-lsp.status"))["providers"]
        assert (no_key["name"], no_key["state"], no_key["reason"]) == ("mistral", "blocked", "key-missing")
        assert "MISTRAL_API_KEY" in no_key["message"]
        assert no_key["next_try_s"] is None
        assert (waits["name"], waits["state"], waits["reason"]) == ("mine", "waiting", "rate-limited")
        assert 0 < waits["next_try_s"] <= 600
        assert ready == {"name": "lookup", "state": "ready", "reason": None, "message": "", "next_try_s": None}
        await editor.command("fim-lsp.clear")
        after = (await editor.command("fim-lsp.status"))["providers"]
        assert {each["state"] for each in after} == {"ready"}
    assert len(upstream.requests) == 1


# Live changes


async def test_a_provider_is_changed_between_two_requests(
    upstream: FimServer, other: FimServer, tmp_path: Path
) -> None:
    """The same place each time: what one provider has said is no answer of the other."""
    upstream.script = SAYS
    async with started(tmp_path, only(upstream)) as editor:
        editor.open(URI, REPEATS)
        assert text_of(await editor.shown(URI, *REPEATS_AT)).endswith("first + second")
        editor.configure({"fim-lsp": {"provider": "lookup"}})
        assert text_of(await editor.shown(URI, *REPEATS_AT)).endswith("as file:")
        assert (await editor.why())["provider"] == "lookup"
        editor.configure(only(other))
        assert text_of(await editor.shown(URI, *REPEATS_AT)).endswith("from_the_other")
    assert (len(upstream.requests), len(other.requests)) == (1, 1)


async def test_other_sampling_holds_from_the_next_request(upstream: FimServer, tmp_path: Path) -> None:
    upstream.script = SAYS
    async with started(tmp_path, only(upstream)) as editor:
        editor.open(URI, "total = \n")
        await editor.complete(URI, 0, 8)
        editor.configure(only(upstream, completion={"candidates": 1, "temperature": 0.5}))
        await editor.complete(URI, 0, 8)
    assert [request.body["temperature"] for request in upstream.requests] == [0.0, 0.5]


async def test_the_same_settings_once_more_forget_nothing(upstream: FimServer, tmp_path: Path) -> None:
    upstream.script = SAYS
    async with started(tmp_path, only(upstream)) as editor:
        editor.open(URI, "total = \n")
        await editor.complete(URI, 0, 8)
        editor.configure({"fim-lsp": only(upstream)})
        editor.configure({})
        assert await editor.shown(URI, 0, 8)
    assert len(upstream.requests) == 1


@pytest.mark.parametrize("wrapped", [True, False], ids=["wrapped", "bare"])
async def test_a_notification_with_and_without_the_wrapper(upstream: FimServer, tmp_path: Path, wrapped: bool) -> None:
    off = {"enabled": False}
    async with started(tmp_path, only(upstream)) as editor:
        editor.open(URI, "total = \n")
        editor.configure({"fim-lsp": off} if wrapped else off)
        assert await editor.complete(URI, 0, 8) == []
        assert (await editor.why())["reason"] == "disabled"
    assert upstream.requests == []


async def test_a_bad_value_does_not_undo_what_was_said_before(upstream: FimServer, tmp_path: Path) -> None:
    """With a key in the environment, `auto` would send."""
    settings = {"provider": "lookup", "providers": {"mistral": {"base_url": upstream.base_url}}}
    async with started(tmp_path, settings, MISTRAL_API_KEY=KEY) as editor:
        editor.configure({"provider": 5})
        editor.open(URI, REPEATS)
        assert await editor.shown(URI, *REPEATS_AT)
        assert (await editor.why())["provider"] == "lookup"
        ((_, message),) = editor.told()
        assert "provider: 5 is not taken" in message
        editor.configure({"enabled": False})
        editor.configure({"python": {"analysis": True}})
        assert await editor.complete(URI, *REPEATS_AT) == []
        assert (await editor.why())["reason"] == "disabled"
        assert len(editor.told()) == 1
    assert upstream.requests == []


async def test_a_change_of_one_flat_key_keeps_the_rest(upstream: FimServer, tmp_path: Path) -> None:
    upstream.script = SAYS
    async with started(tmp_path, only(upstream)) as editor:
        editor.configure({"fim-lsp.completion.max_tokens": 52})
        editor.open(URI, "total = \n")
        assert await editor.shown(URI, 0, 8)
    assert [(request.key, request.body["max_tokens"]) for request in upstream.requests] == [(KEY, 52)]


async def test_null_means_that_the_settings_are_pulled(upstream: FimServer, tmp_path: Path) -> None:
    async with started(tmp_path, only(upstream), capabilities={"workspace": {"configuration": True}}) as editor:
        await editor.until(lambda: _pulls(editor) == 1)
        editor.settings = {"enabled": False}
        editor.configure(None)
        await editor.until(lambda: _pulls(editor) == 2)
        while (await editor.command("fim-lsp.status"))["state"] != "off":
            """What it has pulled takes a moment to hold."""
        editor.open(URI, "total = \n")
        assert await editor.complete(URI, 0, 8) == []
        assert (await editor.why())["reason"] == "disabled"


def _pulls(editor: Editor) -> int:
    return sum(each.get("method") == "workspace/configuration" for each in editor.heard)


async def test_a_bad_value_is_told_once_with_key_value_and_what_is_allowed(upstream: FimServer, tmp_path: Path) -> None:
    upstream.script = SAYS
    bad = only(upstream, completion={"candidates": 1, "temperature": 3, "max_tokens": 9}, nonsense=1)
    async with started(tmp_path, bad) as editor:
        editor.open(URI, "total = \n")
        assert await editor.shown(URI, 0, 8)
        editor.configure(bad)
        editor.open("file:///b.py", "x = \n")
        assert await editor.shown("file:///b.py", 0, 4)
        told = [text for _, text in editor.told()]
    assert len(told) == 2
    assert any("completion.temperature" in text and "3" in text and "2" in text for text in told)
    assert any("nonsense" in text for text in told)
    assert upstream.requests[0].body["max_tokens"] == 9


# Folders, files, languages


async def test_each_folder_has_its_own_settings(upstream: FimServer, tmp_path: Path) -> None:
    upstream.script = SAYS
    short, off = tmp_path / "short", tmp_path / "off"
    for folder, says in ((short, "[completion]\nmax_tokens = 5\n"), (off, "enabled = false\n")):
        folder.mkdir()
        (folder / ".fim-lsp.toml").write_text(says)
        (folder / "a.py").write_text("total = \n")
    async with started(tmp_path, only(upstream), folders=(short, off)) as editor:
        for folder in (short, off):
            editor.open((folder / "a.py").as_uri(), "total = \n")
        assert await editor.shown((short / "a.py").as_uri(), 0, 8)
        assert upstream.requests[0].body["max_tokens"] == 5
        assert await editor.complete((off / "a.py").as_uri(), 0, 8) == []
        assert (await editor.why())["reason"] == "disabled"
        (off / ".fim-lsp.toml").write_text("enabled = true\n")
        editor.notify(
            "workspace/didChangeWatchedFiles", {"changes": [{"uri": (off / ".fim-lsp.toml").as_uri(), "type": 2}]}
        )
        assert await editor.shown((off / "a.py").as_uri(), 0, 8)
        event = {"added": [], "removed": [{"uri": short.as_uri(), "name": "short"}]}
        editor.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        editor.open((short / "b.py").as_uri(), "total = \n")
        assert await editor.shown((short / "b.py").as_uri(), 0, 8)
        assert upstream.requests[-1].body["max_tokens"] == 128


async def test_a_project_file_cannot_choose_who_gets_the_code(
    upstream: FimServer, other: FimServer, tmp_path: Path
) -> None:
    upstream.script = SAYS
    folder = tmp_path / "cloned"
    folder.mkdir()
    (folder / ".fim-lsp.toml").write_text(
        f'provider = "evil"\n[providers.mistral]\nbase_url = "{other.base_url}"\n'
        f'api_key_command = "touch {tmp_path}/ran"\n'
        f'[providers.evil]\nkind = "openai"\nbase_url = "{other.base_url}"\n'
        '[network]\nproxy = "http://127.0.0.1:9"\n[privacy]\nredact = false\n[completion]\nmax_tokens = 6\n'
    )
    uri = (folder / "a.py").as_uri()
    async with started(tmp_path, only(upstream), folders=(folder,)) as editor:
        editor.open(uri, "total = \n")
        assert await editor.shown(uri, 0, 8)
        told = " ".join(text for _, text in editor.told())
    assert all(name in told for name in ("provider", "network", "privacy.redact"))
    assert upstream.requests[0].body["max_tokens"] == 6
    assert other.requests == other.probes == []
    assert not (tmp_path / "ran").exists()


async def test_a_language_is_switched_off(upstream: FimServer, tmp_path: Path) -> None:
    upstream.script = SAYS
    off = {"languages": {"markdown": {"enabled": False}, "lua": {"max_tokens": 4}}}
    async with started(tmp_path, only(upstream, **off)) as editor:
        editor.open("file:///a.md", "# A \n", "markdown")
        assert await editor.complete("file:///a.md", 0, 4) == []
        assert (await editor.why())["reason"] == "language-off"
        editor.open("file:///a.lua", "local a = \n", "lua")
        assert await editor.shown("file:///a.lua", 0, 10)
    assert [request.body["max_tokens"] for request in upstream.requests] == [4]


async def test_manual_trigger(upstream: FimServer, tmp_path: Path) -> None:
    upstream.script = SAYS
    async with started(tmp_path, only(upstream, completion={"trigger": "manual", "candidates": 1})) as editor:
        editor.open(URI, "total = \n")
        assert await editor.complete(URI, 0, 8, invoked=False) == []
        assert (await editor.why())["reason"] == "manual"
        assert await editor.shown(URI, 0, 8)


async def test_toggle_and_snooze(upstream: FimServer, tmp_path: Path) -> None:
    upstream.script = SAYS
    async with started(tmp_path, only(upstream)) as editor:
        editor.open(URI, "total = \n")
        assert await editor.command("fim-lsp.toggle") is False
        assert await editor.complete(URI, 0, 8) == []
        assert (await editor.why())["reason"] == "disabled"
        assert await editor.command("fim-lsp.toggle") is True
        await editor.command("fim-lsp.snooze", 5)
        assert (await editor.command("fim-lsp.status"))["state"] == "paused"
        assert await editor.complete(URI, 0, 8) == []
        assert (await editor.why())["reason"] == "snoozed"
        assert upstream.requests == []
        await editor.command("fim-lsp.snooze", 0)
        assert await editor.shown(URI, 0, 8)


async def test_status_goes_only_to_those_who_want_it(upstream: FimServer, tmp_path: Path) -> None:
    upstream.script = SAYS
    for wants in (True, False):
        capabilities = {"experimental": {"fimLsp": {"status": True}}} if wants else {}
        async with started(tmp_path, only(upstream), capabilities=capabilities) as editor:
            editor.open(URI, "total = \n")
            await editor.complete(URI, 0, 8)
            states = [each["params"] for each in editor.heard if each.get("method") == "fim-lsp/status"]
        assert bool(states) is wants
        assert all({"state", "reason", "provider"} <= state.keys() for state in states)
