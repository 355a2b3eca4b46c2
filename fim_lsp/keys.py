"""Where API keys come from: the editor, a command, the environment, the keyring, the user file; the first that has one.

A key is fetched when it is first needed, and a command's once more when the service refuses it, since tokens expire.
No message from here holds a key, or what a command printed.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import threading
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fim_lsp.errors import KeyMissing
from fim_lsp.network import is_loopback
from fim_lsp.providers.presets import preset_for
from fim_lsp.settings.model import ProviderSettings

SERVICE = "fim-lsp"
"""The service's name in the keyring; the user name there is the provider's name."""
COMMAND_S = 30.0
"""Commands may ask for a passphrase."""
KEYRING_S = 2.0


@dataclass(frozen=True, slots=True)
class Key:
    value: str = field(repr=False)
    source: str
    """For people: `editor`, `api_key_command`, `MISTRAL_API_KEY`, `keyring`, `user file`, or `none`."""


class Keys:
    """Looks keys up. `set_in` says which source of the settings `providers.NAME.api_key` comes from."""

    def __init__(
        self,
        environ: Mapping[str, str] = os.environ,
        *,
        run_command: Callable[[str | tuple[str, ...]], Awaitable[str]] | None = None,
        read_keyring: Callable[[str], Awaitable[str]] | None = None,
        set_in: Callable[[str], str] = lambda key: "editor",
    ) -> None:
        self._environ = environ
        self._run_command = run_command or output_of
        self._read_keyring = read_keyring or from_keyring
        self._set_in = set_in

    def getter(self, name: str, settings: ProviderSettings) -> Callable[[], Awaitable[str]]:
        """What an upstream calls: the key as it is now, or "" where none is needed. Raises KeyMissing."""

        async def get() -> str:
            return (await self.key_for(name, settings)).value

        return get

    async def key_for(self, name: str, settings: ProviderSettings) -> Key:
        """A keyring may ask its owner to unlock it: for a server on this machine that needs no key it is let be."""
        preset = preset_for(name, settings)
        from_file = settings.api_key if self._set_in(f"providers.{name}.api_key") == "user file" else ""
        if settings.api_key and not from_file:
            return require_key(name, Key(settings.api_key, self._set_in(f"providers.{name}.api_key")))
        if settings.api_key_command:
            return require_key(name, Key(await self._run_command(settings.api_key_command), "api_key_command"))
        variable = settings.api_key_env or preset.key_env
        if variable and (value := self._environ.get(variable, "").strip()):
            return require_key(name, Key(value, variable))
        asks_keyring = preset.needs_key or not is_loopback(settings.base_url or preset.base_url)
        if asks_keyring and (value := await self._read_keyring(name)):
            return require_key(name, Key(value, "keyring"))
        if from_file:
            return require_key(name, Key(from_file, "user file"))
        if preset.needs_key:
            raise KeyMissing(missing(name, variable))
        return Key("", "none")


def missing(name: str, variable: str) -> str:
    """An editor that was started from the desktop does not see what the shell's profile sets."""
    return (
        f"There is no API key for {name}. Set {variable or 'api_key_env'} where the editor is started (not only in the "
        f"shell's profile), or api_key_command in [providers.{name}], or run `fim-lsp key set {name}`."
    )


async def output_of(command: str | tuple[str, ...]) -> str:
    """The first line a command prints. It runs outside of any project, and without our standard input: the editor's."""
    options: dict[str, Any] = {
        "stdin": subprocess.DEVNULL,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.DEVNULL,
        "cwd": Path.home(),
    }
    try:
        if isinstance(command, str):
            process = await asyncio.create_subprocess_shell(command, **options)
        else:
            process = await asyncio.create_subprocess_exec(*command, **options)
    except (OSError, NotImplementedError) as error:
        raise KeyMissing(f"api_key_command cannot be run ({type(error).__name__}). Try it in a terminal.") from None
    try:
        async with asyncio.timeout(COMMAND_S):
            output, _ = await process.communicate()
    except TimeoutError:
        raise KeyMissing(f"api_key_command took more than {COMMAND_S:.0f} s. Try it in a terminal.") from None
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    if process.returncode or not output.strip():
        said = f"ended with exit code {process.returncode}" if process.returncode else "printed nothing"
        raise KeyMissing(f"api_key_command {said}. Try it in a terminal.")
    return output.decode("utf-8", "replace").strip().splitlines()[0]


async def from_keyring(name: str) -> str:
    """The system's keyring may be locked, absent or hanging: then it has no key."""
    try:
        return await in_thread(lambda: _keyring().get_password(SERVICE, name) or "", KEYRING_S)
    except Exception:
        return ""


async def in_thread(function: Callable[[], str], timeout_s: float) -> str:
    """In a thread of its own that may be left behind: one that hangs must not keep the process from ending."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[str] = loop.create_future()

    def settle(result: str, error: Exception | None) -> None:
        if not future.done():
            future.set_exception(error) if error else future.set_result(result)

    def run() -> None:
        result, failure = "", None
        try:
            result = function()
        except Exception as error:
            failure = error
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(settle, result, failure)

    threading.Thread(target=run, daemon=True, name="keyring").start()
    return await asyncio.wait_for(future, timeout_s)


def _keyring() -> Any:
    import keyring

    return keyring


def require_key(name: str, key: Key) -> Key:
    """A key goes into a header: what no header can hold is no key. Raises KeyMissing."""
    value = key.value.strip()
    if not value or not value.isascii() or not value.isprintable() or " " in value:
        raise KeyMissing(f"The API key of {name} from {key.source} is no key (blanks or odd characters). Set it again.")
    return Key(value, key.source)
