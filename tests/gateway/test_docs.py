"""`docs/gateway.md` shows what really is there: each block is read by what it is for."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
import yaml

from fim_lsp.cli.arguments import make_parser
from fim_lsp.gateway.config import Gateway, load

PAGE = (Path(__file__).parents[2] / "docs/gateway.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("block", blocks("toml"))
def test_settings(block: str, tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(block, encoding="utf-8")
    assert load(file, {}).routes


def test_every_key_of_the_table_is_on_the_page() -> None:
    told = "".join(blocks("toml")) + "".join(blocks("sh"))
    for name in Gateway.__struct_fields__:
        assert re.search(rf"(^{name} =|gateway\.{name}\.|--{name}\b)", told, re.MULTILINE) or name == "folder", name


COMMANDS = re.findall(r"(?:^|[/ ])fim-lsp (gateway.*)$", "\n".join(blocks("sh")), re.MULTILINE)
IN_UNITS = [" ".join(unit.replace("\\\n", " ").split()) for unit in blocks("ini")]


@pytest.mark.parametrize("command", [*COMMANDS, *re.findall(r"/fim-lsp (gateway.*json)", " ".join(IN_UNITS))])
def test_commands(command: str) -> None:
    make_parser(["gateway"]).parse_args(shlex.split(command))


def test_blocks_of_other_formats_can_be_read() -> None:
    assert all(yaml.safe_load(block) for block in blocks("yaml"))
    assert all(json.loads(block) for block in blocks("json"))
