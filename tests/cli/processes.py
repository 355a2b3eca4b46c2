"""Runs the shipped commands in processes of their own, away from the user's own settings."""

from __future__ import annotations

import asyncio
import os
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

MODULE = (sys.executable, "-P", "-m", "fim_lsp")
SCRIPT = (os.path.join(sysconfig.get_path("scripts"), "fim-lsp"),)


@dataclass(frozen=True)
class Finished:
    code: int
    out: str
    err: str


def environment(home: Path, **variables: str) -> dict[str, str]:
    """Nothing of the user's settings or keys, and lookup as the provider."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("FIM_LSP_", "PYTHON"))}
    for name in ("MISTRAL_API_KEY", "CODESTRAL_API_KEY"):
        ours.pop(name, None)
    home_is = {"HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "XDG_STATE_HOME": str(home / ".state")}
    return {**ours, **home_is, "FIM_LSP_PROVIDER": "lookup", "PYTHONUTF8": "1", "NO_COLOR": "1", **variables}


async def run(
    *arguments: str, folder: Path, env: dict[str, str], command: tuple[str, ...] = MODULE, stdin: bytes = b""
) -> Finished:
    process = await asyncio.create_subprocess_exec(
        *command,
        *arguments,
        cwd=folder,
        env=env,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate(stdin)
    assert process.returncode is not None
    return Finished(process.returncode, _text(out), _text(err))


def _text(output: bytes) -> str:
    return output.decode().replace("\r\n", "\n")
