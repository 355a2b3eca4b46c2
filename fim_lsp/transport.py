"""The only HTTP client: answers within a deadline, and foreign errors made ours by one table.

HTTP/1.1 on purpose: closing the connection is the only cancel that reaches a model. httpx runs over aiohttp because its
own pool loses a slot when a request is cancelled at the wrong moment, and here every keystroke may cancel one.
Nothing of this is imported before the first use: `initialize` is answered first.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
import time
import zlib
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import aclosing, asynccontextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakSet

import msgspec

from fim_lsp.body import SIZE_LIMIT, Inflate, Watch
from fim_lsp.errors import Broken, ProviderError, TimedOut, Unreachable, describe
from fim_lsp.network import CA_FILE_ADVICE, Proxy, origin_of, proxy_for, require_safe, tls_context, within_origin
from fim_lsp.providers.base import Request
from fim_lsp.settings.model import Network

if TYPE_CHECKING:
    import aiohttp
    import httpx

log = logging.getLogger(__name__)

KEEPALIVE_S = 240.0
SLEPT_S = 30.0
"""The clock of the wall running ahead of the other by so much in one go means that the machine slept."""
ERROR_LIMIT = 16 << 10
HEADERS = {"Accept": "text/event-stream, application/json", "Accept-Encoding": "identity", "User-Agent": "fim-lsp"}
REDIRECTS = 3
DRAIN_S = 0.01
"""How long a finished answer may keep us to reach its end, which keeps the connection for the next request."""


@dataclass(frozen=True, slots=True)
class Client:
    """httpx's transport for one origin, and the pool of connections under it.

    httpx's client around it would only add what must not be: cookies, redirects, and the environment's idea of proxies.
    """

    wire: httpx.AsyncBaseTransport
    pool: aiohttp.ClientSession
    sockets: WeakSet[socket.socket]
    """All that the pool has opened."""
    proxy: Proxy | None

    def own_headers(self, url: str) -> Mapping[str, str]:
        """A proxy for plain http reads the request itself; else it only sees the CONNECT before it."""
        return self.proxy.headers if self.proxy is not None and url.startswith("http:") else {}

    async def connect_ahead(self, url: str) -> None:
        """Leave an open connection in the pool, with all handshakes done and nothing sent."""
        import aiohttp
        import yarl

        assert self.pool.connector is not None
        loop = asyncio.get_running_loop()
        request = aiohttp.ClientRequest("GET", yarl.URL(url), loop=loop, session=self.pool)
        connection = await self.pool.connector.connect(request, [], aiohttp.ClientTimeout())
        if sum(one.fileno() >= 0 for one in self.sockets) > 1:
            connection.close()  # a request has not waited for it, and leaves its own
        else:
            connection.release()


class Transport:
    """Connections to every origin, kept warm. Belongs to one event loop."""

    def __init__(self, network: Network | None = None, *, wall_clock: Callable[[], float] = time.time) -> None:
        self._network = network or Network()
        self._wall_clock = wall_clock
        self._clocks_apart_s = wall_clock() - time.monotonic()
        self._clients: dict[str, Client] = {}
        self._tls: ssl.SSLContext | None = None
        self._loaded = False
        self._closed = False
        self._loading = asyncio.Lock()
        self._background: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def open(
        self, request: Request, *, deadline_s: float, total_s: float | None = None, allow_http: bool = False
    ) -> AsyncGenerator[Answer, None]:
        """Send, and hand over the answer when its head has come.

        Neither the head nor any single chunk may take longer than `deadline_s`, nor all of it longer than `total_s`.
        Leaving the context closes the connection unless the answer has been read to its end.
        """
        require_safe(request.url, allow_http=allow_http)
        if not self._loaded:
            await self.load()
        if self._woke_up():
            await self._close_clients()
        clock = asyncio.get_running_loop().time
        end = clock() + (deadline_s if total_s is None else total_s)
        try:
            async with asyncio.timeout(deadline_s):
                response = await self._send(request)
        except Exception as error:
            raise translate(error, request.url) from None
        _date(response, self._wall_clock())
        answer = Answer(response, request.url, deadline_s, end)
        try:
            yield answer
        finally:
            if answer.done:
                await answer.drain()
            was_cut = not answer.complete and (_cut(response) or answer.late)
            with suppress(Exception):
                await response.aclose()
            if was_cut and answer.status < 400:
                self._connect_later(request.url, allow_http)

    async def warm(self, url: str, *, allow_http: bool = False) -> None:
        """Import, make the client, and connect, so that the first request finds an open connection. Never fails."""
        with suppress(Exception):
            require_safe(url, allow_http=allow_http)
            async with asyncio.timeout(10):
                client = await self._client(url)
                if client.proxy is None:
                    await client.connect_ahead(url)

    async def load(self) -> None:
        """Import what a first request needs, so that its time does not count against any deadline."""
        async with self._loading:
            if not self._loaded:
                await asyncio.to_thread(_import)
                self._loaded = True

    async def tls(self) -> ssl.SSLContext:
        """Whom this transport trusts. Raises ConfigurationError for files that cannot be read."""
        async with self._loading:
            if self._tls is None:
                self._tls = await asyncio.to_thread(tls_context, self._network)
            return self._tls

    async def aclose(self) -> None:
        self._closed = True
        for task in self._background:
            task.cancel()
        await asyncio.gather(*self._background, return_exceptions=True)
        await self._close_clients()

    async def _close_clients(self) -> None:
        clients, self._clients = self._clients, {}
        for client in clients.values():
            await client.wire.aclose()

    def _woke_up(self) -> bool:
        """Whether the machine has slept: connections from before are dead, and nobody says so."""
        apart_s = self._wall_clock() - time.monotonic()
        slept_s, self._clocks_apart_s = apart_s - self._clocks_apart_s, apart_s
        return slept_s > SLEPT_S

    async def _send(self, request: Request) -> httpx.Response:
        body = msgspec.json.encode(request.body) if request.method == "POST" else None
        url = request.url
        for _ in range(REDIRECTS + 1):
            client = await self._client(url)
            response = await _send_once(client, request, url, body)
            location = response.headers.get("location")
            if response.status_code not in (301, 302, 307, 308) or not location:
                return response
            await response.aclose()
            url = within_origin(url, location)
        raise Broken("The service redirects in a circle. Check base_url.")

    async def _client(self, url: str) -> Client:
        origin = origin_of(url)
        if (client := self._clients.get(origin)) is not None:
            return client
        proxy = proxy_for(url, self._network)
        is_secure = url.startswith("https:") or (proxy is not None and proxy.url.startswith("https:"))
        tls = await self.tls() if is_secure else None
        if self._closed:
            raise Unreachable("fim-lsp is ending. Start it again.")
        if origin not in self._clients:
            self._clients[origin] = make_client(tls, proxy)
        return self._clients[origin]

    def _connect_later(self, url: str, allow_http: bool) -> None:
        """Closing a connection costs the next request its handshakes: connect again while nobody waits."""
        if not self._background:
            task = asyncio.get_running_loop().create_task(self.warm(url, allow_http=allow_http))
            self._background.add(task)
            task.add_done_callback(self._background.discard)


def _date(response: httpx.Response, now: float) -> None:
    """Put in the `Date` that some answers lack: a date in `Retry-After` means nothing without one."""
    if "retry-after" in response.headers and "date" not in response.headers:
        from email.utils import formatdate

        response.headers["date"] = formatdate(now, usegmt=True)


class Answer:
    """An HTTP answer whose head has come."""

    def __init__(self, response: httpx.Response, url: str, deadline_s: float, end: float) -> None:
        self.status = response.status_code
        self.headers: Mapping[str, str] = response.headers
        self.complete = False
        """Whether the body has been read to its end."""
        self.done = False
        """Set by the reader when nothing more is expected: the end is then awaited for a moment, not cut off."""
        self.late = False
        """Whether it was cut off because nothing came for too long."""
        self._response = response
        self._url = url
        self._deadline_s = deadline_s
        self._end = end

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The body, decompressed and bounded."""
        inflate = Inflate(self.headers.get("content-encoding", ""))
        size = 0
        watch = Watch(self._give_up)
        try:
            async with aclosing(self._raw()) as raw:
                while True:
                    watch.begin(self._deadline_s, self._end)
                    chunk = await anext(raw, None)
                    watch.pause()
                    if self.late:
                        raise TimeoutError
                    if chunk is None:
                        break
                    data = inflate(chunk)
                    size += max(len(chunk), len(data))
                    if size > SIZE_LIMIT:
                        raise Broken("The service sends without end. Check base_url.")
                    if data:
                        yield data
        except Exception as error:
            raise translate(TimeoutError() if self.late else error, self._url) from None
        finally:
            watch.end()
        self.complete = True

    def _give_up(self) -> None:
        self.late = True
        _cut(self._response)
        _under(self._response).close()  # whoever waits for a chunk is told

    async def text(self) -> str:
        """The head of an error's body; what cannot be read is not worth another error."""
        body = b""
        with suppress(ProviderError):
            async with aclosing(self.chunks()) as chunks:
                async for chunk in chunks:
                    body += chunk
                    if len(body) >= ERROR_LIMIT:
                        break
        return body[:ERROR_LIMIT].decode("utf-8", "replace")

    async def drain(self) -> None:
        """Read to the end, which should be here at once."""
        self.complete = self.complete or _under(self._response).content.at_eof()
        if self.complete:
            return
        self._end = min(self._end, asyncio.get_running_loop().time() + DRAIN_S)
        with suppress(ProviderError):
            async with aclosing(self.chunks()) as chunks:
                async for _ in chunks:
                    pass

    def _raw(self) -> AsyncGenerator[bytes, None]:
        return self._response.stream.__aiter__()  # type: ignore[union-attr, return-value]


