"""What only the Neovim plugin has: making way for completion menus, Neovim's own and those of other plugins."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors import profiles
from tests.editors.editor import eventually, still
from tests.editors.neovim import Neovim
from tests.editors.upstream import Upstream

BLINK = """
package.loaded['blink.cmp'] = { is_menu_visible = function() return vim.g.menu == true end }
local function open(is_open)
  vim.g.menu = is_open
  vim.api.nvim_exec_autocmds('User', { pattern = is_open and 'BlinkCmpMenuOpen' or 'BlinkCmpMenuClose' })
end
"""
CMP = """
local told = {}
package.loaded['cmp'] = {
  visible = function() return vim.g.menu == true end,
  event = { on = function(_, name, call) told[name] = call end },
}
local function open(is_open)
  vim.g.menu = is_open
  local tell = told[is_open and 'menu_opened' or 'menu_closed']
  if tell then tell({}) end
end
"""
MENUS = {"blink.cmp": BLINK, "nvim-cmp": CMP}
"""What the two say to others of their menus, as their sources have it; neither is packaged."""
KEYS = """
vim.keymap.set('i', '<F5>', function() open(true) end)
vim.keymap.set('i', '<F6>', function() open(false) end)
"""
OPEN, CLOSE = "\x1b[15~", "\x1b[17~"


def begin(ghost_text: str, more: str, home: Path, environment: dict[str, str]) -> Neovim:
    setup = f"require('fim_lsp').setup({{ ghost_text = '{ghost_text}' }})\n{more}"
    return profiles.neovim_with(home, environment, setup)


@pytest.fixture(params=["native", "own"])
def ghost_text(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def more() -> str:
    return ""


@pytest.fixture
def nvim(ghost_text: str, more: str, home: Path, environment: dict[str, str]) -> Iterator[Neovim]:
    editor = begin(ghost_text, more, home, environment)
    try:
        yield editor
    finally:
        editor.close()


@pytest.mark.parametrize("more", [text + KEYS for text in MENUS.values()], ids=list(MENUS))
def test_makes_way_for_the_menu_of_another_plugin(nvim: Neovim, upstream: Upstream, file: Path) -> None:
    upstream.knows["return "] = "a + b"
    nvim.open(file)
    nvim.type("return ")
    nvim.see("a + b")
    nvim.terminal.press(OPEN)
    nvim.see("")
    nvim.type("a")
    still(lambda: nvim.ghost() == "", "the menu has the place")
    nvim.terminal.press(CLOSE)
    nvim.see(" + b")


def test_makes_way_for_neovims_own_menu(nvim: Neovim, upstream: Upstream, file: Path) -> None:
    upstream.knows["return "] = "a + b"
    file.write_text("import atom, atlas, after\n\ndef add(a, b):\n    ")
    nvim.open(file)
    nvim.type("return ")
    nvim.see("a + b")
    nvim.type("a")
    nvim.terminal.press("\x0e")  # Ctrl-N
    eventually(lambda: nvim.lua("return vim.fn.pumvisible()") == 1, "the menu is open")
    nvim.see("")


@pytest.mark.parametrize("ghost_text", ["own"])
def test_what_neovim_says_late_of_a_key_does_not_undo_a_dismissal(nvim: Neovim, upstream: Upstream, file: Path) -> None:
    upstream.knows["return "] = "a + b"
    nvim.open(file)
    nvim.type("return ")
    nvim.see("a + b")
    nvim.dismiss()
    nvim.lua("vim.api.nvim_exec_autocmds({ 'TextChangedI', 'CursorMovedI' }, {})")
    still(lambda: nvim.ghost() == "", "it stays gone")
    nvim.type("a")
    nvim.see(" + b")
