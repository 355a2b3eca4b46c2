"""What only VS Code has: a server that sets itself up, keys in its secret storage, Tab in leading whitespace."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.editors.editor import eventually, still
from tests.editors.upstream import Upstream
from tests.editors.vscode import VSCode


@pytest.fixture
def without_server(environment: dict[str, str], tmp_path: Path) -> None:
    """A PATH with Python, but no fim-lsp."""
    python = tmp_path / "python"
    python.mkdir()
    (python / "python3").symlink_to(os.path.realpath(sys.executable))
    environment["PATH"] = f"{python}:/usr/bin:/bin"
    assert shutil.which("fim-lsp", path=environment["PATH"]) is None


@pytest.mark.usefixtures("without_server")
def test_sets_up_a_server_of_its_own(code: VSCode, upstream: Upstream, file: Path) -> None:
    upstream.knows["return "] = "a + b"
    eventually(code.servers, "the server is installed and runs", deadline_s=400)
    code.open(file)
    code.type("return ")
    code.see("a + b")
    (server,) = code.servers()
    assert "globalStorage" in " ".join(server.cmdline())


def test_key_goes_to_the_server_by_its_environment(code: VSCode, file: Path) -> None:
    code.open(file)
    before = {server.pid for server in code.servers()}
    code.command("fim-lsp: Set API key")
    code.choose("Mistral")
    code.fill("not-a-key")
    eventually(lambda: {server.pid for server in code.servers()} - before, "the server is started anew", deadline_s=60)
    eventually(
        lambda: any(server.environ().get("MISTRAL_API_KEY") == "not-a-key" for server in code.servers()),
        "the server has the key",
    )
    settings = (code.user / "User/settings.json").read_text()
    assert "not-a-key" not in settings


def test_tab_indents_in_leading_whitespace(code: VSCode, upstream: Upstream, file: Path) -> None:
    upstream.knows["def add(a, b):\n    "] = "return a + b"
    file.write_text("def add(a, b):")
    code.open(file)
    code.type("\n")
    code.see("return a + b")
    code.press("accept")
    code.save()
    eventually(lambda: file.read_text() == "def add(a, b):\n        ", "Tab has indented")
    code.type("\b")
    code.see("return a + b")
    code.press("accept anywhere")
    code.save()
    eventually(lambda: file.read_text() == "def add(a, b):\n    return a + b", "Ctrl+Enter has accepted")


def test_the_users_settings_are_not_sent(code: VSCode, upstream: Upstream, file: Path) -> None:
    upstream.knows["edit"] = "or"
    code.open(file)
    asked = upstream.requests
    code.command("Preferences: Open User Settings (JSON)")
    settings = code.page.locator(".monaco-editor.focused .view-lines", has_text="telemetry.telemetryLevel")
    settings.wait_for()
    code.type("// edit")
    code.page.locator(".monaco-editor.focused .view-lines", has_text="// edit").wait_for()
    still(lambda: upstream.requests == asked and code.ghost() == "", "the user's settings are not sent", for_s=1.5)
