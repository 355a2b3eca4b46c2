from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.lsp.editor import Editor


@pytest.fixture
async def editor() -> AsyncIterator[Editor]:
    """Initialized, nothing open."""
    editor = Editor()
    await editor.initialize()
    yield editor
    await editor.close()
