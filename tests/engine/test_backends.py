"""Whom the engine asks: a chain for each settings, made once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fim_lsp.chain import Chain
from fim_lsp.cli.backends import MOST_CHAINS, Backends
from fim_lsp.lookup.engine import Lookup
from fim_lsp.settings.model import Completion, Settings
from fim_lsp.settings.resolve import Resolved
from tests.engine.test_service import Editor


@pytest.fixture
def backends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Backends:
    monkeypatch.setattr("fim_lsp.cli.backends.state_file", lambda: tmp_path / "state.json")
    return Backends(Editor(), Lookup(may_leave=lambda path: True), lambda: Resolved(Settings()))


def of_folder(number: int) -> Settings:
    return Settings(provider="lookup", completion=Completion(max_tokens=number + 1))


async def test_what_is_used_is_not_forgotten(backends: Backends) -> None:
    first = backends.source(of_folder(0))
    for number in range(1, 3 * MOST_CHAINS):
        backends.source(of_folder(number))
        assert backends.source(of_folder(0)) is first


async def test_what_is_warmed_is_what_was_meant(backends: Backends, monkeypatch: pytest.MonkeyPatch) -> None:
    warmed: list[Chain] = []

    async def warm(chain: Chain) -> None:
        warmed.append(chain)
        await asyncio.Event().wait()

    monkeypatch.setattr(Chain, "warm", warm)
    meant = backends.source(of_folder(0))
    backends.source(of_folder(1))
    backends.warm(of_folder(0))
    await asyncio.sleep(0)
    assert warmed == [meant]
    await backends.close()


async def test_a_look_at_the_status_begins_no_search(backends: Backends, monkeypatch: pytest.MonkeyPatch) -> None:
    searches: list[object] = []

    async def search(*anything: object) -> None:
        searches.append(anything)

    monkeypatch.setattr("fim_lsp.cli.backends.by_search", search)
    monkeypatch.setattr("fim_lsp.cli.backends.by_key", lambda settings, environ: None)
    assert [provider.name for provider in backends.status(Settings())] == ["lookup"]
    await asyncio.sleep(0)
    assert searches == []
    backends.source(Settings())
    await asyncio.sleep(0)
    assert len(searches) == 1
    await backends.close()
