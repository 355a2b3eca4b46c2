"""What the doctor finds wrong, and what it says to do about it."""

from __future__ import annotations

import asyncio
import json
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
import trustme

from fim_lsp import checkup, reach
from fim_lsp.checkup import examine
from fim_lsp.cli import main
from fim_lsp.finding import Finding
from fim_lsp.keys import Keys
from fim_lsp.providers import presets
from fim_lsp.settings.model import Network, ProviderSettings, Settings
from fim_lsp.transport import Transport
from tests.fim_server import FimServer, Script

Examine = Callable[..., "AsyncIterator[Finding]"]


@pytest.fixture
async def server() -> AsyncIterator[FimServer]:
    async with FimServer(key="sesame-4711") as server:
        yield server


async def findings(
    server: FimServer,
    name: str = "mine",
    environ: dict[str, str] | None = None,
    network: Network | None = None,
    **own: object,
) -> list[Finding]:
    settings = ProviderSettings(
        **{"kind": "mistral", "base_url": server.base_url, "api_key": "sesame-4711", **own}  # type: ignore[arg-type]
    )
    network = network or Network()
    transport = Transport(network)
    keys = Keys(environ or {}, read_keyring=no_keyring)
    try:
        everything = Settings(providers={name: settings}, network=network)
        return [finding async for finding in examine(name, everything, transport, keys)]
    finally:
        await transport.aclose()


async def no_keyring(name: str) -> str:
    return ""


async def test_all_is_well(server: FimServer) -> None:
    found = await findings(server)
    assert [finding.step for finding in found] == ["settings", "key", "TCP", "model", "completion"]
    assert {finding.verdict for finding in found} == {"ok"}
    assert "return a + b" in found[-1].detail
    assert "128000" in found[-2].detail
    assert "sesame" not in repr(found)
    assert server.requests[0].body["prompt"] == checkup.PROMPT.prefix


def closed_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.mark.parametrize(
    ("own", "step", "detail", "next_step"),
    [
        ({"api_key": ""}, "key", "no API key", "MISTRAL_API_KEY"),
        ({"api_key": "wrong-key"}, "key", "refused the API key", "valid key"),
        ({"base_url": f"http://127.0.0.1:{closed_port()}/v1"}, "network", "cannot be reached", "server running"),
        ({"base_url": "http://example.com/v1"}, "settings", "not encrypted", "allow_http"),
        ({"base_url": "nowhere"}, "settings", "no web address", "https://"),
        ({"model": "mistral-small-latest"}, "model", "does not fill in the middle", "codestral-latest"),
        ({"kind": "azure", "base_url": ""}, "settings", "no address", "models.ai.azure.com"),
        ({"kind": "nobody"}, "settings", "no known kind", "Set kind"),
    ],
)
async def test_faults_say_what_to_do(
    server: FimServer, own: dict[str, object], step: str, detail: str, next_step: str
) -> None:
    *before, last = await findings(server, **own)
    assert {finding.verdict for finding in before} <= {"ok"}
    assert (last.verdict, last.step) == ("fault", step)
    assert detail in last.detail
    assert next_step in last.next_step
    assert "wrong-key" not in repr(last)


async def test_a_closed_port_is_said_plainly(server: FimServer) -> None:
    for host in ("127.0.0.1", "localhost"):
        *_, last = await findings(server, base_url=f"http://{host}:{closed_port()}/v1")
        assert "cannot be reached: " in last.detail
        assert not {"(", "[", "Errno"} & set(last.detail.split())
        assert "Connect call" not in last.detail


# No secure connection


async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """As a web server does that expected http."""
    await reader.read(1)
    writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
    await writer.drain()
    writer.close()


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)
    writer.transport.abort()


async def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


@pytest.mark.parametrize(
    ("behave", "patience_s", "detail"),
    [
        (refuse, 10.0, "No secure connection to 127.0.0.1 came about ("),
        (hang_up, 10.0, "took the connection and closed it before it was secure"),
        (say_nothing, 0.1, "took the connection and said nothing"),
    ],
)
async def test_a_handshake_that_fails(
    server: FimServer, monkeypatch: pytest.MonkeyPatch, behave: Callable[..., object], patience_s: float, detail: str
) -> None:
    monkeypatch.setattr(reach, "PATIENCE_S", patience_s)
    listener = await asyncio.start_server(behave, "127.0.0.1", 0)  # type: ignore[arg-type]
    async with listener:
        port = listener.sockets[0].getsockname()[1]
        *before, last = await findings(server, base_url=f"https://127.0.0.1:{port}/v1")
    assert [finding.step for finding in before] == ["settings", "key", "TCP"]
    assert detail in last.detail
    assert "Is base_url https where the server speaks http?" in last.next_step
    assert "network.proxy" in last.next_step
    assert not {"certificate", "permitted", "ca_file"} & set(f"{last.detail} {last.next_step}".split())


