"""A load generator that is not ours: all is answered, and nothing is left behind."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from tests.bench.gateway import gateway, model
from tests.gateway.heavy.programs import program
from tests.gateway.serving import QUESTION

CALLS, AT_ONCE = 2000, 100


@pytest.mark.parametrize("stream", [False, True])
def test_all_calls_are_answered(tmp_path: Path, stream: bool) -> None:
    body = tmp_path / "body.json"
    body.write_text(json.dumps({**QUESTION, "stream": stream}))
    post = ["-m", "POST", "-T", "application/json", "-D", str(body)]
    with model() as url, gateway(tmp_path, url, "--workers", "2") as served:
        load = [*program("hey"), "-n", str(CALLS), "-c", str(AT_ONCE), *post, f"{served}/v1/fim/completions"]
        said = subprocess.run(load, check=True, capture_output=True, text=True, timeout=240).stdout
    assert re.findall(r"\[(\d+)\]\s+(\d+) responses", said) == [("200", str(CALLS))], said
    assert "Error distribution" not in said
