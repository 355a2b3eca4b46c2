"""What the editors' files promise about each other; needs no editor."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import fim_lsp

REPOSITORY = Path(__file__).parents[2]
EDITORS = REPOSITORY / "editors"


def test_pages_show_the_blocks_that_are_tested() -> None:
    run = subprocess.run(
        [sys.executable, str(EDITORS / "include.py"), "--check"], capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stdout


def test_vs_code_offers_the_settings_that_the_server_has() -> None:
    schema = subprocess.run(
        [sys.executable, "-P", "-m", "fim_lsp", "config", "--schema"], capture_output=True, text=True, check=True
    )
    check = [sys.executable, str(EDITORS / "vscode/generate.py"), "--check"]
    run = subprocess.run(check, input=schema.stdout, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout


def test_a_workspace_cannot_choose_who_gets_the_code() -> None:
    package = json.loads((EDITORS / "vscode/package.json").read_text())
    settings = package["contributes"]["configuration"]["properties"]
    guarded = ("provider", "limits.", "privacy.", "network.", "server.")
    free = [
        name
        for name, setting in settings.items()
        if name.removeprefix("fim-lsp.").startswith(guarded) and setting.get("scope") != "machine"
    ]
    assert not free
    assert package["capabilities"]["untrustedWorkspaces"]["supported"] == "limited"


def test_commands_of_vs_code_do_not_meet_the_servers_own() -> None:
    package = json.loads((EDITORS / "vscode/package.json").read_text())
    assert all(command["command"].startswith("fimLsp.") for command in package["contributes"]["commands"])


def test_one_version_for_all() -> None:
    package = json.loads((EDITORS / "vscode/package.json").read_text())
    emacs = (EDITORS / "emacs/fim-lsp.el").read_text()
    assert package["version"] == fim_lsp.__version__
    assert f";; Version: {fim_lsp.__version__}\n" in emacs


def test_blocks_are_well_formed() -> None:
    for block in EDITORS.rglob("*.toml"):
        tomllib.loads(block.read_text())
    for block in (EDITORS / "others").glob("*settings*"):
        json.loads(block.read_text())
