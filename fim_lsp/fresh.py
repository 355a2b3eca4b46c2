"""Small files that people edit while we run: read again when they change, at the price of one `stat` otherwise.

A repository is written by strangers, so only regular files of a sane size are read: no pipe that never ends, no device.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

SIZE_LIMIT = 1 << 20
_YOUNG_S = 2.5
"""A file changed this recently may change again without a new time stamp: some file systems count in 2 s steps."""
_SAVING_S = 0.25
"""Some editors empty a file before they write it. One that was emptied this recently is taken for as it was before:
for that moment the user's rules would be gone."""

Stamp = tuple[int, ...]
_ABSENT: Stamp = ()
_SIZE = 2


class Unreadable(Exception):
    """The file is there and cannot be read; the message says why."""


@dataclass(slots=True)
class _Entry(Generic[T]):
    value: T
    stamp: Stamp
    content: bytes | Unreadable | None
    """Kept while young only, to see whether it has changed."""
    is_young: bool

    @property
    def was_filled(self) -> bool:
        return self.stamp != _ABSENT and self.stamp[_SIZE] > 0


@dataclass(slots=True)
class Fresh(Generic[T]):
    """`read(path)` → what `parse` makes of the file as it stands now: of its bytes, of None if there is no such file.

    `parse` is called once per content, so the value stays the same object while the file does.
    """

    parse: Callable[[str, bytes | Unreadable | None], T]
    wall_clock: Callable[[], float] = time.time
    limit: int = 4096
    """At most this many files are remembered."""
    _entries: dict[str, _Entry[T]] = field(default_factory=dict)

    def read(self, path: str) -> T:
        status = _status(path)
        stamp = _stamp(status)
        entry = self._entries.get(path)
        if entry is not None and entry.stamp == stamp and not entry.is_young:
            return entry.value
        return self._read_again(path, status, stamp, entry)

    def _read_again(self, path: str, status: os.stat_result | None, stamp: Stamp, entry: _Entry[T] | None) -> T:
        content = _content(path, status)
        age_s = self.wall_clock() - status.st_mtime if status is not None else 0.0
        is_young = status is not None and age_s < _YOUNG_S
        if entry is not None and entry.was_filled and content == b"" and (0 <= age_s < _SAVING_S or stamp[_SIZE] > 0):
            return entry.value
        if entry is not None and content == entry.content and stamp[-1:] == entry.stamp[-1:]:
            entry.stamp, entry.is_young = stamp, is_young
            return entry.value
        value = self.parse(path, content)
        while len(self._entries) >= self.limit:
            del self._entries[next(iter(self._entries))]
        self._entries[path] = _Entry(value, stamp, content if is_young else None, is_young)
        return value


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)
    except (OSError, ValueError):
        return None


def _stamp(status: os.stat_result | None) -> Stamp:
    if status is None:
        return _ABSENT
    return status.st_mtime_ns, status.st_ctime_ns, status.st_size, status.st_ino, status.st_dev, status.st_mode


def _content(path: str, status: os.stat_result | None) -> bytes | Unreadable | None:
    if status is None or stat.S_ISDIR(status.st_mode):
        return None
    if not stat.S_ISREG(status.st_mode):
        return Unreadable("it is not a regular file")
    if status.st_size > SIZE_LIMIT:
        return Unreadable(f"it is larger than {SIZE_LIMIT >> 20} MB")
    try:
        with open(path, "rb") as file:
            return file.read(SIZE_LIMIT)
    except FileNotFoundError:
        return None
    except OSError as error:
        return Unreadable(error.strerror or type(error).__name__)
