"""Helix in a terminal. It has no line for questions: what it shows is read from the screen."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.editors.debian import command
from tests.editors.editor import eventually
from tests.editors.menu import MenuEditor
from tests.editors.terminal import Terminal

KEYS = {"accept": "\t\r", "dismiss": "\x1b", "invoke": "\x18"}
"""In the menu: Tab selects, Enter accepts."""
CONFIG = """
theme = "default"
[editor]
true-color = true
insert-final-newline = false  # a save would be what undo takes back
"""


class Helix(MenuEditor):
    name = "helix"
    keys = KEYS

    def __init__(self, root: Path, home: Path, env: Mapping[str, str], languages: str) -> None:
        folder = home / ".config/helix"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "languages.toml").write_text(languages)
        (folder / "config.toml").write_text(CONFIG)
        self._home = home
        environment = {**env, "HELIX_RUNTIME": str(root / "usr/lib/hx/runtime")}
        self.terminal = Terminal([*command(root, "hx"), "-v"], cwd=home / "work", env=environment)
        self.terminal.wait(lambda: "[scratch]" in self.terminal.text(), "Helix has started")

    def open(self, path: Path) -> None:
        self._command(f"open {path.name}")
        self.terminal.wait(lambda: path.name in self.terminal.lines()[-2], "the file is open")
        eventually(self.servers, "the server runs")
        self.revived()
        self.terminal.press("geA")  # the last line, insert at its end
        self._until_in("INS")

    def _command(self, text: str) -> None:
        """A typed command; Helix is in normal mode afterwards."""
        if "INS" in self.terminal.lines()[-2]:
            self.terminal.press("\x1b")
        self._until_in("NOR")
        self.terminal.press(f":{text}\r")

    def _until_in(self, mode: str) -> None:
        self.terminal.wait(lambda: mode in self.terminal.lines()[-2], f"mode {mode}")

    def revived(self) -> None:
        eventually(lambda: self._started_servers() >= 1, "the server is initialised")

    def restart_server(self) -> None:
        """Helix does not start a server again by itself."""
        before = self._started_servers()
        self._command("lsp-restart")
        eventually(lambda: self._started_servers() > before, "the server is initialised again")
        self._insert()

    def _started_servers(self) -> int:
        log = self._home / ".cache/helix/helix.log"
        return log.read_text().count('"method":"initialized"') if log.exists() else 0

    def undo(self) -> None:
        """Leaves insert mode and comes back."""
        self.terminal.press("\x1b")
        self._until_in("NOR")  # what follows an escape at once is taken for a part of it
        self.terminal.press("u")
        self._insert()

    def ask_anew(self) -> None:
        """Close the menu, if there is one, and have it opened again: an open one is not asked for again."""
        self.terminal.press("\x1b[D\x1b[C")
        self.press("invoke")

    def _insert(self) -> None:
        self.terminal.press("a")
        self._until_in("INS")

    def to(self, line: int, column: int) -> None:
        self._command(f"goto {line}")
        self.terminal.press(f"gh{column - 1}li" if column > 1 else "ghi")

    def save(self) -> None:
        self._command("write")
        self._insert()

    def messages(self) -> str:
        return self.terminal.text()

    def why(self) -> str:
        """What was said between Helix and the servers last."""
        log = self._home / ".cache/helix/helix.log"
        return "\n".join(line[:400] for line in log.read_text().splitlines()[-12:]) if log.exists() else ""

    def quit(self) -> None:
        self._command("quit-all!")
        self.terminal.process.wait(15)
