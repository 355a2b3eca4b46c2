"""Makes the pictures of `docs/editors/`: each a real editor at work on the example, with the embedded engine.

python -m tests.editors.pictures [PROFILE…]
"""

from __future__ import annotations

import html
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tests.editors import vscode
from tests.editors.editor import Editor, eventually
from tests.editors.profiles import REPOSITORY, emacs_eglot, helix, neovim_plugin, vs_code
from tests.editors.terminal import Terminal

FOLDER = REPOSITORY / "docs/editors/images"
START = """\
def load_settings(path):
    with open(path, encoding="utf-8") as stream:
        return parse_settings(stream.read())


def load_defaults(path):
    with open(path, encoding="utf-8") as stream:
        return parse_settings(stream.read())


def load_overrides(path):
    """
TYPED = "with open(path, e"


EDITORS_SHOWN: dict[str, Callable[[Path, Mapping[str, str]], Editor]] = {
    "neovim": neovim_plugin,
    "emacs": emacs_eglot,
    "helix": helix,
    "vscode": vs_code,
}


def take(name: str) -> None:
    home = Path(tempfile.mkdtemp(prefix="fim-"))
    work = home / "work"
    (work / ".git").mkdir(parents=True)
    file = work / "settings.py"
    file.write_text(START)
    editor = EDITORS_SHOWN[name](home, _environment(home))
    try:
        editor.open(file)
        editor.type(TYPED)
        eventually(
            lambda: editor.screen().count('encoding="utf-8"') == 3, f"a suggestion in {editor.name}", deadline_s=20
        )
        terminal = getattr(editor, "terminal", None)
        if isinstance(terminal, Terminal):
            _photograph(terminal, FOLDER / f"{name}.png", *PAPER.get(name, INK_ON_DARK))
        else:
            editor.picture(FOLDER / f"{name}.png")
    finally:
        editor.close()
        shutil.rmtree(home, ignore_errors=True)


def _environment(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    folders = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "XDG_CACHE_HOME": str(home / ".cache")}
    return {**kept, **folders, "PATH": path, "LC_ALL": "C.UTF-8", "FIM_LSP_PROVIDER": "lookup"}


INK_ON_DARK = ("#cdd6f4", "#1e1e2e")
PAPER = {"emacs": ("#202020", "#ffffff")}
"""Colours of text and background; Emacs takes the terminal for a light one."""


def _photograph(terminal: Terminal, path: Path, ink: str, paper: str) -> None:
    """Draw the screen of a terminal in the browser, as terminals do, and keep that."""
    rows = "\n".join(
        "".join(
            f'<span style="color:{cell.colour};background:{cell.background}">{html.escape(cell.text)}</span>'
            for cell in row
        )
        for row in terminal.cells()
    )
    page = vscode.browser().new_page(viewport={"width": 866, "height": 564})
    page.set_content(
        f"<style>body{{margin:0;background:{paper}}} pre{{font:14px/18px DejaVu Sans Mono;margin:12px;color:{ink}}}"
        f"span{{display:inline-block;height:18px;vertical-align:top}}</style><pre>{rows}</pre>"
    )
    page.screenshot(path=path)
    page.close()


def main(names: list[str]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name in names or EDITORS_SHOWN:
        take(name)


if __name__ == "__main__":
    main(sys.argv[1:])
