"""One provider, asked over HTTP: encode, send, cut into payloads, decode.

What a service teaches about itself is remembered for as long as the settings hold: a field that it does not know is
left out from then on, and a key that it refuses is fetched once more, since keys of commands expire.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager, aclosing, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import msgspec

from fim_lsp.errors import BadRequest, Broken, KeyRefused, NoInfill, Overloaded, ProviderError, describe
from fim_lsp.prompt import formats
from fim_lsp.providers import explain
from fim_lsp.providers.base import Delta, Endpoint, Prompt, Provider, Request, Sampling
from fim_lsp.sse import DONE, Payloads

if TYPE_CHECKING:
    from fim_lsp.transport import Answer, Transport

log = logging.getLogger(__name__)

GetKey = Callable[[], Awaitable[str]]
"""The key, by a fresh look at where it comes from each time."""

OPTIONAL_FIELDS = ("prompt_cache_key", "stream_options", "metadata")
"""Fields that some services refuse and that can be done without."""

NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What a payload fails with that is no JSON, or nested beyond reason."""

SUFFIX_REFUSED = re.compile(r"\bsuffix\b", re.I)

ATTEMPTS = 3
TOTAL_S = 30.0
"""A generation may go on for this long where the deadline is shorter: what comes late is kept for the next request."""


class Upstream:
    """`generate` may run many times at once. Closing a generator closes its connection."""

    def __init__(
        self,
        endpoint: Endpoint,
        provider: Provider,
        transport: Transport,
        *,
        get_key: GetKey | None = None,
        deadline_s: float = 5.0,
        total_s: float = TOTAL_S,
        allow_http: bool = False,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._provider = provider
        self._transport = transport
        self._get_key = get_key
        self._deadline_s = deadline_s
        self._total_s = max(total_s, deadline_s)
        self._allow_http = allow_http
        self._headers = headers or {}
        self._key_taken = False
        self._taking_key = asyncio.Lock()
        self._refused: frozenset[str] = frozenset()
        self.heard: Callable[[Mapping[str, str]], None] = lambda headers: None
        """Told the headers of each good answer."""

    @property
    def name(self) -> str:
        return self._endpoint.name

    @property
    def endpoint(self) -> Endpoint:
        return self._endpoint

    async def generate(
        self, prompt: Prompt, sampling: Sampling, *, invoked: bool = False
    ) -> AsyncGenerator[Delta, None]:
        """What the model says, piece by piece; exactly one piece has `finish` set. Raises ProviderError."""
        error: ProviderError | None = None
        for _ in range(ATTEMPTS):
            request = await self._request(prompt, sampling)
            async with self._open(request) as answer:
                if answer.status // 100 == 2:
                    self.heard(answer.headers)
                    async with aclosing(self._read(answer, request)) as deltas:
                        async for delta in deltas:
                            yield delta
                    return
                said = await answer.text()
            error = explain.error(answer.status, said, answer.headers, self._endpoint)
            if not await self._learn(error, said, request):
                break
        assert error is not None
        raise error

    async def prepare(self) -> None:
        """Have the key. Raises KeyMissing."""
        await self._take_key()

    async def warm(self) -> None:
        """Fetch the key and open a connection, so that the first request need not. Never fails."""
        with suppress(ProviderError):
            await self._take_key()
            await self._transport.warm(self._endpoint.base_url, allow_http=self._allow_http)

    def forget(self) -> None:
        """Look the key up again at the next request, and try again what the service has refused."""
        self._key_taken = False
        self._refused = frozenset()

    async def _request(self, prompt: Prompt, sampling: Sampling) -> Request:
        await self._take_key()
        request = self._provider.encode(prompt, sampling, self._endpoint)
        if not self._refused and not self._headers:
            return request
        body = {name: value for name, value in request.body.items() if name not in self._refused}
        return replace(request, body=body, headers={**request.headers, **self._headers})

    def _open(self, request: Request) -> AbstractAsyncContextManager[Answer]:
        return self._transport.open(
            request, deadline_s=self._deadline_s, total_s=self._total_s, allow_http=self._allow_http
        )

    async def _read(self, answer: Answer, request: Request) -> AsyncGenerator[Delta, None]:
        payloads = Payloads(request.framing)
        async with aclosing(_payloads(answer, payloads)) as stream:
            async for payload in stream:
                delta = self._delta(payload)
                if answer.done:
                    delta = replace(delta, text="", finish=None)
                answer.done = answer.done or delta.finish is not None
                broke_off = delta.finish == "error"
                if broke_off:
                    delta = replace(delta, finish=None)
                if delta.text or delta.finish or delta.usage:
                    yield delta
                if broke_off:
                    raise Overloaded(f"{self.name} broke off with an error. It will be tried again.")
        if not payloads.seen:
            raise Broken(f"{self.name} answered, but not with a completion. Check base_url of [providers.{self.name}].")
        if not answer.done:
            yield Delta(finish="unknown")

    def _delta(self, payload: bytes) -> Delta:
        try:
            return self._provider.decode(msgspec.json.decode(payload))
        except ProviderError:
            raise
        except Exception as error:
            if not isinstance(error, NOT_JSON):
                log.error("an answer was not understood: %s", describe(error))  # ours: `decode` takes any JSON
            raise Broken(
                f"The answer of {self.name} cannot be read ({type(error).__name__}). It will be tried again."
            ) from None

    async def _take_key(self, *, instead_of: str | None = None) -> None:
        """Look the key up at first use, or once more where another one than `instead_of` is needed."""
        if self._get_key is None or (self._key_taken and instead_of is None):
            return
        async with self._taking_key:
            if not self._key_taken or self._endpoint.key == instead_of:
                key = await self._get_key()
                self._endpoint = replace(self._endpoint, key=key)
                self._key_taken = True

    async def _learn(self, error: ProviderError, said: str, request: Request) -> bool:
        """Whether there is now something to send differently."""
        if isinstance(error, KeyRefused) and error.status == 401:
            refused = self._endpoint.key
            await self._take_key(instead_of=refused)
            return self._endpoint.key != refused
        if self._needs_template(error, said):
            self._endpoint = replace(self._endpoint, template=formats.BY_MODEL)
            return True
        if isinstance(error, BadRequest):
            named = {name for name in OPTIONAL_FIELDS if name in request.body and name in said}
            self._refused |= named
            return bool(named)
        return False

    def _needs_template(self, error: ProviderError, said: str) -> bool:
        """Whether the server cannot place a suffix where the model's own tokens may do it."""
        if self._endpoint.template:
            return False
        if isinstance(error, NoInfill):
            return formats.format_of_model(self._endpoint.model) is not None
        return isinstance(error, BadRequest) and SUFFIX_REFUSED.search(said) is not None


async def _payloads(answer: Answer, payloads: Payloads) -> AsyncGenerator[bytes, None]:
    """The payloads of an answer, up to the one that says that the stream is done."""
    async with aclosing(answer.chunks()) as chunks:
        async for chunk in chunks:
            for payload in payloads.feed(chunk):
                if payload.strip() == DONE:
                    return
                yield payload
    for payload in payloads.finish():
        if payload.strip() != DONE:
            yield payload
