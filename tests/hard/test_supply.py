"""What is installed is what was pinned, and what is built is the same each time."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.bench import supply

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements" / "test.lock").read_text("utf-8")
TO_LOCK = (
    "run: uv pip compile pyproject.toml requirements/build.in --group dev --all-extras --universal"
    " --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url -o requirements/test.lock"
)


def pinned() -> dict[str, set[Version]]:
    """The versions of each package, of which a marker chooses one."""
    found: dict[str, set[Version]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([\w.!+-]+)", LOCK, re.MULTILINE):
        found.setdefault(canonicalize_name(name), set()).add(Version(version))
    return found


def asked_for() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    extras = [line for lines in project["project"]["optional-dependencies"].values() for line in lines]
    return [
        Requirement(line)
        for line in (*project["project"]["dependencies"], *extras, *project["dependency-groups"]["dev"])
    ]


@pytest.mark.parametrize("requirement", asked_for(), ids=str)
def test_the_lock_has_what_the_project_asks_for(requirement: Requirement) -> None:
    versions = pinned().get(canonicalize_name(requirement.name), set())
    assert versions, TO_LOCK
    assert all(version in requirement.specifier for version in versions), TO_LOCK


def test_every_pin_has_a_hash_and_none_names_a_host() -> None:
    pins = re.split(r"^(?=[\w.-]+==)", LOCK, flags=re.MULTILINE)[1:]
    assert len(pins) > 80
    assert [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin] == []
    assert "://" not in LOCK


def test_the_bill_of_materials_is_whole_and_the_same_each_time() -> None:
    bill = supply.sbom()
    names = {component["name"] for component in bill["components"]}
    assert {"pygls", "lsprotocol", "httpx", "aiohttp", "msgspec", "attrs", "cachetools"} <= names
    assert names <= pinned().keys()
    known = {component["bom-ref"] for component in bill["components"]} | {bill["metadata"]["component"]["bom-ref"]}
    assert {ref for each in bill["dependencies"] for ref in (each["ref"], *each["dependsOn"])} <= known
    assert json.dumps(supply.sbom()) == json.dumps(bill)


def test_what_is_not_for_users_is_not_needed_at_run_time() -> None:
    """No test tool, no web server, nothing that brings another interpreter start-up file."""
    assert not {"pytest", "hypothesis", "uvicorn", "starlette", "redis", "pip", "setuptools"} & supply.runtime().keys()


def build(source: Path, made: Path, at_s: int) -> bytes:
    """A wheel of a copy of the sources whose files were all touched at another time, in another folder."""
    copy = made / "a folder" / str(at_s)
    parts = ("fim_lsp", "README.md", "LICENSE", "CHANGELOG.md", "pyproject.toml")
    copy.mkdir(parents=True)
    for part in parts:
        whole = source / part
        if whole.is_dir():
            shutil.copytree(whole, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(whole, copy / part)
    for path in copy.rglob("*"):
        os.utime(path, (at_s, at_s))
    page = "import hatchling.build as build, sys; print(build.build_wheel(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", page, str(copy)], cwd=copy, check=True, capture_output=True)
    (wheel,) = copy.glob("*.whl")
    return wheel.read_bytes()


def test_two_builds_are_the_same_byte_for_byte(tmp_path: Path) -> None:
    first, second = (build(ROOT, tmp_path, at_s) for at_s in (1_000_000_000, 1_700_000_000))
    assert hashlib.sha256(first).hexdigest() == hashlib.sha256(second).hexdigest()
    (tmp_path / "one.whl").write_bytes(first)
    names = zipfile.ZipFile(tmp_path / "one.whl").namelist()
    assert "fim_lsp/py.typed" in names
    assert [name for name in names if not name.startswith(("fim_lsp/", "fim_lsp-"))] == []
