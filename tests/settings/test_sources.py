"""Files, folders and the environment of a real machine, in a temporary folder."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from fim_lsp.settings.layers import Problem
from fim_lsp.settings.sources import Sources, user_file


class Machine:
    """A user with a configuration folder and two workspace folders, one inside the other."""

    def __init__(self, root: Path) -> None:
        self.user_file = root / "config" / "config.toml"
        self.outer = root / "work"
        self.inner = self.outer / "packages" / "inner"
        self.user_file.parent.mkdir()
        self.inner.mkdir(parents=True)
        self.told: list[Problem] = []
        self.sources = Sources(environ={}, user_file=self.user_file, report=self.told.append)
        self.sources.configure(folders=[str(self.outer), str(self.inner)])

    def max_lines(self, path: Path | None) -> int:
        return self.sources.for_document(None if path is None else str(path)).settings.completion.max_lines

    def project(self, folder: Path, text: str) -> Path:
        file = folder / ".fim-lsp.toml"
        file.write_text(text)
        return file


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def lines(count: int) -> str:
    return f"[completion]\nmax_lines = {count}\n"


def test_the_innermost_folder_decides(machine: Machine) -> None:
    machine.project(machine.outer, lines(1))
    machine.project(machine.inner, lines(2))
    assert machine.max_lines(machine.outer / "a.py") == 1
    assert machine.max_lines(machine.inner / "src" / "a.py") == 2
    assert machine.max_lines(machine.outer.parent / "elsewhere.py") == 0
    assert machine.max_lines(machine.outer.parent / "work2" / "a.py") == 0


def test_folders_may_change(machine: Machine) -> None:
    machine.project(machine.inner, lines(2))
    machine.sources.configure(folders=[str(machine.outer)])
    assert machine.max_lines(machine.inner / "a.py") == 0
    machine.sources.configure(folders=[str(machine.inner)])
    assert machine.max_lines(machine.inner / "a.py") == 2
    assert machine.max_lines(None) == 2  # the only folder is an unnamed document's folder too


def test_what_the_editor_says_later_is_stronger(machine: Machine) -> None:
    machine.user_file.write_text(lines(1))
    machine.sources.configure({"completion": {"max_lines": 3}}, {"fim-lsp": {"completion.max_lines": 4}})
    assert machine.max_lines(None) == 4
    machine.sources.configure({"completion": {"max_lines": 3}}, None)
    assert machine.max_lines(None) == 3


BAD_LATER: list[tuple[object, int]] = [
    ({"completion": {"max_lines": 5}}, 5),
    ({"completion": {"max_lines": -1}}, 4),
    ({"completion": 5}, 4),
    ("nonsense", 4),
    ({"completion": {"max_line": 5}}, 3),
    ({}, 3),
]


@pytest.mark.parametrize(("later", "expected"), BAD_LATER, ids=str)
def test_what_the_editor_sets_to_something_bad_keeps_its_last_good_value(
    machine: Machine, later: object, expected: int
) -> None:
    first = {"completion": {"max_lines": 3}}
    machine.sources.configure(first, {"completion": {"max_lines": 4}, "enabled": False})
    for _ in range(2):
        machine.sources.configure(first, later)
        assert machine.max_lines(None) == expected
    assert machine.sources.for_document(None).settings.enabled == (later != "nonsense")
    assert len(machine.told) == (expected == 4 or later == {"completion": {"max_line": 5}})
    machine.sources.configure(first, {})
    assert machine.max_lines(None) == 3


CHANGES: list[Callable[[Path], object]] = [
    lambda file: file.write_text(lines(8)),  # the same size, within the same moment
    lambda file: os.replace(_other(file, lines(8)), file),
    lambda file: (file.unlink(), file.write_text(lines(8))),
]


def _other(file: Path, text: str) -> Path:
    other = file.with_name("other")
    other.write_text(text)
    return other


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_file_holds_from_the_next_request(machine: Machine, change: Callable[[Path], object]) -> None:
    file = machine.project(machine.outer, lines(7))
    document = machine.outer / "a.py"
    assert machine.max_lines(document) == 7
    change(file)
    assert machine.max_lines(document) == 8
    file.unlink()
    assert machine.max_lines(document) == 0


def test_an_old_file_is_not_read_again(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    file = machine.project(machine.outer, lines(7))
    os.utime(file, (1_000_000_000, 1_000_000_000))
    document = machine.outer / "a.py"
    first = machine.sources.for_document(str(document))
    monkeypatch.setattr("builtins.open", None)
    assert machine.sources.for_document(str(document)) is first


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[completion]\nmax_lines = \n", "line 2"),
        ("\n\n[completion\n", "line 3"),
        ("x = 1\nx = 2\n", "line 2"),
        ("a = 1\nb = '''", "line 2"),
        ("# \udce9\n", "line 1: not UTF-8"),
    ],
)
def test_a_broken_file_keeps_its_last_good_values_and_is_told_once(machine: Machine, text: str, line: str) -> None:
    file = machine.project(machine.outer, lines(7))
    document = machine.outer / "a.py"
    assert machine.max_lines(document) == 7
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert [machine.max_lines(document) for _ in range(3)] == [7, 7, 7]
    assert len(machine.told) == 1
    assert line in str(machine.told[0])
    assert str(file) in str(machine.told[0])
    file.write_text(lines(9))
    assert machine.max_lines(document) == 9
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    assert machine.max_lines(document) == 9
    assert len(machine.told) == 2  # it was mended and broke again


def test_a_file_broken_from_the_start_is_as_good_as_none(machine: Machine) -> None:
    machine.user_file.write_text("][")
    assert machine.max_lines(None) == 0
    assert len(machine.told) == 1


def test_a_bad_value_is_told_once_whoever_asks(machine: Machine) -> None:
    machine.user_file.write_text("[completion]\nmax_lines = -1\n")
    for document in (None, machine.outer / "a.py", machine.inner / "a.py", machine.inner / "b.py"):
        assert machine.max_lines(document) == 0
    assert [problem.key for problem in machine.told] == ["completion.max_lines"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no permission bits")
@pytest.mark.parametrize(("mode", "warned"), [(0o644, True), (0o640, True), (0o604, True), (0o600, False)])
def test_a_key_that_others_can_read_is_reported(machine: Machine, mode: int, warned: bool) -> None:
    machine.user_file.write_text('[providers.mistral]\napi_key = "sk-very-secret-value"\n')
    machine.user_file.chmod(mode)
    machine.max_lines(None)
    assert len(machine.told) == warned
    assert all("chmod 600" in str(problem) and "sk-" not in str(problem) for problem in machine.told)
    machine.user_file.chmod(0o600)
    assert machine.sources.for_document(None).problems == ()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in folders")
def test_a_pipe_in_place_of_a_project_file_hangs_nothing(machine: Machine) -> None:
    os.mkfifo(machine.outer / ".fim-lsp.toml")
    assert machine.max_lines(machine.outer / "a.py") == 0
    assert "not a regular file" in str(machine.told[0])


def test_a_huge_project_file_is_not_read(machine: Machine) -> None:
    machine.project(machine.outer, "#" * (2 << 20))
    assert machine.max_lines(machine.outer / "a.py") == 0
    assert "larger than 1 MB" in str(machine.told[0])


def test_a_folder_in_place_of_a_project_file_is_nothing(machine: Machine) -> None:
    (machine.outer / ".fim-lsp.toml").mkdir()
    assert machine.max_lines(machine.outer / "a.py") == 0
    assert machine.told == []


def test_the_user_file_is_where_the_platform_keeps_such_files() -> None:
    assert user_file().name == "config.toml"
    assert user_file().parent.name == "fim-lsp"
