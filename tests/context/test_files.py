"""Reading from a real disk."""

from __future__ import annotations

import gc
import os
import weakref
from pathlib import Path

import pytest

from fim_lsp.context.files import LARGEST_FILE_BYTES, Files, list_folder, read_file, stamp
from tests.context.workspace import Editor


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    return folder


def put(folder: Path, name: str, data: bytes) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return str(path)


def lines(folder: Path, path: str, files: Files | None = None) -> list[str] | None:
    text = (files or Files(may_leave=lambda path: True)).look_up(path, str(folder), {})
    return None if text is None else list(text.lines)


def test_reads_text_with_any_line_ends(folder: Path) -> None:
    assert lines(folder, put(folder, "a.py", b"a\r\nb\n")) == ["a", "b", ""]


@pytest.mark.parametrize(
    "data",
    [b"a\0b", b"\xff\xfe\xfa", b"", b"x" * (LARGEST_FILE_BYTES + 1), b"x" * 10_000],
    ids=["binary", "not UTF-8", "empty", "too large", "minified"],
)
def test_what_is_no_code_is_left_alone(folder: Path, data: bytes) -> None:
    assert lines(folder, put(folder, "a.py", data)) is None


def test_missing_files_and_folders_are_no_errors(folder: Path) -> None:
    assert lines(folder, str(folder / "none.py")) is None
    assert lines(folder, str(folder)) is None
    assert read_file(str(folder / "none.py")) is None
    assert list_folder(str(folder / "none")) == []


def test_nothing_outside_is_read_not_even_through_a_link(folder: Path, tmp_path: Path) -> None:
    outside = put(tmp_path, "outside.py", b"secret = 1\n")
    beside = put(tmp_path, "workspace-2/a.py", b"secret = 1\n")
    assert lines(folder, outside) is None
    assert lines(folder, beside) is None
    link = folder / "link.py"
    try:
        link.symlink_to(outside)
    except OSError:  # Windows without the privilege
        return
    assert stamp(str(link), str(folder)) is None
    assert lines(folder, str(link)) is None


def test_a_file_is_read_once_until_it_changes(folder: Path) -> None:
    read: list[str] = []

    def reading(path: str) -> str | None:
        read.append(path)
        return read_file(path)

    files = Files(may_leave=lambda path: True, read_file=reading)
    path = put(folder, "a.py", b"a = 1\n")
    assert lines(folder, path, files) == lines(folder, path, files) == ["a = 1", ""]
    assert len(read) == 1
    put(folder, "a.py", b"a = 12\n")
    assert lines(folder, path, files) == ["a = 12", ""]
    os.remove(path)
    assert lines(folder, path, files) is None


def test_what_is_kept_is_bounded(folder: Path) -> None:
    read: list[str] = []
    files = Files(
        may_leave=lambda path: True, read_file=lambda path: read.append(path) or "x = 1\n" * 100, most_chars=2000
    )
    for _ in range(2):
        for number in range(10):
            lines(folder, put(folder, f"{number}.py", b"x"), files)
    assert len(read) == 20


def test_neighbours_come_with_the_most_similar_name_first(folder: Path) -> None:
    for name in ("a.py", "cart_view.py", "cart_model.py", "zebra.py", "readme.md", "cart.ts"):
        put(folder, name, b"x\n")
    files = Files(may_leave=lambda path: True)
    names = [os.path.basename(path) for path in files.beside(str(folder / "cart_models.py"), str(folder))]
    assert names == ["cart_model.py", "cart_view.py", "a.py", "zebra.py"]
    assert files.beside(str(folder.parent / "x.py"), str(folder)) == []


def test_an_edited_document_is_cut_anew_where_it_changed_and_a_closed_one_is_freed(folder: Path) -> None:
    files = Files(may_leave=lambda path: True)
    path = put(folder, "a.py", b"")
    body = [f"    statement_{number}()" for number in range(20)]
    document = Editor("file:///a.py", path, "python", ["def first():", *body, "", "def other():", *body])
    files.opened(document)
    before = files.freeze()[path]
    first, other = before.pieces
    for version in range(3):  # pieces are not asked for at every edit
        document.lines[-1] = f"    changed_{version}()"
        files.edited(document)
        after = files.freeze()[path]
    assert after is not before
    assert files.freeze()[path] is after
    assert after.pieces[0].names is first.names
    assert after.pieces[1].names == other.names - {"statement_19"} | {"changed_2"}
    kept = weakref.ref(after)
    files.closed(document.uri)
    del before, after, first, other
    gc.collect()
    assert kept() is None


def test_what_was_edited_last_comes_last(folder: Path) -> None:
    files = Files(may_leave=lambda path: True)
    documents = [Editor(f"file:///{name}", put(folder, name, b""), "python", [""]) for name in ("a.py", "b.py", "c.py")]
    for document in documents:
        files.opened(document)
    assert [os.path.basename(path) for path in files.freeze()] == ["a.py", "b.py", "c.py"]
    files.edited(documents[1])
    assert [os.path.basename(path) for path in files.freeze()] == ["a.py", "c.py", "b.py"]
