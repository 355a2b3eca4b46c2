"""JSON-RPC: every request gets exactly one answer, whatever the client sends; nothing that passes by is logged.

This replaces how pygls 2.1 reads, dispatches and answers messages, and keeps its registry of features, its converter
and its way of sending. What was wrong with the original: requests with bad params are never answered, bad JSON becomes
a popup, any nested object with a "jsonrpc" key is taken for a message, each notification leaves a future behind,
whole bodies are logged, and errors carry tracebacks to the client.
"""

from __future__ import annotations

import asyncio
import inspect
import itertools
import json
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from functools import partial
from typing import Any, NoReturn

import msgspec
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import LanguageServerProtocol

from fim_lsp.errors import describe
from fim_lsp.lsp.framing import Frame, Malformed, frame

log = logging.getLogger(__name__)

Id = int | str
Code = types.ErrorCodes

PARSE_ERROR = Code.ParseError.value
INVALID_REQUEST = Code.InvalidRequest.value
METHOD_NOT_FOUND = Code.MethodNotFound.value
INVALID_PARAMS = Code.InvalidParams.value
INTERNAL_ERROR = Code.InternalError.value
NOT_INITIALIZED = Code.ServerNotInitialized.value
CANCELLED = types.LSPErrorCodes.RequestCancelled.value


