"""A fault at every await between the engine and the socket, one after another, and nothing is left behind by any."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Generator
from contextlib import aclosing
from typing import Any

import pytest

from fim_lsp import errors
from fim_lsp.chain import Chain, make_chain
from fim_lsp.ledger import Ledger
from fim_lsp.providers.base import Prompt, Sampling
from fim_lsp.settings.model import Completion, ProviderSettings, Settings
from fim_lsp.transport import Transport
from tests.fim_server import FimServer, Script

Fault = Callable[[], BaseException | None]
TEXT = "return a + b\n"


class Walk(Awaitable[Any]):
    """Runs a coroutine up to its n-th suspension, and goes on with a fault there: an exception, or a delay for None."""

    def __init__(self, coroutine: Coroutine[Any, Any, Any], at: int, fault: BaseException | None) -> None:
        self._coroutine = coroutine
        self._at = at
        self._fault = fault
        self.was_met = False

    def __await__(self) -> Generator[Any, Any, Any]:
        step, error = 0, None
        while True:
            try:
                waits_for = self._coroutine.throw(error) if error is not None else self._coroutine.send(None)
            except StopIteration as stop:
                return stop.value
            error = None
            try:
                yield waits_for
            except BaseException as outer:
                error = outer
            if step == self._at:
                self.was_met = True
                if self._fault is None:
                    yield from asyncio.sleep(0.02).__await__()
                error = error or self._fault
            step += 1


@pytest.fixture
async def server() -> AsyncIterator[FimServer]:
    async with FimServer(Script(text=TEXT, first_token_ms=2, tokens_per_s=2000)) as server:
        yield server


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    transport = Transport()
    yield transport
    await transport.aclose()


@pytest.fixture
def chain(server: FimServer, transport: Transport) -> Chain:
    async def key() -> str:
        return "sesame-4711"

    settings = Settings(
        providers={"mine": ProviderSettings(kind="mistral", base_url=server.base_url)},
        completion=Completion(deadline_ms=2000),
    )
    return make_chain(["mine"], settings, transport=transport, ledger=Ledger(), key_for=lambda name, own: key)


async def ask(chain: Chain) -> str:
    async with aclosing(chain.generate(Prompt("a", "b"), Sampling(), invoked=True)) as deltas:
        return "".join([delta.text async for delta in deltas])


FAULTS: dict[str, Fault] = {
    "cancel": asyncio.CancelledError,
    "os-error": lambda: OSError("injected"),
    "timeout": TimeoutError,
    "reset": ConnectionResetError,
    "bug": lambda: RuntimeError("injected"),
    "delay": lambda: None,
}


@pytest.mark.parametrize("is_warm", [True, False], ids=["warm", "cold"])
@pytest.mark.parametrize("fault", FAULTS)
async def test_a_fault_at_every_await(
    server: FimServer, transport: Transport, chain: Chain, fault: str, is_warm: bool
) -> None:
    await ask(chain)
    tasks = len(asyncio.all_tasks())
    for at in range(200):
        if not is_warm:
            await server.drop_idle_connections()
        walk = Walk(ask(chain), at, FAULTS[fault]())
        outcome = await outcome_of(walk)
        assert outcome == TEXT or isinstance(outcome, errors.ProviderError | asyncio.CancelledError), (at, outcome)
        assert await ask(chain) == TEXT, f"the request after a fault at await {at}"
        await server.until(lambda: server.open_connections <= 2)
        if not walk.was_met:
            break
    assert at > 5, "there are awaits to walk through"
    assert not walk.was_met, "the walk came to its end"
    assert len(asyncio.all_tasks()) <= tasks + 2


async def outcome_of(walk: Walk) -> object:
    try:
        return await walk
    except (errors.ProviderError, asyncio.CancelledError) as error:
        return error
