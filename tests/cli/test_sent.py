"""`fim-lsp doctor --sent` shows what is sent: what a completion there sends with this one file open."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.fim_server import FimServer, Script

SECRET = "AKIAIOSFODNN7EXAMPLE"


def prepare(work: Path, server: FimServer) -> dict[str, str]:
    (work / "helper.py").write_text("def connect(host, port):\n    return host, port\n")
    (work / "main.py").write_text(
        f'from helper import connect\n\nKEY = "{SECRET}"\n\n\ndef main():\n    return connect(\n'
    )
    (work / ".env").write_text(f"KEY={SECRET}\n")
    return {
        "MISTRAL_API_KEY": "k",
        "FIM_LSP_PROVIDERS__MISTRAL__BASE_URL": server.base_url,
        "FIM_LSP_PROVIDER": "mistral",
    }


async def test_the_same_as_a_completion_sends(fim_lsp: Run, work: Path) -> None:
    async with FimServer(Script(text="host")) as server:
        env = prepare(work, server)
        for _ in range(5):  # a busy machine has no time for context, now here and now there
            server.requests.clear()
            shown = await fim_lsp("doctor", "--sent", "main.py:7:20", "--json", **env)
            assert not server.requests
            await fim_lsp("complete", "main.py:7:20", **env)
            sent = json.loads(shown.out)
            if all("def connect" in body["prompt"] for body in (sent["body"], server.requests[0].body)):
                break
    assert shown.code == 0
    assert sent["url"] == f"{server.base_url}/fim/completions"
    assert sent["body"] == server.requests[0].body
    assert "def connect(host, port)" in sent["body"]["prompt"]
    assert SECRET not in shown.out


async def test_stdin_stands_for_a_file(fim_lsp: Run, work: Path) -> None:
    async with FimServer(Script()) as server:
        env = prepare(work, server)
        for sent in (["--sent", "-:1:5"], ["--sent=-:1:5"]):
            shown = await fim_lsp("doctor", *sent, "--json", stdin=b"x = y\n", **env)
            assert json.loads(shown.out)["body"]["prompt"].endswith("x = ")
        assert not server.requests


async def test_headers_of_your_own_are_named_and_masked(fim_lsp: Run, work: Path) -> None:
    async with FimServer(Script()) as server:
        env = prepare(work, server)
        env["FIM_LSP_PROVIDERS__MISTRAL__HEADERS"] = '{"X-Team": "sesame-4711"}'
        shown = await fim_lsp("doctor", "--sent", "main.py:7:20", "--json", **env)
    assert json.loads(shown.out)["headers"]["X-Team"] == "********"
    assert "sesame" not in shown.out + shown.err


@pytest.mark.parametrize("form", [[], ["--json"]])
async def test_no_key_is_shown_wherever_it_is_set(fim_lsp: Run, work: Path, form: list[str]) -> None:
    (work.parent / ".config" / "fim-lsp").mkdir(parents=True)
    async with FimServer(Script()) as server:
        (work.parent / ".config" / "fim-lsp" / "config.toml").write_text(
            f"""
            [providers.mistral]
            api_key = "canary-of-a-key"
            headers = {{ Authorization = "Bearer canary-of-a-key", x-api-key = "canary-of-a-key" }}
            [providers.run]
            kind = "mistral"
            base_url = "{server.base_url}"
            api_key_command = ["echo", "canary-of-a-key"]
            """
        )
        env = {**prepare(work, server), "MISTRAL_API_KEY": "canary-of-a-key"}
        for name in ("mistral", "run"):
            shown = await fim_lsp("doctor", "--sent", "main.py:7:20", "--provider", name, *form, **env)
            assert shown.code == 0
            assert "return connect(" in shown.out
            assert "canary" not in shown.out + shown.err


async def test_an_address_with_a_password_is_not_shown(fim_lsp: Run, work: Path) -> None:
    async with FimServer(Script()) as server:
        env = prepare(work, server)
        env["FIM_LSP_PROVIDERS__MISTRAL__BASE_URL"] = server.base_url.replace("//", "//me:canary@")
        shown = await fim_lsp("doctor", "--sent", "main.py:7:20", **env)
    assert (shown.code, shown.out) == (1, "")
    assert "base_url holds a user or password" in shown.err
    assert "canary" not in shown.err


async def test_what_may_not_be_sent_is_not(fim_lsp: Run, work: Path) -> None:
    async with FimServer(Script()) as server:
        env = prepare(work, server)
        refused = await fim_lsp("doctor", "--sent", ".env:1:5", **env)
        in_a_secret = await fim_lsp("doctor", "--sent", "main.py:3:12", **env)
        local = await fim_lsp("doctor", "--sent", "main.py:7:20", "--provider", "lookup", **env)
        nowhere = await fim_lsp("doctor", "--sent", "main.py:99:1", **env)
        assert not server.requests
    assert (refused.code, in_a_secret.code, local.code, nowhere.code) == (1, 1, 1, 2)
    assert SECRET not in refused.out + refused.err + in_a_secret.out + in_a_secret.err