@pytest.mark.parametrize(
    ("issued_to", "is_known", "detail", "advice"),
    [
        ("localhost", False, "The certificate of localhost is not trusted: ", "name its CA file in network.ca_file"),
        ("other.example", True, "not valid for 'localhost'", "Name the host in base_url as its certificate does"),
    ],
)
async def test_a_certificate_that_is_not_trusted(
    tmp_path: Path, issued_to: str, is_known: bool, detail: str, advice: str
) -> None:
    ca = trustme.CA()
    ca.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    network = Network(ca_file=str(tmp_path / "ca.pem")) if is_known else None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(issued_to).configure_cert(context)
    async with FimServer(tls=context) as secured:
        last = (await findings(secured, network=network))[-1]
    assert detail in last.detail
    assert advice in last.next_step


async def test_an_unknown_model_is_a_warning(server: FimServer) -> None:
    found = await findings(server, model="codestral-2999")
    assert [finding.verdict for finding in found][-2:] == ["warning", "ok"]


@pytest.mark.parametrize(
    ("script", "detail"),
    [
        (Script(status=429), "rate limit"),
        (Script(status=500), "HTTP 500"),
        (Script(fault="cut"), "broke off"),
        (Script(text=""), "empty"),
    ],
    ids=repr,
)
async def test_a_completion_that_fails(server: FimServer, script: Script, detail: str) -> None:
    server.script = script
    last = (await findings(server))[-1]
    assert last.step == "completion"
    assert last.verdict != "ok"
    assert detail in last.detail


async def test_the_key_of_the_other_host_is_recognised(server: FimServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async with FimServer(key="codestral-key") as other:
        table = {
            "mistral": replace(presets.PRESETS["mistral"], base_url=server.base_url),
            "codestral": replace(presets.PRESETS["codestral"], base_url=other.base_url),
        }
        monkeypatch.setattr(checkup, "PRESETS", table)
        last = (await findings(server, "mistral", api_key="codestral-key"))[-1]
        assert f"{other.url.removeprefix('http://')} takes it" in last.detail
        assert 'provider = "codestral"' in last.next_step
        assert len(other.requests) == 1
        last = (await findings(server, "mistral", api_key="no-key-at-all"))[-1]
        assert "nor does" in last.detail


@pytest.mark.parametrize(
    ("kind", "script", "verdicts"),
    [
        ("llamacpp", Script(poses_as="llamacpp"), ["ok", "ok"]),
        ("ollama", Script(poses_as="ollama"), ["ok", "ok"]),
        ("ollama", Script(poses_as="ollama", fills_in=False), ["warning", "ok"]),
    ],
)
async def test_local_servers(kind: str, script: Script, verdicts: list[str]) -> None:
    async with FimServer(script) as server:
        found = await findings(server, kind=kind, base_url=server.url, api_key="", model="qwen2.5-coder:1.5b")
    assert [finding.verdict for finding in found][-2:] == verdicts


async def test_lookup_needs_nothing(server: FimServer) -> None:
    (finding,) = await findings(server, "lookup", kind="lookup", base_url="")
    assert finding.verdict == "ok"


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No settings and keys of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("fim_lsp.cli.doctor.user_file", lambda: tmp_path / "config.toml")
    monkeypatch.setattr("fim_lsp.cli.here.user_file", lambda: tmp_path / "config.toml")
    for name in ("MISTRAL_API_KEY", "CODESTRAL_API_KEY", "FIM_LSP_PROVIDER"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.usefixtures("alone")
def test_the_command_prints_a_line_a_finding(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--provider", "lookup"]) == 0
    assert "✓ lookup" in capsys.readouterr().out


@pytest.mark.usefixtures("alone")
def test_the_command_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "config.toml").write_text('provider = "mine"\n[providers.mine]\nkind = "azure"\napi_key = "sesame"\n')
    assert main(["doctor", "--json"]) == 1
    out = capsys.readouterr().out
    report = json.loads(out)
    assert report["faults"] >= 1
    assert report["findings"]["mine"][-1]["next_step"].startswith("Set base_url")
    assert "sesame" not in out


@pytest.mark.usefixtures("alone")
def test_a_provider_that_nobody_knows_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "--provider", "nobody"]) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert '--provider: "nobody" is not known' in shown.err


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("file", "text", "code", "said", "advice"),
    [
        ("config.toml", "provider = [", 1, "cannot be read: line 1", "until then nothing in that file holds"),
        ("config.toml", "provider = 'lookup'\nnonsense = 1", 0, "nonsense: no such setting", "all the rest holds"),
        (".fim-lsp.toml", "enabled = false", 0, "switched off here", "Take `enabled` out of the project file"),
    ],
)
def test_faults_of_the_settings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], file: str, text: str, code: int, said: str, advice: str
) -> None:
    (tmp_path / file).write_text(text)
    assert main(["doctor", "--provider", "lookup"]) == code
    out = capsys.readouterr().out
    assert said in out
    assert advice in out


async def test_a_password_in_an_address_is_not_shown(server: FimServer) -> None:
    found = await findings(server, base_url=server.base_url.replace("//", "//me:hunter2@"))
    assert "hunter2" not in repr(found)
    assert "Authorization" in found[-1].next_step