def make_client(tls: ssl.SSLContext | None, proxy: Proxy | None) -> Client:
    """A client for one origin."""
    import aiohttp
    import httpx
    from httpx_aiohttp import AiohttpTransport

    sockets: WeakSet[socket.socket] = WeakSet()
    connector = aiohttp.TCPConnector(
        ssl=tls or True, limit=0, keepalive_timeout=KEEPALIVE_S, socket_factory=partial(_make_socket, sockets)
    )
    pool = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
    through = httpx.Proxy(proxy.url, headers=proxy.headers) if proxy else None
    wire = AiohttpTransport(verify=tls or False, proxy=through, client=pool)
    return Client(wire, pool, sockets, proxy)


def translate(error: Exception, url: str) -> ProviderError:
    """Our error for a foreign one: the first row of the table that it, or one of its causes, meets.

    What is in no row may be a fault of ours: the log says where it came from.
    """
    if isinstance(error, ProviderError):
        return error
    import aiohttp

    host = urlsplit(url).hostname or "the service"
    address = urlsplit(url).netloc.rpartition("@")[2]
    rows: list[tuple[type[BaseException] | tuple[type[BaseException], ...], type[ProviderError], str]] = [
        (ssl.SSLCertVerificationError, Unreachable, CERTIFICATE),
        (ssl.SSLError, Unreachable, f"No secure connection to {host} came about. Check base_url and network.proxy."),
        (aiohttp.ClientHttpProxyError, Unreachable, "The proxy refused. Check network.proxy, its user and password."),
        (aiohttp.ClientProxyConnectionError, Unreachable, "The proxy cannot be reached. Check network.proxy."),
        (
            aiohttp.ClientConnectorDNSError,
            Unreachable,
            f"The name {host} is unknown. Check the network and base_url.",
        ),
        (
            ConnectionRefusedError,
            Unreachable,
            f"Nothing listens at {address}. Start the server there, or check base_url.",
        ),
        (TimeoutError, TimedOut, f"{host} did not answer in time. It will be tried again."),
        (aiohttp.ClientConnectorError, Unreachable, f"{host} cannot be reached. Check the network and base_url."),
        (aiohttp.ClientError, Broken, f"The answer of {host} broke off or was not HTTP. It will be tried again."),
        (zlib.error, Broken, f"The answer of {host} could not be decompressed. It will be tried again."),
        (OSError, Unreachable, f"{host} cannot be reached. Check the network and base_url."),
    ]
    for foreign, ours, sentence in rows:
        for cause in _causes(error):
            if isinstance(cause, foreign):
                return ours(sentence.format(host=host, issuer=_issuer(cause)))
    log.error("a request failed: %s", describe(error))
    return Broken(f"The request to {host} failed ({type(error).__name__}). It will be tried again.")


