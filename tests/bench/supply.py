"""What an installation consists of: every package at run time, with its size, licence and share of the start.

`python -m tests.bench.supply` prints the list; `--sbom FILE` writes it as CycloneDX. Both read what is installed, so
they say what is true of this environment.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PACKAGE = "fim-lsp"
MODULES = {
    "attrs": "attr",
    "lsprotocol": "lsprotocol.types",
    "markdown-it-py": "markdown_it",
    "pygls": "pygls.lsp.server",
}
"""What to import where it is not named after its package, or where the package is empty at its top."""
RUNS = 3


@dataclass(frozen=True)
class Part:
    """One installed package."""

    name: str
    version: str
    licence: str
    size_mb: float
    import_ms: float
    """Of the module with all it needs, over a bare interpreter."""


def runtime(name: str = PACKAGE) -> dict[str, metadata.Distribution]:
    """The package and all that it needs here, without extras."""
    found: dict[str, metadata.Distribution] = {}
    names = [canonicalize_name(name)]
    while names:
        name = names.pop()
        if name not in found:
            found[name] = metadata.distribution(name)
            names += [canonicalize_name(needed.name) for needed in _needed(found[name])]
    return dict(sorted(found.items()))


def _needed(distribution: metadata.Distribution) -> Iterator[Requirement]:
    for line in distribution.requires or ():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate({"extra": ""}):
            yield requirement


def parts() -> list[Part]:
    bare_ms = _import_ms("sys")
    return [
        Part(name, found.version, _licence(found), _size_mb(found), max(0.0, _import_ms(_module(name)) - bare_ms))
        for name, found in runtime().items()
    ]


def _module(name: str) -> str:
    return MODULES.get(name, name.replace("-", "_"))


def _licence(distribution: metadata.Distribution) -> str:
    said: Any = distribution.metadata
    words = said.get("License-Expression") or said.get("License") or ""
    if not words or "\n" in words or len(words) > 40:
        classifiers = said.get_all("Classifier") or []
        words = next((each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License ::")), "unknown")
    return str(words)


def _size_mb(distribution: metadata.Distribution) -> float:
    paths = (Path(str(file.locate())) for file in distribution.files or () if "__pycache__" not in file.parts)
    return sum(path.stat().st_size for path in paths if path.is_file()) / 2**20


def _import_ms(module: str) -> float:
    """The best of a few, each in an interpreter of its own."""
    page = f"import time; began = time.perf_counter(); import {module}; print((time.perf_counter() - began) * 1000)"
    runs = [subprocess.run([sys.executable, "-c", page], capture_output=True, text=True) for _ in range(RUNS)]
    return min((float(run.stdout) for run in runs if run.returncode == 0), default=0.0)


def sbom() -> dict[str, Any]:
    """CycloneDX 1.5. The same environment gives the same document."""
    found = runtime()
    components = [_component(name, each) for name, each in found.items() if name != PACKAGE]
    dependencies = [
        {
            "ref": _ref(name, each),
            "dependsOn": sorted({_ref(n, found[n]) for n in map(_key, _needed(each)) if n in found}),
        }
        for name, each in found.items()
    ]
    words = json.dumps([components, dependencies])
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, words)}",
        "version": 1,
        "metadata": {"component": {**_component(PACKAGE, found[PACKAGE]), "type": "application"}},
        "components": components,
        "dependencies": dependencies,
    }


def _key(requirement: Requirement) -> str:
    return canonicalize_name(requirement.name)


def _ref(name: str, distribution: metadata.Distribution) -> str:
    return f"pkg:pypi/{name}@{distribution.version}"


def _component(name: str, distribution: metadata.Distribution) -> dict[str, Any]:
    ref = _ref(name, distribution)
    licences = [{"license": {"name": _licence(distribution)}}]
    return {
        "type": "library",
        "bom-ref": ref,
        "purl": ref,
        "name": name,
        "version": distribution.version,
        "licenses": licences,
    }


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.supply", description=__doc__)
    parser.add_argument("--sbom", type=Path, help="write a software bill of materials to this file")
    args = parser.parse_args()
    if args.sbom:
        args.sbom.write_text(json.dumps(sbom(), indent=2) + "\n", encoding="utf-8")
        return
    listed = parts()
    print(f"{'package':<26}{'version':<12}{'MB':>6}{'import ms':>11}  licence")
    for part in listed:
        print(f"{part.name:<26}{part.version:<12}{part.size_mb:>6.1f}{part.import_ms:>11.0f}  {part.licence}")
    print(f"{len(listed) - 1} packages besides our own, {sum(part.size_mb for part in listed):.0f} MB in all")


if __name__ == "__main__":
    main()
