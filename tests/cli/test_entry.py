"""How `fim-lsp` starts: as a server, as a command, on a terminal, and in a folder that wishes it ill."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from fim_lsp import __version__
from fim_lsp.cli import COMMANDS
from fim_lsp.cli.client import Client, ServerError
from tests.cli.conftest import REPEATING, Run
from tests.cli.processes import MODULE, SCRIPT, environment, run

SHIPPED = pytest.mark.parametrize("command", [MODULE, SCRIPT], ids=["python -P -m fim_lsp", "fim-lsp"])


@SHIPPED
@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["--stdio"],
        ["--stdio", "--clientProcessId=1"],
        ["--clientProcessId", "1"],
        ["--clientProcessId", "1", "--stdio"],
    ],
    ids=str,
)
async def test_without_a_command_it_is_the_server(
    tmp_path: Path, work: Path, command: tuple[str, ...], arguments: list[str]
) -> None:
    async with Client(work, command=[*command, *arguments], env=environment(tmp_path)) as client:
        assert client.server["serverInfo"] == {"name": "fim-lsp", "version": __version__}


async def test_commands_help_and_version(fim_lsp: Run) -> None:
    assert (await fim_lsp("--version")).out == f"fim-lsp {__version__}\n"
    help_page = await fim_lsp("--help")
    assert help_page.code == 0
    for command in COMMANDS:
        assert f"  {command} " in help_page.out
        page = await fim_lsp(command, "--help")
        assert (page.code, page.err) == (0, "")
        assert "Exit code" in page.out


@pytest.mark.parametrize("arguments", [["nonsense"], ["--nonsense"], ["--stdio", "config"]])
async def test_what_it_does_not_know_it_says(fim_lsp: Run, arguments: list[str]) -> None:
    done = await fim_lsp(*arguments)
    assert done.code == (0 if "config" in arguments else 2)
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--pipe=/tmp/x"], "unrecognized arguments: --pipe=/tmp/x; see `fim-lsp --help`"),
        (["--stdio", "--log"], "unrecognized arguments: --log; see `fim-lsp --help`"),
        (["--clientProcessId", "me"], "--clientProcessId N, and nothing else"),
        (["--clientProcessId"], "expected one argument"),
    ],
)
async def test_what_the_server_does_not_take(fim_lsp: Run, arguments: list[str], said: str) -> None:
    done = await fim_lsp(*arguments)
    assert (done.code, done.out) == (2, "")
    assert said in done.err


@pytest.mark.parametrize(
    ("arguments", "command"),
    [
        (["key"], "key"),
        (["complete", "a.py:1:1", "--bogus"], "complete"),
        (["replay", "a.py", "--seeds", "x"], "replay"),
        (["gateway", "key", "list", "--bogus"], "gateway key"),
    ],
)
async def test_each_command_says_where_its_help_is(fim_lsp: Run, arguments: list[str], command: str) -> None:
    done = await fim_lsp(*arguments)
    assert done.code == 2
    assert done.err.startswith(f"usage: fim-lsp {command} ")
    assert done.err.endswith(f"; see `fim-lsp {command} --help`\n")


@pytest.mark.skipif(os.name == "nt", reason="its shell cannot close a stream")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("", "stdin or stdout is closed"),
        ("--stdio", "stdin or stdout is closed"),
        ("complete -:1:1", "stdin is closed"),
        ("doctor --sent -:1:1", "stdin is closed"),
        ("key set mistral", "stdin is closed"),
    ],
)
async def test_a_closed_stdin_is_no_traceback(tmp_path: Path, work: Path, arguments: str, said: str) -> None:
    shell = ("sh", "-c", f'exec "$0" "$@" {arguments} <&-', *MODULE)
    done = await run(folder=work, env=environment(tmp_path), command=shell)
    assert (done.code, done.out) == (2, "")
    assert said in done.err
    assert done.err.count("\n") == 1


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="only Linux has a device that is always full")
@pytest.mark.parametrize("arguments", ["config", "config --schema"])
async def test_a_full_disk_is_no_traceback(tmp_path: Path, work: Path, arguments: str) -> None:
    shell = ("sh", "-c", f'exec "$0" "$@" {arguments} >/dev/full', *MODULE)
    done = await run(folder=work, env=environment(tmp_path), command=shell)
    assert done.code == 1
    assert done.err == "fim-lsp config: No space left on device\n"
    assert done.err.count("\n") == 1


async def test_on_a_terminal_it_prints_help(tmp_path: Path, work: Path) -> None:
    pty = pytest.importorskip("pty", reason="Windows makes terminals in another way")
    outer, inner = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *MODULE, cwd=work, env=environment(tmp_path), stdin=inner, stderr=asyncio.subprocess.PIPE
    )
    _, err = await process.communicate()
    assert process.returncode == 2
    assert b"usage: fim-lsp" in err
    for end in (outer, inner):
        os.close(end)


async def test_the_way_to_the_server_imports_little(tmp_path: Path, work: Path) -> None:
    page = """if True:
        import sys, types
        server = types.ModuleType("fim_lsp.cli.server")
        server.run = lambda parent_id: print(*sorted(sys.modules))
        sys.modules["fim_lsp.cli.server"] = server
        from fim_lsp.cli import main
        main(["--stdio"])
    """
    done = await run("-c", page, folder=work, env=environment(tmp_path), command=(sys.executable, "-P"))
    imported = set(done.out.split())
    assert "fim_lsp.cli" in imported
    assert not imported & {"argparse", "rich", "msgspec", "httpx", "asyncio", "json", "platformdirs", "pathspec"}


# A hostile folder

PLANTED = ("httpx", "fim_lsp", "msgspec", "pygls", "rich", "platformdirs", "pathspec", "sitecustomize", "tomllib")


@pytest.fixture
def marks(work: Path) -> Path:
    """Whatever is imported from the workspace leaves a mark in this folder."""
    marks = work.parent / "marks"
    marks.mkdir()
    for name in PLANTED:
        planted = f"open({str(marks / name)!r}, 'w').close()\nraise SystemExit('imported from the workspace')\n"
        (work / f"{name}.py").write_text(planted)
        (work / name).mkdir()
        (work / name / "__init__.py").write_text(planted)
    return marks


@SHIPPED
def test_nothing_is_imported_from_the_workspace(
    tmp_path: Path, work: Path, marks: Path, command: tuple[str, ...]
) -> None:
    asyncio.run(_use_everything(tmp_path, work, command))
    assert list(marks.iterdir()) == []


async def _use_everything(tmp_path: Path, work: Path, command: tuple[str, ...]) -> None:
    variables = {"FIM_LSP_PROVIDER": "mistral", "FIM_LSP_PROVIDERS__MISTRAL__BASE_URL": "http://127.0.0.1:1/v1"}
    env = environment(tmp_path, MISTRAL_API_KEY="x", **variables)
    async with Client(work, command=command, env=env) as client:
        uri = (work / "load.py").as_uri()
        document = {"uri": uri, "languageId": "python", "version": 1, "text": REPEATING}
        client.notify("textDocument/didOpen", {"textDocument": document})
        position = {"line": REPEATING.count("\n"), "character": 14}
        asked = {"textDocument": {"uri": uri}, "position": position, "context": {"triggerKind": 1}}
        assert await client.request("textDocument/inlineCompletion", asked) == []
        (decision, *_) = await client.request("workspace/executeCommand", {"command": "fim-lsp.why"})
        assert decision["reason"] == "unreachable"  # so the HTTP client was imported, and used
    for arguments in (["complete", "load.py:12:15"], ["config"]):
        done = await run(*arguments, folder=work, env=environment(tmp_path), command=command)
        assert done.code == 0, done.err


# The client


async def test_an_error_of_the_server_is_an_error_of_ours(tmp_path: Path, work: Path) -> None:
    async with Client(work, env=environment(tmp_path)) as client:
        with pytest.raises(ServerError):
            await client.request("fim-lsp/nonsense")


async def test_a_server_that_ends_leaves_no_one_waiting(work: Path) -> None:
    with pytest.raises(ServerError, match="ended"):
        async with Client(work, command=[sys.executable, "-c", "pass"]):
            pass
