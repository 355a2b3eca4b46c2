"""A real llama-server behind the gateway."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.gateway.serving import gateway
from tests.llama.model import write_model
from tests.llama.server import llama_server

TEXT = "return a + b  # the sum\n"
CONFIG = 'provider = "llamacpp"\n[providers.llamacpp]\nbase_url = "{url}"\n'


@pytest.fixture(scope="module")
def llama(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    model = tmp_path_factory.mktemp("model") / "good.gguf"
    write_model(model, TEXT)
    with llama_server(model, "-c", "4096") as url:
        yield url


async def test_it_answers_at_once_in_pieces_and_the_same_twice(llama: str, tmp_path: Path) -> None:
    async with gateway(tmp_path, CONFIG.format(url=llama)) as served:
        at_once = [(await served.ask(temperature=0.0, random_seed=7)).json() for _ in range(2)]
        in_pieces = (await served.ask(temperature=0.0, random_seed=7, stream=True)).text
        stopped = (await served.ask(temperature=0.0, stop=" b")).json()
        short = (await served.ask(temperature=0.0, max_tokens=3)).json()
    assert [answer["choices"][0]["message"]["content"] for answer in at_once] == [TEXT, TEXT]
    assert at_once[0]["usage"]["completion_tokens"] > 0
    *chunks, done = [line.removeprefix("data: ") for line in in_pieces.split("\n\n") if line]
    assert done == "[DONE]"
    assert "".join(json.loads(chunk)["choices"][0]["delta"]["content"] for chunk in chunks) == TEXT
    assert stopped["choices"][0]["message"]["content"] == "return a +"
    assert short["choices"][0]["finish_reason"] == "length"
