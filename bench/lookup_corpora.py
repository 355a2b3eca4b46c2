"""Where code to measure on is found on a machine; what is absent is said to be absent."""

from __future__ import annotations

import subprocess
import sysconfig
from collections.abc import Callable
from pathlib import Path

from lookup_places import Corpus

STDLIB = Path(sysconfig.get_paths()["stdlib"])
PACKAGES = Path(sysconfig.get_paths()["purelib"])
MEASURED = ("asyncio", "email", "http", "unittest")
"""Packages of the standard library that nothing is ever fitted on."""
_TESTS = ("test/", "tests/", "testdata/", "_test.go")


def python() -> list[Corpus]:
    inside = [(name, STDLIB / name) for name in MEASURED]
    outside = [(f"pip/{name}", PACKAGES / "pip" / name) for name in ("_internal", "_vendor/rich")]
    return [Corpus.read(name, root, (".py",), ("__pycache__",)) for name, root in (*inside, *outside)]


def held_out() -> list[Corpus]:
    names = ("django/db", "jinja2", "httpx", "aiohttp", "pygls")
    return [Corpus.read(name, PACKAGES / name, (".py",), ("__pycache__",)) for name in names]


def go() -> list[Corpus]:
    root = _printed("go", "env", "GOROOT") / "src"
    return [Corpus.read(name, root / name, (".go",), _TESTS) for name in ("net/http", "go", "encoding", "text")]


def rust() -> list[Corpus]:
    root = _printed("rustc", "--print", "sysroot") / "lib/rustlib/src/rust/library"
    return [Corpus.read(name, root / name, (".rs",), _TESTS) for name in ("std/src", "alloc/src")]


def typescript() -> list[Corpus]:
    return []


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
}
