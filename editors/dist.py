"""Builds what a release consists of into `dist/`: wheel, sdist, the VS Code package and the Emacs tar.

python editors/dist.py        needs the package `build`, and npm
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
DIST = REPOSITORY / "dist"


def python_packages() -> Path:
    subprocess.run([sys.executable, "-m", "build", "--outdir", DIST, REPOSITORY], check=True, stdout=subprocess.DEVNULL)
    return max(DIST.glob("*.whl"), key=lambda path: path.stat().st_mtime)


def vscode_package(wheel: Path) -> None:
    """The wheel goes along: the extension installs it where no server is found."""
    source = REPOSITORY / "editors/vscode"
    inside = source / "server"
    shutil.rmtree(inside, ignore_errors=True)
    inside.mkdir()
    shutil.copy(wheel, inside)
    npm = shutil.which("npm") or sys.exit("npm is needed for the VS Code package")
    subprocess.run([npm, "install", "--silent", "--no-audit", "--no-fund"], cwd=source, check=True)
    package = ["run", "--silent", "package", "--", "--out", str(DIST)]
    subprocess.run([npm, *package], cwd=source, check=True, stdout=subprocess.DEVNULL)


def emacs_package() -> None:
    """A package of several files, as package.el reads it: a folder NAME-VERSION with NAME-pkg.el."""
    source = REPOSITORY / "editors/emacs/fim-lsp.el"
    header = source.read_text(encoding="utf-8")
    version = _field(header, "Version")
    summary = header.partition("--- ")[2].partition(" -*-")[0]
    description = f'(define-package "fim-lsp" "{version}" "{summary}"\n  \'{_field(header, "Package-Requires")})\n'
    name = f"fim-lsp-{version}"
    folder = DIST / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    shutil.copy(source, folder)
    (folder / "fim-lsp-pkg.el").write_text(description, encoding="utf-8")
    with tarfile.open(DIST / f"{name}.tar", "w") as tar:
        tar.add(folder, name)
    shutil.rmtree(folder)


def _field(header: str, name: str) -> str:
    found = re.search(rf"^;; {name}: (.+)$", header, re.MULTILINE)
    assert found, f"fim-lsp.el says no {name}"
    return found[1]


def main() -> None:
    shutil.rmtree(DIST, ignore_errors=True)
    DIST.mkdir()
    wheel = python_packages()
    vscode_package(wheel)
    emacs_package()
    print("\n".join(sorted(path.name for path in DIST.iterdir())))


if __name__ == "__main__":
    main()
