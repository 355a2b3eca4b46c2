"""Keys: shown once, kept hashed, taken up and taken back without a restart."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from fim_lsp.gateway import keys
from fim_lsp.gateway.keys import Keys
from fim_lsp.gateway.quota import Allowance
from fim_lsp.shared_file import SharedFile


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "keys.json"


def test_only_the_hash_is_kept(path: Path) -> None:
    key = keys.add(SharedFile(path), "ann", Allowance(requests_per_minute=9))
    assert key not in path.read_text()
    assert key.removeprefix(keys.MARK) not in path.read_text()
    holder = Keys(SharedFile(path)).find(key)
    assert holder is not None
    assert (holder.name, holder.allowance) == ("ann", Allowance(requests_per_minute=9))


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps other users out of the folder by itself")
def test_nobody_else_reads_it(path: Path) -> None:
    for name in ("ann", "bob"):
        keys.add(SharedFile(path), name, Allowance())
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_change_holds_from_the_next_request(path: Path) -> None:
    file, known = SharedFile(path), Keys(SharedFile(path))
    assert known.find("") is not None  # nobody has a key yet
    key = keys.add(file, "ann", Allowance())
    assert known.find("") is None
    assert known.find(key) is not None
    keys.remove(file, "ann")
    assert known.find(key) is None


def test_a_file_that_goes_away_opens_nothing(path: Path) -> None:
    key = keys.add(SharedFile(path), "ann", Allowance())
    known = Keys(SharedFile(path))
    path.unlink()
    assert known.find("") is None
    assert known.find(key) is None


@pytest.mark.parametrize("content", ["{", "[]", '{"ann": 1}'])
def test_a_broken_file_keeps_what_was(path: Path, content: str) -> None:
    key = keys.add(SharedFile(path), "ann", Allowance())
    known = Keys(SharedFile(path))
    path.write_text(content)
    assert known.find(key) is not None
    assert known.find("other") is None


def test_a_file_that_is_broken_from_the_start_opens_nothing(path: Path) -> None:
    path.parent.mkdir()
    path.write_text("{")
    with pytest.raises(ValueError, match="truncated"):
        Keys(SharedFile(path))


def test_a_name_has_one_key(path: Path) -> None:
    keys.add(SharedFile(path), "ann", Allowance())
    with pytest.raises(KeyError):
        keys.add(SharedFile(path), "ann", Allowance())
    with pytest.raises(KeyError):
        keys.remove(SharedFile(path), "bob")
