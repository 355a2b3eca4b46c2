"""Whom to trust and which way to go: certificates, proxies, and what may be sent in the open. Nothing connects here."""

from __future__ import annotations

import base64
import ipaddress
import os
import ssl
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import unquote, urljoin, urlsplit

from fim_lsp.errors import ConfigurationError, Insecure
from fim_lsp.settings.model import Network

CA_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Arch, Alpine
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",  # openSUSE
    "/etc/ssl/cert.pem",
)


@lru_cache(maxsize=64)
def origin_of(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or {"https": 443, "http": 80}.get(parts.scheme)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def shown(url: str) -> str:
    """For people: without a user and password that may stand in it."""
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def is_loopback(url: str) -> bool:
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


@lru_cache(maxsize=64)
def require_safe(url: str, *, allow_http: bool) -> None:
    """Plain http shows key and code to the network between."""
    try:
        parts = urlsplit(url)
        scheme, host, _ = parts.scheme, parts.hostname, parts.port
    except ValueError:
        scheme, host = "", None
    if scheme not in ("http", "https") or not host:
        raise ConfigurationError("base_url is no web address. It begins with https:// and names a host.")
    if "@" in parts.netloc:
        raise ConfigurationError("base_url holds a user or password. Send them in headers, as Authorization.")
    if scheme == "http" and not allow_http and not is_loopback(url):
        raise Insecure(f"http://{host} is not encrypted, so nothing was sent. Use https, or set allow_http = true.")


@dataclass(frozen=True, slots=True)
class Proxy:
    """The way to a host."""

    url: str
    """Without user and password."""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """What the proxy alone is to read."""


def proxy_for(url: str, network: Network) -> Proxy | None:
    """The proxy to this host: our own setting, or the environment's or system's; never to this machine itself."""
    from urllib.request import getproxies, proxy_bypass  # takes as long to import as all of this package's core

    parts = urlsplit(url)
    if is_loopback(url) or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    systems = getproxies()
    address = network.proxy or systems.get(parts.scheme) or systems.get("all")
    if not address:
        return None
    proxy = urlsplit(address if "://" in address else f"http://{address}")
    if proxy.scheme not in ("http", "https") or not proxy.hostname:
        raise ConfigurationError("Only http proxies are supported. Set network.proxy to an http:// address.")
    user, separator, where = proxy.netloc.rpartition("@")
    login = base64.b64encode(unquote(user).encode()).decode()
    return Proxy(f"{proxy.scheme}://{where}", {"Proxy-Authorization": f"Basic {login}"} if separator else {})


CA_FILE_ADVICE = "If your network replaces certificates, name its CA file in network.ca_file."


def tls_context(network: Network) -> ssl.SSLContext:
    """Trusts what the system trusts, and what the user adds. Slow: reads hundreds of certificates."""
    context = _system_trust()
    try:
        if network.ca_file:
            context.load_verify_locations(cafile=network.ca_file)
        if network.client_cert:
            context.load_cert_chain(network.client_cert, network.client_key or None)
    except OSError as error:
        raise ConfigurationError(
            f"A certificate file cannot be read ({error.strerror or error}). "
            "Check ca_file, client_cert and client_key in [network]."
        ) from None
    return context


def _system_trust() -> ssl.SSLContext:
    """macOS and Windows are asked through truststore, which on Linux would read the certificates anew for each
    connection. There OpenSSL knows where they are, unless Python was built elsewhere.
    """
    if sys.platform in ("darwin", "win32"):
        import truststore

        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.create_default_context()
    places = ssl.get_default_verify_paths()
    if not places.cafile and not places.capath:
        for bundle in filter(os.path.exists, CA_BUNDLES):
            context.load_verify_locations(bundle)
            break
    return context


def within_origin(url: str, location: str) -> str:
    target = urljoin(url, location)
    if origin_of(target) != origin_of(url):
        raise Insecure(
            f"{urlsplit(url).hostname} redirects to another place, {origin_of(target)}, so nothing more was sent. "
            "If that is right, put it into base_url."
        )
    return target
