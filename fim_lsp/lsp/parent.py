"""Watches the editor's process, so that the server never outlives it.

Where the process cannot be seen when the watch begins (an editor outside this container) nothing is watched:
the end of stdin has to do.
"""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable

POLL_S = 1.0


def watch(process_id: int, on_death: Callable[[], None]) -> bool:
    """Call `on_death` on the running event loop when the process is gone; False if it cannot be seen."""
    if sys.platform == "win32":
        return _watch_handle(process_id, on_death)
    if hasattr(os, "pidfd_open"):
        try:
            return _watch_pidfd(process_id, on_death)
        except ProcessLookupError:
            return False
        except OSError:
            pass  # a kernel or a sandbox without pidfd
    return watch_by_polling(process_id, on_death)


def _watch_pidfd(process_id: int, on_death: Callable[[], None]) -> bool:
    loop = asyncio.get_running_loop()
    pidfd = os.pidfd_open(process_id)

    def died() -> None:
        loop.remove_reader(pidfd)
        os.close(pidfd)
        on_death()

    loop.add_reader(pidfd, died)
    return True


def watch_by_polling(process_id: int, on_death: Callable[[], None], poll_s: float = POLL_S) -> bool:
    """For systems that have nothing better."""
    loop = asyncio.get_running_loop()
    if not _is_alive(process_id):
        return False

    def poll() -> None:
        if _is_alive(process_id):
            loop.call_later(poll_s, poll)
        else:
            on_death()

    loop.call_later(poll_s, poll)
    return True


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it is there, and not ours to signal
    return True


def _watch_handle(process_id: int, on_death: Callable[[], None]) -> bool:
    """Windows: a thread waits for the process's handle."""
    import ctypes

    synchronize, for_ever = 0x0010_0000, 0xFFFF_FFFF
    kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)  # type: ignore[attr-defined,unused-ignore]
    kernel32.OpenProcess.restype = ctypes.c_void_p
    kernel32.WaitForSingleObject.argtypes = (ctypes.c_void_p, ctypes.c_uint32)
    handle = kernel32.OpenProcess(synchronize, False, process_id)
    if not handle:
        return False
    loop = asyncio.get_running_loop()

    def wait() -> None:
        kernel32.WaitForSingleObject(handle, for_ever)
        loop.call_soon_threadsafe(on_death)

    threading.Thread(target=wait, name="parent", daemon=True).start()
    return True
