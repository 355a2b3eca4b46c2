"""Kakoune in a terminal, with kakoune-lsp and Python's own server, for which another stands in.

Its session takes commands from outside, which leave insert mode alone.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import psutil

from tests.editors.debian import command
from tests.editors.editor import eventually
from tests.editors.menu import MenuEditor
from tests.editors.terminal import Terminal

KEYS = {"accept": "\x0e", "accept last": "\x10"}
"""In the menu: Ctrl-N takes the first item, Ctrl-P the last. Of items that match alike ours is the last."""
SESSION = "fim"
OTHER_SERVER = "tests.editors.other_server"
REPOSITORY = Path(__file__).parents[2]


def _program(path: Path, *argv: str) -> Path:
    path.write_text(f'#!/bin/sh\nexec {shlex.join(argv)} "$@"\n')
    path.chmod(0o755)
    return path


class Kakoune(MenuEditor):
    """`kakrc` is the user's; `lsp` is the folder of the program `kak-lsp`."""

    name = "kakoune"
    keys = KEYS

    def __init__(self, root: Path, lsp: Path, home: Path, env: Mapping[str, str], kakrc: str) -> None:
        folder = home / ".config/kak"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "kakrc").write_text(kakrc)
        programs = home / "programs"
        programs.mkdir()
        kak = _program(programs / "kak", *command(root, "kak"))  # kakoune-lsp starts it as well, to talk to the session
        _program(programs / "pylsp", "env", f"PYTHONPATH={REPOSITORY}", sys.executable, "-m", OTHER_SERVER)
        runtime = home / "run"
        runtime.mkdir(mode=0o700)
        self._home = home
        self._kak = os.fspath(kak)
        self._env = {
            **env,
            "KAKOUNE_RUNTIME": str(root / "usr/share/kak"),
            "PATH": f"{programs}:{lsp}:{env['PATH']}",
            "XDG_RUNTIME_DIR": str(runtime),
            "TMPDIR": str(runtime),
        }
        self.terminal = Terminal([self._kak, "-s", SESSION], cwd=home / "work", env=self._env)
        self.terminal.wait(lambda: f"client0@[{SESSION}]" in self.screen(), "Kakoune has started")

    def uninstall(self, program: str) -> None:
        (self._home / "programs" / program).unlink()

    def open(self, path: Path) -> None:
        self.edit(path)
        eventually(self.servers, "the server runs")
        self.revived()

    def edit(self, path: Path) -> None:
        self._command(f"edit -existing '{path}'")
        self.terminal.wait(lambda: path.name in self.terminal.lines()[-1], "the file is open")
        self._insert("gjA")

    def _command(self, text: str) -> None:
        """Have the client do something, whatever mode it is in, and wait until it is done."""
        done = self._home / "done"
        done.unlink(missing_ok=True)
        command = f"evaluate-commands -client client0 %§{text}\necho -to-file '{done}' done§"
        subprocess.run([self._kak, "-p", SESSION], input=command, text=True, env=self._env, check=True, timeout=15)
        eventually(done.exists, f"Kakoune has done {text!r}", deadline_s=15)

    def _insert(self, keys: str) -> None:
        """Leave insert mode, and come back by these keys."""
        self._command("execute-keys <esc>")
        self.terminal.wait(lambda: "insert" not in self.terminal.lines()[-1], "normal mode")
        self.terminal.press(keys)
        self.terminal.wait(lambda: "insert" in self.terminal.lines()[-1], "insert mode")

    def revived(self) -> None:
        """Only its first answer shows that a server has started."""

    def to(self, line: int, column: int) -> None:
        self._insert(f"{line}g{column - 1}li" if column > 1 else f"{line}gi")

    def ask_anew(self) -> None:
        """Type a letter and take it back: Kakoune asks when no key has been pressed for a moment."""
        self.type("x\b")

    def save(self) -> None:
        self._command("write")

    def messages(self) -> str:
        """What kakoune-lsp and Kakoune have logged."""
        log = self._home / "debug"
        self._command(f"evaluate-commands -buffer *debug* %&write -force '{log}'&")
        return f"{log.read_text()}\n{self.screen()}"

    def servers(self) -> list[psutil.Process]:
        """kakoune-lsp and what it starts belong to no editor's process: they are found by where they run."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.environ().get("XDG_RUNTIME_DIR") == self._env["XDG_RUNTIME_DIR"]:
                    names = [Path(part).name for part in process.cmdline()[:3]]
                    if "fim-lsp" in names and process.status() != psutil.STATUS_ZOMBIE:
                        found.append(process)
            except psutil.Error:
                continue
        return found

    def quit(self) -> None:
        self.terminal.press("\x1b")
        self.terminal.wait(lambda: "insert" not in self.terminal.lines()[-1], "normal mode")
        self.terminal.press(":quit!\r")
        self.terminal.process.wait(15)
