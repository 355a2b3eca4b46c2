"""Plain Eglot, which has no ghost text: the suggestion comes as a completion."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.editor import eventually
from tests.editors.emacs import Emacs
from tests.editors.profiles import eglot_menu as start
from tests.editors.upstream import Upstream


@pytest.fixture
def eglot(home: Path, environment: dict[str, str]) -> Iterator[Emacs]:
    editor = start(home, environment)
    assert isinstance(editor, Emacs)
    try:
        yield editor
    finally:
        editor.close()


def test_completes_in_its_menu(eglot: Emacs, upstream: Upstream, work: Path) -> None:
    upstream.knows["retu"] = "rn a + b"
    file = work / "sums.py"
    file.write_text("def add(a, b):\n    ")
    eglot.lisp(f'(progn (switch-to-buffer (find-file-noselect "{file}")) (goto-char (point-max)) t)')
    eglot.type("re")  # Eglot connects after the first command
    eventually(lambda: eglot.lisp("(and (bound-and-true-p eglot--managed-mode) t)"), "Eglot manages the buffer")
    eglot.type("tu")

    def completed() -> bool:
        """The only candidate is inserted; a menu is not kept waiting for a slow model, the next one has its text."""
        eglot.type("\x1b\t")  # completion-at-point
        eglot.terminal.settle(1.0)
        return "return a + b" in eglot.screen()

    eventually(completed, "the candidate is inserted")
