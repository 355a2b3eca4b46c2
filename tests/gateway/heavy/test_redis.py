"""Limits that several workers share, counted by a real server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from fim_lsp.gateway import keys, redis_quota
from fim_lsp.gateway.quota import Allowance, Unavailable
from fim_lsp.gateway.redis_quota import InRedis
from fim_lsp.shared_file import SharedFile
from tests.fim_server import FimServer
from tests.gateway.heavy.programs import redis_server
from tests.gateway.serving import Gateway, gateway, upstream


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[str]:
    with redis_server(tmp_path) as url:
        yield url


@pytest.fixture
async def workers(redis: str) -> AsyncIterator[list[InRedis]]:
    workers = [InRedis(redis) for _ in range(2)]
    yield workers
    for worker in workers:
        await worker.close()


async def test_two_workers_let_sixty_of_three_hundred_through(workers: list[InRedis]) -> None:
    allowance = Allowance(requests_per_minute=60)
    calls = (workers[number % 2].admit("ann", allowance) for number in range(300))
    verdicts = await asyncio.gather(*calls)
    assert sum(verdict.allowed for verdict in verdicts) == 60
    refused = next(verdict for verdict in verdicts if not verdict.allowed)
    assert 50 < refused.wait_s <= 60
    assert sorted(verdict.requests_left for verdict in verdicts if verdict.allowed) == list(range(60))


async def test_any_window_has_so_many_requests(workers: list[InRedis], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_quota, "MINUTE_S", 0.2)
    allowance, passed = Allowance(requests_per_minute=5), []
    end = time.monotonic() + 1.5
    while time.monotonic() < end:
        asked = time.monotonic()
        for worker in workers:
            if (await worker.admit("ann", allowance)).allowed:
                passed.append((asked, time.monotonic()))
    assert len(passed) > 10
    for (earlier, _), (_, later) in zip(passed, passed[5:], strict=False):
        assert later - earlier >= 0.2


async def test_tokens_of_a_day_are_shared(workers: list[InRedis]) -> None:
    ours, theirs = workers
    allowance = Allowance(tokens_per_day=100)
    assert (await ours.admit("ann", allowance)).tokens_left == 100
    await ours.spend("ann", allowance, 60)
    assert (await theirs.admit("ann", allowance)).tokens_left == 40
    await theirs.spend("ann", allowance, 60)
    verdict = await ours.admit("ann", allowance)
    assert (verdict.allowed, verdict.tokens_left) == (False, 0)
    assert 0 < verdict.wait_s <= 86_400
    assert (await ours.admit("bob", allowance)).allowed


async def test_a_server_that_is_gone(tmp_path: Path) -> None:
    with redis_server(tmp_path) as url:
        worker = InRedis(url)
        await worker.admit("ann", Allowance(requests_per_minute=9))
    with pytest.raises(Unavailable):
        await worker.admit("ann", Allowance(requests_per_minute=9))
    await worker.close()


@pytest.fixture
async def two(redis: str, model: FimServer, tmp_path: Path) -> AsyncIterator[list[Gateway]]:
    """Two gateways with the same keys."""
    config = 'provider = "gpu"\n' + upstream("gpu", model.base_url)
    shared = {"redis": redis, "keys_file": tmp_path / "shared.json"}
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(gateway(tmp_path, config, **shared)) for _ in range(2)]


async def test_two_gateways_share_a_limit(two: list[Gateway], tmp_path: Path) -> None:
    key = keys.add(SharedFile(tmp_path / "shared.json"), "ann", Allowance(requests_per_minute=60))
    answers = await asyncio.gather(*(two[number % 2].ask(key=key) for number in range(300)))
    statuses = [answer.status_code for answer in answers]
    assert statuses.count(200) == 60
    assert statuses.count(429) == 240


async def test_limits_that_cannot_be_looked_up(model: FimServer, tmp_path: Path) -> None:
    config = 'provider = "gpu"\n' + upstream("gpu", model.base_url)
    async with gateway(tmp_path, config, redis="redis://127.0.0.1:1/0") as served:
        limited, free = served.add_key("ann", requests_per_minute=9), served.add_key("bob")
        assert (await served.ask(key=limited)).status_code == 503
        assert (await served.ask(key=free)).status_code == 200
