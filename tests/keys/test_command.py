"""`fim-lsp key`, with a keyring that is only in memory."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import keyring
import pytest

from fim_lsp.cli import main


class Memory:
    def __init__(self) -> None:
        self.passwords: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, name: str) -> str | None:
        return self.passwords.get((service, name))

    def set_password(self, service: str, name: str, password: str) -> None:
        self.passwords[service, name] = password

    def delete_password(self, service: str, name: str) -> None:
        del self.passwords[service, name]


@pytest.fixture(autouse=True)
def memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Memory:
    memory = Memory()
    for name in ("get_password", "set_password", "delete_password"):
        monkeypatch.setattr(keyring, name, getattr(memory, name))
    monkeypatch.setattr("fim_lsp.cli.here.user_file", lambda: tmp_path / "config.toml")
    monkeypatch.delenv("MISTRAL_API_KEY", raising=False)
    monkeypatch.chdir(tmp_path)
    return memory


def typed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_set_show_delete(memory: Memory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    typed(monkeypatch, "sesame-4711\n")
    assert main(["key", "set", "mistral"]) == 0
    assert memory.passwords == {("fim-lsp", "mistral"): "sesame-4711"}
    assert main(["key", "show-source", "mistral"]) == 0
    assert "mistral: keyring" in capsys.readouterr().out
    assert main(["key", "delete", "mistral"]) == 0
    assert main(["key", "delete", "mistral"]) == 1
    assert main(["key", "show-source", "mistral"]) == 1
    assert "sesame" not in "".join(capsys.readouterr())


def test_nobody_is_asked_for_a_key_that_cannot_be_stored(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    typed(monkeypatch, "sesame-4711\n")
    assert main(["key", "set", "mistral"]) == 2
    assert sys.stdin.read() == "sesame-4711\n"
    assert "pipx inject fim-lsp keyring" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no key was entered; nothing is stored"),
        ("\n", "no key was entered; nothing is stored"),
        ("two words\n", "is no key"),
    ],
)
def test_what_is_no_key_is_not_stored(
    memory: Memory, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], text: str, said: str
) -> None:
    typed(monkeypatch, text)
    assert main(["key", "set", "mistral"]) == 2
    assert not memory.passwords
    assert said in capsys.readouterr().err


def test_bytes_that_are_no_text_are_no_key(memory: Memory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"sesame\xff\n"), encoding="utf-8"))
    assert main(["key", "set", "mistral"]) == 2
    assert not memory.passwords


@pytest.mark.parametrize(
    ("key", "code", "said"),
    [(EOFError(), 2, "\nfim-lsp key: no key was entered; nothing is stored\n"), (KeyboardInterrupt(), 130, "")],
    ids=["Ctrl-D", "Ctrl-C"],
)
def test_whoever_leaves_the_prompt_leaves_no_traceback(
    memory: Memory,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    key: BaseException,
    code: int,
    said: str,
) -> None:
    def left(prompt: str) -> str:
        raise key

    typed(monkeypatch, "")
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr("getpass.getpass", left)
    assert main(["key", "set", "mistral"]) == code
    assert capsys.readouterr().err == said
    assert not memory.passwords


def test_without_keyring_there_is_nothing_to_delete(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert main(["key", "delete", "mistral"]) == 2
    assert "pipx inject fim-lsp keyring" in capsys.readouterr().err


def test_an_unknown_provider_is_bad_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["key", "set", "nobody"]) == 2
    assert "Set kind" in capsys.readouterr().err


def test_a_keyring_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def locked(*arguments: str) -> None:
        raise RuntimeError("locked: sesame-4711")

    monkeypatch.setattr(keyring, "set_password", locked)
    typed(monkeypatch, "sesame-4711\n")
    assert main(["key", "set", "mistral"]) == 2
    assert "sesame" not in capsys.readouterr().err
