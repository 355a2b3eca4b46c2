"""Schemathesis, with time to think of something."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.gateway.serving import Gateway
from tests.gateway.test_schemathesis import require_no_failures


@pytest.mark.parametrize("with_key", [False, True])
async def test_all_that_is_described_holds(served: Gateway, tmp_path: Path, with_key: bool) -> None:
    key = served.add_key("ann") if with_key else ""
    await require_no_failures(served, tmp_path, key, "--max-examples", "150")
