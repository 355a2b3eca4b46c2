"""`fim-lsp key`: put a provider's key into the system's keyring, say where its key comes from, or take it out again."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import os
import sys
from pathlib import Path
from typing import Any

from fim_lsp import keys
from fim_lsp.cli.arguments import BadInput
from fim_lsp.cli.here import settings_for, stdin
from fim_lsp.errors import ConfigurationError, KeyMissing
from fim_lsp.providers.presets import preset_for
from fim_lsp.settings.model import ProviderSettings

EPILOG = """\
A key is looked for in this order: the editor's settings, api_key_command, the environment, the keyring, the user file.
Exit code: 0 done, 1 there is no key, 2 it cannot be done."""


def add(subparsers: Any) -> None:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "key",
        help="store a provider's API key in the keyring",
        description="Store a provider's API key in the system's keyring, show where its key comes from, or delete it.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("action", choices=("set", "show-source", "delete"))
    parser.add_argument("provider", help="mistral, codestral, …, or the name of a table [providers.NAME]")


def run(args: argparse.Namespace) -> int:
    resolved = settings_for(Path.cwd())
    own = resolved.settings.providers.get(args.provider, ProviderSettings())
    try:
        preset_for(args.provider, own)
    except ConfigurationError as error:
        raise BadInput(error.message) from None
    if args.action == "set":
        return _set(args.provider)
    if args.action == "delete":
        return _delete(args.provider)
    lookup = keys.Keys(os.environ, set_in=resolved.source_of)
    return _show_source(lookup, args.provider, own)


def _set(provider: str) -> int:
    """From a terminal unseen, else from stdin: never from the command line, which other users can read."""
    keyring = _keyring()
    key = _entered(f"API key for {provider}: ")
    if not key:
        raise BadInput("no key was entered; nothing is stored")
    try:
        keys.require_key(provider, keys.Key(key, "your input"))
        keyring.set_password(keys.SERVICE, provider, key)
    except KeyMissing as error:
        raise BadInput(error.message) from None
    except Exception as error:
        raise BadInput(_no_keyring(error)) from None
    print("Stored. A running server takes it up with the command fim-lsp.clear.")
    print(f"To see whether it is taken: fim-lsp doctor --provider {provider}")
    return 0


def _entered(prompt: str) -> str:
    try:
        return (getpass.getpass(prompt) if stdin().isatty() else stdin().readline()).strip()
    except EOFError:  # Ctrl-D, which leaves the cursor behind the prompt
        print(file=sys.stderr)
        return ""


def _delete(provider: str) -> int:
    keyring = _keyring()
    try:
        if not keyring.get_password(keys.SERVICE, provider):
            print(f"The keyring has no key for {provider}.")
            return 1
        keyring.delete_password(keys.SERVICE, provider)
    except Exception as error:
        raise BadInput(_no_keyring(error)) from None
    print("Deleted.")
    return 0


def _show_source(lookup: keys.Keys, provider: str, own: ProviderSettings) -> int:
    try:
        key = asyncio.run(lookup.key_for(provider, own))
    except KeyMissing as error:
        print(error.message)
        return 1
    print(f"{provider} needs no key" if key.source == "none" else f"{provider}: {key.source}")
    return 0


def _keyring() -> Any:
    try:
        import keyring
    except ImportError:
        raise BadInput(
            "keyring support is not installed: `pipx inject fim-lsp keyring`, or `pip install keyring` beside fim-lsp"
        ) from None
    return keyring


def _no_keyring(error: Exception) -> str:
    return (
        f"the system's keyring cannot be used ({type(error).__name__}). Set api_key_command or the environment instead."
    )
