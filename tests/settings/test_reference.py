"""docs/settings.md says what the model says."""

from __future__ import annotations

from pathlib import Path

import msgspec

from fim_lsp.settings.layers import known_keys
from fim_lsp.settings.model import Settings
from fim_lsp.settings.reference import page

DOCS = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_in_docs_is_the_one_that_config_prints() -> None:
    assert DOCS.read_text(encoding="utf-8") == page(), "run: fim-lsp config --reference > docs/settings.md"


def test_every_key_is_on_the_page() -> None:
    for *_, name in known_keys():
        assert f"| `{name}` |" in page() or f"## [{name}." in page(), name
    for table in msgspec.structs.fields(Settings):
        assert f"`{table.name}`" in page() or f"## [{table.name}" in page(), table.name
