"""A repository that wishes its reader ill: what it plants, says in its settings, names its files, or holds in them."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from tests.cli.processes import SCRIPT, environment, run
from tests.fim_server import FimServer, Script
from tests.hard.stack import SILENT, Editor, everything_sent, running, settings_for

CODE = "def total(first, second):\n    result = "
PLANTED = (
    *("httpx", "aiohttp", "httpx_aiohttp", "msgspec", "pygls", "lsprotocol", "attrs", "cattrs", "cachetools", "yarl"),
    *("platformdirs", "pathspec", "rich", "tree_sitter", "tree_sitter_python", "keyring", "truststore", "fim_lsp"),
    *("sitecustomize", "usercustomize", "tomllib", "asyncio", "json", "ssl", "encodings", "zlib", "_socket"),
)


@pytest.fixture
def work(tmp_path: Path) -> Path:
    work = tmp_path / "work"
    (work / ".git").mkdir(parents=True)
    (work / "app.py").write_text(CODE)
    return work


@pytest.fixture
def marks(work: Path) -> Path:
    """Whatever runs from the workspace leaves a file here."""
    marks = work.parent / "marks"
    marks.mkdir()
    for name in PLANTED:
        planted = f"open({str(marks / name)!r}, 'w').close()\n"
        (work / f"{name}.py").write_text(planted)
        (work / name).mkdir()
        (work / name / "__init__.py").write_text(planted)
    (work / "planted.pth").write_text(f"import os; open({str(marks / 'pth')!r}, 'w')\n")
    return marks


def trap(marks: Path, name: str) -> str:
    """A shell command that leaves a mark."""
    return f"{sys.executable} -c \"open(r'{marks / name}', 'w')\""


def plant_commands(work: Path, marks: Path) -> None:
    """Everything in a repository that some tool or other would run."""
    (work / ".git" / "hooks").mkdir()
    for name in ("pre-commit", "post-checkout", "fsmonitor-watchman"):
        (work / ".git" / "hooks" / name).write_text(f"#!/bin/sh\n{trap(marks, name)}\n")
        (work / ".git" / "hooks" / name).chmod(0o755)
    (work / ".git" / "config").write_text(f"[core]\n\tfsmonitor = {trap(marks, 'fsmonitor')}\n")
    (work / "git").write_text(f"#!/bin/sh\n{trap(marks, 'git')}\n")
    (work / "git").chmod(0o755)
    (work / ".env").write_text("FIM_LSP_PROVIDER=evil\nHTTPS_PROXY=http://127.0.0.1:1\n")


@pytest.mark.parametrize("command", [None, SCRIPT], ids=["python -P -m fim_lsp", "fim-lsp"])
async def test_nothing_of_the_folder_runs(tmp_path: Path, work: Path, marks: Path, command: Any) -> None:
    plant_commands(work, marks)
    (work / ".fim-lsp.toml").write_text(
        f'[providers.mine]\napi_key_command = """{trap(marks, "key command")}"""\n'
        f'[providers.evil]\nkind = "mistral"\napi_key_command = ["touch", "{marks}/argv"]\n'
    )
    async with FimServer(SILENT) as upstream:
        env = environment(tmp_path)
        del env["FIM_LSP_PROVIDER"]
        options = {} if command is None else {"command": command}
        async with Editor(work, settings=settings_for(upstream), env=env, **options) as editor:
            uri = (work / "app.py").as_uri()
            editor.open(uri, "import httpx, msgspec\nfrom rich import print\n" + CODE)
            assert await editor.ask(uri)
            editor.edit(uri, 0, 0, "from asyncio import run\n")
            assert await editor.ask(uri)
            await editor.command("status")
    assert os.listdir(marks) == []


HOSTILE_PROJECT = f"""
provider = "evil"
log_level = "debug"
[providers.evil]
kind = "mistral"
base_url = "EVIL"
api_key = "x"
[providers.mine]
base_url = "EVIL"
headers = {{ X-Leak = "1" }}
extra = {{ leak = "1" }}
[network]
proxy = "EVIL"
ca_file = "/dev/zero"
[privacy]
redact = false
outside = "open"
ignore = ["!hidden.py", "!.env", "!*"]
[limits]
requests_per_minute = 0
tokens_per_day = 0
[context]
max_tokens = 1000000
[completion]
max_lines = 3
[languages.python.completion]
max_tokens = 99999
[nonsense]
a = {"[" * 50}{"]" * 50}
"""


async def test_its_settings_can_redirect_nothing(tmp_path: Path, work: Path) -> None:
    """It may say how long a suggestion is, and what is not to be sent; who is asked, and what with, it may not."""
    secret = "hunter2hunter"
    text = f'password = "{secret}"\n\n\n{CODE}'
    (work / "hidden.py").write_text("def hidden_canary(): pass\n")
    (work / ".fimignore").write_text("hidden.py\n")
    async with FimServer(SILENT) as evil, FimServer(SILENT) as upstream:
        (work / ".fim-lsp.toml").write_text(HOSTILE_PROJECT.replace("EVIL", evil.base_url))
        async with running(tmp_path, work, upstream, limits={"requests_per_minute": 600}) as editor:
            uri = (work / "app.py").as_uri()
            editor.open(uri, f"from hidden import hidden_canary\n{text}")
            assert await editor.ask(uri)
            editor.open((work / "hidden.py").as_uri(), "def hidden_canary(): pass\n")
            assert not await editor.ask((work / "hidden.py").as_uri())
            assert await editor.reason() == "ignored"
            told = "\n".join(editor.messages())
        assert evil.connections == 0
        sent = everything_sent(upstream.requests)
        assert len(upstream.requests) == 1
        assert secret not in sent
        assert "def hidden_canary" not in sent
        assert "leak" not in sent.lower()
        assert upstream.requests[0].body["max_tokens"] <= 4096
        for refused in ("provider", "network.proxy", "privacy.redact"):
            assert refused in told, told


HOSTILE_URIS = [
    *("", "x", ":", "file:", "file://", "file:///", "file:relative.py", "file:////etc/passwd", "FILE:///a.py"),
    *("file:///%00.py", "file:///a%", "file:///%ff%fe.py", "file:///../../etc/passwd", "file://host.invalid/share/a.py"),
    *("file:///dev/zero", "file:///dev/stdin", "file:///proc/self/environ", "file:///proc/self/mem", "file:///a.py#x?y"),
    *("git:/a.py?%7B%7D", "output:log", "vscode-settings://a", "javascript:alert(1)", "data:text/plain,x", "http://x/y"),
    *("untitled:.env", "untitled:Untitled-1", "vscode-notebook-cell:/x/secrets.ipynb#1", "jdt://contents/x.class"),
    *("file:///" + "a/" * 5000, "file:///" + "x" * 5000, "file://[::1/a.py", "file:///\u202etxt.exe", "zipfile:///a.zip::b"),
    *("file:///a\nb.py", "file:///c:/Windows/win.ini", "\\\\host\\share", "file:///~/.ssh/id_rsa", "file:///$HOME/x.py"),
]  # fmt: skip


async def test_no_uri_hangs_or_ends_it(tmp_path: Path, work: Path) -> None:
    """Each is opened, edited, asked in and closed; the answer is a list, and the next document works."""
    async with FimServer(SILENT) as upstream, running(tmp_path, work, upstream) as editor:
        for uri in HOSTILE_URIS:
            editor.open(uri, CODE)
            editor.edit(uri, len(CODE), len(CODE), "f")
            assert isinstance(await editor.ask(uri), list), uri
            editor.close(uri)
        paths = [request.body["prompt"] for request in upstream.requests]
        for part in ("/etc/passwd", "environ", "id_rsa", "host.invalid"):
            assert not any(part in prompt for prompt in paths)
        uri = (work / "app.py").as_uri()
        editor.open(uri, CODE)
        assert await editor.ask(uri)


@pytest.mark.skipif(os.name == "nt", reason="links and pipes are made in another way there")
async def test_pipes_loops_and_devices_in_the_folder(tmp_path: Path, work: Path) -> None:
    """As imported modules, as neighbours, and in the place of every file that we read by ourselves."""
    os.mkfifo(work / "pipe.py")
    (work / "loop.py").symlink_to("loop.py")
    (work / "zero.py").symlink_to("/dev/zero")
    (work / "folder.py").mkdir()
    (work / "gone.py").symlink_to("nowhere")
    (work / "binary.py").write_bytes(os.urandom(100_000))
    (work / "huge.py").write_bytes(b"x = 1\n" * 2_000_000)
    (work / "line.py").write_text("x = [" + "1, " * 60_000 + "]\n")
    os.mkfifo(work / ".gitignore")
    (work / ".fimignore").symlink_to("/dev/zero")
    os.mkfifo(work / ".fim-lsp.toml")
    names = ("pipe", "loop", "zero", "folder", "gone", "binary", "huge", "line")
    text = "".join(f"from {name} import thing_{name}\n" for name in names) + CODE
    async with FimServer(SILENT) as upstream, running(tmp_path, work, upstream) as editor:
        uri = (work / "app.py").as_uri()
        editor.open(uri, text)
        assert await editor.ask(uri) == []  # rules that cannot be read let nothing out
        assert await editor.reason() == "ignored"
        (work / ".gitignore").unlink()
        (work / ".fimignore").unlink()
        editor.edit(uri, len(text), len(text), " ")
        assert await editor.ask(uri)
        assert len(json.dumps(upstream.requests[-1].body)) < 60_000


SLY = "\x1b]0;owned\x07\x1b[2Jx\u202e = \u2066evil\u2069 \x9b31m\x00\x08${1:y}\u200b\r\n\tz\x7f"


def _turns(char: str) -> bool:
    """Whether it makes text read in another order than it runs."""
    return unicodedata.bidirectional(char) in ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


async def test_what_a_model_says_is_only_text(tmp_path: Path, work: Path) -> None:
    """No escapes, no turned reading order, nothing unseen; what looks like a snippet is inserted as it stands."""
    unseen = "\u200b\u200d\u2060\ufe01\u3164\U000e0041"
    said = f"first\x1b[31m + {SLY[:12]}second\u202e, ${{1:y}}\u2066{unseen}\x9b\n"
    async with FimServer(Script(text=said)) as upstream, running(tmp_path, work, upstream) as editor:
        uri = (work / "app.py").as_uri()
        editor.open(uri, CODE)
        (item,) = await editor.ask(uri) or [await editor.command("why")]
        assert isinstance(item["insertText"], str)  # never {"kind": "snippet", …}
        sly = [char for char in item["insertText"] if unicodedata.category(char) == "Cc" or _turns(char)]
        assert sly == []
        assert not set(unseen) & set(item["insertText"])
        assert "insertTextFormat" not in item


async def test_what_a_file_holds_cannot_steer_the_terminal(tmp_path: Path, work: Path) -> None:
    (work / "sly.py").write_text(f"# {SLY}\n{CODE}", newline="")
    (work / "\x1b[2J.py").write_text(CODE)
    for name in ("sly.py", "\x1b[2J.py"):
        lines = (work / name).read_text().count("\n") + 1
        done = await run(
            "complete", f"{name}:{lines}:14", "--provider", "lookup", folder=work, env=environment(tmp_path)
        )
        sly = [char for char in done.out + done.err if char != "\n" and not char.isprintable()]
        assert sly == [], (name, done)
        assert done.code in (0, 1), done


async def test_prompts_are_bounded_whatever_is_open(tmp_path: Path, work: Path) -> None:
    """Megabytes on one line, or on very many, or of a binary."""
    texts = {
        "line": "x" * 5_000_000,
        "lines": "x = 1\n" * 200_000,
        "binary": "\x00\x01\ufffd" * 300_000,
        "emoji": "😀" * 500_000,
        "brackets": "(" * 500_000,
    }
    async with FimServer(SILENT) as upstream, running(tmp_path, work, upstream) as editor:
        for name, text in texts.items():
            uri = (work / f"{name}.py").as_uri()
            editor.open(uri, text)
            for at in (len(text) // 2, None, 0):
                await editor.ask(uri, at)
                await editor.ask(uri, at, invoked=False)
            editor.close(uri)
        assert max(len(json.dumps(request.body, ensure_ascii=False)) for request in upstream.requests) < 40_000
        assert await asyncio.wait_for(editor.command("status"), 20)
