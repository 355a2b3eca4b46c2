"""fim-lsp in front of fim-lsp: an editor's chain asks the gateway as it would ask Mistral."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fim_lsp.chain import Chain, make_chain
from fim_lsp.errors import KeyRefused, RateLimited
from fim_lsp.ledger import Ledger
from fim_lsp.providers.base import Prompt, Sampling, Snippet
from fim_lsp.settings.model import ProviderSettings, Settings
from fim_lsp.transport import Transport
from tests.cli.processes import environment, run
from tests.fim_server import FimServer, Script
from tests.gateway.serving import Gateway, bearer

PROMPT = Prompt("def add(a, b):\n    ", "\n", path="a.py", snippets=(Snippet("b.py", "x = 1\n", "edit"),))


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    transport = Transport()
    yield transport
    await transport.aclose()


def editors_chain(served: Gateway, transport: Transport, key: str) -> Chain:
    own = ProviderSettings(kind="mistral", base_url=f"{served.url}/v1")

    async def get_key() -> str:
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


async def test_the_whole_server_completes_through_it(served: Gateway, model: FimServer, tmp_path: Path) -> None:
    """What an editor would show: the shipped server in its own process, the gateway, the model."""
    settings = tmp_path / ".config/fim-lsp/config.toml"
    settings.parent.mkdir(parents=True)
    table = f'[providers.team]\nkind = "mistral"\nbase_url = "{served.url}/v1"\napi_key_env = "TEAM_KEY"\n'
    settings.write_text(f'provider = "team"\n{table}')
    (tmp_path / "sums.py").write_text("def add(a, b):\n    \n")
    key = served.add_key("ann")
    variables = {"TEAM_KEY": key, "FIM_LSP_PROVIDER": "team"}
    shown = await run("complete", "sums.py:2:5", "--json", folder=tmp_path, env=environment(tmp_path, **variables))
    assert shown.code == 0, shown.err
    assert json.loads(shown.out)["suggestion"] == "return a + b"
    assert model.requests
    figures = await served.http.get("/metrics", headers=bearer(key))
    assert 'fim_requests_total{key="ann"' in figures.text
