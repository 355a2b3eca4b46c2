"""`fim-lsp config`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from fim_lsp.settings.layers import Layer
from fim_lsp.settings.model import Settings
from fim_lsp.settings.resolve import resolve
from fim_lsp.settings.tree import MASK, flat, masked, schema
from tests.cli.conftest import Run

SECRET = "sk-canary"


async def test_nothing_set(fim_lsp: Run) -> None:
    done = await fim_lsp("config", FIM_LSP_PROVIDER="")
    assert done.code == 0
    assert "the defaults hold" in done.out


async def test_values_with_their_sources(fim_lsp: Run, work: Path) -> None:
    (work / ".fim-lsp.toml").write_text("[completion]\nmax_lines = 3\n")
    done = await fim_lsp("config", "load.py", FIM_LSP_COMPLETION__MODE="single")
    assert 'completion.mode = "single"  # environment\n' in done.out
    assert "completion.max_lines = 3  # project file\n" in done.out
    assert str(work / ".fim-lsp.toml") in done.out
    assert "max_tokens" not in done.out
    everything = await fim_lsp("config", "--all")
    assert "completion.max_tokens = 128  # default\n" in everything.out


async def test_problems(fim_lsp: Run) -> None:
    done = await fim_lsp("config", "--json", FIM_LSP_COMPLETION__TEMPERATURE="3")
    assert done.code == 1
    (problem,) = json.loads(done.out)["problems"]
    assert problem["key"] == "FIM_LSP_COMPLETION__TEMPERATURE"
    assert "a number from 0 to 2" in problem["message"]


async def test_there_is_no_such_path(fim_lsp: Run) -> None:
    done = await fim_lsp("config", "nowhere")
    assert (done.code, done.out) == (2, "")
    assert "there is no file or folder nowhere" in done.err


@pytest.mark.parametrize("form", [[], ["--all"], ["--json"]])
async def test_keys_are_masked(fim_lsp: Run, work: Path, form: list[str]) -> None:
    (work.parent / ".config" / "fim-lsp").mkdir(parents=True)
    (work.parent / ".config" / "fim-lsp" / "config.toml").write_text(
        f"""
        [providers.own]
        kind = "mistral"
        api_key = "{SECRET}"
        api_key_env = "{SECRET}"
        api_key_command = ["printf", "{SECRET}"]
        base_url = "https://user:{SECRET}@host/v1"
        headers = {{ Authorization = "Bearer {SECRET}" }}
        extra = {{ key = "{SECRET}" }}
        [network]
        proxy = "http://user:{SECRET}@proxy"
        [privacy]
        apikey = "{SECRET}"
        """
    )
    done = await fim_lsp("config", *form)
    assert "providers.own" in done.out or '"own"' in done.out
    assert SECRET not in done.out + done.err
    assert MASK in done.out


def test_masked_leaves_the_rest_as_it_was_written() -> None:
    resolved = resolve([Layer("user file", {"languages": {"go": {"max_lines": 2}}})])
    tree = dict(flat(masked(resolved.settings)))
    assert tree["languages.go.max_lines"] == 2
    assert tree["completion.top_p"] is None


# The schema


@pytest.mark.parametrize(
    ("settings", "valid"),
    [
        ({}, True),
        ({"provider": "mistral"}, True),
        ({"provider": ["mistral", "lookup"]}, True),
        ({"completion": {"stop": "x", "debounce_ms": 5}}, True),
        ({"completion": {"stop": ["x"], "debounce_ms": "auto"}}, True),
        ({"languages": {"go": {"enabled": False, "max_lines": 1}}}, True),
        ({"providers": {"own": {"kind": "mistral", "extra": {"anything": 1}}}}, True),
        ({"privacy": {"ignore": "*.sql"}}, True),
        ({"nonsense": 1}, False),
        ({"completion": {"nonsense": 1}}, False),
        ({"completion": {"temperature": 3}}, False),
        ({"completion": {"debounce_ms": "slow"}}, False),
        ({"languages": {"go": {"completion": {}}}}, False),
        ({"providers": {"own": {"apikey": "x"}}}, False),
    ],
    ids=str,
)
def test_the_schema_takes_what_the_server_takes(settings: dict[str, Any], valid: bool) -> None:
    assert (not resolve([Layer("user file", settings)]).problems) is valid
    assert jsonschema.Draft202012Validator(schema()).is_valid(settings) is valid


def test_every_setting_in_the_schema_is_described() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    tables = [schema(), *schema()["$defs"].values()]
    for table in tables:
        assert table["additionalProperties"] is False
        assert table["description"]
        for name, entry in table["properties"].items():
            if "$ref" not in entry:
                assert entry["description"], name
                assert entry["title"], name


async def test_the_schema_is_printed(fim_lsp: Run) -> None:
    done = await fim_lsp("config", "--schema")
    assert done.code == 0
    assert json.loads(done.out) == schema()
    assert set(json.loads(done.out)["properties"]) == set(Settings.__struct_fields__)
