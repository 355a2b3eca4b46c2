"""The packages as each editor's own tools see them: health, help, the byte compiler, checkdoc, package-lint."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.editors.debian import command
from tests.editors.emacs import NO_COMPILER, start
from tests.editors.profiles import CACHE, EDITORS

PACKAGE = EDITORS / "emacs/fim-lsp.el"
NOISE = ("Error muted by safe_call", "Loading ")
"""From Emacs away from its place, not from our file."""
ARCHIVE = """
(progn
  (advice-add 'package-initialize :override #'ignore)
  (setq package-lint-batch-fail-on-warnings t
        package-archive-contents
        (list (list 'jsonrpc (package-desc-create :name 'jsonrpc :version '(1 0 25) :kind 'tar)))))
"""
"""GNU ELPA as far as it matters here: the linter looks up what we require."""


def emacs_batch(*arguments: str) -> str:
    """What Emacs has to say; empty if it has no complaint."""
    argv, environment = start(CACHE / "emacs")
    run = subprocess.run(
        [*argv, "--batch", *NO_COMPILER, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in (run.stdout + run.stderr).splitlines() if line and not line.startswith(NOISE)]
    return "\n".join(said) if said or run.returncode == 0 else f"exit code {run.returncode}"


def test_emacs_package_compiles_without_warnings(tmp_path: Path) -> None:
    copy = tmp_path / PACKAGE.name
    copy.write_text(PACKAGE.read_text())
    assert emacs_batch("--funcall", "batch-byte-compile", str(copy)) == ""
    assert copy.with_suffix(".elc").exists()


def test_emacs_package_is_clean_by_checkdoc() -> None:
    assert emacs_batch("--eval", f'(checkdoc-file "{PACKAGE}")') == ""


def test_emacs_package_is_clean_by_package_lint() -> None:
    lint = ("--load", "package-lint", "--eval", ARCHIVE, "--funcall", "package-lint-batch-and-exit", str(PACKAGE))
    assert emacs_batch(*lint) == ""


@pytest.fixture
def nvim(home: Path, environment: dict[str, str]) -> list[str]:
    environment["VIMRUNTIME"] = str(CACHE / "neovim/usr/share/nvim/runtime")
    init = home / "init.lua"
    init.write_text(f"vim.opt.runtimepath:prepend('{EDITORS / 'nvim'}')\nrequire('fim_lsp').setup()\n")
    return [*command(CACHE / "neovim", "nvim"), "--headless", "--clean", "-u", str(init)]


def run(argv: list[str], environment: dict[str, str], cwd: Path) -> str:
    done = subprocess.run(argv, env=environment, cwd=cwd, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout + done.stderr


def test_neovim_checkhealth(nvim: list[str], environment: dict[str, str], work: Path) -> None:
    report = work / "report"
    run([*nvim, "+checkhealth fim_lsp", f"+write! {report}", "+qall!"], environment, work)
    text = report.read_text()
    assert "fim-lsp 0." in text
    assert "ERROR" not in text


def test_neovim_help_has_its_tags(nvim: list[str], environment: dict[str, str], work: Path, tmp_path: Path) -> None:
    docs = tmp_path / "runtime/doc"
    docs.mkdir(parents=True)
    (docs / "fim_lsp.txt").write_text((EDITORS / "nvim/doc/fim_lsp.txt").read_text())
    run([*nvim, f"+helptags {docs}", "+qall!"], environment, work)
    tags = (docs / "tags").read_text()
    for tag in ("fim-lsp", "fim-lsp-keys", "fim-lsp-options", "fim-lsp-settings", "fim-lsp-menus", ":FimLsp"):
        assert f"{tag}\t" in tags


def test_neovim_says_what_is_wrong_with_an_option(nvim: list[str], environment: dict[str, str], work: Path) -> None:
    said = run([*nvim, "+lua require('fim_lsp').setup({ with_menu = 'sometimes' })", "+qall!"], environment, work)
    assert "with_menu must be one of" in said
