"""Editors as their pages in `docs/editors/` set them up: what a user pastes, and nothing that helps the test only.

The pasted blocks are read from `editors/`, which the pages and the README show as well.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.editors import emacs, neovim, vscode
from tests.editors.editor import Editor
from tests.editors.helix import Helix

REPOSITORY = Path(__file__).parents[2]
EDITORS = REPOSITORY / "editors"
CACHE = REPOSITORY / ".cache/editors"

GHOST = frozenset({"ghost", "multi-line", "undo", "brackets", "says it died"})
PARTS = GHOST | {"parts", "type-through", "dismiss", "revives"}


@dataclass(frozen=True)
class Profile:
    """An editor with one way to set it up, and what it can do at all."""

    name: str
    skills: frozenset[str]
    start: Callable[[Path, Mapping[str, str]], Editor]
    """Takes the home folder and the environment."""
    wait_ms: int | None = None
    """How long the editor itself waits after a key before it asks; None if its own time has to be measured."""


NVIM_QUIET = """
vim.opt.swapfile = false
vim.opt.messagesopt = 'wait:0,history:500' -- nobody is here to press Enter
vim.opt.termguicolors = true
vim.cmd('filetype plugin indent on | syntax enable')
vim.keymap.set('i', '(', '()<Left>')
vim.keymap.set('i', '<M-u>', '<C-o>u')
"""


def neovim_with(home: Path, env: Mapping[str, str], setup: str) -> neovim.Neovim:
    runtime = f"vim.opt.runtimepath:prepend('{EDITORS / 'nvim'}')\n" if "require" in setup else ""
    return neovim.Neovim(CACHE / "neovim", home, env, NVIM_QUIET + runtime + setup)


def neovim_stock(home: Path, env: Mapping[str, str]) -> Editor:
    return neovim_with(home, env, (EDITORS / "nvim/stock.lua").read_text())


def neovim_plugin(home: Path, env: Mapping[str, str]) -> Editor:
    return neovim_with(home, env, "require('fim_lsp').setup()")


def neovim_own_ghost(home: Path, env: Mapping[str, str]) -> Editor:
    return neovim_with(home, env, "require('fim_lsp').setup({ ghost_text = 'own' })")


EMACS_QUIET = f"""
(setq make-backup-files nil auto-save-default nil create-lockfiles nil ring-bell-function #'ignore
      mode-require-final-newline nil) ; a save would be what undo takes back
(add-to-list 'load-path "{EDITORS / "emacs"}")
(electric-pair-mode 1)
"""


def emacs_with(home: Path, env: Mapping[str, str], setup: str) -> emacs.Emacs:
    """With our package drawing."""
    init, ghost = EMACS_QUIET + setup, emacs.FIM_LSP_GHOST
    return emacs.Emacs(CACHE / "emacs", home, env, init, keys=emacs.FIM_LSP_KEYS, ghost=ghost)


def emacs_eglot(home: Path, env: Mapping[str, str]) -> Editor:
    other = f"""
(require 'eglot)
(setq eglot-server-programs '((python-mode . ("{sys.executable}" "-m" "tests.editors.other_server"))))
(add-hook 'python-mode-hook #'eglot-ensure)
"""
    return emacs_with(
        home, {**env, "PYTHONPATH": str(REPOSITORY)}, other + (EDITORS / "emacs/setup/fim-lsp-mode.el").read_text()
    )


def eglot_menu(home: Path, env: Mapping[str, str]) -> Editor:
    init = EMACS_QUIET + (EDITORS / "emacs/setup/with-eglot-menu.el").read_text()
    return emacs.Emacs(CACHE / "emacs", home, env, init, keys={}, ghost="")


LSP_MODE_QUIET = """
(load "lsp-mode-autoloads" t t)
(setq lsp-auto-guess-root t lsp-enable-snippet nil lsp-enabled-clients '(fim-lsp))
"""


def emacs_lsp_mode(home: Path, env: Mapping[str, str]) -> Editor:
    init = EMACS_QUIET + LSP_MODE_QUIET + (EDITORS / "emacs/setup/with-lsp-mode.el").read_text()
    return emacs.Emacs(CACHE / "emacs", home, env, init, keys=emacs.LSP_MODE_KEYS, ghost=emacs.LSP_MODE_GHOST)


def helix(home: Path, env: Mapping[str, str], more: str = "") -> Helix:
    languages = (EDITORS / "helix/languages.toml").read_text().replace('"pylsp", ', "")
    return Helix(CACHE / "helix", home, env, languages + more)


def vs_code(home: Path, env: Mapping[str, str]) -> Editor:
    return vscode.VSCode(CACHE / "vscode", CACHE / "vscode-extensions", home, env)


PROFILES = (
    Profile("neovim", PARTS | {"next"}, neovim_plugin, wait_ms=200),
    Profile("neovim-own-ghost", PARTS | {"next"}, neovim_own_ghost, wait_ms=20),
    # Neovim 0.12.4 doubles what was typed in the 200 ms before it was accepted; undo takes the typed text as well.
    Profile("neovim-stock", GHOST - {"undo", "multi-line"} | {"type-through"}, neovim_stock, wait_ms=200),
    Profile("emacs-eglot", PARTS | {"next"}, emacs_eglot, wait_ms=50),
    # Beside electric-pair-mode lsp-mode takes the closing bracket's place for the cursor's, and does not ask there.
    Profile("emacs-lsp-mode", GHOST - {"brackets"} | {"dismiss", "revives"}, emacs_lsp_mode, wait_ms=50),
    Profile("vscode", PARTS | {"next"}, vs_code),
)
