"""Private certificate authorities, client certificates and proxies, each for real on loopback.

The proxy takes every name for this machine, so that `fim.example` is a host beyond loopback to all but the proxy.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import pytest
import trustme

from fim_lsp import errors
from fim_lsp.network import Proxy, proxy_for, require_safe
from fim_lsp.providers.base import Endpoint, Prompt, Sampling
from fim_lsp.providers.mistral import Mistral
from fim_lsp.settings.model import Network
from fim_lsp.transport import Transport
from fim_lsp.upstream import Upstream
from tests.fim_server import FimServer
from tests.transport.closing import quickest_close_ms
from tests.transport.proxy import Proxy as ProxyServer

PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def no_proxies_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture(scope="module")
def ca() -> trustme.CA:
    return trustme.CA(organization_name="Example Works")


@pytest.fixture
def ca_file(ca: trustme.CA, tmp_path: Path) -> str:
    path = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(str(path))
    return str(path)


def server_tls(ca: trustme.CA, *, wants_client: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("localhost", "fim.example").configure_cert(context)
    if wants_client:
        ca.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    return context


@pytest.fixture
async def server(ca: trustme.CA) -> AsyncIterator[FimServer]:
    async with FimServer(tls=server_tls(ca)) as server:
        yield server


@pytest.fixture
async def proxy() -> AsyncIterator[ProxyServer]:
    async with ProxyServer() as proxy:
        yield proxy


async def complete(base_url: str, network: Network, *, allow_http: bool = False) -> str:
    transport = Transport(network)
    try:
        endpoint = Endpoint("mine", "mistral", base_url, "codestral-latest", key="sesame-4711")
        upstream = Upstream(endpoint, Mistral(), transport, deadline_s=5, allow_http=allow_http)
        async with aclosing(upstream.generate(Prompt("a", "b"), Sampling())) as deltas:
            return "".join([delta.text async for delta in deltas])
    finally:
        await transport.aclose()


async def test_a_private_authority_is_trusted_when_it_is_named(server: FimServer, ca_file: str) -> None:
    assert await complete(server.base_url, Network(ca_file=ca_file)) == "return a + b\n"


async def test_a_private_authority_of_the_system_is_trusted(
    server: FimServer, ca_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", ca_file)
    assert await complete(server.base_url, Network()) == "return a + b\n"


async def test_an_unknown_authority_is_not_trusted_and_the_setting_is_named(server: FimServer) -> None:
    with pytest.raises(errors.Unreachable, match=r"certificate of localhost is not trusted.*network\.ca_file"):
        await complete(server.base_url, Network())
    assert not server.requests


async def test_a_certificate_for_another_name_is_not_trusted(ca: trustme.CA, ca_file: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert("other.example").configure_cert(context)
    async with FimServer(tls=context) as server:
        with pytest.raises(errors.Unreachable, match="certificate"):
            await complete(server.base_url, Network(ca_file=ca_file))


async def test_a_client_certificate(ca: trustme.CA, ca_file: str, tmp_path: Path) -> None:
    mine = ca.issue_cert("me@example.com")
    mine.cert_chain_pems[0].write_to_path(str(tmp_path / "me.pem"))
    mine.private_key_pem.write_to_path(str(tmp_path / "me.key"))
    async with FimServer(tls=server_tls(ca, wants_client=True)) as server:
        network = Network(ca_file=ca_file, client_cert=str(tmp_path / "me.pem"), client_key=str(tmp_path / "me.key"))
        assert await complete(server.base_url, network) == "return a + b\n"
        with pytest.raises(errors.ProviderError):
            await complete(server.base_url, Network(ca_file=ca_file))


@pytest.mark.parametrize("name", ["ca_file", "client_cert"])
async def test_a_file_that_is_not_there_is_said_to_be_missing(server: FimServer, name: str) -> None:
    with pytest.raises(errors.ConfigurationError, match="certificate file"):
        await complete(server.base_url, Network(**{name: "/no/such/file.pem"}))


async def test_closing_closes_a_secure_connection_within_20_ms(server: FimServer, ca_file: str) -> None:
    transport = Transport(Network(ca_file=ca_file))
    endpoint = Endpoint("mine", "mistral", server.base_url, "codestral-latest", key="k")
    assert await quickest_close_ms(server, Upstream(endpoint, Mistral(), transport)) < 20
    await transport.aclose()


def beyond(server: FimServer) -> str:
    """The server's address as one beyond loopback."""
    return f"{'https' if server.tls else 'http'}://fim.example:{server.port}/v1"


@pytest.mark.parametrize("scheme", ["http://", ""])
async def test_the_proxy_that_is_set(server: FimServer, ca_file: str, proxy: ProxyServer, scheme: str) -> None:
    network = Network(ca_file=ca_file, proxy=scheme + proxy.address)
    assert await complete(beyond(server), network) == "return a + b\n"
    assert proxy.asked_for == [f"fim.example:{server.port}"]


