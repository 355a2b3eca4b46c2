"""The way to a provider's host, step by step: its name, a connection, encryption; what it means where one breaks."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fim_lsp.finding import Fault, Finding
from fim_lsp.network import CA_FILE_ADVICE, proxy_for
from fim_lsp.settings.model import Network
from fim_lsp.transport import Transport

PATIENCE_S = 10.0


async def reach(base_url: str, network: Network, transport: Transport) -> AsyncIterator[Finding]:
    """Name, connection and encryption; through a proxy only the proxy's own can be seen. Raises Fault."""
    proxy = proxy_for(base_url, network)
    parts = urlsplit(proxy.url if proxy else base_url)
    host, port = parts.hostname or "", parts.port or {"https": 443}.get(parts.scheme, 80)
    where = f"proxy {host}" if proxy else host
    peer = _Peer(host, port, "network.proxy" if proxy else "base_url")
    found = await _timed(_resolve(host, port), peer.has_no_address)
    if (addresses := sorted(set(found.value))) != [host]:
        yield Finding("ok", "DNS", f"{where} is {', '.join(addresses)} ({found.ms:.0f} ms)")
    connected = await _timed(_connect(host, port), peer.takes_no_connection)
    yield Finding("ok", "TCP", f"{where} port {port} ({connected.ms:.0f} ms)")
    if parts.scheme == "https":
        shaken = await _timed(_shake_hands(host, port, await transport.tls()), peer.shakes_no_hands)
        yield Finding("ok", "TLS", f"{shaken.value} ({shaken.ms:.0f} ms)")


@dataclass(frozen=True, slots=True)
class _Peer:
    """Whom we connect to, and what it means that it cannot be done."""

    host: str
    port: int
    setting: str
    """Which setting names it."""

    def has_no_address(self, error: OSError) -> Fault:
        return Fault(f"The name {self.host} is unknown: {_plainly(error)}", f"Check {self.setting} and the network.")

    def takes_no_connection(self, error: OSError) -> Fault:
        detail = f"{self.host} port {self.port} cannot be reached: {_plainly(error)}"
        return Fault(detail, "Is the server running? Is there a firewall?")

    def shakes_no_hands(self, error: OSError) -> Fault:
        if isinstance(error, ssl.SSLCertVerificationError):
            advice = CERTIFICATE_ADVICE.get(error.verify_code, CA_FILE_ADVICE).format(setting=self.setting)
            return Fault(f"The certificate of {self.host} is not trusted: {error.verify_message}", advice)
        plain_http = f"Is {self.setting} https where the server speaks http?"
        in_between = "Does a proxy or firewall lie in between (network.proxy)?"
        if isinstance(error, ssl.SSLError):
            said = f" ({error.reason.replace('_', ' ').lower()})" if error.reason else ""
            return Fault(f"No secure connection to {self.host} came about{said}", f"{plain_http} {in_between}")
        if isinstance(error, TimeoutError):
            detail = f"{self.host} port {self.port} took the connection and said nothing for {PATIENCE_S:.0f} s"
            return Fault(detail, f"{plain_http} {in_between}")
        detail = f"{self.host} port {self.port} took the connection and closed it before it was secure"
        return Fault(detail, f"{in_between} {plain_http}")


CERTIFICATE_ADVICE = {
    9: "Check this machine's clock.",  # not valid yet
    10: "Check this machine's clock; if it is right, the server needs a new certificate.",  # expired
    62: "Name the host in {setting} as its certificate does.",  # another host's
    64: "Name the host in {setting} as its certificate does.",  # another address's
}
"""By OpenSSL's number for what is wrong with a certificate (X509_V_ERR_…), where no CA file would help."""


@dataclass(frozen=True, slots=True)
class _Timed:
    value: Any
    ms: float


async def _timed(step: Awaitable[Any], fault: Callable[[OSError], Fault]) -> _Timed:
    """`fault`: what it means that the step fails, or has not ended after `PATIENCE_S`."""
    begun = time.perf_counter()
    try:
        async with asyncio.timeout(PATIENCE_S):
            value = await step
    except OSError as error:
        raise fault(error) from None
    return _Timed(value, (time.perf_counter() - begun) * 1000)


def _plainly(error: OSError) -> str:
    """asyncio's own words for a connection that fails are an address as a tuple, or a list of such."""
    if isinstance(error, TimeoutError):
        return f"no answer in {PATIENCE_S:.0f} s"
    if isinstance(error, socket.gaierror) or not error.errno:
        return error.strerror or "no address of it answers"
    return os.strerror(error.errno).lower()


async def _resolve(host: str, port: int) -> list[str]:
    loop = asyncio.get_running_loop()
    return [str(entry[4][0]) for entry in await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


async def _connect(host: str, port: int) -> None:
    _, writer = await asyncio.open_connection(host, port)
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()


async def _shake_hands(host: str, port: int, tls: ssl.SSLContext) -> str:
    _, writer = await asyncio.open_connection(host, port, ssl=tls, server_hostname=host)
    issuer = dict(pair[0] for pair in (writer.get_extra_info("peercert") or {}).get("issuer", ()))
    version = writer.get_extra_info("ssl_object").version()
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    name = issuer.get("organizationName") or issuer.get("commonName")
    return f"{version}, certificate from {name}" if name else str(version)