class RpcProtocol(LanguageServerProtocol):
    """Messages in, messages out. Does not know what the methods mean, except `$/cancelRequest` and the life cycle."""

    initialized = False
    """`initialize` has been answered."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._running: dict[Id, asyncio.Future[Any]] = {}
        """The client's requests that are being worked on. (Ours to the client are in pygls's `_request_futures`.)"""
        self._ids = itertools.count(1)
        self.dismissed: Callable[[str, Any], None] = lambda method, params: None
        """Told of each request that was cancelled before its work began: its handler will not know."""

    def _register_builtin_features(self) -> None:
        """None of pygls's: every method that is known is a feature, a plain function of the server and the params."""

    # In

    def receive(self, received: Frame) -> None:
        """One frame from the wire. Never raises."""
        if isinstance(received, Malformed):
            return self._refuse(None, PARSE_ERROR, received.message)
        try:
            message = _decode(received)
        except (ValueError, RecursionError, msgspec.MsgspecError):
            return self._refuse(None, PARSE_ERROR, "The body is not JSON.")
        try:
            self.handle_message(message)
        except Exception as error:  # the wire must not end with it
            log.error("a message failed: %s", describe(error))

    def handle_message(self, message: Any) -> None:
        if not isinstance(message, dict) or message.get("jsonrpc") != self.VERSION:
            return self._refuse(_id_of(message), INVALID_REQUEST, "Not a JSON-RPC 2.0 message.")
        method, params = message.get("method"), message.get("params")
        if isinstance(method, str) and "id" not in message:
            return self._notified(method, params)
        if isinstance(method, str) and (msg_id := _id_of(message)) is not None:
            return self._requested(msg_id, method, params)
        if method is None and ("result" in message or "error" in message):
            return self._answered(message)
        return self._refuse(_id_of(message), INVALID_REQUEST, "Neither a request, a notification nor a response.")

    def _requested(self, msg_id: Id, method: str, params: Any) -> None:
        try:
            self._check_life_cycle(method)
            if msg_id in self._running:
                _fail(INVALID_REQUEST, "A request with this id is being worked on.")
            handler, asked = self._handler(method, asks=True), self._structure(method, params)
            result = handler(asked)
        except Exception as error:
            return self._refuse_for(msg_id, method, error)
        if not inspect.isawaitable(result):
            return self._respond(msg_id, result)
        task = self._running[msg_id] = asyncio.ensure_future(self._respond_later(msg_id, result))
        task.add_done_callback(partial(self._finished, msg_id, method, asked, result))

    async def _respond_later(self, msg_id: Id, result: Awaitable[Any]) -> None:
        self._respond(msg_id, await result)

    def _finished(
        self, msg_id: Id, method: str, params: Any, result: Awaitable[Any], task: asyncio.Future[None]
    ) -> None:
        """What has gone well is answered already: this comes one turn of the loop later."""
        del self._running[msg_id]
        if task.cancelled():
            if inspect.iscoroutine(result) and inspect.getcoroutinestate(result) == inspect.CORO_CREATED:
                result.close()
                self.dismissed(method, params)
            self._refuse(msg_id, CANCELLED, "Cancelled.")
        elif (error := task.exception()) is not None:
            self._refuse_for(msg_id, method, error)

    def _notified(self, method: str, params: Any) -> None:
        if method == types.CANCEL_REQUEST:
            return self._cancel(params)
        if method != types.EXIT and (not self.initialized or self._shutdown):
            return log.info("%s ignored: it came before initialize or after shutdown", method)
        try:
            self._handler(method, asks=False)(self._structure(method, params))
        except JsonRpcException as error:
            if not method.startswith("$/"):
                log.info("%s ignored: %s", method, error.message)
        except Exception as error:
            log.error("%s failed: %s", method, describe(error))

    def _cancel(self, params: Any) -> None:
        msg_id = _id_of(params)
        if msg_id is not None and (task := self._running.get(msg_id)) is not None:
            task.cancel()

    def _answered(self, message: dict[str, Any]) -> None:
        if (msg_id := _id_of(message)) is None:
            return log.info("the client could not read a message")
        self._result_types.pop(msg_id, None)
        future = self._request_futures.pop(msg_id, None)
        if future is None or future.done():
            return
        if (error := message.get("error")) is not None:
            future.set_exception(_as_exception(error))
        else:
            future.set_result(message.get("result"))

    def _check_life_cycle(self, method: str) -> None:
        if self._shutdown:
            _fail(INVALID_REQUEST, "The server is shutting down.")
        if not self.initialized and method != types.INITIALIZE:
            _fail(NOT_INITIALIZED, "initialize comes first.")
        if self.initialized and method == types.INITIALIZE:
            _fail(INVALID_REQUEST, "initialize comes once.")

    def _handler(self, method: str, *, asks: bool) -> Callable[[Any], Any]:
        handler: Callable[[Any], Any] | None = self.fm.features.get(method)
        if handler is None or asks != _is_request(method):
            _fail(METHOD_NOT_FOUND, f"Unknown method: {method[:100]}")
        return handler

    def _structure(self, method: str, params: Any) -> Any:
        params_type: Any = types.METHOD_TO_TYPES[method][2]
        if params_type is None:
            return params
        try:
            return self._converter.structure(params, params_type)
        except Exception:
            # The error's own text would quote the params, which may be code.
            _fail(INVALID_PARAMS, f"Invalid params for {method}.")

    # Out

    def send_request(self, method: str, params: Any = None, callback: Any = None, msg_id: Any = None) -> Future[Any]:
        """As pygls does it, but with a number for an id: some clients (Vim's, Kate) answer a word with a number."""
        return super().send_request(method, params, callback, next(self._ids) if msg_id is None else msg_id)

    def _respond(self, msg_id: Id, result: Any) -> None:
        try:
            self._write({"jsonrpc": self.VERSION, "id": msg_id, "result": self._converter.unstructure(result)})
        except Exception as error:
            self._refuse_for(msg_id, "response", error)

    def _refuse(self, msg_id: Id | None, code: int, message: str) -> None:
        self._write({"jsonrpc": self.VERSION, "id": msg_id, "error": {"code": code, "message": message}})

    def _refuse_for(self, msg_id: Id, method: str, error: BaseException) -> None:
        if isinstance(error, JsonRpcException):
            return self._refuse(msg_id, error.code, error.message)
        log.error("%s failed: %s", method, describe(error))
        self._refuse(msg_id, INTERNAL_ERROR, "Internal error; the server's log has more.")

    def _send_data(self, data: Any) -> None:
        """What goes out by pygls's `notify` and `send_request`."""
        self._write(self._converter.unstructure(data))

    def _write(self, message: Any) -> None:
        """Everything that goes out."""
        if self.writer is not None:
            self.writer.write(frame(_encode(message)))

    @property
    def is_shut_down(self) -> bool:
        return self._shutdown

    def shut_down(self) -> None:
        """Take no more requests, and end those that run: each is answered as cancelled."""
        self._shutdown = True
        self.cancel_all()

    def cancel_all(self) -> None:
        """End every request that is being worked on, and stop waiting for the client's answers."""
        for running in list(self._running.values()):
            running.cancel()
        for asked in list(self._request_futures.values()):
            asked.cancel()
        self._request_futures.clear()


def _fail(code: int, message: str) -> NoReturn:
    raise JsonRpcException(message, code)


def _is_request(method: str) -> bool:
    _, response_type, _, _ = types.METHOD_TO_TYPES[method]
    return response_type is not None


def _id_of(message: Any) -> Id | None:
    """The id, if there is one that can be answered to; True is 1 for a dict, but not for a client."""
    msg_id = message.get("id") if isinstance(message, dict) else None
    return msg_id if isinstance(msg_id, int | str) and not isinstance(msg_id, bool) else None


def _as_exception(error: Any) -> JsonRpcException:
    code = error.get("code") if isinstance(error, dict) else None
    return JsonRpcException("The client answered with an error.", code if isinstance(code, int) else INTERNAL_ERROR)


def _decode(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except msgspec.DecodeError:
        # JavaScript writes half a surrogate pair as an escape; msgspec refuses it, the standard library takes it.
        if b"\\u" not in body:
            raise
        return json.loads(body)


def _encode(message: Any) -> bytes:
    try:
        return msgspec.json.encode(message)
    except (UnicodeEncodeError, OverflowError):  # half a surrogate pair, or an id of more than 64 bits
        return json.dumps(message).encode()
