"""What all editors in a terminal have in common: keys go in, and the screen is read as text."""

from __future__ import annotations

import psutil

from tests.editors.editor import Editor
from tests.editors.terminal import Terminal


class TerminalEditor(Editor):
    terminal: Terminal

    def type(self, text: str) -> None:
        for key in text:
            self.terminal.press({"\n": "\r", "\b": "\x7f"}.get(key, key))

    def on_screen(self, text: str) -> None:
        self.terminal.wait(lambda: text in self.screen(), f"{text!r} on the screen")

    def screen(self) -> str:
        return self.terminal.text()

    def root(self) -> psutil.Process:
        return psutil.Process(self.terminal.process.pid)

    def close(self) -> None:
        self.terminal.close()
