"""The project is read in the background: with real files and a real worker process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from fim_lsp.document import Snapshot
from fim_lsp.lookup import Lookup, feeder
from fim_lsp.lookup.feeder import Feeder

SIBLING = "connection.execute_statement(query)\n" * 4


class Opened:
    def __init__(self, path: Path, language: str = "python") -> None:
        self.uri = path.as_uri()
        self.path = str(path)
        self.language = language
        self.version = 1
        self.lines = [""]


class Project:
    """A workspace folder with a feeder."""

    def __init__(self, root: Path, may_leave: Callable[[str], bool]) -> None:
        self.root = root
        self.lookup = Lookup()
        self.feeder = Feeder(self.lookup, may_leave=may_leave)
        self.feeder.configure([str(root)])

    def write(self, name: str, text: str = SIBLING) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    async def opens(self, name: str) -> None:
        self.feeder.opened(Opened(self.write(name, "")))
        await self.is_read()

    async def is_read(self) -> None:
        async with asyncio.timeout(30):
            await self.feeder.settled()

    async def changed(self, *paths: Path) -> None:
        self.feeder.changed([str(path) for path in paths])
        await self.is_read()

    def says(self, before: str = "connection.exe") -> str:
        guess = self.lookup.complete(Snapshot("file:///else.py", "python", 1, before, ""), gate=0.15)
        return guess.text if guess else ""


@pytest.fixture
async def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Project]:
    monkeypatch.setattr(feeder, "CHANGES_PAUSE_S", 0.0)
    made = Project(tmp_path, lambda path: "private" not in path)
    yield made
    made.feeder.close()
    await made.is_read()


@pytest.mark.parametrize("place", ["sibling.py", "package/inner.py", "../root.py"])
async def test_reads_the_workspace(project: Project, place: str) -> None:
    project.write(f"source/{place}")
    await project.opens("source/open.py")
    assert project.says().startswith("cute_statement")


@pytest.mark.parametrize("place", ["private.py", "private/inner.py", "data.txt", "page.js", "../../outside.py"])
async def test_leaves_out_what_may_not_leave_and_what_is_not_its_own(project: Project, place: str) -> None:
    project.root /= "root"
    project.feeder.configure([str(project.root)])
    project.write(f"source/{place}")
    await project.opens("source/open.py")
    assert not project.says()


async def test_a_link_is_not_followed(project: Project) -> None:
    outside = project.write("elsewhere/secrets.py")
    project.root /= "root"
    project.feeder.configure([str(project.root)])
    project.write("open.py", "")
    try:
        (project.root / "linked").symlink_to(outside.parent, target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no links for plain users")
    await project.opens("open.py")
    assert not project.says()


async def test_a_changed_file_is_read_again(project: Project) -> None:
    path = project.write("sibling.py")
    await project.opens("open.py")
    path.write_text(SIBLING.replace("execute_statement", "exempt_all"), encoding="utf-8")
    await project.changed(path)
    assert project.says().startswith("mpt_all")


async def test_a_deleted_file_is_forgotten(project: Project) -> None:
    path = project.write("sibling.py")
    await project.opens("open.py")
    path.unlink()
    await project.changed(path)
    assert not project.says()


async def test_many_changes_make_the_index_anew(project: Project) -> None:
    path = project.write("sibling.py")
    await project.opens("open.py")
    for _ in range(feeder.MOST_CHANGES + 1):
        await project.changed(path)
    assert len(project.lookup.index("python").segments) == 1
    assert project.says().startswith("cute_statement")


async def test_what_lies_beyond_the_memory_bound_is_not_read(tmp_path: Path) -> None:
    project = Project(tmp_path, lambda path: True)
    project.feeder = Feeder(project.lookup, may_leave=lambda path: True, max_memory_bytes=30_000)
    project.feeder.configure([str(tmp_path)])
    for number in range(40):
        project.write(f"{number:02}.py", f"value = {number}\n" * 100)
    await project.opens("open.py")
    assert 0 < project.lookup.index("python").size_bytes < 30_000
    project.feeder.close()


async def test_other_folders_are_forgotten(project: Project) -> None:
    project.write("sibling.py")
    await project.opens("open.py")
    project.feeder.configure([])
    assert not project.says()


async def test_the_folders_that_stay_are_not_forgotten_with_another(project: Project) -> None:
    project.write("stays/sibling.py")
    project.feeder.configure([str(project.root / "stays"), str(project.root / "goes")])
    await project.opens("stays/open.py")
    project.write("goes/other.py", "connection.other_names(query)\n" * 9)
    await project.opens("goes/open.py")
    project.feeder.configure([str(project.root / "stays")])
    await project.is_read()
    assert project.says().startswith("cute_statement")
    assert not project.says("connection.oth")


async def test_a_folder_that_is_added_later_is_read_for_what_is_open(project: Project) -> None:
    project.write("later/sibling.py")
    project.feeder.configure([str(project.root / "first")])
    await project.opens("later/open.py")
    assert not project.says()
    project.feeder.configure([str(project.root / "first"), str(project.root / "later")])
    await project.is_read()
    assert project.says().startswith("cute_statement")


async def test_closing_ends_the_worker(tmp_path: Path) -> None:
    project = Project(tmp_path, lambda path: True)
    for number in range(300):
        project.write(f"{number}.py")
    project.feeder.opened(Opened(tmp_path / "open.py"))
    project.feeder.close()
    await project.is_read()
