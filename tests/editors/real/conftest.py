"""A home folder, a model and an editor for each scenario, which says with `needs` what an editor must be able to do."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

from tests.editors.editor import Editor, eventually
from tests.editors.profiles import CACHE, PROFILES, Profile, vs_code
from tests.editors.upstream import Upstream, running
from tests.editors.vscode import VSCode

AnyEditor = TypeVar("AnyEditor", bound=Editor)

PICTURES = CACHE / "pictures"
"""The last screen of each scenario, kept to be looked at."""

START = "def add(a, b):\n    "
"""What `file` holds."""


def pytest_configure(config: pytest.Config) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    config.addinivalue_line("markers", "needs(*skills): run in the editors that have all of these")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "profile" in metafunc.fixturenames:
        marks = metafunc.definition.iter_markers("needs")
        needed = {skill for mark in marks for skill in mark.args}
        able = [profile for profile in PROFILES if needed <= profile.skills]
        metafunc.parametrize("profile", able, ids=[profile.name for profile in able])


@contextmanager
def looked_after(editor: AnyEditor, scenario: str) -> Iterator[AnyEditor]:
    """Its last screen is kept, and once it is closed nothing of it is left."""
    try:
        yield editor
        editor.picture(PICTURES / re.sub(r"\W+", "-", scenario).strip("-"))
        servers = editor.servers()
    finally:
        editor.close()
    eventually(lambda: not any(process.is_running() for process in servers), "no server outlives its editor")


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with running() as upstream:
        yield upstream


@pytest.fixture
def settings() -> str:
    """More lines for the user's config file."""
    return ""


@pytest.fixture
def provider(upstream: Upstream) -> str:
    """The config file's lines that choose where text comes from. A slow machine is no reason for silence here."""
    return f"""
provider = "test"
[providers.test]
kind = "mistral"
base_url = "{upstream.server.base_url}"
api_key = "not-a-secret"
[completion]
deadline_ms = 30000
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    (home / "work/.git").mkdir(parents=True)
    return home


@pytest.fixture
def work(home: Path) -> Path:
    """The workspace: a folder that looks like a repository."""
    return home / "work"


@pytest.fixture
def environment(home: Path, provider: str, settings: str) -> dict[str, str]:
    config = home / ".config/fim-lsp"
    config.mkdir(parents=True)
    (config / "config.toml").write_text(provider + settings)
    (config / "config.toml").chmod(0o600)
    kept = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
    folders = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "XDG_STATE_HOME": str(home / ".state")}
    folders |= {"XDG_CACHE_HOME": str(home / ".cache"), "XDG_DATA_HOME": str(home / ".data"), "LC_ALL": "C.UTF-8"}
    return {**kept, **folders, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}


@pytest.fixture
def editor(
    profile: Profile, home: Path, environment: dict[str, str], request: pytest.FixtureRequest
) -> Iterator[Editor]:
    with looked_after(profile.start(home, environment), request.node.name) as editor:
        yield editor


@pytest.fixture
def file(work: Path) -> Path:
    path = work / "sums.py"
    path.write_text(START)
    return path


@pytest.fixture
def code(home: Path, environment: dict[str, str], request: pytest.FixtureRequest) -> Iterator[VSCode]:
    editor = vs_code(home, environment)
    assert isinstance(editor, VSCode)
    with looked_after(editor, request.node.name):
        yield editor
