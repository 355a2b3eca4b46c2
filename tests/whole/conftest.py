from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.fim_server import FimServer


@pytest.fixture
async def upstream() -> AsyncIterator[FimServer]:
    async with FimServer() as server:
        yield server
