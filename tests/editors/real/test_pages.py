"""What the pages tell users to paste or to run, beyond the set-ups that all other tests begin with."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.editors.debian import command
from tests.editors.editor import still
from tests.editors.menu import ask_for
from tests.editors.profiles import CACHE, EDITORS, REPOSITORY, emacs_with, helix, neovim_with
from tests.editors.real.test_packages import emacs_batch, run
from tests.editors.upstream import Upstream

PAGES = REPOSITORY / "docs/editors"
LIST = "1,\n    2,\n]"
"""What the model says behind `x = [`; with `mode = "single"` no more than its first line is shown."""


def block(page: str, holding: str) -> str:
    """The block of a page that holds a text."""
    blocks = re.findall(r"^```\w+\n(.*?)^```", (PAGES / page).read_text(), re.MULTILINE | re.DOTALL)
    (found,) = (text for text in blocks if holding in text)
    return str(found)


@pytest.fixture
def file(work: Path, upstream: Upstream) -> Path:
    upstream.knows["numbers = ["] = LIST
    path = work / "numbers.py"
    path.write_text("numbers = ")
    return path


def test_settings_for_neovim(home: Path, environment: dict[str, str], file: Path) -> None:
    setup = (EDITORS / "nvim/stock.lua").read_text() + block("neovim.md", "mode = 'single'")
    editor = neovim_with(home, environment, setup.replace("vim.keymap.set('i', '(', '()<Left>')", ""))
    try:
        editor.open(file)
        editor.type("[")
        editor.see("1,")
        still(lambda: editor.ghost() == "1,", "one line is shown")
    finally:
        editor.close()


def test_settings_for_emacs(home: Path, environment: dict[str, str], file: Path) -> None:
    setup = (EDITORS / "emacs/setup/fim-lsp-mode.el").read_text() + block("emacs.md", ':mode "single"')
    editor = emacs_with(home, environment, setup.replace(':provider "mistral"', ':provider "test"'))
    try:
        editor.lisp("(progn (electric-pair-mode -1) t)")
        editor.open(file)
        editor.type("[")
        editor.see("1,")
        still(lambda: editor.ghost() == "1,", "one line is shown")
    finally:
        editor.close()


def test_settings_for_helix(home: Path, environment: dict[str, str], file: Path) -> None:
    editor = helix(home, environment, block("helix.md", 'mode = "single"'))
    try:
        file.write_text("numbers = [")
        editor.open(file)

        ask_for(editor, "1, text")
        editor.press("accept")
        editor.terminal.wait(lambda: "1, text" not in editor.screen(), "the menu is gone")
        editor.save()
        assert file.read_text() == "numbers = [1,"
    finally:
        editor.close()


def test_lazy_nvim_runs_the_plugins_setup(home: Path, environment: dict[str, str], work: Path) -> None:
    """As lazy.nvim does it: the block is a table, and its `config` is called with where the plugin is."""
    environment["VIMRUNTIME"] = str(CACHE / "neovim/usr/share/nvim/runtime")
    block_file = EDITORS / "nvim/lazy.lua"
    script = home / "lazy.lua"
    script.write_text(
        f"local text = io.open({json.dumps(str(block_file))}):read('*a')\n"
        f"local spec = assert(load('return ' .. text))()\n"
        f"spec.config({{ dir = {json.dumps(str(REPOSITORY))} }})\n"
        "print(vim.fn.maparg('<Tab>', 'i', false, true).desc, vim.lsp.is_enabled('fim_lsp'))\n"
    )
    said = run(
        [*command(CACHE / "neovim", "nvim"), "--headless", "--clean", f"+luafile {script}", "+qa!"], environment, work
    )
    assert said.split() == ["fim-lsp", "true"]


def test_emacs_installs_the_package(tmp_path: Path) -> None:
    folder = f'(setq package-user-dir "{tmp_path / "elpa"}" package-quickstart nil)'
    install = f'(package-install-file "{EDITORS / "emacs/fim-lsp.el"}")'
    used = '(progn (require \'fim-lsp) (princ (locate-library "fim-lsp")))'
    said = emacs_batch("--eval", "(require 'package)", "--eval", folder, "--eval", install, "--eval", used)
    assert str(tmp_path / "elpa/fim-lsp-") in said
