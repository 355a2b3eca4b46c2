"""One suite for every wire format: what a provider must do over a real socket, whoever is behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

import pytest

from fim_lsp import errors
from fim_lsp.providers.base import Delta, Prompt, Sampling, Snippet
from fim_lsp.providers.presets import BY_KIND, PRESETS, endpoint_for
from fim_lsp.settings.model import ProviderSettings
from fim_lsp.transport import Transport
from fim_lsp.upstream import Upstream
from tests.fim_server import FimServer, Script
from tests.transport.closing import quickest_close_ms

PROMPT = Prompt(
    "def add(a, b):\n    ",
    "\n\nprint(add(1, 2))\n",
    path="add.py",
    language="python",
    project="sums",
    snippets=(Snippet("helpers.py", "def twice(n):\n    return n * 2\n", "definition"),),
)


@dataclass(frozen=True)
class Case:
    """A provider as a user would set it up; `base` follows the server's address."""

    preset: str
    base: str
    model: str = ""
    template: str = ""
    streams: bool = True

    def __str__(self) -> str:
        return "-".join(part for part in (self.preset, self.template) if part)


CASES = [
    Case("mistral", "/v1"),
    Case("codestral", "/v1"),
    Case("azure", "/v1"),
    Case("vertex", "/v1/projects/p/locations/europe-west4"),
    Case("llamacpp", ""),
    Case("llamacpp", "", template="qwen"),
    Case("ollama", "", model="qwen2.5-coder:1.5b"),
    Case("ollama", "", model="some-model", template="starcoder2"),
    Case("openai", "/v1", model="some-model"),
    Case("vllm", "/v1", model="Qwen/Qwen2.5-Coder-7B"),
    Case("sglang", "/v1", model="deepseek-ai/deepseek-coder-6.7b-base"),
    Case("lmstudio", "/v1", model="codellama-7b"),
    Case("litellm", "/v1", model="text-completion-codestral/codestral-latest"),
    Case("siliconflow", "/v1"),
    Case("fireworks", "/inference/v1", model="accounts/fireworks/models/starcoder2-7b"),
    Case("deepseek", "/beta"),
    Case("mercury", "/v1"),
    Case("tgi", "", model="bigcode/starcoder2-3b"),
    Case("tabby", "", streams=False),
]


def test_every_wire_format_and_preset_is_in_the_suite() -> None:
    assert {case.preset for case in CASES} == set(PRESETS) - {"lookup"}
    assert {PRESETS[case.preset].kind for case in CASES} == set(BY_KIND)


@pytest.fixture(params=CASES, ids=str)
def case(request: pytest.FixtureRequest) -> Case:
    return request.param  # type: ignore[no-any-return]


@pytest.fixture
async def server() -> AsyncIterator[FimServer]:
    async with FimServer(key="sesame-4711") as server:
        yield server


@pytest.fixture
async def upstream(server: FimServer, case: Case) -> AsyncIterator[Upstream]:
    transport = Transport()
    settings = ProviderSettings(
        kind=case.preset, base_url=server.url + case.base, model=case.model, template=case.template
    )
    endpoint = replace(endpoint_for("mine", settings), key="sesame-4711")
    yield Upstream(endpoint, BY_KIND[endpoint.kind], transport, deadline_s=2)
    await transport.aclose()


async def ask(upstream: Upstream, sampling: Sampling | None = None, prompt: Prompt = PROMPT) -> list[Delta]:
    async with aclosing(upstream.generate(prompt, sampling or Sampling())) as deltas:
        return [delta async for delta in deltas]


def text_of(deltas: list[Delta]) -> str:
    return "".join(delta.text for delta in deltas)


FULL = Sampling(
    max_tokens=64, temperature=0.2, top_p=0.9, random_seed=7, stop=("\n\n\n",), cache_key=None, min_tokens=None
)


@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
@pytest.mark.parametrize("sampling", [Sampling(), FULL], ids=["plain", "full"])
async def test_what_the_model_says_arrives(
    server: FimServer, upstream: Upstream, sampling: Sampling, stream: bool
) -> None:
    """The server refuses unknown fields and nulls, so this holds the request to its documented shape, too."""
    server.script = Script(text="return a + b  # žluťoučký 🐎\n", bytes_a_write=5)
    deltas = await ask(upstream, replace(sampling, stream=stream))
    assert text_of(deltas) == "return a + b  # žluťoučký 🐎\n"
    assert [delta.finish for delta in deltas if delta.finish] == ["stop"]


async def test_it_streams(server: FimServer, upstream: Upstream, case: Case) -> None:
    deltas = await ask(upstream)
    assert (len([delta for delta in deltas if delta.text]) > 1) == case.streams


async def test_a_cut_text_is_known_as_cut(server: FimServer, upstream: Upstream, case: Case) -> None:
    deltas = await ask(upstream, Sampling(max_tokens=2))
    if case.preset == "tabby":
        assert text_of(deltas) == "return a + b\n"
    else:
        assert text_of(deltas) == "return a"
        assert [delta.finish for delta in deltas if delta.finish] == ["length"]


async def test_the_text_around_the_cursor_is_sent_as_it_is(server: FimServer, upstream: Upstream) -> None:
    await ask(upstream, prompt=replace(PROMPT, snippets=()))
    sent = flat(server.requests[0].body)
    assert PROMPT.suffix in sent
    assert PROMPT.prefix in sent or (PROMPT.prefix[:15] in sent and "    " in sent)


