"""The HTTP side: routes, who is let in, and what becomes of errors. A request's own story is in `exchange`."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from fim_lsp.gateway import api, openapi, quota, wire
from fim_lsp.gateway.exchange import Exchange, Parts
from fim_lsp.gateway.keys import Holder
from fim_lsp.gateway.metrics import TYPE as FIGURES_TYPE
from fim_lsp.network import is_loopback

logger = logging.getLogger(__name__)

MOST_BODY_BYTES = 4 << 20
BODY_PATIENCE_S = 30.0

Work = Callable[[], Awaitable[None]]


async def _nothing() -> None:
    """Nothing to prepare or to close."""


def make_app(parts: Parts, *, start: Work = _nothing, stop: Work = _nothing) -> Starlette:
    """The application. `start` is awaited before the first request, `stop` after the last."""

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncGenerator[None, None]:
        await start()
        try:
            yield
        finally:
            await parts.counters.close()
            await stop()

    routes = _Routes(parts)
    return Starlette(
        routes=[
            Route("/v1/fim/completions", routes.complete, methods=["POST"]),
            Route("/v1/models", routes.models),
            *(Route(f"{root}/health", routes.health) for root in ("", "/v1")),
            *(Route(f"{root}/metrics", routes.metrics) for root in ("", "/v1")),
            *(Route(f"{root}/openapi.json", routes.openapi) for root in ("", "/v1")),
        ],
        exception_handlers={api.Refusal: refused, HTTPException: not_served, Exception: failed},
        lifespan=lifespan,
    )


class _Routes:
    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._created = int(time.time())

    async def complete(self, request: Request) -> Response | Exchange:
        holder = self._holder(request)
        try:
            call = api.parse(await _body(request))
            model = self._parts.models.get(call.model)
            if model is None:
                known = ", ".join(sorted(self._parts.models))
                raise api.Refusal(404, wire.error(404, f"There is no such model. There are: {known}."))
        except api.Refusal as refusal:
            self._parts.metrics.answered(model="", key=holder.name, provider="", status=refusal.status)
            raise
        except ClientDisconnect:
            return Response(status_code=499)
        headers = await self._admitted(holder, call.model)
        return Exchange(self._parts, holder, call, model, headers)

    async def models(self, request: Request) -> Response:
        self._holder(request)
        return _json(wire.models(sorted(self._parts.models), self._created))

    async def metrics(self, request: Request) -> Response:
        self._holder(request)
        return Response(self._parts.metrics.page(), media_type=FIGURES_TYPE)

    async def health(self, request: Request) -> Response:
        return _json(wire.encode({"status": "ok"}))

    async def openapi(self, request: Request) -> Response:
        return _json(wire.encode(openapi.description(key_required=self._parts.keys.required)))

    def _holder(self, request: Request) -> Holder:
        """Raises Refusal, 401; and 400 where a page on the web may have talked its reader's browser into asking."""
        if not self._parts.keys.required and not _is_called_here(request):
            raise api.Refusal(400, wire.error(400, "Without keys this is for this machine alone: call it localhost."))
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        holder = self._parts.keys.find(key.strip() if scheme.lower() == "bearer" else "")
        if holder is None:
            self._parts.metrics.answered(model="", key="", provider="", status=401)
            raise api.Refusal(401, wire.error(401, "Unauthorized"), {"WWW-Authenticate": "Bearer"})
        return holder

    async def _admitted(self, holder: Holder, model: str) -> Mapping[str, str]:
        """What is left of the key's allowance, as headers. Raises Refusal, 429, where nothing is."""
        if not holder.allowance.limits_anything:
            return {}
        try:
            verdict = await self._parts.counters.admit(holder.name, holder.allowance)
        except quota.Unavailable as error:
            logger.error("the shared counters cannot be reached: %s", error)
            self._parts.metrics.answered(model=model, key=holder.name, provider="", status=503)
            raise api.Refusal(503, wire.error(503, "Limits cannot be looked up."), {"Retry-After": "1"}) from None
        headers = quota.headers(holder.allowance, verdict)
        if verdict.allowed:
            return headers
        self._parts.metrics.answered(model=model, key=holder.name, provider="", status=429)
        seconds = str(max(1, -int(-verdict.wait_s // 1)))
        raise api.Refusal(429, wire.error(429, "Rate limit exceeded"), {**headers, "Retry-After": seconds})


def _is_called_here(request: Request) -> bool:
    """By a name of this machine itself."""
    try:
        return is_loopback(f"http://{request.headers.get('host', '')}")
    except ValueError:
        return False


async def _body(request: Request) -> bytes:
    """Raises Refusal, 413, before more than the limit is kept."""
    too_large = api.Refusal(413, wire.error(413, f"The body has more than {MOST_BODY_BYTES} bytes."))
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > MOST_BODY_BYTES:
        raise too_large
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_PATIENCE_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > MOST_BODY_BYTES:
                    raise too_large
    except TimeoutError:
        raise api.Refusal(400, wire.error(400, "The body did not come to its end.")) from None
    return bytes(body)


def _json(body: bytes, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    return Response(body, status, headers, media_type=wire.JSON_TYPE)


async def refused(request: Request, error: Exception) -> Response:
    assert isinstance(error, api.Refusal)
    return _json(wire.encode(error.body), error.status, error.headers)


async def not_served(request: Request, error: Exception) -> Response:
    """No such path or method."""
    assert isinstance(error, HTTPException)
    return _json(wire.encode(wire.error(error.status_code, error.detail)), error.status_code, error.headers)


async def failed(request: Request, error: Exception) -> Response:
    """A fault of our own: the caller learns that it is one, and the log where, without what was asked."""
    return _json(wire.encode(wire.error(500, "Internal error")), 500)
