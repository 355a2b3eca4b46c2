"""Neovim in a terminal, and a line to it (msgpack-RPC) to ask what a screen cannot tell for sure."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import psutil

from tests.editors.debian import command
from tests.editors.editor import eventually, listens
from tests.editors.in_terminal import TerminalEditor
from tests.editors.terminal import Terminal

GHOST = """
local text = {}
for _, name in ipairs({ 'nvim.lsp.inline_completion', 'fim_lsp' }) do
  local space = vim.api.nvim_create_namespace(name)
  for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, space, 0, -1, { details = true })) do
    for _, chunk in ipairs(mark[4].virt_text or {}) do table.insert(text, chunk[1]) end
    for _, line in ipairs(mark[4].virt_lines or {}) do
      table.insert(text, '\\n')
      for _, chunk in ipairs(line) do table.insert(text, chunk[1]) end
    end
  end
end
return table.concat(text)
"""
WHY = """
local client = vim.lsp.get_clients({ bufnr = 0, name = 'fim_lsp' })[1]
local command = { command = 'fim-lsp.why' }
local answer = client and client:request_sync('workspace/executeCommand', command, 5000)
return vim.inspect(answer and vim.list_slice(answer.result or {}, 1, 3) or 'no server')
"""
KEYS = {
    "accept": "\t",
    "accept anywhere": "\x1ba",
    "word": "\x1bw",
    "line": "\x1bl",
    "dismiss": "\x1d",
    "next": "\x1b]",
    "undo": "\x1bu",
}
"""The plugin's default keys; undo is the tests' own."""
STOCK_KEYS = {**KEYS, "accept anywhere": "\t"}


class Neovim(TerminalEditor):
    """`init` is the user's init.lua."""

    name = "neovim"

    def __init__(self, root: Path, home: Path, env: Mapping[str, str], init: str) -> None:
        init_file = home / "init.lua"
        init_file.write_text(init)
        self._folder = tempfile.TemporaryDirectory(prefix="fim-")  # a socket's path must be short
        self._address = Path(self._folder.name) / "nvim"
        nvim = command(root, "nvim")
        environment = {
            **env,
            "VIMRUNTIME": str(root / "usr/share/nvim/runtime"),
            "NVIM_LOG_FILE": str(home / "nvim.log"),
        }
        # Neovim's screen starts Neovim's core by its own file name, which is the loader's here: start the two by hand.
        self._core = subprocess.Popen(
            [*nvim, "--headless", "--clean", "-u", str(init_file), "--listen", str(self._address)],
            cwd=home,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        eventually(lambda: listens(self._address), "Neovim listens")
        self.terminal = Terminal([*nvim, "--remote-ui", "--server", str(self._address)], cwd=home, env=environment)
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(10)
        self._socket.connect(os.fspath(self._address))
        eventually(lambda: self.lua("return #vim.api.nvim_list_uis()") == 1, "the screen is there")

    def open(self, path: Path) -> None:
        self.lua("vim.cmd.stopinsert() vim.cmd.edit(...)", str(path))
        self.revived()
        self.lua("vim.cmd.normal({ 'G$', bang = true }) vim.cmd.startinsert({ bang = true })")
        eventually(lambda: self.lua("return vim.fn.mode()") == "i", "insert mode")

    def revived(self) -> None:
        clients = "vim.lsp.get_clients({ bufnr = 0, name = 'fim_lsp' })"
        attached = f"return #vim.tbl_filter(function(client) return client.initialized end, {clients}) > 0"
        eventually(lambda: self.lua(attached), "the server is attached")

    def to(self, line: int, column: int) -> None:
        self.lua(
            "local line, column = ...\n"
            "local text = vim.api.nvim_buf_get_lines(0, line - 1, line, true)[1]\n"
            "vim.api.nvim_win_set_cursor(0, { line, vim.str_byteindex(text, 'utf-32', column - 1) })",
            line,
            column,
        )

    def press(self, action: str) -> None:
        is_plugin = self.lua("return package.loaded.fim_lsp ~= nil")
        self.terminal.press((KEYS if is_plugin else STOCK_KEYS)[action])

    def ghost(self) -> str:
        return str(self.lua(GHOST))

    def save(self) -> None:
        self.lua("vim.cmd.write({ mods = { silent = true } })")

    def messages(self) -> str:
        return f"{self.lua('return vim.fn.execute([[messages]])')}\n{self.terminal.text()}"

    def why(self) -> str:
        return str(self.lua(WHY))

    def root(self) -> psutil.Process:
        return psutil.Process(self._core.pid)

    def quit(self) -> None:
        self.terminal.press("\x1b:qa!\r")
        self._core.wait(15)

    def close(self) -> None:
        self._socket.close()
        super().close()
        self._folder.cleanup()
        if self._core.poll() is None:
            self._core.terminate()
            self._core.wait(15)

    def lua(self, code: str, *arguments: Any) -> Any:
        """Run Lua inside Neovim; its value comes back through JSON."""
        wrapped = f"local r = (function(...) {code}\nend)(...) return vim.json.encode({{ r }})"
        self._socket.sendall(msgspec.msgpack.encode([0, 1, "nvim_exec_lua", [wrapped, list(arguments)]]))
        received = b""
        while True:
            received += self._socket.recv(65536)
            try:
                _, _, error, result = msgspec.msgpack.decode(received)
            except msgspec.DecodeError:
                continue  # the rest is on its way
            assert error is None, error
            return next(iter(json.loads(result)), None)
