"""Files that people edit while we run, also in the moment in which they are being saved."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fim_lsp import fresh
from fim_lsp.fresh import Fresh, Unreadable

NOW = 1_800_000_000.0


def text(path: str, content: bytes | Unreadable | None) -> str | None:
    return content.decode() if isinstance(content, bytes) else None


class File:
    """A file, and the time on the wall."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = NOW
        self._fresh: Fresh[str | None] = Fresh(text, wall_clock=lambda: self.now)

    def write(self, text: str) -> None:
        self.path.write_text(text)
        os.utime(self.path, (self.now, self.now))

    def read(self) -> str | None:
        return self._fresh.read(str(self.path))


@pytest.fixture
def file(tmp_path: Path) -> File:
    return File(tmp_path / "rules")


def test_an_emptied_file_is_as_it_was_until_it_is_saved(file: File) -> None:
    file.write("secrets/")
    assert file.read() == "secrets/"
    file.now += 60
    file.write("")
    assert [file.read() for _ in range(3)] == ["secrets/"] * 3
    file.now += 0.1
    file.write("secrets/\nkeys/")
    assert file.read() == "secrets/\nkeys/"


@pytest.mark.parametrize("later_s", [0.3, 5.0, 1e6, -60.0], ids=["soon", "later", "much later", "clock set back"])
def test_an_emptied_file_that_stays_so_is_empty(file: File, later_s: float) -> None:
    file.write("secrets/")
    assert file.read() == "secrets/"
    file.write("")
    file.now += later_s
    assert [file.read() for _ in range(2)] == ["", ""]


def test_a_file_that_was_empty_or_is_gone_holds_at_once(file: File) -> None:
    file.write("")
    assert file.read() == ""
    file.write("secrets/")
    assert file.read() == "secrets/"
    file.path.unlink()
    assert file.read() is None
    file.write("")
    assert file.read() == ""


def test_a_file_that_is_emptied_between_two_looks_of_ours(file: File, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its status still told of content, and there was none to read."""
    file.write("secrets/")
    assert file.read() == "secrets/"
    file.now += 60
    file.write("other/")
    with monkeypatch.context() as patch:
        patch.setattr(fresh, "_content", lambda path, status: b"")
        assert file.read() == "secrets/"
    assert file.read() == "other/"
