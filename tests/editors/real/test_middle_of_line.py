"""In the middle of a line: what stands right of the cursor stays, and the suggestion is shown before it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.editor import Editor, eventually
from tests.editors.upstream import Upstream


@pytest.fixture
def file(work: Path) -> Path:
    path = work / "sums.py"
    path.write_text("total =  + tax\n")
    return path


@pytest.mark.needs("ghost")
def test_middle_of_line(file: Path, editor: Editor, upstream: Upstream) -> None:
    upstream.knows["total = p"] = "rice * count + tax\nprint(total)"
    editor.open(file)
    editor.to(1, 9)
    editor.type("pri")
    editor.see("ce * count")
    editor.press("accept")

    def saved() -> str:
        editor.save()
        return file.read_text()

    eventually(lambda: saved() == "total = price * count + tax\n", "the rest of the line stands there once")
    assert upstream.server.requests[-1].body["suffix"].startswith(" + tax\n")