CERTIFICATE = f"The certificate of {{host}} is not trusted ({{issuer}}). {CA_FILE_ADVICE}"


def _issuer(cause: BaseException) -> str:
    return getattr(cause, "verify_message", "") or "unknown reason"


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or getattr(error, "os_error", None)


async def _send_once(client: Client, request: Request, url: str, body: bytes | None) -> httpx.Response:
    """Sends again where a kept connection turns out to have been closed by the server meanwhile."""
    import httpx

    kind = {"Content-Type": "application/json"} if body is not None else {}
    headers = {**HEADERS, **kind, **client.own_headers(url), **request.headers}
    # As a stream, because of any other content httpx works out headers that aiohttp works out again.
    built = httpx.Request(request.method, _parsed(url), headers=headers, stream=httpx.ByteStream(body or b""))
    built.read()
    made: list[bool] = []
    sockets_made.set(made)
    try:
        return await client.wire.handle_async_request(built)
    except Exception as error:
        if made or not _went_stale(error):
            raise
    return await client.wire.handle_async_request(built)


sockets_made: ContextVar[list[bool] | None] = ContextVar("sockets_made", default=None)
"""A mark for each made for the request at hand: what fails on a new connection is not sent a second time."""


def _make_socket(sockets: WeakSet[socket.socket], address: tuple[Any, ...]) -> socket.socket:
    family, kind, protocol, *_ = address
    made = socket.socket(family, kind, protocol)
    sockets.add(made)
    if (record := sockets_made.get()) is not None:
        record.append(True)
    return made


@lru_cache(maxsize=64)
def _parsed(url: str) -> httpx.URL:
    import httpx

    return httpx.URL(url)


def _cut(response: httpx.Response) -> bool:
    """Drop the connection now, if it is still held: closing it properly would wait for a TLS peer to agree."""
    connection = _under(response).connection
    if connection is None or connection.transport is None:
        return False
    connection.transport.abort()
    return True


def _under(response: httpx.Response) -> aiohttp.ClientResponse:
    """The answer as aiohttp has it, for which httpx has no name."""
    under: aiohttp.ClientResponse = getattr(response.stream, "_aiohttp_response")  # noqa: B009
    return under


def _went_stale(error: Exception) -> bool:
    import aiohttp

    stale = (aiohttp.ServerDisconnectedError, ConnectionResetError, BrokenPipeError)
    return any(isinstance(cause, stale) for cause in _causes(error))


def _import() -> None:
    """The slow part, for a thread."""
    import aiohttp  # noqa: F401
    import httpx  # noqa: F401
    import httpx_aiohttp  # noqa: F401
