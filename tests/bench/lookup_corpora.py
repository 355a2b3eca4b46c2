"""Where code to measure on is found on a machine; what is absent is said to be absent."""

from __future__ import annotations

import subprocess
import sysconfig
from collections.abc import Callable
from pathlib import Path

from fim_lsp.languages import PLAIN
from tests.bench.lookup_places import Corpus

STDLIB = Path(sysconfig.get_paths()["stdlib"])
PACKAGES = Path(sysconfig.get_paths()["purelib"])
MEASURED = ("asyncio", "email", "http", "unittest")
"""Packages of the standard library that nothing is ever fitted on."""
FETCHED = Path(__file__).parents[2] / ".cache/corpora"
"""Code that was put here by hand: a folder for each of `held-out`, `typescript` and `rust`, a package in each."""
_TESTS = ("test/", "tests/", "testdata/", "_test.go", ".test.ts", ".spec.ts", "dtslint", "spec")


def python() -> list[Corpus]:
    inside = [(name, STDLIB / name) for name in MEASURED]
    outside = [(f"pip/{name}", PACKAGES / "pip" / name) for name in ("_internal", "_vendor/rich")]
    return [Corpus.read(name, root, (".py",), ("__pycache__",)) for name, root in (*inside, *outside)]


def held_out() -> list[Corpus]:
    installed = [(name, PACKAGES / name) for name in ("httpx", "aiohttp", "pygls")]
    fetched = [("django/db", FETCHED / "held-out/django/db"), ("jinja2", FETCHED / "held-out/jinja2")]
    return [Corpus.read(name, root, (".py",), ("__pycache__",)) for name, root in (*fetched, *installed)]


def go() -> list[Corpus]:
    root = _printed("go", "env", "GOROOT") / "src"
    return [Corpus.read(name, root / name, (".go",), _TESTS) for name in ("net/http", "go", "encoding", "text", "os")]


def rust() -> list[Corpus]:
    return [Corpus.read(root.name, root, (".rs",), _TESTS) for root in _fetched("rust")]


def typescript() -> list[Corpus]:
    return [Corpus.read(root.name, root, (".ts",), (*_TESTS, ".d.ts")) for root in _fetched("typescript")]


def unknown() -> list[Corpus]:
    """The same Go code as a language that nobody has described."""
    return [Corpus(corpus.name, corpus.files, PLAIN) for corpus in go()]


def _fetched(name: str) -> list[Path]:
    folder = FETCHED / name
    return sorted(root for root in folder.iterdir() if root.is_dir()) if folder.is_dir() else []


def _printed(*command: str) -> Path:
    try:
        return Path(subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip())
    except (OSError, subprocess.CalledProcessError):
        return Path("absent")


CORPORA: dict[str, Callable[[], list[Corpus]]] = {
    "python": python,
    "held-out": held_out,
    "typescript": typescript,
    "go": go,
    "rust": rust,
    "unknown": unknown,
}
