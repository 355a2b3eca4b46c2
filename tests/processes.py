"""Programs that a test starts, and ends."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

GRACE_S = 10


@contextmanager
def ending(process: subprocess.Popen[bytes] | subprocess.Popen[str]) -> Iterator[None]:
    """On leaving it is asked to end, then made to."""
    try:
        yield
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(GRACE_S)
        process.kill()
        process.wait()
        output: IO[bytes] | IO[str] | None = process.stdout
        if output is not None:
            output.close()
