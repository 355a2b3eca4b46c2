"""Schemathesis reads the description that is served, and tries whether all of it is true."""

from __future__ import annotations

import asyncio
import os
import sysconfig
from pathlib import Path

from tests.gateway.serving import Gateway, bearer

COMMAND = os.path.join(sysconfig.get_path("scripts"), "schemathesis")
ROOT = Path(__file__).parents[2]


async def test_all_that_is_described_holds(served: Gateway, tmp_path: Path) -> None:
    """The heavier suite goes on to the fuzzing."""
    await require_no_failures(served, tmp_path, served.add_key("ann"), "--phases", "examples,coverage")


async def require_no_failures(served: Gateway, folder: Path, key: str, *options: str) -> None:
    header = ["--header", f"Authorization: Bearer {key}"] if key else []
    process = await asyncio.create_subprocess_exec(
        *[COMMAND, "run", f"{served.url}/openapi.json", "--url", f"{served.url}/v1", "--no-color", *header],
        *[*options, "--checks", "all", "--seed", "1", "--generation-database", "none"],
        cwd=folder,
        env={**os.environ, "SCHEMATHESIS_HOOKS": "tests.gateway.hooks", "PYTHONPATH": str(ROOT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    said = output.decode("utf-8", "replace")
    assert process.returncode == 0, said
    assert "No issues found" in said
    figures = await served.http.get("/metrics", headers=bearer(key))
    assert 'status="200"' in figures.text  # it got as far as the model
