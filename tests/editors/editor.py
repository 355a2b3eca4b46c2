"""What a scenario may do with an editor, whichever it is. One subclass an editor says how."""

from __future__ import annotations

import os
import socket
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil

T = TypeVar("T")

DEADLINE_S = 40.0
QUIET_S = 0.6
"""Longer than any editor waits before it asks: what has not come by then does not come."""


def eventually(probe: Callable[[], T], what: str, *, deadline_s: float = DEADLINE_S) -> T:
    """The first true value of `probe`, which is asked ever less often: questions keep an editor from its work."""
    until = time.monotonic() + deadline_s
    pause_s = 0.01
    while not (value := probe()):
        if time.monotonic() > until:
            raise AssertionError(f"not within {deadline_s:g} s: {what}")
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.5, 0.2)
    return value


def still(probe: Callable[[], object], what: str, *, for_s: float = QUIET_S) -> None:
    """`probe` is true now and stays true for a while."""
    until = time.monotonic() + for_s
    while time.monotonic() < until:
        assert probe(), f"no longer: {what}"
        time.sleep(0.02)


def listens(address: Path) -> bool:
    """Whether somebody can be talked to there; the socket's file is there a little earlier."""
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(os.fspath(address))
        except OSError:
            return False
        return True


class Editor(ABC):
    """A running editor with fim-lsp set up as its page says. Made by a fixture, which closes it."""

    name: str

    @abstractmethod
    def open(self, path: Path) -> None:
        """Show the file, with the cursor at its end and ready to type, once the server knows it."""

    @abstractmethod
    def to(self, line: int, column: int) -> None:
        """Put the cursor at a line and a column (characters), both from 1."""

    @abstractmethod
    def type(self, text: str) -> None:
        """Press the keys of `text`, one by one."""

    @abstractmethod
    def press(self, action: str) -> None:
        """Press the key that the editor's page names for accept, word, line, dismiss, next, undo."""

    def dismiss(self) -> None:
        """Have the ghost text taken away."""
        self.press("dismiss")
        eventually(lambda: not self.ghost(), f"{self.name} shows no ghost text")

    @abstractmethod
    def ghost(self) -> str:
        """The ghost text shown; empty if there is none."""

    @abstractmethod
    def save(self) -> None:
        """Write the shown file."""

    @abstractmethod
    def messages(self) -> str:
        """What the editor has told its user."""

    @abstractmethod
    def screen(self) -> str:
        """What a user sees, as text."""

    def picture(self, path: Path) -> None:
        """Keep what is on the screen, for people."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".txt").write_text(self.screen(), encoding="utf-8")

    @abstractmethod
    def close(self) -> None:
        """End it, whatever state it is in."""

    @abstractmethod
    def root(self) -> psutil.Process:
        """The editor's own process."""

    @abstractmethod
    def quit(self) -> None:
        """Leave as a user does."""

    def see(self, ghost: str) -> None:
        """Wait until exactly this ghost text is shown."""
        self._see(lambda: self.ghost() == ghost, ghost)

    def see_start(self, ghost: str) -> None:
        """Wait until ghost text is shown that begins like this."""
        self._see(lambda: self.ghost().startswith(ghost), f"{ghost}…")

    def on_screen(self, text: str) -> None:
        """Wait until the screen shows `text`, without asking the editor, which would keep it busy."""
        eventually(lambda: text in self.screen(), f"{text!r} on the screen")

    def time_key(self, key: str, ghost: str) -> float:
        """Milliseconds from a key to ghost text that holds `ghost`."""
        began = time.perf_counter()
        self.type(key)
        self.on_screen(ghost)
        return (time.perf_counter() - began) * 1000

    def _see(self, is_shown: Callable[[], bool], what: str) -> None:
        try:
            eventually(is_shown, what)
        except AssertionError:
            shown = f"{self.name} shows {self.ghost()!r}, not {what!r}"
            raise AssertionError(f"{shown}\n{self.messages()}\n{self.why()}") from None

    def why(self) -> str:
        """What the server says of its last decisions, where the editor can be asked for it; for failures."""
        return ""

    @abstractmethod
    def revived(self) -> None:
        """The server has been started again: wait until it knows the shown file."""

    def servers(self) -> list[psutil.Process]:
        """The language servers of ours that this editor has started."""
        try:
            children = self.root().children(recursive=True)
        except psutil.NoSuchProcess:
            return []
        return [process for process in children if _is_server(process)]


def saved(editor: Editor, file: Path) -> str:
    """What the file holds once the editor has saved it; some are away for a moment while they are replaced."""
    editor.save()
    return file.read_bytes().decode() if file.exists() else ""


def becomes(editor: Editor, file: Path, text: str) -> None:
    """Wait until the file, when saved, holds `text`; editors may add a last line end."""
    try:
        eventually(lambda: saved(editor, file).rstrip("\r\n") == text.rstrip("\r\n"), "")
    except AssertionError:
        raise AssertionError(f"{saved(editor, file)!r} instead of {text!r}\n{editor.messages()}") from None


def _is_server(process: psutil.Process) -> bool:
    try:
        names = [Path(part).name for part in process.cmdline()[:3]]  # an interpreter and a script
        return process.status() != psutil.STATUS_ZOMBIE and "fim-lsp" in names
    except psutil.Error:
        return False
