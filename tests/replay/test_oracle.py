"""The simulated model's pace and bill, in this process and over HTTP."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import pytest

from fim_lsp.providers.base import Delta, Endpoint, Prompt, Sampling, Usage
from fim_lsp.providers.mistral import Mistral
from fim_lsp.replay import virtual
from fim_lsp.replay.model import Model, tokens
from fim_lsp.replay.oracle import Oracle, Pace
from fim_lsp.replay.service import OracleService
from fim_lsp.transport import Transport
from fim_lsp.upstream import Upstream
from tests.replay.pages import SOURCES

TEXT = next(source.text for source in SOURCES if source.path.name == "engine.py")
START = TEXT.index("    async def complete")
END = TEXT.index("    async def _answer")
PROMPT = Prompt(TEXT[:START][-3000:], TEXT[END:][:1500])
TRUTH = TEXT[START:END]


def oracle(seed: int = 1) -> Oracle:
    return Oracle(Model([TEXT], seed, trap_every=1e9), seed)


async def said(made: Oracle, prompt: Prompt = PROMPT, max_tokens: int = 128) -> list[Delta]:
    return [delta async for delta in made.generate(prompt, Sampling(max_tokens=max_tokens), invoked=False)]


def test_it_speaks_at_the_pace_of_a_model() -> None:
    async def main() -> tuple[list[float], float, int]:
        loop, made, firsts = asyncio.get_running_loop(), oracle(), []
        for _ in range(200):
            began = loop.time()
            async with aclosing(made.generate(PROMPT, Sampling(max_tokens=20), invoked=False)) as deltas:
                await anext(deltas)
                firsts.append((loop.time() - began) * 1000)
        began = loop.time()
        spoken = len(await said(made)) - 1
        return sorted(firsts), loop.time() - began, spoken

    firsts, lasted_s, spoken = virtual.run(main())
    assert 200 < firsts[100] < 300
    assert 300 < firsts[180] < 480
    assert lasted_s == pytest.approx(spoken / 90, abs=0.8)


def test_it_says_the_truth_up_to_the_length_asked_for() -> None:
    async def main() -> tuple[list[Delta], list[Delta]]:
        return await said(oracle(), max_tokens=1000), await said(oracle(), max_tokens=10)

    whole, cut = virtual.run(main())
    assert TRUTH.startswith("".join(delta.text for delta in whole).rstrip())
    assert "".join(delta.text for delta in cut) == "".join(tokens(TRUTH)[:10])
    assert [deltas[-1].finish for deltas in (whole, cut)] == ["stop", "length"]


def test_the_head_of_a_prompt_is_read_once() -> None:
    """Codestral reads the suffix first: as long as that and the prompt's head stay, only what was added is new."""

    async def main() -> list[Usage]:
        made = oracle()
        longer = Prompt(PROMPT.prefix + "    async def comp", PROMPT.suffix)
        moved = Prompt(PROMPT.prefix, "\n" + PROMPT.suffix)
        usages = [(await said(made, prompt))[-1].usage for prompt in (PROMPT, PROMPT, longer, moved)]
        return [usage for usage in usages if usage]

    first, again, longer, moved = virtual.run(main())
    assert first.cached == moved.cached == 0
    assert again.cached == longer.cached == again.prompt // 64 * 64


def test_a_stream_that_the_document_leaves_is_noted() -> None:
    async def main() -> tuple[float | None, float | None]:
        made = oracle()
        async with aclosing(made.generate(PROMPT, Sampling(), invoked=False)) as deltas:
            spoken = (await anext(deltas)).text + (await anext(deltas)).text
            made.departed(PROMPT.prefix + spoken[:3])
            kept = made.streams[0].departed_ms
            made.departed(PROMPT.prefix + "xyz")
        assert made.streams[0].ended_ms is not None
        assert made.streams[0].generated_tokens == 2
        return kept, made.streams[0].departed_ms

    kept, left = virtual.run(main())
    assert kept is None
    assert left is not None


def fast(seed: int = 1) -> Oracle:
    return Oracle(Model([TEXT], seed, trap_every=1e9), seed, Pace(1.0, 0.01, 10_000))


def upstream(service: OracleService, transport: Transport) -> Upstream:
    return Upstream(Endpoint("oracle", "mistral", service.base_url, "oracle"), Mistral(), transport)


async def test_over_http_it_says_the_same() -> None:
    transport = Transport()
    async with OracleService(fast()) as service:
        for _ in range(3):
            deltas = [delta async for delta in upstream(service, transport).generate(PROMPT, Sampling(1000))]
            assert TRUTH.startswith("".join(delta.text for delta in deltas).rstrip())
            assert deltas[-1].finish == "stop"
            assert any(delta.usage and delta.usage.prompt > 500 for delta in deltas)
        at_once = Sampling(1000, stream=False)
        whole = [delta async for delta in upstream(service, transport).generate(PROMPT, at_once)]
        assert "".join(delta.text for delta in whole) == "".join(delta.text for delta in deltas)
    await transport.aclose()


async def test_closing_the_connection_ends_the_answer() -> None:
    made, transport = Oracle(Model([TEXT], 1, trap_every=1e9), 1, Pace(1.0, 0.01, 20)), Transport()
    async with (
        OracleService(made) as service,
        aclosing(upstream(service, transport).generate(PROMPT, Sampling())) as deltas,
    ):
        await anext(deltas)
    await transport.aclose()
    assert made.streams[0].ended_ms is not None
    assert made.streams[0].generated_tokens < 20
