"""`docs/providers.md` shows what really is there: each block is read as settings, and each table is the code's."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from fim_lsp.prompt.formats import FORMATS
from fim_lsp.providers.presets import PRESETS, endpoint_for
from fim_lsp.settings.layers import Layer
from fim_lsp.settings.model import ProviderSettings
from fim_lsp.settings.resolve import resolve

PAGE = (Path(__file__).parents[2] / "docs/providers.md").read_text("utf-8")
BLOCKS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS)
def test_every_block_is_good_settings(block: str) -> None:
    resolved = resolve([Layer("user file", tomllib.loads(block))], known_providers=PRESETS)
    assert [str(problem) for problem in resolved.problems] == []
    chosen = resolved.settings.provider
    for name in (chosen,) if isinstance(chosen, str) else chosen:
        if name not in ("auto", "lookup"):
            endpoint_for(name, resolved.settings.providers.get(name, ProviderSettings()))


def test_every_preset_is_on_the_page() -> None:
    shown = {name for block in BLOCKS for name in re.findall(r'^provider = "(\w+)"', block, re.MULTILINE)}
    kinds = {name for block in BLOCKS for name in re.findall(r'^kind = "(\w+)"', block, re.MULTILINE)}
    assert set(PRESETS) <= shown | kinds


def test_the_table_of_presets_is_the_codes() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `?([^|`]*)`? \| `?([^|`]*)`? \| `?([^|`]*)`? \|", PAGE, re.MULTILINE)
    table = {name: tuple(cell.strip() for cell in cells) for name, *cells in rows}
    assert table == {
        name: (preset.base_url or "yours", preset.model or "yours", preset.key_env or "none")
        for name, preset in PRESETS.items()
        if name != "lookup"
    }


def test_every_template_is_on_the_page() -> None:
    assert {name for name in FORMATS if f"`{name}`" not in PAGE} == set()
