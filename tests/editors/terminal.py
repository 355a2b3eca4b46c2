"""A terminal to run editors in: a pty whose other end is a screen that can be read as text.

Nothing here sleeps for a result: `wait` returns at the first change of the screen that satisfies its caller.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyte

DEADLINE_S = 40.0

UNREADABLE = re.compile(
    rb"\x1b\[[>=<][0-9;]*[a-zA-Z]|\x1b\[[0-9;]*:[0-9:;]*m|\x1b\[[?0-9;]*\$[a-z]|\x1bP.*?\x1b\\|\x1b\[[?0-9;]*u|\x1b\[\?[0-9;]*n",
    re.DOTALL,
)
"""Sequences that pyte would print or misread: private modes, colours with colons, mode requests, device strings,
keyboard protocols."""

ANSWERS = ((b"\x1b[c", b"\x1b[?62;22c"), (b"\x1b[0c", b"\x1b[?62;22c"), (b"\x1b[6n", b"\x1b[1;1R"))
"""What editors ask a terminal at their start, and wait for."""
QUESTION_BYTES = 8


@dataclass(frozen=True)
class Cell:
    text: str
    colour: str
    background: str


COLOURS = {
    "default": "inherit",
    "black": "#45475a",
    "red": "#f38ba8",
    "green": "#a6e3a1",
    "brown": "#f9e2af",
    "blue": "#89b4fa",
    "magenta": "#f5c2e7",
    "cyan": "#94e2d5",
    "white": "#bac2de",
}
"""Of pyte's names; anything else is six hex digits."""


def _cell(char: pyte.screens.Char) -> Cell:
    colour, background = _css(char.fg), _css(char.bg)
    if char.reverse:
        colour, background = "#1e1e2e", "#bac2de"
    return Cell(char.data, colour, background)


def _css(name: str) -> str:
    return COLOURS.get(name, f"#{name}" if re.fullmatch("[0-9a-f]{6}", name) else "inherit")


class Terminal:
    """One program on a screen of its own."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str],
        columns: int = 100,
        rows: int = 30,
        answers: Sequence[tuple[bytes, bytes]] = ANSWERS,
    ) -> None:
        self._answers = answers
        self._screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._changed = threading.Condition()
        self.closed = False
        self._last = b""
        self._failure: Exception | None = None
        """Why the screen is no longer drawn, if so."""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process = subprocess.Popen(
            argv,
            cwd=cwd,
            env={**env, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
        )
        os.close(slave)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def press(self, keys: str) -> None:
        """Send `keys` as the bytes that a keyboard would."""
        os.write(self._master, keys.encode())

    def lines(self) -> list[str]:
        with self._changed:
            return [line.rstrip() for line in self._screen.display]

    def text(self) -> str:
        """All that is on the screen; blank lines and those that Neovim marks as no lines are left out."""
        return "\n".join(line for line in self.lines() if line.strip("~ "))

    def cells(self) -> list[list[Cell]]:
        """The rows of the screen."""
        with self._changed:
            rows = [self._screen.buffer[y] for y in range(self._screen.lines)]
            return [[_cell(row[x]) for x in range(self._screen.columns)] for row in rows]

    def wait(self, until: Callable[[], object], what: str, timeout_s: float = DEADLINE_S) -> float:
        """Wait until the screen satisfies `until`; how long it took, in seconds."""
        began = time.perf_counter()
        with self._changed:
            while not until():
                left = began + timeout_s - time.perf_counter()
                if left <= 0 or self.closed:
                    raise AssertionError(f"{what}: not within {timeout_s} s; {self._state()}")
                self._changed.wait(min(left, 0.05))
        return time.perf_counter() - began

    def comes(self, what: Callable[[], object], within_s: float) -> bool:
        """Whether the screen satisfies `what` before long."""
        with self._changed:
            return bool(self._changed.wait_for(what, within_s))

    def settle(self, within_s: float = 0.5) -> None:
        """Wait for the screen to change, if it does."""
        with self._changed:
            self._changed.wait(within_s)

    def _state(self) -> str:
        """For failures."""
        ended = self.process.poll()
        running = "it runs" if ended is None else f"it has ended with {ended}"
        return (
            f"{running}, it last said {self._last[-200:]!r}, {self._failure or 'and the screen shows'}\n{self.text()}"
        )

    def close(self) -> None:
        """End the program by its own process id, if it still runs, and give the pty back."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if not self.closed:
            self.closed = True
            self._reader.join()  # else it would read on from whatever gets the number of this pty next
            os.close(self._master)

    def _read(self) -> None:
        try:
            self._draw()
        except Exception as failure:
            self._failure = failure

    def _draw(self) -> None:
        held = b""
        while True:
            try:
                data = self._next()
            except OSError:
                break
            if not data:
                break
            self._answer(self._last[-QUESTION_BYTES:], data)
            self._last = data
            held += data
            cut = _complete(held)
            with self._changed:
                self._stream.feed(UNREADABLE.sub(b"", held[:cut]))
                self._changed.notify_all()
            held = held[cut:]
        with self._changed:
            self._changed.notify_all()

    def _next(self) -> bytes:
        """What the program says next; nothing once this terminal is closed. Raises OSError if the program has gone."""
        while not self.closed:
            if select.select([self._master], [], [], 0.2)[0]:
                return os.read(self._master, 65536)
        return b""

    def _answer(self, before: bytes, data: bytes) -> None:
        """Answer what is asked in `data`; a question may have begun in what was read `before` it."""
        for question, answer in self._answers:
            if question in before[1 - len(question) :] + data:
                os.write(self._master, answer)


def _complete(data: bytes) -> int:
    """How much of `data` can be shown: all but an escape sequence that may go on in the next read."""
    escape = data.rfind(b"\x1b")
    if escape < 0 or re.match(
        rb"\x1b(\[[0-9;?>=<$: ]*[@-~]|[^\[P\]]|P.*\x1b\\|\].*(\x07|\x1b\\))", data[escape:], re.DOTALL
    ):
        return len(data)
    return len(data) if len(data) - escape > 4096 else escape
