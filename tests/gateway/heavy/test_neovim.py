"""Neovim, fim-lsp in it, the gateway in front of the model: what is typed comes back as ghost text."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest

from fim_lsp.gateway import keys
from fim_lsp.gateway.quota import Allowance
from fim_lsp.shared_file import SharedFile
from tests.bench.gateway import gateway
from tests.editors.editor import Editor, eventually
from tests.editors.profiles import PROFILES, Profile
from tests.editors.real.conftest import editor, environment, home, settings, upstream, work  # noqa: F401  fixtures
from tests.editors.upstream import Upstream


@pytest.fixture
def profile() -> Profile:
    return next(profile for profile in PROFILES if profile.name.startswith("neovim"))


@pytest.fixture
def provider(upstream: Upstream, tmp_path: Path) -> Iterator[str]:  # noqa: F811
    """The config file's lines: the gateway stands where Mistral would."""
    key = keys.add(SharedFile(tmp_path / "keys.json"), "ann", Allowance())
    with gateway(tmp_path, upstream.server.url) as served:
        urlopen(f"{served}/health", timeout=60).close()  # its address is known before it is up
        yield f"""
provider = "team"
[providers.team]
kind = "mistral"
base_url = "{served}/v1"
api_key = "{key}"
[completion]
deadline_ms = 30000
"""


def test_shows_and_takes(editor: Editor, upstream: Upstream, work: Path) -> None:  # noqa: F811
    path = work / "sums.py"
    path.write_text("def add(a, b):\n    ")
    upstream.knows["return "] = "a + b"
    editor.open(path)
    editor.type("return ")
    editor.see("a + b")
    editor.press("accept")
    eventually(lambda: saved(editor, path) == "def add(a, b):\n    return a + b\n", "the file holds what was shown")


def saved(editor: Editor, path: Path) -> str:  # noqa: F811
    editor.save()
    return path.read_text()
