"""fim-lsp in front of fim-lsp: an editor's chain asks the gateway as it would ask Mistral."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from fim_lsp.chain import Chain, make_chain
from fim_lsp.errors import KeyRefused, RateLimited
from fim_lsp.ledger import Ledger
from fim_lsp.providers.base import Prompt, Sampling, Snippet
from fim_lsp.settings.model import ProviderSettings, Settings
from fim_lsp.transport import Transport
from tests.fim_server import FimServer, Script
from tests.gateway.serving import Gateway

PROMPT = Prompt("def add(a, b):\n    ", "\n", path="a.py", snippets=(Snippet("b.py", "x = 1\n", "edit"),))


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    transport = Transport()
    yield transport
    await transport.aclose()


def editors_chain(served: Gateway, transport: Transport, key: str) -> Chain:
    own = ProviderSettings(kind="mistral", base_url=f"{served.url}/v1")

    async def get_key(fresh: bool) -> str:
        return key

    return make_chain(
        ["team"],
        Settings(providers={"team": own}),
        transport=transport,
        ledger=Ledger(),
        key_for=lambda name, own: get_key,
    )


async def test_it_answers_as_the_model_does(served: Gateway, model: FimServer, transport: Transport) -> None:
    chain = editors_chain(served, transport, served.add_key("ann"))
    sampling = Sampling(max_tokens=64, stop=("\n\n",), cache_key="place")
    deltas = [delta async for delta in chain.generate(PROMPT, sampling)]
    assert "".join(delta.text for delta in deltas) == "return a + b\n"
    assert [delta.finish for delta in deltas if delta.finish] == ["stop"]
    assert deltas[-1].usage is not None
    assert model.requests[0].body["prompt"].endswith(PROMPT.prefix)
    assert "+++++ b.py" in model.requests[0].body["prompt"]


async def test_it_understands_refusals(served: Gateway, model: FimServer, transport: Transport) -> None:
    served.add_key("ann")
    with pytest.raises(KeyRefused):
        _ = [delta async for delta in editors_chain(served, transport, "wrong").generate(PROMPT, Sampling())]
    model.script = Script(status=429, headers={"Retry-After": "7"})
    chain = editors_chain(served, transport, served.add_key("bob"))
    with pytest.raises(RateLimited) as limited:
        _ = [delta async for delta in chain.generate(PROMPT, Sampling())]
    assert limited.value.retry_after_s == 7
