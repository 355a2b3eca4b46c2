"""`fim-lsp complete`, with the real server below it."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest

from fim_lsp.cli.arguments import BadInput
from fim_lsp.cli.complete import clean, parse_place
from tests.cli.conftest import REPEATING, Run
from tests.cli.processes import MODULE, environment
from tests.fim_server.script import Script
from tests.fim_server.server import FimServer

END = f"{REPEATING.count(chr(10)) + 1}:15"


async def test_shows_the_suggestion_in_place(fim_lsp: Run) -> None:
    done = await fim_lsp("complete", f"load.py:{END}")
    assert done.code == 0
    assert 'def load_items(path):\n    with open(⟦path, encoding="utf-8") as file:' in done.out
    assert done.err == "— lookup\n"


async def test_as_json(fim_lsp: Run) -> None:
    done = await fim_lsp("complete", f"load.py:{END}", "--json", "--single")
    shown = json.loads(done.out)
    assert done.code == 0
    assert shown["suggestion"] == 'path, encoding="utf-8") as file:'
    assert shown["range"] == {"start": {"line": 12, "column": 15}, "end": {"line": 12, "column": 15}}
    assert shown["provider"] == "lookup"
    assert shown["reason"] is None
    assert shown["timings_ms"]["total"] >= 0


async def test_reads_stdin(fim_lsp: Run) -> None:
    done = await fim_lsp("complete", f"-:{END}", "--as", "other.py", "--json", stdin=REPEATING.encode())
    assert json.loads(done.out)["suggestion"].startswith("path, encoding")


async def test_silence_has_a_reason(fim_lsp: Run, work: Path) -> None:
    (work / "empty.py").write_text("")
    done = await fim_lsp("complete", "empty.py:1:1")
    assert done.code == 1
    assert done.err.startswith("No suggestion: ")
    silent = json.loads((await fim_lsp("complete", "empty.py:1:1", "--json")).out)
    assert silent["suggestion"] is None
    assert silent["reason"]
    assert silent["explanation"]


async def test_a_provider_that_cannot_answer_says_what_to_do(fim_lsp: Run) -> None:
    done = await fim_lsp("complete", f"load.py:{END}", "--provider", "mistral", MISTRAL_API_KEY="")
    assert done.code == 1
    assert done.err.startswith("No suggestion: There is no API key for mistral. Set MISTRAL_API_KEY ")
    assert done.err.endswith(" `fim-lsp doctor --provider mistral` says more.\n")
    as_set = await fim_lsp("complete", f"load.py:{END}", FIM_LSP_PROVIDER="mistral", MISTRAL_API_KEY="")
    assert as_set.err.endswith(" `fim-lsp doctor` says more.\n")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        ({"error": "the model does not support insert: {text}"}, "cannot fill in the middle. Choose another model"),
        ({"message": "{text} is not to my taste"}, "mistral did not take the request. Check model, template"),
    ],
)
async def test_a_services_own_words_may_hold_code_and_are_not_repeated(
    fim_lsp: Run, error: dict[str, str], said: str
) -> None:
    words = {name: value.format(text=f"{REPEATING.splitlines()[0]} canary-of-a-key") for name, value in error.items()}
    async with FimServer(Script(status=400, error=words)) as server:
        done = await fim_lsp(
            *("complete", f"load.py:{END}", "--provider", "mistral", "--json"),
            FIM_LSP_PROVIDERS__MISTRAL__BASE_URL=server.base_url,
            MISTRAL_API_KEY="canary-of-a-key",
        )
    assert said in json.loads(done.out)["explanation"]
    assert "load_users" not in done.out + done.err
    assert "canary" not in done.out + done.err


async def test_a_rule_that_forbids_it_is_named(fim_lsp: Run, work: Path) -> None:
    (work / ".fimignore").write_text("load.py\n")
    done = await fim_lsp("complete", f"load.py:{END}")
    assert done.code == 1
    assert ".fimignore line 1: load.py" in done.err


@pytest.mark.parametrize(
    ("arguments", "variables", "error"),
    [
        (["nowhere.py:1:1"], {}, "there is no file"),
        (["load.py"], {}, "expected FILE:LINE:COL"),
        (["load.py:1"], {}, "expected FILE:LINE:COL"),
        (["load.py:99:1"], {}, "load.py has 12 lines, so there is no line 99"),
        (["load.py:0:1"], {}, "there is no line 0"),
        (["load.py:1:99"], {}, "line 1 of load.py has columns 1 to 22, not 99"),
        (["C:\\nowhere.py:3:4"], {}, "there is no file"),
        (["load.py:1:1", "--provider", "nobody"], {}, '--provider: "nobody" is not known'),
        (["load.py:1:1", "--nonsense"], {}, "unrecognized arguments"),
        ([".:1:1"], {}, "cannot be read"),
        (["-:1:1"], {"stdin": b"\xff"}, "stdin is not UTF-8 text (line 1)"),
        (["-:2:1"], {"stdin": b"x"}, "stdin has 1 line, so there is no line 2"),
        (["load.py:1:1", "--as", "other.py"], {}, "write -:1:1, not load.py:1:1"),
    ],
)
async def test_bad_input(fim_lsp: Run, arguments: list[str], variables: dict[str, Any], error: str) -> None:
    done = await fim_lsp("complete", *arguments, **variables)
    assert done.code == 2
    assert error in done.err
    assert "Traceback" not in done.err
    assert done.out == ""


@pytest.mark.skipif(os.name == "nt", reason="has no such files")
@pytest.mark.parametrize("command", [["complete"], ["doctor", "--sent"]])
async def test_what_may_have_no_end_is_not_read(fim_lsp: Run, work: Path, command: list[str]) -> None:
    os.mkfifo(work / "pipe.py")
    for name in ("/dev/zero", "pipe.py"):
        done = await fim_lsp(*command, f"{name}:1:1")
        assert done.code == 2
        assert f"{name} is not a regular file" in done.err


@pytest.mark.parametrize("command", [["complete", f"load.py:{END}"], ["doctor"], ["replay", "load.py"]])
async def test_what_is_refused_has_no_other_consequence(fim_lsp: Run, command: list[str]) -> None:
    done = await fim_lsp(*command, "--provider", "nope")
    assert (done.code, done.out) == (2, "")
    assert f'fim-lsp {command[0]}: --provider: "nope" is not known; allowed: auto, ' in done.err
    assert "nothing is sent" not in done.err
    going_on = await fim_lsp("complete", f"load.py:{END}", FIM_LSP_PROVIDER="nope")
    assert going_on.code == 0
    assert "Until then lookup answers and nothing is sent anywhere." in going_on.err


async def test_one_bad_setting_costs_that_setting_and_a_warning(fim_lsp: Run, work: Path) -> None:
    (work.parent / ".config" / "fim-lsp").mkdir(parents=True)
    (work.parent / ".config" / "fim-lsp" / "config.toml").write_text("[completion]\nmax_lines = -1\n")
    done = await fim_lsp("complete", f"load.py:{END}", FIM_LSP_COMPLETION__TOP_P="7")
    assert done.code == 0
    assert 'open(⟦path, encoding="utf-8") as file:' in done.out
    user_file, environment, shown = done.err.splitlines()
    assert user_file.startswith("fim-lsp complete: user file: completion.max_lines: ")
    assert environment.startswith("fim-lsp complete: environment: FIM_LSP_COMPLETION__TOP_P: ")
    assert shown == "— lookup"


async def test_what_a_project_file_says_wrongly_is_no_bad_input(fim_lsp: Run, work: Path) -> None:
    (work / ".fim-lsp.toml").write_text('provider = "evil"\n')
    assert (await fim_lsp("complete", f"load.py:{END}")).code == 0


async def test_a_models_words_cannot_steer_the_terminal(fim_lsp: Run) -> None:
    evil = "path\x1b[2J\x1b]0;owned\x07, \u202eevil\u2066\x9b31m) as file:\n"
    async with FimServer(Script(text=evil)) as server:
        variables = {
            "FIM_LSP_PROVIDER": "mistral",
            "FIM_LSP_PROVIDERS__MISTRAL__BASE_URL": server.base_url,
            "MISTRAL_API_KEY": "canary-of-a-key",
        }
        plain = await fim_lsp("complete", f"load.py:{END}", **variables)
        as_json = await fim_lsp("complete", f"load.py:{END}", "--json", **variables)
        assert server.requests
    for done in (plain, as_json):
        assert not {"\x1b", "\x07", "\x9b", "\u202e", "\u2066"} & set(
            json.loads(done.out)["suggestion"] or "" if done is as_json else done.out
        )
        assert "canary" not in done.out + done.err


@pytest.mark.parametrize(
    ("term", "shown"), [("xterm", "open(\x1b[2mpath, "), ("dumb", "open(⟦path, "), ("unknown", "open(⟦path, ")]
)
async def test_a_terminal_shows_what_is_suggested(tmp_path: Path, work: Path, term: str, shown: str) -> None:
    pty = pytest.importorskip("pty", reason="Windows makes terminals in another way")
    outer, inner = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *(*MODULE, "complete", f"load.py:{END}"), cwd=work, env=environment(tmp_path, TERM=term), stdout=inner
    )
    assert await process.wait() == 0
    assert shown in os.read(outer, 1 << 16).decode()
    for end in (outer, inner):
        os.close(end)


# Places


@pytest.mark.parametrize(
    ("written", "name", "line", "column"),
    [("a.py:1:1", "a.py", 0, 0), ("a:b.py:2:3", "a:b.py", 1, 2), ("./a b.py:2:1", "a b.py", 1, 0)],
)
def test_a_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str, name: str, line: int, column: int
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).write_text("one\ntwo\n")
    place = parse_place(written)
    assert (place.path, place.line, place.column) == (tmp_path / name, line, column)


def test_a_drive_letter_is_part_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"there is no file .*x\.py"):
        parse_place("C:\\x.py:3:4")


def test_columns_count_characters_and_lines_end_as_editors_say(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes("\ufeffa\x0cb\u2028c\r\n😀x\ry".encode())
    assert parse_place(f"{path}:1:6").lines == ["a\x0cb\u2028c", "😀x", "y"]
    assert parse_place(f"{path}:2:3").column == 2
    with pytest.raises(BadInput, match="columns 1 to 3, not 4"):
        parse_place(f"{path}:2:4")


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.bin"
    path.write_bytes(b"x\n\xff\xfe")
    with pytest.raises(BadInput, match=r"is not UTF-8 text \(line 2\)"):
        parse_place(f"{path}:1:1")


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("plain\ttext\n", "plain\ttext\n"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("a\x1b]8;;http://evil\x1b\\link\x1b]8;;\x07b", "alinkb"),
        ("a\x1bPq#0\x1b\\b", "ab"),
        ("a\x1b", "a"),
        ("a\rb\x08\x7f\x9b2J", "ab2J"),
        ("a\u202eb\u2066c\u200fd", "abcd"),
        ("ü 😀 \u200d", "ü 😀 \u200d"),
    ],
)
def test_clean(said: str, shown: str) -> None:
    assert clean(said) == shown
