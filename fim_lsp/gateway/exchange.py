"""One request from its turn to its last byte; a caller that leaves takes the request to the model along."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncGenerator, Coroutine, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from starlette.types import Receive, Scope, Send

from fim_lsp.errors import BackingOff, BadRequest, ProviderError, RateLimited, TooLong
from fim_lsp.gateway import wire
from fim_lsp.gateway.answering import NOTHING, Count, Piece, pieces
from fim_lsp.gateway.api import Call, Refusal
from fim_lsp.gateway.fair import QueueFull, Turns
from fim_lsp.gateway.keys import Holder, Keys
from fim_lsp.gateway.metrics import Metrics
from fim_lsp.gateway.quota import Counters, Unavailable
from fim_lsp.gateway.routing import Model, Models
from fim_lsp.providers.base import Prompt, Usage

logger = logging.getLogger(__name__)

SEND_PATIENCE_S = 60.0
"""A caller that reads nothing for so long has left, though its connection has not."""
LEFT = 499


@dataclass(slots=True)
class Parts:
    """What all requests of a worker share."""

    models: Models
    keys: Keys
    counters: Counters
    turns: Turns
    metrics: Metrics
    background: set[asyncio.Task[None]] = field(default_factory=set)


class Left(Exception):
    """The caller has gone."""


class Exchange:
    """Answers when it is sent: only then it is known whether the model has anything to say."""

    def __init__(self, parts: Parts, holder: Holder, call: Call, model: Model, headers: Mapping[str, str]) -> None:
        self._parts = parts
        self._holder = holder
        self._call = call
        self._headers = headers
        self._head = wire.Head(secrets.token_hex(16), int(time.time()), call.model)
        self._chain = model.chain(call, self._failed)
        self._count = Count(call)
        self._status = 0
        """Of the answer, once its head has gone out."""
        self._began_s = time.monotonic()
        self._first_s: float | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await unless_left(receive, self._answer(send))
        except Left:
            self._status = LEFT
        finally:
            self._book()

    async def _answer(self, send: Send) -> None:
        try:
            async with self._parts.turns.turn(self._holder.name):
                self._crowd()
                await (self._stream if self._call.stream else self._whole)(send)
        except QueueFull:
            await self._refuse(send, Refusal(429, wire.error(429, "Too many requests wait."), {"Retry-After": "1"}))
        except ProviderError as error:
            self._failed(error, self._chain.used)
            if self._status:
                await self._send(send, wire.ending(self._head, "", "error", self._count.usage()), more=False)
            else:
                await self._refuse(send, refusal_for(error))

    async def _stream(self, send: Send) -> None:
        async with aclosing(self._pieces()) as stream:
            async for piece in stream:
                lead = b"" if self._status else wire.opening(self._head)
                if not self._status:
                    await self._start(send, 200, wire.STREAM_TYPE, STREAM_HEADERS)
                if piece.finish is None:
                    await self._send(send, lead + wire.piece(self._head, piece.text), more=True)
                else:
                    last = wire.ending(self._head, piece.text, piece.finish, piece.usage)
                    await self._send(send, lead + last, more=False)

    async def _whole(self, send: Send) -> None:
        text: list[str] = []
        async with aclosing(self._pieces()) as stream:
            async for piece in stream:
                text.append(piece.text)
        if piece.finish is None:
            return await self._refuse(send, UNFINISHED)
        body = wire.whole(self._head, "".join(text), piece.finish, piece.usage)
        await self._start(send, 200, wire.JSON_TYPE, {"Content-Length": str(len(body))})
        await self._send(send, body, more=False)

    async def _pieces(self) -> AsyncGenerator[Piece, None]:
        call = self._call
        prompt = Prompt(call.prompt, call.suffix)
        deltas = self._chain.generate(prompt, call.sampling, invoked=True)
        async with aclosing(pieces(call.sampling.stop, deltas, self._count)) as stream:
            async for piece in stream:
                if self._first_s is None:
                    self._first_s = time.monotonic() - self._began_s
                yield piece

    async def _refuse(self, send: Send, refusal: Refusal) -> None:
        body = wire.encode(refusal.body)
        headers = {**refusal.headers, "Content-Length": str(len(body))}
        await self._start(send, refusal.status, wire.JSON_TYPE, headers)
        await self._send(send, body, more=False)

    async def _start(self, send: Send, status: int, kind: str, headers: Mapping[str, str]) -> None:
        told = {"Content-Type": kind, **self._headers, **headers}
        raw = [(name.lower().encode(), value.encode()) for name, value in told.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        self._status = status

    async def _send(self, send: Send, body: bytes, *, more: bool) -> None:
        try:
            async with asyncio.timeout(SEND_PATIENCE_S):
                await send({"type": "http.response.body", "body": body, "more_body": more})
        except (TimeoutError, OSError):
            raise Left from None

    def _failed(self, error: ProviderError, provider: str) -> None:
        """One that was not even asked has been written down when it failed."""
        if not isinstance(error, BackingOff):
            logger.warning("%s: %s", provider, error.message)
            self._parts.metrics.failed(provider, error.cause)

    def _crowd(self) -> None:
        self._parts.metrics.crowd(self._parts.turns.running, self._parts.turns.waiting)

    def _book(self) -> None:
        """Write down what it took; also of an answer that nobody waited for."""
        metrics, model, name = self._parts.metrics, self._call.model, self._holder.name
        usage = self._count.usage() if self._count.began else NOTHING
        self._crowd()
        metrics.answered(model=model, key=name, provider=self._chain.used, status=self._status or 500)
        metrics.took(model, self._first_s, time.monotonic() - self._began_s)
        metrics.spent(model, name, usage)
        if self._holder.allowance.tokens_per_day and self._count.began:
            task = asyncio.get_running_loop().create_task(self._spend(usage))
            self._parts.background.add(task)
            task.add_done_callback(self._parts.background.discard)

    async def _spend(self, usage: Usage) -> None:
        try:
            await self._parts.counters.spend(self._holder.name, self._holder.allowance, usage.prompt + usage.completion)
        except Unavailable as error:
            logger.error("what %s took was not counted: %s", self._holder.name, error)


async def unless_left(receive: Receive, work: Coroutine[Any, Any, None]) -> None:
    """Do the work, but drop it the moment the caller leaves. Raises Left."""
    task = asyncio.ensure_future(work)
    watch = asyncio.ensure_future(_leaving(receive))
    try:
        await asyncio.wait((task, watch), return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise Left
        await task
    finally:
        watch.cancel()
        task.cancel()
        await asyncio.gather(task, watch, return_exceptions=True)


async def _leaving(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def refusal_for(error: ProviderError) -> Refusal:
    """What the caller is told of a failure. Addresses and upstreams' words are for the log."""
    if isinstance(error, TooLong):
        return Refusal(400, wire.error(400, "The prompt is longer than the model's context."))
    if isinstance(error, BadRequest):
        return Refusal(400, wire.error(400, "The model's service did not take the request as it stands."))
    seconds = {"Retry-After": str(max(1, round(error.retry_after_s or 1)))}
    if isinstance(error, RateLimited):
        return Refusal(429, wire.error(429, "The model's service takes no more requests for the moment."), seconds)
    return Refusal(503, wire.error(503, f"No model can answer now ({error.cause})."), seconds)


UNFINISHED = Refusal(503, wire.error(503, "The model broke off."), {"Retry-After": "1"})
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
"""Proxies are to hand on each piece as it comes."""