@pytest.mark.parametrize("name", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
async def test_the_proxy_of_the_environment(
    server: FimServer, ca_file: str, proxy: ProxyServer, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, f"http://{proxy.address}")
    assert await complete(beyond(server), Network(ca_file=ca_file)) == "return a + b\n"
    assert len(proxy.asked_for) == 1


async def test_a_plain_request_through_a_proxy(proxy: ProxyServer) -> None:
    async with FimServer() as server:
        network = Network(proxy=proxy.address)
        assert await complete(beyond(server), network, allow_http=True) == "return a + b\n"
    assert proxy.asked_for == [f"http://fim.example:{server.port}/v1/fim/completions"]


async def test_a_proxy_with_a_password(server: FimServer, ca_file: str) -> None:
    async with ProxyServer(password="open") as proxy:
        network = Network(ca_file=ca_file, proxy=f"http://user:open@{proxy.address}")
        assert await complete(beyond(server), network) == "return a + b\n"
        for wrong in ("user:wrong@", ""):
            network = Network(ca_file=ca_file, proxy=f"http://{wrong}{proxy.address}")
            with pytest.raises(errors.ProviderError, match=r"proxy.*network\.proxy") as caught:
                await complete(beyond(server), network)
            assert "wrong" not in caught.value.message
        assert proxy.refused == 2


async def test_a_plain_request_through_a_proxy_with_a_password() -> None:
    async with ProxyServer(password="open") as proxy, FimServer() as server:
        network = Network(proxy=f"http://user:open@{proxy.address}")
        assert await complete(beyond(server), network, allow_http=True) == "return a + b\n"
        with pytest.raises(errors.ProviderError, match=r"network\.proxy"):
            await complete(beyond(server), Network(proxy=proxy.address), allow_http=True)


async def test_loopback_needs_no_proxy(server: FimServer, ca_file: str, proxy: ProxyServer) -> None:
    network = Network(ca_file=ca_file, proxy=proxy.address)
    assert await complete(server.base_url, network) == "return a + b\n"
    assert not proxy.asked_for


async def test_a_proxy_that_is_not_there(server: FimServer, ca_file: str, proxy: ProxyServer) -> None:
    address = proxy.address
    await proxy.__aexit__(None, None, None)
    with pytest.raises(errors.Unreachable, match=r"proxy.*network\.proxy"):
        await complete(beyond(server), Network(ca_file=ca_file, proxy=address))


async def test_a_proxy_of_another_kind_is_refused(server: FimServer) -> None:
    with pytest.raises(errors.ConfigurationError, match="Only http proxies"):
        await complete(beyond(server), Network(proxy="socks5://127.0.0.1:1"))


PROXIES = [
    ({"HTTPS_PROXY": "http://p:1"}, "https://api.example/v1", "http://p:1"),
    ({"HTTPS_PROXY": "p:1"}, "https://api.example/v1", "http://p:1"),
    ({"HTTP_PROXY": "http://p:1"}, "https://api.example/v1", None),
    ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "api.example"}, "https://api.example/v1", None),
    ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": ".example"}, "https://api.example/v1", None),
    ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "*"}, "https://api.example/v1", None),
    ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "api.example:8443"}, "https://api.example:8443/v1", None),
    ({"HTTPS_PROXY": "http://p:1", "NO_PROXY": "api.example:8443"}, "https://api.example/v1", "http://p:1"),
    ({"HTTPS_PROXY": "http://p:1"}, "https://127.0.0.1:8000", None),
    ({"HTTPS_PROXY": "http://p:1"}, "https://localhost:8000", None),
    ({"HTTPS_PROXY": "http://p:1"}, "https://[::1]:8000", None),
    ({}, "https://api.example/v1", None),
]


@pytest.mark.parametrize(("environ", "url", "proxy"), PROXIES)
def test_which_proxy(environ: dict[str, str], url: str, proxy: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    found = proxy_for(url, Network())
    assert (found.url if found else None) == proxy


def test_no_proxy_holds_for_our_own_setting_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "inside.example")
    assert proxy_for("https://inside.example", Network(proxy="p:1")) is None
    assert proxy_for("https://outside.example", Network(proxy="p:1")) == Proxy("http://p:1")


def test_a_proxys_password_is_read_and_not_shown() -> None:
    proxy = proxy_for("https://outside.example", Network(proxy="http://me:p%40ss@proxy.example:3128"))
    assert proxy == Proxy("http://proxy.example:3128", {"Proxy-Authorization": "Basic bWU6cEBzcw=="})
    assert "bWU6" not in repr(proxy)


SAFE = [
    "http://127.0.0.1:8080",
    "http://localhost/v1",
    "http://[::1]:8080/v1",
    "http://127.8.8.8",
    "https://api.example",
]
UNSAFE = [
    "http://api.example",
    "http://127.example.com",
    "http://localhost.example.com",
    "http://0.0.0.0:8080",
    "http://10.0.0.7",
]
NONSENSE = ["", "api.example/v1", "ftp://api.example", "file:///etc/passwd", "http://", "http://a:99999", "http://[::1"]


@pytest.mark.parametrize("url", SAFE)
def test_what_is_safe(url: str) -> None:
    require_safe(url, allow_http=False)


@pytest.mark.parametrize("url", UNSAFE)
def test_what_is_not_safe_unless_it_is_allowed(url: str) -> None:
    with pytest.raises(errors.Insecure, match="allow_http"):
        require_safe(url, allow_http=False)
    require_safe(url, allow_http=True)


@pytest.mark.parametrize("url", NONSENSE)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(errors.ConfigurationError, match="no web address"):
        require_safe(url, allow_http=True)


@pytest.mark.parametrize("url", ["https://me:hunter2@api.example/v1", "http://127.0.0.1@api.example/v1"])
def test_a_password_in_an_address_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(errors.ConfigurationError, match="holds a user or password") as caught:
        require_safe(url, allow_http=True)
    assert "hunter2" not in caught.value.message
