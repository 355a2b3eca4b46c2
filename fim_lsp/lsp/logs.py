"""Where log lines go: stderr and the editor's log, never holding code, keys or message bodies.

stderr is a pipe that an editor may never read, so a thread writes it: a full pipe must not stop the server.
"""

from __future__ import annotations

import logging
import os
import queue
import threading
from contextlib import suppress

from fim_lsp.lsp.host import EditorHost

QUEUE_LENGTH = 1000
"""Lines that wait for stderr; more are dropped."""
FLUSH_S = 0.2


def configure(stderr: int = 2) -> None:
    """Log to stderr. pygls would log whole bodies, so it may not speak at all."""
    handler = StderrLog(stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.getLogger().addHandler(handler)
    logging.getLogger("pygls").setLevel(logging.CRITICAL + 1)


class StderrLog(logging.Handler):
    """Hands lines to a thread that writes them."""

    def __init__(self, stderr: int) -> None:
        super().__init__()
        self._stderr = stderr
        self._lines: queue.Queue[str] = queue.Queue(QUEUE_LENGTH)
        self._thread = threading.Thread(target=self._write, name="stderr", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._lines.put_nowait(self.format(record))
        except queue.Full:
            return

    def flush(self) -> None:
        """Wait a moment for the thread: what is logged last says why the server goes."""
        with self._lines.all_tasks_done:
            self._lines.all_tasks_done.wait_for(lambda: not self._lines.unfinished_tasks, FLUSH_S)

    def _write(self) -> None:
        while True:
            line = self._lines.get() + "\n"
            with suppress(OSError):  # nobody listens
                os.write(self._stderr, line.encode("utf-8", "backslashreplace"))
            self._lines.task_done()


class EditorLog(logging.Handler):
    """Hands our own lines to the editor's log."""

    def __init__(self, host: EditorHost) -> None:
        super().__init__()
        self._host = host

    def emit(self, record: logging.LogRecord) -> None:
        self._host.write_log(record.levelno, record.getMessage())
