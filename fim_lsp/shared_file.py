"""A small file that several processes read and change, one at a time.

The lock is the system's, on a file beside it, so that a process that dies lets go of it. Everything here may block.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

LOCK_PATIENCE_S = 1.0


def state_file() -> Path:
    """`fim-lsp/accounts.json` under the platform's folder for state."""
    import platformdirs

    return platformdirs.user_state_path("fim-lsp", appauthor=False) / "accounts.json"


class SharedFile:
    def __init__(self, path: Path) -> None:
        self._path = path

    def stamp(self) -> object:
        try:
            status = os.stat(self._path)
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size, status.st_ino

    def read(self) -> bytes:
        """Under the lock, too: Windows does not let a file be replaced while someone reads it."""
        if not self._path.exists():
            return b""
        with _locked(self._lock):
            return self._content()

    def update(self, change: Callable[[bytes], bytes]) -> bytes:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(self._lock):
            content = change(self._content())
            draft = self._path.with_suffix(".new")
            with open(draft, "wb", opener=_private) as file:
                file.write(content)
            os.replace(draft, self._path)
        return content

    @property
    def _lock(self) -> Path:
        return self._path.with_suffix(".lock")

    def _content(self) -> bytes:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            return b""


def _private(path: str, flags: int) -> int:
    """Nobody else's to read, from the first moment on."""
    return os.open(path, flags, 0o600)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a+b") as file:
        give_up_at = time.monotonic() + LOCK_PATIENCE_S
        while not _try_lock(file):
            if time.monotonic() > give_up_at:
                raise TimeoutError(f"{path} is locked")
            time.sleep(0.005)
        try:
            yield
        finally:
            _unlock(file)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: IO[bytes]) -> bool:
        try:
            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(file: IO[bytes]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)
