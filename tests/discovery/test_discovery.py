"""What `provider = "auto"` finds, and what strangers get to see."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from fim_lsp.discovery import Found, by_key, by_search, tried
from fim_lsp.settings.model import ProviderSettings, Settings
from fim_lsp.transport import Transport
from tests.fim_server import FimServer, Script

NOTHING = Settings()


@pytest.fixture
async def server() -> AsyncIterator[FimServer]:
    async with FimServer() as server:
        yield server


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    transport = Transport()
    yield transport
    await transport.aclose()


async def no_keyring(name: str) -> str:
    return ""


@pytest.mark.parametrize(
    ("settings", "environ", "name"),
    [
        (NOTHING, {}, None),
        (NOTHING, {"MISTRAL_API_KEY": "k"}, "mistral"),
        (NOTHING, {"CODESTRAL_API_KEY": "k"}, "codestral"),
        (NOTHING, {"CODESTRAL_API_KEY": "k", "MISTRAL_API_KEY": "k"}, "mistral"),
        (NOTHING, {"MISTRAL_API_KEY": ""}, None),
        (Settings(providers={"codestral": ProviderSettings(api_key_command="pass codestral")}), {}, "codestral"),
        (Settings(providers={"mistral": ProviderSettings(api_key="k")}), {}, "mistral"),
        (Settings(providers={"mistral": ProviderSettings(api_key_env="MINE")}), {"MINE": "k"}, "mistral"),
        (Settings(providers={"mistral": ProviderSettings(api_key_env="MINE")}), {"MISTRAL_API_KEY": "k"}, None),
    ],
)
def test_a_key_in_sight(settings: Settings, environ: dict[str, str], name: str | None) -> None:
    found = by_key(settings, environ)
    assert (found.name if found else None) == name


def test_the_announcement_says_where_the_code_goes_and_how_to_stop_that() -> None:
    found = by_key(NOTHING, {"MISTRAL_API_KEY": "sesame"})
    assert found is not None
    assert "https://api.mistral.ai/v1" in found.announcement
    assert 'provider = "lookup"' in found.announcement
    assert "sesame" not in found.announcement


async def search(server: FimServer, transport: Transport, kind: str) -> Found | None:
    return await by_search(NOTHING, transport, no_keyring, local=((kind, server.url),))


async def test_a_llamacpp_server_that_fills_in_is_used(server: FimServer, transport: Transport) -> None:
    server.script = Script(poses_as="llamacpp")
    found = await search(server, transport, "llamacpp")
    assert found is not None
    assert (found.name, found.settings.base_url, found.settings.model) == ("llamacpp", server.url, "")


async def test_an_ollama_server_with_a_running_model_that_inserts_is_used(
    server: FimServer, transport: Transport
) -> None:
    server.script = Script(poses_as="ollama")
    found = await search(server, transport, "ollama")
    assert found is not None
    assert found.settings.model == "qwen2.5-coder:1.5b-base"


@pytest.mark.parametrize("kind", ["llamacpp", "ollama"])
@pytest.mark.parametrize("script", [Script(fills_in=False), Script(loading=True)], ids=["no-fim", "loading"])
async def test_one_that_cannot_is_not_used(server: FimServer, transport: Transport, kind: str, script: Script) -> None:
    server.script = Script(poses_as=kind, fills_in=script.fills_in, loading=script.loading)
    assert await search(server, transport, kind) is None


@pytest.mark.parametrize("kind", ["llamacpp", "ollama"])
async def test_a_stranger_gets_one_question_and_nothing_else(
    server: FimServer, transport: Transport, kind: str
) -> None:
    server.script = Script(poses_as="stranger")
    assert await search(server, transport, kind) is None
    assert [(probe.method, probe.body) for probe in server.probes] == [("GET", None)]
    assert not server.requests
    assert "authorization" not in server.probes[0].headers


async def test_a_listener_that_never_answers_is_given_up(transport: Transport) -> None:
    release = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await release.wait()
        writer.close()

    listener = await asyncio.start_server(silent, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    async with asyncio.timeout(5):
        assert await by_search(NOTHING, transport, no_keyring, local=(("llamacpp", url), ("ollama", url))) is None
    release.set()
    listener.close()


async def test_a_key_in_the_keyring_comes_before_local_servers(server: FimServer, transport: Transport) -> None:
    async def keyring(name: str) -> str:
        return "k" if name == "codestral" else ""

    found = await by_search(NOTHING, transport, keyring, local=(("llamacpp", server.url),))
    assert found is not None
    assert found.name == "codestral"
    assert not server.probes


OWN = ProviderSettings(base_url="http://127.0.0.1:8012")


@pytest.mark.parametrize(
    ("provider", "found", "names", "base_url"),
    [
        ("mistral", None, ("mistral",), ""),
        (("mistral", "lookup"), None, ("mistral", "lookup"), ""),
        ("auto", None, ("lookup",), ""),
        ("auto", Found("llamacpp", OWN, ""), ("llamacpp", "lookup"), OWN.base_url),
    ],
)
def test_who_is_tried(
    provider: str | tuple[str, ...], found: Found | None, names: tuple[str, ...], base_url: str
) -> None:
    settings, order = tried(Settings(provider=provider), found)
    assert order == names
    assert settings.providers.get("llamacpp", ProviderSettings()).base_url == base_url