async def test_requests_of_a_place_can_be_told_to_belong_together(
    server: FimServer, upstream: Upstream, case: Case
) -> None:
    """For load balancers in front of one's own servers; hosted services have a field for it, or nothing."""
    await ask(upstream, Sampling(cache_key="place-7"))
    (request,) = server.requests
    kind = PRESETS[case.preset].kind
    assert request.body.get("prompt_cache_key") == ("place-7" if kind in ("mistral", "vertex") else None)
    own = kind in ("openai", "llamacpp", "ollama", "tgi", "tabby")
    assert request.headers.get("x-session-id") == ("place-7" if own else None)


async def test_an_empty_suffix_is_no_trouble(server: FimServer, upstream: Upstream) -> None:
    assert text_of(await ask(upstream, prompt=replace(PROMPT, suffix=""))) == "return a + b\n"


async def test_snippets_are_sent_where_the_format_has_a_place_for_them(
    server: FimServer, upstream: Upstream, case: Case
) -> None:
    await ask(upstream)
    knows_no_files = case.model.startswith(("codellama", "deepseek"))
    assert ("return n * 2" in flat(server.requests[0].body)) != knows_no_files


def flat(value: Any) -> str:
    """All texts of a body one after another."""
    if isinstance(value, dict):
        return "\x00".join(flat(item) for item in value.values())
    if isinstance(value, list):
        return "\x00".join(map(flat, value))
    return str(value)


async def test_closing_closes_the_connection(server: FimServer, upstream: Upstream, case: Case) -> None:
    if case.streams:
        assert await quickest_close_ms(server, upstream) < 20


ERRORS = [
    (Script(status=400), errors.BadRequest),
    (Script(status=401), errors.KeyRefused),
    (Script(status=403), errors.KeyRefused),
    (Script(status=404), errors.NotFound),
    (Script(status=422), errors.BadRequest),
    (Script(status=429), errors.RateLimited),
    (Script(status=500), errors.Overloaded),
    (Script(status=502), errors.Overloaded),
    (Script(status=503), errors.Overloaded),
    (Script(status=400, error={"error": {"message": "maximum context length is 4096 tokens"}}), errors.TooLong),
    (Script(fault="cut"), errors.Broken),
    (Script(fault="web-page"), errors.Broken),
    (Script(fault="empty"), errors.Broken),
    (Script(fault="error-in-the-stream"), errors.Overloaded),
]


@pytest.mark.parametrize(("script", "error"), ERRORS, ids=lambda value: getattr(value, "fault", "") or None)
async def test_errors_become_ours(
    server: FimServer, upstream: Upstream, script: Script, error: type[errors.ProviderError]
) -> None:
    server.script = script
    with pytest.raises(errors.ProviderError) as caught:
        await ask(upstream)
    assert isinstance(caught.value, error)
    assert "sesame" not in str(caught.value)
    server.script = Script()
    assert text_of(await ask(upstream)) == "return a + b\n"


async def test_a_wrong_key_is_said_to_be_one(server: FimServer, upstream: Upstream) -> None:
    server.key = "another"
    with pytest.raises(errors.KeyRefused, match="refused the API key"):
        await ask(upstream)


async def test_extra_fields_reach_the_body(server: FimServer, case: Case) -> None:
    extra = {"ollama": {"options": {"num_ctx": 8192}}, "tgi": {"parameters": {"top_k": 5}}}.get(
        case.preset, {"temperature": 0.7}
    )
    settings = ProviderSettings(
        kind=case.preset,
        base_url=server.url + case.base,
        model=case.model,
        template=case.template,
        extra=extra,
    )
    endpoint = endpoint_for("mine", settings)
    body = BY_KIND[endpoint.kind].encode(PROMPT, Sampling(), endpoint).body
    for name, value in extra.items():
        assert body[name] == value or (value.items() <= body[name].items() and "stop" not in value)


async def upstream_for(server: FimServer, preset: str, base: str, model: str, transport: Transport) -> Upstream:
    settings = ProviderSettings(kind=preset, base_url=server.url + base, model=model)
    endpoint = replace(endpoint_for("mine", settings), key="sesame-4711")
    return Upstream(endpoint, BY_KIND[endpoint.kind], transport, deadline_s=2)


@pytest.fixture
async def transport() -> AsyncIterator[Transport]:
    transport = Transport()
    yield transport
    await transport.aclose()


REFUSING = [("openai", "/v1", Script(refuses_suffix=True)), ("ollama", "", Script(fills_in=False))]


@pytest.mark.parametrize(("preset", "base", "script"), REFUSING)
async def test_where_a_suffix_is_refused_the_models_own_tokens_are_used_from_then_on(
    server: FimServer, transport: Transport, preset: str, base: str, script: Script
) -> None:
    server.script = script
    upstream = await upstream_for(server, preset, base, "qwen2.5-coder:7b", transport)
    for _ in range(2):
        assert text_of(await ask(upstream)) == "return a + b\n"
    assert ["suffix" in request.body for request in server.requests] == [True, False, False]
    assert server.requests[-1].body["prompt"].endswith("<|fim_suffix|>" + PROMPT.suffix + "<|fim_middle|>")


@pytest.mark.parametrize(("preset", "base", "script"), REFUSING)
async def test_an_unknown_model_without_suffix_is_refused_with_the_list_of_templates(
    server: FimServer, transport: Transport, preset: str, base: str, script: Script
) -> None:
    server.script = script
    upstream = await upstream_for(server, preset, base, "chatty-7b", transport)
    with pytest.raises(errors.NoInfill, match=r"[Ss]et template .* qwen, starcoder2"):
        await ask(upstream)
    assert len(server.requests) == 1


async def test_a_llamacpp_model_without_fim_tokens_is_said_to_have_none(
    server: FimServer, transport: Transport
) -> None:
    server.script = Script(fills_in=False)
    with pytest.raises(errors.NoInfill, match="cannot fill in the middle"):
        await ask(await upstream_for(server, "llamacpp", "", "", transport))
