"""Unpacks Debian packages, with everything they need, into a folder: nothing is installed, no root is needed.

The editors that matter are newer than the distribution under the tests, so their packages come from a newer suite
together with its C library, and their programs start through that library's own loader (`command`).
What such a program starts in turn (our language server) is the machine's own and runs as usual.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
LIBRARY = "usr/lib/x86_64-linux-gnu"
LINKS = ("lib", "bin", "sbin", "lib64")
"""Folders that Debian keeps as links into /usr, since its merge."""


def unpack(root: Path, packages: Sequence[str], suite: str) -> None:
    """Fill `root` with `packages` of `suite` and all their dependencies; a folder that is complete is left as it is."""
    stamp = root / ".packages"
    wanted = " ".join([suite, *packages])
    if stamp.exists() and stamp.read_text() == wanted:
        return
    shutil.rmtree(root, ignore_errors=True)
    for name in LINKS:
        (root / "usr" / name).mkdir(parents=True)
        (root / name).symlink_to(f"usr/{name}")
    with tempfile.TemporaryDirectory() as state:
        for archive in _download(Path(state), packages, suite):
            subprocess.run(["dpkg-deb", "--extract", archive, root], check=True)
    stamp.write_text(wanted)


def command(root: Path, program: str) -> list[str]:
    """How to start the unpacked `program` with the libraries that were unpacked beside it."""
    loader = root / "usr/lib64/ld-linux-x86-64.so.2"
    argv0 = Path(program).name
    return [str(loader), "--library-path", str(root / LIBRARY), "--argv0", argv0, str(root / "usr/bin" / program)]


def _download(state: Path, packages: Sequence[str], suite: str) -> list[Path]:
    """Let apt choose and fetch the archives, with a state of its own in which no package is installed yet."""
    for folder in (
        "etc/apt/apt.conf.d",
        "etc/apt/preferences.d",
        "var/lib/apt/lists/partial",
        "var/cache/apt/archives/partial",
        "var/lib/dpkg",
    ):
        (state / folder).mkdir(parents=True)
    (state / "var/lib/dpkg/status").touch()
    (state / "etc/apt/sources.list").write_text(f"deb [signed-by={KEYRING}] {_mirror()} {suite} main\n")
    (state / "apt.conf").write_text(
        f'Dir "{state}";\n'
        f'Dir::State::status "{state}/var/lib/dpkg/status";\n'
        'Dir::Etc::trustedparts "/etc/apt/trusted.gpg.d";\n'
        'Acquire::Languages "none";\n'
        'Acquire::Check-Valid-Until "false";\n'  # a mirror may be frozen on purpose; signatures are still checked
        'APT::Install-Recommends "false";\n'
        'APT::Sandbox::User "root";\n'  # the state belongs to this user, not to _apt
        'Debug::NoLocking "true";\n'
    )
    environment = {**os.environ, "APT_CONFIG": str(state / "apt.conf")}
    subprocess.run(["apt-get", "-qq", "update"], env=environment, check=True)
    install = ["apt-get", "-qq", "--yes", "--download-only", "install", *packages]
    subprocess.run(install, env=environment, check=True, stdout=subprocess.DEVNULL)
    return sorted((state / "var/cache/apt/archives").glob("*.deb"))


def _mirror() -> str:
    """The mirror that this machine's own apt uses for the distribution itself."""
    query = ["apt-get", "indextargets", "--format", "$(ORIGIN) $(REPO_URI)", "Created-By: Packages"]
    lines = subprocess.run(query, check=True, capture_output=True, text=True).stdout.splitlines()
    mirrors = [line.removeprefix("Debian ") for line in lines if line.startswith("Debian ") and "-security" not in line]
    if not mirrors:
        raise RuntimeError("apt on this machine knows no Debian mirror; run `apt-get update` first")
    return mirrors[0]
