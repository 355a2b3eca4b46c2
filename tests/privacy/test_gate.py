"""The one predicate, on real files in a temporary folder."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from fim_lsp.privacy.gate import Gate, Verdict
from fim_lsp.reasons import Reason
from fim_lsp.settings.model import Privacy

links = pytest.mark.skipif(os.name == "nt", reason="Windows lets administrators only make links")


class Workspace:
    def __init__(self, root: Path) -> None:
        self.root = root / "work"
        self.elsewhere = root / "elsewhere"
        self.root.mkdir()
        self.elsewhere.mkdir()
        self.gate = Gate([str(self.root)])

    def write(self, name: str, text: str = "x = 1\n") -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def context(self, path: Path | str, **privacy: object) -> Verdict:
        return self.gate.may_leave(str(self.root / path), Privacy(**privacy))  # type: ignore[arg-type]

    def opened(self, path: Path | str, **privacy: object) -> Verdict:
        full = self.root / path
        return self.gate.may_leave(str(full), Privacy(**privacy), uri=full.as_uri())  # type: ignore[arg-type]

    def both(self, path: Path | str, **privacy: object) -> Verdict:
        context, opened = self.context(path, **privacy), self.opened(path, **privacy)
        assert context == opened
        return context


@pytest.fixture
def work(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path.resolve())


def test_ordinary_files_may_leave(work: Workspace) -> None:
    assert work.both(work.write("src/main.py")) == Verdict(True)
    assert work.opened("not/saved/yet.py").allowed


@pytest.mark.parametrize("name", [".env", "conf/.env.local", "server.pem", "id_rsa", "secrets.yml", ".ssh/config"])
def test_secret_files_never_leave(work: Workspace, name: str) -> None:
    verdict = work.both(work.write(name))
    assert verdict.reason is Reason.SECRET_FILE
    assert verdict.rule.startswith("secret list: ")


@pytest.mark.parametrize("ignore_file", [".gitignore", ".fimignore"])
def test_ignored_files_never_leave(work: Workspace, ignore_file: str) -> None:
    work.write(ignore_file, "*.log\nbuild/\n")
    work.write(f"src/{ignore_file}", "/local.py\n")
    assert work.both("a.log") == Verdict(False, Reason.IGNORED, f"{ignore_file} line 1: *.log")
    assert work.both("build/deep/a.py").rule == f"{ignore_file} line 2: build/"
    assert work.both("src/local.py").rule == f"src/{ignore_file} line 1: /local.py"
    assert work.both("src/other.py").allowed
    assert work.both("local.py").allowed


def test_each_kind_of_ignore_file_stands_alone(work: Workspace) -> None:
    work.write(".gitignore", "*.gen.py\n")
    work.write(".fimignore", "!*.gen.py\n*.min.js\n")
    assert work.both("a.gen.py").rule == ".gitignore line 1: *.gen.py"
    assert work.both("a.min.js").rule == ".fimignore line 2: *.min.js"


def test_globs_of_the_settings(work: Workspace) -> None:
    home = Path("~/notes/x.md").expanduser()
    assert work.both("db/dump.sql", ignore=("*.sql",)) == Verdict(False, Reason.IGNORED, "privacy.ignore: *.sql")
    assert work.both("db/x.py", ignore=("/db",)).rule == "privacy.ignore: /db"
    assert work.both("src/db/x.py", ignore=("/db",)).allowed
    assert work.both("db/x.py", ignore=(f"{work.root.as_posix()}/db/**",)).reason is Reason.IGNORED
    assert work.opened(home, ignore=("~/notes/",)).reason is Reason.IGNORED


def test_a_changed_ignore_file_holds_from_the_next_request(work: Workspace) -> None:
    document = work.write("src/a.py")
    assert work.both(document).allowed
    ignore_file = work.write(".fimignore", "b.py\n")
    assert work.both(document).allowed
    ignore_file.write_text("a.py\n")
    assert not work.both(document).allowed
    ignore_file.unlink()
    assert work.both(document).allowed
    work.write("src/.gitignore", "*\n")
    assert not work.both(document).allowed


def test_the_repository_around_the_workspace_folder_counts(work: Workspace) -> None:
    work.write(".git/info/exclude", "mine.py\n")
    work.write(".gitignore", "generated/\n")
    package = work.root / "packages" / "one"
    package.mkdir(parents=True)
    work.gate.configure([str(package)])
    assert not work.both("packages/one/generated/a.py").allowed
    assert not work.both("packages/one/mine.py").allowed
    assert work.both("packages/one/a.py").allowed


def test_an_unreadable_ignore_file_lets_nothing_out(work: Workspace) -> None:
    work.write(".gitignore", "#" * (2 << 20))
    assert work.both("a.py") == Verdict(False, Reason.IGNORED, ".gitignore: cannot be read: it is larger than 1 MB")


def test_an_ignore_file_in_any_encoding_is_read(work: Workspace) -> None:
    (work.root / ".gitignore").write_bytes(b"caf\xe9\n\xef\xbb\xbf\na.py\n")
    assert work.both("a.py").rule == ".gitignore line 3: a.py"


# Outside the workspace


def test_outside_is_completed_when_opened_and_is_never_context(work: Workspace) -> None:
    path = work.elsewhere / "a.py"
    path.touch()
    assert work.opened(path).allowed
    assert work.context(path) == Verdict(False, Reason.OUTSIDE, "outside the workspace")
    assert work.opened(path, outside="never") == Verdict(False, Reason.OUTSIDE, 'privacy.outside = "never"')


def test_outside_its_own_folders_rules_hold(work: Workspace) -> None:
    (work.elsewhere / ".fimignore").write_text("a.py\n")
    assert work.opened(work.elsewhere / "a.py").reason is Reason.IGNORED
    assert work.opened(work.elsewhere / "b.py").allowed
    assert work.opened(work.elsewhere / ".env").reason is Reason.SECRET_FILE


def test_a_folder_whose_name_begins_alike_is_outside(work: Workspace) -> None:
    assert work.context(f"{work.root}2/a.py").reason is Reason.OUTSIDE
    assert work.context(work.root / ".." / "elsewhere" / "a.py").reason is Reason.OUTSIDE


def test_without_a_workspace_every_file_is_outside(work: Workspace) -> None:
    work.gate.configure([])
    assert work.opened("a.py").allowed
    assert work.context("a.py").reason is Reason.OUTSIDE


def test_several_folders_are_one_workspace(work: Workspace) -> None:
    work.gate.configure([str(work.root), str(work.elsewhere)])
    assert work.context(work.elsewhere / "a.py").allowed


# Links


@links
def test_a_link_to_outside_is_outside(work: Workspace) -> None:
    target = work.elsewhere / "a.py"
    target.touch()
    for name, to in (("link.py", target), ("folder", work.elsewhere)):
        (work.root / name).symlink_to(to)
    for name in ("link.py", "folder/a.py"):
        assert work.context(name).reason is Reason.OUTSIDE
        assert work.opened(name).allowed
        assert work.opened(name, outside="never").reason is Reason.OUTSIDE


@links
def test_both_names_of_a_linked_file_must_be_free(work: Workspace) -> None:
    work.write("private/a.py")
    work.write(".gitignore", "private/\nlinked.py\n")
    (work.root / "innocent.py").symlink_to("private/a.py")
    (work.root / "linked.py").symlink_to(work.write("b.py"))
    (work.root / "plain.txt").symlink_to(work.write(".env"))
    (work.root / ".env.txt").symlink_to(work.write("c.py"))
    assert work.both("innocent.py").rule == ".gitignore line 1: private/"
    assert work.both("linked.py").rule == ".gitignore line 2: linked.py"
    assert work.both("plain.txt").reason is Reason.SECRET_FILE
    assert work.both(".env.txt").reason is Reason.SECRET_FILE


@links
def test_a_file_that_becomes_a_link_is_followed_at_once(work: Workspace) -> None:
    path = work.write("src/a.py")
    assert work.context(path).allowed
    shutil.move(path, work.elsewhere / "a.py")
    path.symlink_to(work.elsewhere / "a.py")
    assert work.context(path).reason is Reason.OUTSIDE
    path.unlink()
    shutil.move(work.elsewhere / "a.py", path)
    assert work.context(path).allowed
    shutil.move(work.root / "src", work.elsewhere / "src")
    (work.root / "src").symlink_to(work.elsewhere / "src")
    assert work.context(path).reason is Reason.OUTSIDE


@links
def test_a_workspace_reached_through_a_link_is_the_workspace(work: Workspace) -> None:
    work.write(".gitignore", "b.py\n")
    work.write("a.py")
    alias = work.root.with_name("alias")
    alias.symlink_to(work.root)
    work.gate.configure([str(alias)])
    for root in (alias, work.root):
        assert work.context(root / "a.py").allowed
        assert not work.context(root / "b.py").allowed


@links
def test_links_in_a_circle_end(work: Workspace) -> None:
    (work.root / "a").symlink_to("b")
    (work.root / "b").symlink_to("a")
    assert isinstance(work.context("a"), Verdict)


# Documents that are not files


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("untitled:Untitled-1", None),
        ("untitled:/home/me/new.py", None),
        ("untitled:/home/me/.env", Reason.SECRET_FILE),
        ("untitled:%2Eenv", Reason.SECRET_FILE),
        ("git:/project/a.py?%7B%7D", Reason.IGNORED),
        ("output:extension-output", Reason.IGNORED),
        ("vscode-settings:/settings.json", Reason.IGNORED),
        ("search-editor:x", Reason.IGNORED),
        ("file://", Reason.OUTSIDE),
        ("vscode-notebook-cell:Untitled-1.ipynb#W0", None),
        ("vscode-notebook-cell:/project/a.ipynb#W0", Reason.OUTSIDE),
        ("no-scheme", Reason.IGNORED),
    ],
)
def test_documents_without_a_path(work: Workspace, uri: str, reason: Reason | None) -> None:
    assert work.gate.may_leave(None, uri=uri).reason is reason


def test_a_notebooks_cell_is_judged_by_its_notebook(work: Workspace) -> None:
    work.write(".fimignore", "private.ipynb\n")
    for name, allowed in (("private.ipynb", False), ("public.ipynb", True)):
        uri = f"vscode-notebook-cell:{work.root.as_posix()}/{name}#W0"
        assert work.gate.may_leave(str(work.root / name), uri=uri).allowed is allowed


@pytest.mark.parametrize("path", [None, "", "a\0b"])
def test_no_path_is_never_context(work: Workspace, path: str | None) -> None:
    assert work.gate.may_leave(path).reason is Reason.OUTSIDE


# Folders and special files


def test_a_folder_may_be_asked_for(work: Workspace) -> None:
    work.write(".gitignore", "build/\n")
    for name, allowed in (("build", False), ("src", True)):
        (work.root / name).mkdir()
        assert work.context(name).allowed is allowed


@pytest.mark.skipif(os.name == "nt", reason="Windows has no named pipes in folders")
def test_a_pipe_is_never_context(work: Workspace) -> None:
    os.mkfifo(work.root / "pipe.py")
    assert work.context("pipe.py").rule == "not a regular file"


def test_case_is_folded_where_the_file_system_folds_it(work: Workspace) -> None:
    gate = Gate([str(work.root)], ignore_case=True)
    work.write(".gitignore", "Build/\n")
    assert gate.may_leave(str(work.root / "build" / "a.py")).reason is Reason.IGNORED
    assert gate.may_leave(str(work.root / "src" / "a.py").upper()).reason is not Reason.IGNORED
