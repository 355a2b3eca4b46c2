"""Sockets, processes and their end: uvicorn, told what it needs to know."""

from __future__ import annotations

import os
import signal
import socket
import sys
import tempfile
from contextlib import ExitStack, closing
from functools import partial
from typing import Any

import uvicorn
from uvicorn.supervisors import Multiprocess

from fim_lsp.gateway.worker import Options, make_worker

FAREWELL_S = 30
"""On SIGTERM, what is being answered may go on for so long."""
KEEP_ALIVE_S = 75
BACKLOG = 2048
MOST_FILES = 65_536


def serve(options: Options, *, host: str, port: int, workers: int, tls: tuple[str, str] | None) -> int:
    """Until SIGTERM or Ctrl-C. The address is printed when callers can connect, which is before they are answered."""
    _allow_many_connections()
    with ExitStack() as stack:
        listener = stack.enter_context(closing(listen(host, port)))
        print(address_of(listener, host, is_secure=tls is not None), flush=True)
        if workers > 1:
            figures = stack.enter_context(tempfile.TemporaryDirectory(prefix="fim-lsp-"))
            os.environ["PROMETHEUS_MULTIPROC_DIR"] = figures
        config = _config(options, workers, tls)
        with _quiet_end():
            if workers > 1:
                Multiprocess(config, sockets=[listener]).run()
                return 0
            server = uvicorn.Server(config)
            server.run(sockets=[listener])
            return 0 if server.started else 1


def _config(options: Options, workers: int, tls: tuple[str, str] | None) -> uvicorn.Config:
    certificate: dict[str, Any] = {"ssl_certfile": tls[0], "ssl_keyfile": tls[1]} if tls else {}
    return uvicorn.Config(
        partial(make_worker, options),
        factory=True,
        workers=workers,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=FAREWELL_S,
        timeout_keep_alive=KEEP_ALIVE_S,
        backlog=BACKLOG,
        **certificate,
    )


def listen(host: str, port: int) -> socket.socket:
    """Raises OSError."""
    family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(BACKLOG)
        listener.set_inheritable(True)
    except BaseException:
        listener.close()
        raise
    return listener


def address_of(listener: socket.socket, host: str, *, is_secure: bool) -> str:
    shown = f"[{host}]" if ":" in host else host
    return f"{'https' if is_secure else 'http'}://{shown}:{listener.getsockname()[1]}"


def _allow_many_connections() -> None:
    """Each call takes two sockets, and many systems let a process have 1,024 unless it asks for more."""
    if sys.platform != "win32":
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
        if soft != resource.RLIM_INFINITY and soft < most:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


class _quiet_end:
    """uvicorn raises the signal again that ended it; a gateway that was asked to end has not failed."""

    def __enter__(self) -> None:
        self._before = {sign: signal.signal(sign, lambda *_: None) for sign in (signal.SIGTERM, signal.SIGINT)}

    def __exit__(self, *exception: object) -> None:
        for sign, handler in self._before.items():
            signal.signal(sign, handler)
