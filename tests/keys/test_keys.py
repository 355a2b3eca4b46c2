"""Where a key comes from, and that it is seen nowhere."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from fim_lsp import keys
from fim_lsp.errors import KeyMissing
from fim_lsp.keys import Key, Keys
from fim_lsp.settings.model import ProviderSettings

SECRET = "sesame-4711"


def lookup(
    *, environ: dict[str, str] | None = None, keyring: str = "", command: str = "", set_in: str = "editor"
) -> Keys:
    async def run(line: str | tuple[str, ...]) -> str:
        return command

    async def read(name: str) -> str:
        return keyring

    return Keys(environ or {}, run_command=run, read_keyring=read, set_in=lambda key: set_in)


EVERYWHERE = {"environ": {"MISTRAL_API_KEY": "of-environment"}, "keyring": "of-keyring", "command": "of-command"}


@pytest.mark.parametrize(
    ("settings", "where", "value", "source"),
    [
        (ProviderSettings(api_key="own", api_key_command="x"), EVERYWHERE, "own", "editor"),
        (
            ProviderSettings(api_key="own", api_key_command="x"),
            EVERYWHERE | {"set_in": "user file"},
            "of-command",
            "api_key_command",
        ),
        (ProviderSettings(api_key="own"), EVERYWHERE | {"set_in": "user file"}, "of-environment", "MISTRAL_API_KEY"),
        (
            ProviderSettings(api_key="own", api_key_env="MINE"),
            EVERYWHERE | {"set_in": "user file"},
            "of-keyring",
            "keyring",
        ),
        (ProviderSettings(api_key="own"), {"set_in": "user file"}, "own", "user file"),
        (ProviderSettings(api_key=" own\n"), {}, "own", "editor"),
        (ProviderSettings(api_key_env="MINE"), {"environ": {"MINE": "mine"}}, "mine", "MINE"),
        (ProviderSettings(kind="lookup", base_url="http://127.0.0.1"), {}, "", "none"),
        (ProviderSettings(kind="openai", base_url="https://api.example/v1"), {"keyring": "k"}, "k", "keyring"),
        (ProviderSettings(kind="openai", base_url="https://api.example/v1"), {}, "", "none"),
        (ProviderSettings(kind="ollama"), {"keyring": "k"}, "", "none"),
        (
            ProviderSettings(kind="openai", base_url="https://api.example/v1"),
            {"environ": {"OPENAI_API_KEY": "not for everyone"}},
            "",
            "none",
        ),
    ],
)
async def test_order(settings: ProviderSettings, where: dict[str, object], value: str, source: str) -> None:
    key = await lookup(**where).key_for("mistral", settings)  # type: ignore[arg-type]
    assert key == Key(value, source)


async def test_none_says_what_to_do() -> None:
    with pytest.raises(KeyMissing, match=r"Set MISTRAL_API_KEY .*shell's profile.*fim-lsp key set mistral"):
        await lookup().key_for("mistral", ProviderSettings())


@pytest.mark.parametrize("value", ["two words", "k\u00e9y", "a\nb", "\x00", '"quoted key"'])
async def test_what_no_header_can_hold_is_no_key(value: str) -> None:
    with pytest.raises(KeyMissing) as caught:
        await lookup().key_for("mistral", ProviderSettings(api_key=value))
    assert value not in caught.value.message


def test_a_key_is_not_in_its_repr() -> None:
    assert SECRET not in repr(Key(SECRET, "editor"))


def python(code: str) -> tuple[str, ...]:
    return (sys.executable, "-c", code)


async def test_a_command_is_run() -> None:
    assert await keys.output_of(python(f"print('{SECRET}'); print('second line')")) == SECRET


async def test_a_command_line_goes_through_the_shell() -> None:
    assert await keys.output_of(f'"{sys.executable}" -c "print(1)"') == "1"


async def test_a_command_runs_outside_of_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert await keys.output_of(python("import os; print(os.getcwd())")) == str(Path.home())


async def test_a_command_cannot_read_what_the_editor_says() -> None:
    assert await keys.output_of(python("import sys; print(repr(sys.stdin.read()))")) == "''"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (f"import sys; print('{SECRET}'); sys.exit(3)", "exit code 3"),
        ("pass", "printed nothing"),
        (f"import sys; print('{SECRET}', file=sys.stderr); sys.exit(1)", "exit code 1"),
    ],
)
async def test_a_command_that_fails_says_how(code: str, says: str) -> None:
    with pytest.raises(KeyMissing, match=says) as caught:
        await keys.output_of(python(code))
    assert SECRET not in caught.value.message


async def test_a_command_that_is_not_there() -> None:
    with pytest.raises(KeyMissing, match="cannot be run"):
        await keys.output_of(("no-such-command-anywhere",))


async def test_a_command_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "COMMAND_S", 0.2)
    with pytest.raises(KeyMissing, match="took more than"):
        await keys.output_of(python("import time; time.sleep(60)"))


async def test_a_keyring_that_hangs_is_left_behind() -> None:
    release = asyncio.Event()
    loop = asyncio.get_running_loop()

    def hang() -> str:
        asyncio.run_coroutine_threadsafe(release.wait(), loop).result()
        return SECRET

    with pytest.raises(TimeoutError):
        await keys.in_thread(hang, 0.01)
    release.set()
    await asyncio.sleep(0)


async def test_a_keyring_that_fails_has_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> object:
        raise RuntimeError("locked")

    monkeypatch.setattr(keys, "_keyring", broken)
    assert await keys.from_keyring("mistral") == ""
