"""The gateway as its callers see it, over real sockets, in front of the test server."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.fim_server import FimServer, Script
from tests.fim_server.schema import validator
from tests.gateway.serving import QUESTION, Gateway, bearer

ADDED = "return a + b\n"


def events(body: str) -> list[dict[str, Any]]:
    *payloads, done = [line.removeprefix("data: ") for line in body.split("\n\n") if line]
    assert done == "[DONE]"
    return [json.loads(payload) for payload in payloads]


async def test_an_answer_at_once(served: Gateway) -> None:
    answer = await served.ask()
    assert answer.status_code == 200
    body = answer.json()
    validator("FimCompletionResponse").validate(body)
    assert body["choices"][0]["message"] == {"role": "assistant", "content": ADDED}
    assert body["choices"][0]["finish_reason"] == "stop"
    assert body["model"] == "codestral-latest"
    assert body["usage"]["completion_tokens"] == 4
    assert body["usage"]["total_tokens"] == body["usage"]["prompt_tokens"] + 4


async def test_an_answer_in_pieces(served: Gateway) -> None:
    answer = await served.ask(stream=True)
    assert answer.headers["content-type"].startswith("text/event-stream")
    chunks = events(answer.text)
    for chunk in chunks:
        validator("FimCompletionStreamResponse").validate(chunk)
    assert "".join(chunk["choices"][0]["delta"]["content"] for chunk in chunks) == ADDED
    assert chunks[0]["choices"][0]["delta"] == {"role": "assistant", "content": ""}
    assert [chunk["choices"][0]["finish_reason"] for chunk in chunks[:-1]] == [None] * (len(chunks) - 1)
    assert chunks[-1]["choices"][0]["finish_reason"] == "stop"
    assert chunks[-1]["usage"]["completion_tokens"] == 4


async def test_the_fields_reach_the_model(served: Gateway, model: FimServer) -> None:
    fields = {"temperature": 0.25, "top_p": 0.5, "max_tokens": 9, "min_tokens": 2, "random_seed": 7, "stop": ["\n\n"]}
    await served.ask(**fields, prompt_cache_key="place", metadata={"a": "b"})
    sent = model.requests[0].body
    assert sent | fields == sent
    assert sent["prompt"] == QUESTION["prompt"]
    assert sent["suffix"] == QUESTION["suffix"]
    assert sent["prompt_cache_key"] == "place"
    assert model.requests[0].key == "upstreams-key"


@pytest.mark.parametrize("stream", [False, True])
async def test_a_limit_on_tokens_ends_it(served: Gateway, stream: bool) -> None:
    answer = await served.ask(max_tokens=2, stream=stream)
    choice = events(answer.text)[-1]["choices"][0] if stream else answer.json()["choices"][0]
    assert choice["finish_reason"] == "length"


async def test_a_stop_string_that_the_model_does_not_heed(served: Gateway, model: FimServer) -> None:
    model.script = Script(text=lambda body: "one\ntwo\nthree", token_chars=1)
    answer = await served.ask(stop=["ne\nt"], stream=True)
    assert "".join(chunk["choices"][0]["delta"]["content"] for chunk in events(answer.text)) == "o"


FAILURES = [
    (Script(status=500), 503),
    (Script(status=401), 503),
    (Script(status=404), 503),
    (Script(status=429, headers={"Retry-After": "7"}), 429),
    (Script(status=422), 400),
    (Script(status=503), 503),
]


@pytest.mark.parametrize(("script", "status"), FAILURES, ids=[str(script.status) for script, _ in FAILURES])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_failing_model(served: Gateway, model: FimServer, script: Script, status: int, stream: bool) -> None:
    model.script = script
    answer = await served.ask(stream=stream)
    assert answer.status_code == status
    assert answer.json()["object"] == "error"
    assert "127.0.0.1" not in answer.text
    assert ("retry-after" in answer.headers) == (status in (429, 503))


REFUSED = [
    (b"{", 400),
    (b"[" * 100_000, 400),
    (b"[]", 422),
    (b"{}", 422),
    (b'{"model": "codestral-latest", "prompt": "", "n": 2}', 422),
    (b'{"model": "another", "prompt": ""}', 404),
    (b'{"model": "codestral-latest", "prompt": "' + b"x" * (4 << 20) + b'"}', 413),
]


@pytest.mark.parametrize(("body", "status"), REFUSED, ids=[str(status) for _, status in REFUSED])
async def test_refusals(served: Gateway, model: FimServer, body: bytes, status: int) -> None:
    answer = await served.http.post("/v1/fim/completions", content=body)
    assert answer.status_code == status
    assert answer.json()["object"] == "error"
    assert not model.requests


async def test_a_body_without_a_length_is_bounded_too(served: Gateway) -> None:
    async def body() -> Any:
        for _ in range(100):
            yield b" " * (1 << 16)

    answer = await served.http.post("/v1/fim/completions", content=body())
    assert answer.status_code == 413


async def test_other_paths_and_methods(served: Gateway) -> None:
    missing, wrong = await served.http.get("/v1/chat"), await served.http.get("/v1/fim/completions")
    assert (missing.status_code, wrong.status_code) == (404, 405)
    assert missing.json()["object"] == wrong.json()["object"] == "error"
    assert wrong.headers["allow"] == "POST"


async def test_models_health_and_figures(served: Gateway) -> None:
    names = [card["id"] for card in (await served.http.get("/v1/models")).json()["data"]]
    assert names == ["codestral-latest", "gpu"]
    assert (await served.http.get("/health")).json() == {"status": "ok"}
    await served.ask()
    figures = (await served.http.get("/metrics")).text
    assert 'fim_requests_total{key="",model="codestral-latest",provider="gpu",status="200"} 1.0' in figures
    assert 'fim_tokens_total{key="",kind="completion",model="codestral-latest"} 4.0' in figures


# Keys


async def test_keys_open_it(served: Gateway) -> None:
    assert (await served.ask()).status_code == 200
    key = served.add_key("ann")
    for wrong in ("", "fim-wrong"):
        answer = await served.ask(key=wrong)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    assert (await served.ask(key=key)).status_code == 200
    for path in ("/v1/models", "/metrics"):
        assert (await served.http.get(path)).status_code == 401
        assert (await served.http.get(path, headers=bearer(key))).status_code == 200
    assert (await served.http.get("/health")).status_code == 200


async def test_requests_per_minute(served: Gateway) -> None:
    key, other = served.add_key("ann", requests_per_minute=3), served.add_key("bob")
    answers = [await served.ask(key=key) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    left = [answer.headers["x-ratelimit-remaining-req-minute"] for answer in answers]
    assert left == ["2", "1", "0", "0", "0"]
    assert 1 <= int(answers[-1].headers["retry-after"]) <= 60
    assert (await served.ask(key=other)).status_code == 200


async def test_tokens_per_day(served: Gateway) -> None:
    key = served.add_key("ann", tokens_per_day=5)
    assert (await served.ask(key=key)).status_code == 200
    assert (await served.ask(key=key)).status_code == 429


async def test_without_keys_only_this_machines_own_names_are_served(served: Gateway) -> None:
    """A page on the web can have its own name point here, and read what the answer says."""
    foreign = {"Host": "attacker.example"}
    for host in (foreign, {"Host": "["}, {"Host": "127.0.0.1.attacker.example"}):
        assert (await served.http.get("/v1/models", headers=host)).status_code == 400
    assert (await served.http.get("/v1/models", headers={"Host": "localhost:1"})).status_code == 200
    key = served.add_key("ann")
    assert (await served.http.get("/v1/models", headers={**foreign, **bearer(key)})).status_code == 200


# Leaving


@pytest.mark.parametrize("stream", [False, True])
async def test_a_caller_that_leaves_takes_its_request_along(served: Gateway, model: FimServer, stream: bool) -> None:
    model.script = Script(text="x" * 4000, tokens_per_s=100)
    asking = asyncio.create_task(served.ask(stream=stream))
    await model.until(lambda: model.requests)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await model.until(lambda: model.requests[0].closed_at_s)
    figures = (await served.http.get("/metrics")).text
    assert 'status="499"} 1.0' in figures


async def test_a_model_that_breaks_off(served: Gateway, model: FimServer) -> None:
    model.script = Script(text="x" * 40, finish="error")
    assert events((await served.ask(stream=True)).text)[-1]["choices"][0]["finish_reason"] == "error"
    assert (await served.ask()).status_code == 503


async def test_nothing_of_a_prompt_is_logged(served: Gateway, model: FimServer, caplog: Any, capfd: Any) -> None:
    caplog.set_level(0)
    model.next_scripts += [Script(), Script(status=500), Script(status=422)]
    for _ in range(4):
        await served.ask(prompt="CANARY = 1\n", suffix="CANARY", prompt_cache_key="CANARY")
    out = capfd.readouterr()
    logged = [record.getMessage() for record in caplog.records if record.name.startswith(("fim_lsp", "uvicorn"))]
    assert "CANARY" not in "".join((*logged, out.out, out.err))


async def test_the_callers_connection_is_kept(served: Gateway) -> None:
    """A streamed answer and a refused one end where they should, so that the next can follow on the same connection."""
    async with httpx.AsyncClient(base_url=served.url, limits=httpx.Limits(max_connections=1)) as http:
        for fields in ({"stream": True}, {"n": 1}, {}, {"stream": True}):
            answer = await http.post("/v1/fim/completions", json={**QUESTION, **fields})
            assert answer.status_code == (422 if "n" in fields else 200)
