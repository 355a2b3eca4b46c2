from __future__ import annotations

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.fim_server import FimServer
from tests.gateway.serving import Gateway, gateway, upstream


@pytest.fixture(autouse=True)
def _no_settings_of_the_user(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in os.environ:
        if name.startswith("FIM_LSP_"):
            monkeypatch.delenv(name)
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.setenv("UPSTREAM_KEY", "upstreams-key")


@pytest.fixture
async def model() -> AsyncIterator[FimServer]:
    """The service behind the gateway."""
    async with FimServer(key="upstreams-key") as server:
        yield server


@pytest.fixture
async def served(model: FimServer, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with gateway(tmp_path, 'provider = "gpu"\n' + upstream("gpu", model.base_url)) as served:
        yield served
