"""A real Valkey or Redis, and a load generator: those on the PATH, else unpacked from Debian's packages."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.editors.debian import command, unpack
from tests.processes import ending

CACHE = Path(__file__).parents[3] / ".cache/gateway"
PACKAGES = ("hey", "valkey-server")
START_S = 20.0


def program(*names: str) -> list[str]:
    """How to start the first of them that is there; the last is the one to unpack."""
    for name in names:
        if found := shutil.which(name):
            return [found]
    unpack(CACHE, PACKAGES, "sid")
    return command(CACHE, names[-1])


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """The address of a fresh one on loopback; ended on leaving."""
    port = _free_port()
    options = ("--bind", "127.0.0.1", "--port", str(port), "--save", "", "--appendonly", "no", "--dir", str(folder))
    argv = [*program("redis-server", "valkey-server"), *options]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    with ending(process):
        _wait_until_up(port, process)
        yield f"redis://127.0.0.1:{port}/0"


def _wait_until_up(port: int, process: subprocess.Popen[bytes]) -> None:
    give_up_at = time.monotonic() + START_S
    while time.monotonic() < give_up_at and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            if connection.recv(16).startswith(b"+PONG"):
                return
        time.sleep(0.02)
    raise RuntimeError("the Redis server did not start")


def _free_port() -> int:
    """It cannot say which port it chose, so it is told one that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
