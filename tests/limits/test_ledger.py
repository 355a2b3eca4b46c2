"""Records shared by processes through one file."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path

import pytest

from fim_lsp.errors import RateLimited
from fim_lsp.ledger import Ledger, local_day
from fim_lsp.limits import Policy
from fim_lsp.reasons import Reason
from fim_lsp.shared_file import SharedFile

NONE = Policy()


class Clock:
    def __init__(self) -> None:
        self.now = 1_772_450_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "accounts.json"


async def test_a_wait_is_shared_and_survives_a_restart(path: Path) -> None:
    clock = Clock()
    one, other = Ledger(SharedFile(path), clock=clock), Ledger(SharedFile(path), clock=clock)
    assert await one.admit("host key", NONE, invoked=True) is None
    one.failed("host key", RateLimited("", retry_after_s=10))
    await one.close()
    for ledger in (one, other, Ledger(SharedFile(path), clock=clock)):
        wait = await ledger.admit("host key", NONE, invoked=True)
        assert wait is not None
        assert wait.reason is Reason.RATE_LIMITED
        assert await ledger.admit("host other-key", NONE, invoked=False) is None
    clock.now += 10
    assert await other.admit("host key", NONE, invoked=False) is None


async def test_nothing_is_written_while_all_is_well(path: Path) -> None:
    ledger = Ledger(SharedFile(path))
    for _ in range(10):
        assert await ledger.admit("a", NONE, invoked=False) is None
        ledger.succeeded("a", ledger.now())
        ledger.spent("a", NONE, 10, 10)
    await ledger.close()
    assert SharedFile(path).stamp() is None


async def test_budgets_are_shared(path: Path) -> None:
    policy, clock = Policy(tokens_per_day=1_000), Clock()
    one, other = Ledger(SharedFile(path), clock=clock), Ledger(SharedFile(path), clock=clock)
    assert await one.admit("a", policy, invoked=True) is None
    one.spent("a", policy, 900, 200)
    await one.close()
    wait = await other.admit("a", policy, invoked=True)
    assert wait is not None
    assert wait.reason is Reason.BUDGET
    assert wait.seconds == local_day(clock.now).ends_at - clock.now


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"a": 7}', b'{"a": {"failures": "x"}}', b"\xff\x00"])
async def test_a_broken_file_is_begun_anew(path: Path, content: bytes) -> None:
    SharedFile(path).update(lambda _: content)
    ledger = Ledger(SharedFile(path))
    assert await ledger.admit("a", Policy(requests_per_minute=1), invoked=False) is None
    assert await ledger.admit("a", Policy(requests_per_minute=1), invoked=False) is not None


class NoDisk:
    def stamp(self) -> object:
        return None

    def read(self) -> bytes:
        raise OSError("no disk")

    def update(self, change: object) -> bytes:
        raise OSError("disk full")


async def test_does_without_a_file() -> None:
    ledger = Ledger(NoDisk())
    policy = Policy(requests_per_minute=2)
    waits = [await ledger.admit("a", policy, invoked=False) for _ in range(3)]
    assert [wait is None for wait in waits] == [True, True, False]


async def test_concurrent_requests_are_counted_one_by_one(path: Path) -> None:
    ledgers = [Ledger(SharedFile(path), clock=Clock()) for _ in range(4)]
    policy = Policy(requests_per_minute=10)
    waits = await asyncio.gather(*(ledgers[n % 4].admit("a", policy, invoked=False) for n in range(40)))
    assert sum(wait is None for wait in waits) == 10


WORKER = """
import asyncio, sys
from pathlib import Path
from fim_lsp.ledger import Ledger
from fim_lsp.limits import Policy
from fim_lsp.shared_file import SharedFile

async def main():
    ledger = Ledger(SharedFile(Path(sys.argv[1])))
    waits = [await ledger.admit("a", Policy(requests_per_minute=20), invoked=False) for _ in range(30)]
    print(sum(wait is None for wait in waits))

asyncio.run(main())
"""


def test_processes_share_one_limit(path: Path) -> None:
    workers = [
        subprocess.Popen([sys.executable, "-P", "-c", WORKER, str(path)], stdout=subprocess.PIPE) for _ in range(4)
    ]
    admitted = [int(worker.communicate()[0]) for worker in workers]
    assert sum(admitted) == 20
