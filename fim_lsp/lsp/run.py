"""The process: it serves one editor on stdio, and is gone within two seconds of any reason to go.

Reasons are `exit`, the end of stdin, a closed stdout, SIGTERM, SIGINT, and the editor's death. The exit code is 0 if
the editor said `shutdown` before, else 1. Work in flight is not waited for: threads and connections end with it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

from fim_lsp.errors import describe
from fim_lsp.lsp import logs, parent, stdio
from fim_lsp.lsp.rpc import log
from fim_lsp.lsp.server import MakeEngine, Server

CLOSE_S = 1.0
"""The engine may take so long to close, its last answers to be read included."""
GIVE_UP_S = 1.6
"""However busy the event loop is, the process is gone after that."""


def run(make_engine: MakeEngine, *, parent_id: int | None = None, threads: bool | None = None) -> NoReturn:
    """Serve on stdin and stdout. `parent_id`: a process to watch besides the one that `initialize` names."""
    stdin, stdout = stdio.take_over_stdio()
    logs.configure()
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    loop.set_exception_handler(_log_exception)
    code = loop.run_until_complete(_serve(make_engine, stdin, stdout, parent_id, threads))
    logging.shutdown()
    _end(code)


async def _serve(make_engine: MakeEngine, stdin: int, stdout: int, parent_id: int | None, threads: bool | None) -> int:
    loop = asyncio.get_running_loop()
    left: asyncio.Future[int] = loop.create_future()

    def leave(code: int) -> None:
        if not left.done():
            left.set_result(code)

    def lost() -> None:
        leave(0 if server.protocol.is_shut_down else 1)

    server = Server(make_engine, leave, lambda process_id: _watch(process_id, lost))
    _listen_to_signals(loop, lost)
    if parent_id is not None:
        _watch(parent_id, lost)
    writer = await stdio.connect(stdin, stdout, server.protocol.receive, lost, threads=threads)
    server.protocol.set_writer(writer)  # type: ignore[arg-type]
    code = await left
    threading.Timer(GIVE_UP_S, _end, (code,)).start()
    with suppress(Exception):
        async with asyncio.timeout(CLOSE_S):
            await server.close()
            await writer.flush()
    return code


def _watch(process_id: int, lost: Callable[[], None]) -> None:
    if process_id != os.getpid() and not parent.watch(process_id, lost):
        log.info("process %d cannot be seen from here; the end of stdin will end the server", process_id)


def _listen_to_signals(loop: asyncio.AbstractEventLoop, lost: Callable[[], None]) -> None:
    def handle(number: int, frame: object) -> None:
        # Not the loop's own handlers: these run even if the loop is kept busy.
        threading.Timer(GIVE_UP_S, _end, (1,)).start()
        loop.call_soon_threadsafe(lost)

    for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), handle)


def _log_exception(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    error = context.get("exception")
    log.error("%s: %s", context.get("message"), describe(error) if error is not None else "no exception")


def _end(code: int) -> NoReturn:
    # Not sys.exit: it would wait for threads, of which one may be in a name lookup or a user's key command.
    os._exit(code)
