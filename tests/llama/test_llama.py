"""Our providers against a real llama-server: no shape here is our own idea."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from fim_lsp import checkup, errors
from fim_lsp.discovery import by_search, fetch
from fim_lsp.keys import Keys
from fim_lsp.providers.base import Delta, Prompt, Request, Sampling, Snippet
from fim_lsp.providers.presets import BY_KIND, endpoint_for
from fim_lsp.settings.model import ProviderSettings, Settings
from fim_lsp.transport import Transport
from fim_lsp.upstream import Upstream
from tests.llama.model import write_model
from tests.llama.server import llama_server

TEXT = "return a + b  # the sum\n"
PROMPT = Prompt(
    "def add(a, b):\n    ",
    "\n\nprint(add(1, 2))\n",
    path="add.py",
    language="python",
    project="sums",
    snippets=(Snippet("helpers.py", "def twice(n):\n    return n * 2\n", "definition"),),
)
KEY = "sesame-4711"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    folder = tmp_path_factory.mktemp("models")
    with ExitStack() as stack:

        def start(name: str, *options: str, fills_in: bool = True, endless: bool = False) -> str:
            model: Path = folder / f"{name}.gguf"
            write_model(model, TEXT, fills_in=fills_in, endless=endless)
            return stack.enter_context(llama_server(model, *options))

        yield {
            "good": start("good", "-c", "4096", "--slots"),
            "no-fim": start("no-fim", "-c", "4096", fills_in=False),
            "endless": start("endless", "-c", "131072", "--slots", endless=True),
            "small": start("small", "-c", "256", "-b", "256"),
            "keyed": start("keyed", "-c", "4096", "--api-key", KEY),
        }


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    transport = Transport()
    yield transport
    await transport.aclose()


def upstream(transport: Transport, url: str, kind: str = "llamacpp", key: str = "", **own: str) -> Upstream:
    settings = ProviderSettings(kind=kind, base_url=url, **own)  # type: ignore[arg-type]
    endpoint = replace(endpoint_for("mine", settings), key=key)
    return Upstream(endpoint, BY_KIND[endpoint.kind], transport, deadline_s=30)


async def ask(upstream: Upstream, sampling: Sampling | None = None, prompt: Prompt = PROMPT) -> list[Delta]:
    async with aclosing(upstream.generate(prompt, sampling or Sampling())) as deltas:
        return [delta async for delta in deltas]


def text_of(deltas: list[Delta]) -> str:
    return "".join(delta.text for delta in deltas)


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("prefix", [PROMPT.prefix, "def add(a, b):\n    retu", "", "a = add(1, "])
async def test_infill(servers: dict[str, str], transport: Transport, stream: bool, prefix: str) -> None:
    prompt = replace(PROMPT, prefix=prefix)
    deltas = await ask(upstream(transport, servers["good"]), Sampling(stream=stream), prompt)
    assert text_of(deltas) == TEXT
    assert [delta.finish for delta in deltas if delta.finish] == ["stop"]
    (usage,) = [delta.usage for delta in deltas if delta.usage]
    assert usage.prompt > 0
    assert usage.completion >= len(TEXT) // 3


async def test_infill_streams_token_by_token(servers: dict[str, str], transport: Transport) -> None:
    deltas = await ask(upstream(transport, servers["good"]))
    assert len([delta for delta in deltas if delta.text]) == len(TEXT) // 3


async def test_infill_is_cut_at_max_tokens(servers: dict[str, str], transport: Transport) -> None:
    deltas = await ask(upstream(transport, servers["good"]), Sampling(max_tokens=2))
    assert text_of(deltas) == TEXT[:6]
    assert deltas[-1].finish == "length"


async def test_infill_stops_at_stop_strings(servers: dict[str, str], transport: Transport) -> None:
    assert text_of(await ask(upstream(transport, servers["good"]), Sampling(stop=("  #",)))) == "return a + b"


async def test_every_sampling_setting_is_taken(servers: dict[str, str], transport: Transport) -> None:
    sampling = Sampling(temperature=0.0, top_p=0.9, random_seed=7, stop=("\x00",), max_tokens=64)
    assert text_of(await ask(upstream(transport, servers["good"]), sampling)) == TEXT


async def test_leaving_reaches_the_server(servers: dict[str, str], transport: Transport) -> None:
    """Its slot goes idle long before the text could have ended."""
    endless = upstream(transport, servers["endless"])
    for _ in range(3):
        async with aclosing(endless.generate(PROMPT, Sampling(max_tokens=100_000))) as deltas:
            async for delta in deltas:
                if delta.text:
                    break
        async with asyncio.timeout(5):
            while await is_busy(transport, servers["endless"]):
                pass
    assert text_of(await ask(endless, Sampling(max_tokens=2))) == TEXT[:6]


async def is_busy(transport: Transport, url: str) -> bool:
    slots = await fetch(transport, Request(f"{url}/slots", {}, method="GET"), 5)
    return any(slot["is_processing"] for slot in slots)


async def test_a_model_without_fim_tokens(servers: dict[str, str], transport: Transport) -> None:
    with pytest.raises(errors.NoInfill, match="cannot fill in the middle"):
        await ask(upstream(transport, servers["no-fim"]))


async def test_a_template_goes_around_infill(servers: dict[str, str], transport: Transport) -> None:
    assert text_of(await ask(upstream(transport, servers["no-fim"], template="qwen"))) == TEXT


@pytest.mark.parametrize(("key", "error"), [("", errors.KeyRefused), ("wrong-key", errors.KeyRefused), (KEY, None)])
async def test_keys(
    servers: dict[str, str], transport: Transport, key: str, error: type[errors.ProviderError] | None
) -> None:
    keyed = upstream(transport, servers["keyed"], key=key)
    if error is None:
        assert text_of(await ask(keyed)) == TEXT
    else:
        with pytest.raises(error, match="refused the API key"):
            await ask(keyed)


async def test_a_prompt_longer_than_the_context(servers: dict[str, str], transport: Transport) -> None:
    """Infill cuts by itself; a plain completion is refused."""
    long = replace(PROMPT, prefix="x = 1\n" * 400, snippets=())
    with pytest.raises(errors.TooLong, match=r"context\.max_tokens"):
        await ask(upstream(transport, servers["small"], template="qwen"), Sampling(max_tokens=8), long)


@pytest.mark.parametrize(
    ("kind", "own"),
    [
        ("openai", {"model": "any", "template": "qwen"}),
        ("openai", {"model": "any", "template": "starcoder2"}),
        ("openai", {"model": "any", "template": "none"}),
        ("vllm", {"model": "Qwen2.5-Coder-1.5B"}),
        ("openai", {"model": "Qwen2.5-Coder-1.5B"}),
    ],
)
async def test_openai_completions(
    servers: dict[str, str], transport: Transport, kind: str, own: dict[str, str]
) -> None:
    """llama.cpp refuses a suffix, or passes over it; either way the model is asked."""
    deltas = await ask(upstream(transport, f"{servers['good']}/v1", kind, **own))
    assert text_of(deltas) == TEXT
    assert [delta.finish for delta in deltas if delta.finish] == ["stop"]


async def no_keyring(name: str) -> str:
    return ""


@pytest.mark.parametrize(("name", "is_found"), [("good", True), ("no-fim", False), ("keyed", False)])
async def test_discovery(servers: dict[str, str], transport: Transport, name: str, is_found: bool) -> None:
    found = await by_search(Settings(), transport, no_keyring, local=(("llamacpp", servers[name]),))
    assert (found is not None) == is_found


async def test_the_doctor(servers: dict[str, str], transport: Transport) -> None:
    settings = Settings(providers={"llamacpp": ProviderSettings(base_url=servers["good"])})
    keys = Keys({}, read_keyring=no_keyring)
    findings = [finding async for finding in checkup.examine("llamacpp", settings, transport, keys)]
    assert {finding.verdict for finding in findings} == {"ok"}
    assert "good.gguf is loaded" in findings[-2].detail
