"""Who may ask: people's keys, of which only the SHA-256 is kept, in one file that all workers read when it changes.

A key is 32 random bytes, so that nothing slower than one hash is needed to keep it from being guessed.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import msgspec

from fim_lsp.gateway.quota import Allowance
from fim_lsp.shared_file import SharedFile

MARK = "fim-"


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One person's key as the file keeps it."""

    sha256: str
    requests_per_minute: int = 0
    tokens_per_day: int = 0


class Holder(msgspec.Struct, frozen=True):
    """Whoever asks. The name is empty where no key is asked for."""

    name: str = ""
    allowance: Allowance = Allowance()


class File(Protocol):
    def stamp(self) -> object: ...
    def read(self) -> bytes: ...


class Keys:
    """Finds the holder of a key. Once there has been a key, nobody gets in without one, also if the file goes away."""

    def __init__(self, file: File, *, required: bool = False) -> None:
        """Raises OSError or ValueError where the file cannot be read."""
        self._file = file
        self._required = required
        self._stamp: object = ()
        self._holders: dict[str, Holder] = {}
        self._look(first=True)

    @property
    def required(self) -> bool:
        self._look()
        return self._required

    @property
    def limit_anything(self) -> bool:
        return any(holder.allowance.limits_anything for holder in self._holders.values())

    def find(self, key: str) -> Holder | None:
        self._look()
        if not self._required:
            return Holder()
        return self._holders.get(digest(key))

    def _look(self, *, first: bool = False) -> None:
        """A file that cannot be read later on lets those in who were let in before."""
        stamp = self._file.stamp()
        if stamp == self._stamp:
            return
        try:
            entries = decode(self._file.read())
        except (OSError, ValueError):
            if first:
                raise
            return
        self._stamp = stamp
        self._holders = {
            entry.sha256: Holder(name, Allowance(entry.requests_per_minute, entry.tokens_per_day))
            for name, entry in entries.items()
        }
        self._required = self._required or bool(entries)


def decode(content: bytes) -> dict[str, Entry]:
    """Raises ValueError."""
    return msgspec.json.decode(content, type=dict[str, Entry]) if content else {}


def digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


# Making them


def add(file: SharedFile, name: str, allowance: Allowance) -> str:
    """A new key, which is written nowhere else. Raises KeyError where the name has one."""
    key = MARK + secrets.token_urlsafe(32)

    def change(content: bytes) -> bytes:
        entries = decode(content)
        if name in entries:
            raise KeyError(name)
        entries[name] = Entry(digest(key), allowance.requests_per_minute, allowance.tokens_per_day)
        return _encode(entries)

    file.update(change)
    return key


def remove(file: SharedFile, name: str) -> None:
    """Raises KeyError where there is none."""

    def change(content: bytes) -> bytes:
        entries = decode(content)
        del entries[name]
        return _encode(entries)

    file.update(change)


def entries_of(file: SharedFile) -> Mapping[str, Entry]:
    return decode(file.read())


def _encode(entries: Mapping[str, Entry]) -> bytes:
    return msgspec.json.format(msgspec.json.encode(entries), indent=2) + b"\n"


def standard_path() -> Path:
    """`fim-lsp/gateway-keys.json` under the platform's folder for state."""
    import platformdirs

    return platformdirs.user_state_path("fim-lsp", appauthor=False) / "gateway-keys.json"
