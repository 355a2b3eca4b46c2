"""Which upstream a place goes to, and what becomes of it when one is dead."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from fim_lsp.gateway.api import Call
from fim_lsp.gateway.routing import order, place_of
from fim_lsp.providers.base import Sampling
from tests.fim_server import FimServer, Script
from tests.gateway.serving import Gateway, gateway, upstream

NAMES = [f"gpu{number}" for number in range(4)]
PLACES = [f"place {number}" for number in range(2000)]


def call(prompt: str, cache_key: str | None = None) -> Call:
    return Call("m", prompt, "", Sampling(cache_key=cache_key), False)


def test_a_place_stays_where_it_is() -> None:
    for place in PLACES[:100]:
        assert order(NAMES, place) == order(reversed(NAMES), place)


def test_places_are_spread_evenly() -> None:
    share = Counter(order(NAMES, place)[0] for place in PLACES)
    assert all(0.8 < count / (len(PLACES) / 4) < 1.2 for count in share.values())


def test_only_what_a_lost_upstream_had_moves() -> None:
    for place in PLACES:
        before, after = order(NAMES, place), order(NAMES[1:], place)
        assert after == [name for name in before if name != NAMES[0]]


def test_typing_on_stays_in_place() -> None:
    long = "import os\n" * 100
    assert place_of(call(long)) == place_of(call(long + "x"))
    assert place_of(call("a = 1\nb")) == place_of(call("a = 1\nbc"))
    assert place_of(call(long, "mine")) == place_of(call("other", "mine"))
    assert place_of(call("a = 1\n")) != place_of(call("b = 1\n"))


@pytest.fixture
async def models() -> AsyncIterator[list[FimServer]]:
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(FimServer(Script(text=name))) for name in NAMES]


def config(models: list[FimServer], **addresses: str) -> str:
    urls = {name: model.base_url for name, model in zip(NAMES, models, strict=True)} | addresses
    tables = "".join(upstream(name, url) for name, url in urls.items())
    return f"{tables}[gateway.models.codestral-latest]\nupstreams = {NAMES[:3]}\nfallback = ['{NAMES[3]}']\n"


async def said(served: Gateway, place: str) -> str:
    answer = await served.ask(prompt_cache_key=place)
    text: str = answer.json()["choices"][0]["message"]["content"]
    return text


async def test_each_place_has_its_upstream(models: list[FimServer], tmp_path: Path) -> None:
    async with gateway(tmp_path, config(models)) as served:
        for place in PLACES[:12]:
            first = order(NAMES[:3], place)[0]
            assert [await said(served, place) for _ in range(2)] == [first, first]
    assert not models[3].requests


async def test_a_dead_one_is_routed_around(models: list[FimServer], tmp_path: Path) -> None:
    await models[0].__aexit__(None, None, None)
    async with gateway(tmp_path, config(models)) as served:
        for place in PLACES[:12]:
            alive = [name for name in order(NAMES[:3], place) if name != NAMES[0]]
            assert await said(served, place) == alive[0]
        figures = (await served.http.get("/metrics")).text
    refused = [line for line in figures.splitlines() if 'cause="unreachable",provider="gpu0"' in line]
    assert float(refused[0].split()[-1]) == 1  # asked once; from then on it is left alone
    assert not models[3].requests


async def test_the_fallback_answers_when_all_fail(models: list[FimServer], tmp_path: Path) -> None:
    for model in models[:3]:
        model.script = Script(status=500)
    async with gateway(tmp_path, config(models)) as served:
        assert await said(served, "any") == NAMES[3]


async def test_a_callers_bad_request_closes_nothing(models: list[FimServer], tmp_path: Path) -> None:
    for model in models:
        model.next_scripts += [Script(status=422)] * 5
    async with gateway(tmp_path, config(models)) as served:
        for _ in range(5):
            assert (await served.ask(prompt_cache_key="place")).status_code == 400
        assert await said(served, "place") == order(NAMES[:3], "place")[0]


async def test_a_silent_one_is_routed_around(models: list[FimServer], tmp_path: Path) -> None:
    for model in models[:3]:
        model.script = Script(first_token_ms=60_000)
    async with gateway(tmp_path, "[gateway]\npatience_s = 0.1\n" + config(models)) as served:
        assert await said(served, "any") == NAMES[3]


async def test_who_is_alone_is_waited_for(models: list[FimServer], tmp_path: Path) -> None:
    models[0].script = Script(text="at last", first_token_ms=400)
    alone = f"[gateway]\npatience_s = 0.1\n{upstream('gpu0', models[0].base_url)}"
    async with gateway(tmp_path, f'provider = "gpu0"\n{alone}') as served:
        assert await said(served, "any") == "at last"
