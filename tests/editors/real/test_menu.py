"""Editors without ghost text: the completion menu of released Helix, and of plain Eglot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.editors import emacs
from tests.editors.editor import eventually, still
from tests.editors.helix import Helix
from tests.editors.profiles import CACHE, EDITORS, EMACS_QUIET
from tests.editors.upstream import Upstream

START = "def add(a, b):\n    "


@pytest.fixture
def file(work: Path) -> Path:
    path = work / "sums.py"
    path.write_text(START)
    return path


@pytest.fixture
def helix(home: Path, environment: dict[str, str]) -> Iterator[Helix]:
    block = (EDITORS / "helix/languages.toml").read_text()
    editor = Helix(CACHE / "helix", home, environment, block.replace('"pylsp", ', ""))
    try:
        yield editor
    finally:
        editor.close()


@pytest.fixture
def eglot(home: Path, environment: dict[str, str]) -> Iterator[emacs.Emacs]:
    init = EMACS_QUIET + (EDITORS / "emacs/setup/with-eglot-menu.el").read_text()
    editor = emacs.Emacs(CACHE / "emacs", home, environment, init, keys={}, ghost="")
    try:
        yield editor
    finally:
        editor.close()


def on_disk(editor: Helix, file: Path) -> str:
    editor.save()
    return file.read_bytes().decode() if file.exists() else ""  # it is away for a moment while Helix replaces it


def becomes(editor: Helix, file: Path, text: str) -> None:
    try:
        eventually(lambda: on_disk(editor, file).rstrip() == text, "")
    except AssertionError:
        raise AssertionError(f"{on_disk(editor, file)!r} instead of {text!r}\n{editor.screen()}") from None


def test_helix_shows_and_accepts(helix: Helix, upstream: Upstream, file: Path) -> None:
    upstream.knows["retu"] = "rn a + b"
    helix.open(file)
    helix.type("retu")
    helix.terminal.wait(lambda: "return a + b" in helix.screen(), "the menu shows the suggestion")
    helix.press("accept")
    becomes(helix, file, START + "return a + b")


def ask_for(helix: Helix, text: str) -> None:
    """Ask by hand until the menu shows `text`: a menu is not kept waiting for a model, the next key is."""

    def asked() -> bool:
        helix.press("invoke")
        helix.terminal.settle(1.0)
        return text in helix.screen()

    eventually(asked, f"the menu shows {text!r}")


def show_block(helix: Helix, upstream: Upstream, file: Path) -> None:
    """The line's own end first; then the block, which the model has said in the meantime."""
    upstream.knows["for x in x"] = "s:\n        print(x)\n        total += x"
    helix.open(file)
    ask_for(helix, "xs:")
    helix.type("s:")
    ask_for(helix, "print(x)")


def test_helix_shows_a_block_before_it_is_taken(helix: Helix, upstream: Upstream, file: Path) -> None:
    file.write_text(START + "for x in x")
    show_block(helix, upstream, file)
    helix.type("\t")
    helix.terminal.wait(lambda: "total += x" in helix.screen(), "all of it is shown beside the menu")
    helix.type("\n")
    becomes(helix, file, START + "for x in xs:\n        print(x)\n        total += x")


def test_helix_undo_and_emoji(helix: Helix, upstream: Upstream, work: Path) -> None:
    file = work / "faces.py"
    file.write_text('face = "👩‍👩‍👧 𝄞 é" + ')
    upstream.knows['é" + sm'] = "ile()"
    helix.open(file)
    helix.type("sm")
    helix.terminal.wait(lambda: "smile()" in helix.screen(), "the menu shows the suggestion")
    helix.press("accept")
    becomes(helix, file, 'face = "👩‍👩‍👧 𝄞 é" + smile()')


def test_helix_windows_line_ends(helix: Helix, upstream: Upstream, file: Path) -> None:
    file.write_bytes(b"def f(xs):\r\n    for x in x")
    show_block(helix, upstream, file)
    helix.press("accept")
    # Helix takes the LF of an edit as it is: wrong in such a file, until the item has the file's own line ends.
    eventually(lambda: "        total += x" in on_disk(helix, file), "the block is in the file")
    assert [line.rstrip() for line in on_disk(helix, file).splitlines()[1:]] == [
        "    for x in xs:",
        "        print(x)",
        "        total += x",
    ]


@pytest.mark.parametrize("settings", ["[languages.python]\nenabled = false\n"])
def test_helix_language_switched_off(helix: Helix, upstream: Upstream, file: Path) -> None:
    helix.open(file)
    helix.type("retu")
    still(lambda: upstream.requests == 0, "nothing is sent", for_s=1.5)


def test_helix_leaves_no_process(helix: Helix, file: Path) -> None:
    helix.open(file)
    servers: list[psutil.Process] = helix.servers()
    helix.quit()
    eventually(lambda: not any(server.is_running() for server in servers), "the server has ended")


def test_plain_eglot_completes_in_its_menu(eglot: emacs.Emacs, upstream: Upstream, file: Path) -> None:
    upstream.knows["retu"] = "rn a + b"
    eglot.lisp(f'(progn (switch-to-buffer (find-file-noselect "{file}")) (goto-char (point-max)) t)')
    eglot.type("re")  # Eglot connects after the first command
    eventually(lambda: eglot.lisp("(and (bound-and-true-p eglot--managed-mode) t)"), "Eglot manages the buffer")
    eglot.type("tu")
    eglot.type("\x1b\t")  # completion-at-point
    eglot.terminal.wait(lambda: "return a + b" in eglot.screen(), "the only candidate is inserted")
