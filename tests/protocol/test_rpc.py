"""JSON-RPC: every request is answered exactly once, and nothing the client sends ends the server."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol.types import ConfigurationParams

from fim_lsp.lsp.framing import Malformed
from tests.lsp.editor import NEVER, URI, Editor, asked_at, insert, settle
from tests.lsp.fake_engine import FakeEngine

PARSE_ERROR, INVALID_REQUEST, METHOD_NOT_FOUND, INVALID_PARAMS, INTERNAL_ERROR = -32700, -32600, -32601, -32602, -32603
NOT_INITIALIZED, CANCELLED = -32002, -32800


def last_error(editor: Editor) -> tuple[Any, int]:
    response = editor.received[-1]
    assert response["jsonrpc"] == "2.0"
    assert set(response["error"]) == {"code", "message"}
    return response["id"], response["error"]["code"]


NOT_JSON = [
    pytest.param(b"", id="empty"),
    pytest.param(b"{", id="cut"),
    pytest.param(b"{}x", id="more than one"),
    pytest.param(b'{"jsonrpc":"2.0","id":1,"method":"\xff"}', id="not utf-8"),
    pytest.param(b'{"jsonrpc":"2.0","id":1,"method":"\\ud83d"', id="cut, with half a pair"),
    pytest.param(b"[" * 100_000 + b"]" * 100_000, id="deep"),
    pytest.param(b'{"a":' * 100_000 + b"1" + b"}" * 100_000, id="deep objects"),
    pytest.param(b'{"a":"\\ud83d",' + b'"b":[' * 50_000, id="deep, with half a pair"),
    pytest.param(b"\xef\xbb\xbf{}", id="byte order mark"),
]


@pytest.mark.parametrize("body", NOT_JSON)
async def test_answers_what_is_not_json(editor: Editor, body: bytes) -> None:
    editor.server.protocol.receive(body)

    assert last_error(editor) == (None, PARSE_ERROR)
    assert await editor.request("workspace/executeCommand", {"command": "fim-lsp.status"})


async def test_answers_a_bad_header(editor: Editor) -> None:
    editor.server.protocol.receive(Malformed("Content-Length is not a number"))

    assert last_error(editor) == (None, PARSE_ERROR)


NOT_MESSAGES = [
    pytest.param("[]", None, id="empty batch"),
    pytest.param('[{"jsonrpc":"2.0","id":1,"method":"shutdown"}]', None, id="batch"),
    pytest.param("1", None, id="number"),
    pytest.param('"x"', None, id="string"),
    pytest.param("null", None, id="null"),
    pytest.param("{}", None, id="nothing in it"),
    pytest.param('{"jsonrpc":"2.0"}', None, id="only the version"),
    pytest.param('{"jsonrpc":"1.0","id":3,"method":"shutdown"}', 3, id="other version"),
    pytest.param('{"id":3,"method":"shutdown"}', 3, id="no version"),
    pytest.param('{"jsonrpc":"2.0","id":3}', 3, id="no method, no result"),
    pytest.param('{"jsonrpc":"2.0","id":3,"method":7}', 3, id="method is a number"),
    pytest.param('{"jsonrpc":"2.0","id":null,"method":"shutdown"}', None, id="id is null"),
    pytest.param('{"jsonrpc":"2.0","id":1.5,"method":"shutdown"}', None, id="id is a fraction"),
    pytest.param('{"jsonrpc":"2.0","id":true,"method":"shutdown"}', None, id="id is true"),
    pytest.param('{"jsonrpc":"2.0","id":[1],"method":"shutdown"}', None, id="id is a list"),
    pytest.param('{"jsonrpc":"2.0","id":{},"method":"shutdown"}', None, id="id is an object"),
]


@pytest.mark.parametrize(("body", "answered_id"), NOT_MESSAGES)
async def test_answers_what_is_no_message(editor: Editor, body: str, answered_id: int | None) -> None:
    editor.server.protocol.receive(body.encode())

    assert last_error(editor) == (answered_id, INVALID_REQUEST)


BAD_PARAMS = [
    pytest.param(None, id="none"),
    pytest.param([], id="a list"),
    pytest.param("x", id="a string"),
    pytest.param({}, id="empty"),
    pytest.param({**asked_at(0, 0), "position": None}, id="no position"),
    pytest.param({**asked_at(0, 0), "position": {"line": -1, "character": 0}}, id="negative line"),
    pytest.param({**asked_at(0, 0), "position": {"line": "0", "character": 0}}, id="line is a string"),
    pytest.param({**asked_at(0, 0), "position": {"line": True, "character": 0}}, id="line is true"),
    pytest.param({**asked_at(0, 0), "textDocument": URI}, id="document is a string"),
    pytest.param({**asked_at(0, 0), "context": {"triggerKind": 9}}, id="unknown trigger"),
]


@pytest.mark.parametrize("params", BAD_PARAMS)
async def test_answers_bad_params(editor: Editor, params: Any) -> None:
    assert await editor.error("textDocument/inlineCompletion", params) == INVALID_PARAMS


async def test_bad_params_are_not_quoted(editor: Editor, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    await editor.error("textDocument/inlineCompletion", {"position": "SECRET", "textDocument": {"SECRET": 1}})
    editor.notify("textDocument/didOpen", {"textDocument": "SECRET"})

    assert "SECRET" not in json.dumps(editor.received)
    assert "SECRET" not in caplog.text


async def test_knows_its_methods(editor: Editor) -> None:
    assert await editor.error("textDocument/hover", {}) == METHOD_NOT_FOUND
    assert await editor.error("$/unknown", {}) == METHOD_NOT_FOUND
    assert await editor.error("textDocument/didClose", {"textDocument": {"uri": URI}}) == METHOD_NOT_FOUND


async def test_ignores_unknown_notifications(editor: Editor) -> None:
    before = len(editor.received)

    for method in ("$/unknown", "unknown", "textDocument/didUnknown"):
        editor.notify(method, {"a": 1})
    editor.notify("textDocument/inlineCompletion", asked_at(0, 0))  # a request without an id is none

    assert len(editor.received) == before


async def test_before_initialize() -> None:
    editor = Editor()

    editor.open("x")

    assert await editor.error("textDocument/inlineCompletion", asked_at(0, 0)) == NOT_INITIALIZED
    assert await editor.error("unknown") == NOT_INITIALIZED
    assert await editor.error("shutdown") == NOT_INITIALIZED
    assert await editor.initialize()
    assert editor.engine.documents == {}


@pytest.mark.parametrize("params", [None, [], "x", 7])
async def test_a_bad_initialize_can_be_repeated(params: Any) -> None:
    editor = Editor()

    assert await editor.error("initialize", params) == INVALID_PARAMS
    assert await editor.initialize()


async def test_initialize_comes_once(editor: Editor) -> None:
    assert await editor.error("initialize", {"capabilities": {}}) == INVALID_REQUEST


async def test_after_shutdown(editor: Editor) -> None:
    assert await editor.request("shutdown") is None

    assert await editor.error("textDocument/inlineCompletion", asked_at(0, 0)) == INVALID_REQUEST
    assert await editor.error("shutdown") == INVALID_REQUEST
    assert await editor.error("initialize", {"capabilities": {}}) == INVALID_REQUEST
    editor.open("x")
    assert editor.engine.documents == {}


@pytest.mark.parametrize("with_shutdown", [True, False])
async def test_exit_code(editor: Editor, with_shutdown: bool) -> None:
    if with_shutdown:
        await editor.request("shutdown")

    editor.notify("exit")

    assert editor.left == [0 if with_shutdown else 1]


async def test_shutdown_ends_what_runs(editor: Editor) -> None:
    editor.open("# hang")
    running = [editor.begin_complete(0, 6) for _ in range(3)]
    await settle()

    assert await editor.request("shutdown") is None

    assert [response["error"]["code"] for response in await asyncio.gather(*running)] == [CANCELLED] * 3
    assert editor.engine.cancelled == 3


@pytest.mark.parametrize("msg_id", [7, "seven", 0, "", -1, 2**63, 10**40, -(10**40), "\ud83d", "x" * 100_000])
async def test_cancel(editor: Editor, msg_id: int | str) -> None:
    editor.open("# hang")
    running = editor.begin("textDocument/inlineCompletion", asked_at(0, 6), msg_id)
    await settle()

    editor.notify("$/cancelRequest", {"id": msg_id})

    assert (await running)["error"]["code"] == CANCELLED
    assert editor.engine.cancelled == 1


async def test_cancel_in_the_same_breath_means_it_never_starts(editor: Editor) -> None:
    editor.open("# hang")

    running = editor.begin("textDocument/inlineCompletion", asked_at(0, 6), 1)
    editor.notify("$/cancelRequest", {"id": 1})

    assert (await running)["error"]["code"] == CANCELLED
    assert editor.engine.asked == []
    assert [event for event in editor.engine.events if event[0] == "cancelled"] == [("cancelled", URI)]


@pytest.mark.parametrize("params", [None, {}, {"id": 99}, {"id": None}, {"id": [1]}, {"id": {}}, {"id": True}, [1]])
async def test_a_cancel_that_means_nothing(editor: Editor, params: Any) -> None:
    editor.open("# hang")
    running = editor.begin("textDocument/inlineCompletion", asked_at(0, 6), 1)
    await settle()

    editor.notify("$/cancelRequest", params)
    await settle()

    assert not running.done()
    editor.notify("$/cancelRequest", {"id": 1})
    await running


async def test_an_id_in_use_is_refused_and_the_first_goes_on(editor: Editor) -> None:
    editor.open("# hang")
    first = editor.begin("textDocument/inlineCompletion", asked_at(0, 6), 5)
    await settle()

    editor.send({"id": 5, "method": "workspace/executeCommand", "params": {"command": "fim-lsp.status"}})

    assert (await first)["error"]["code"] == INVALID_REQUEST  # the first answer to this id
    assert editor.engine.cancelled == 0
    editor.notify("$/cancelRequest", {"id": 5})
    await settle()
    assert editor.engine.cancelled == 1


async def test_number_and_string_are_different_ids(editor: Editor) -> None:
    editor.open("# hang")
    one = editor.begin("textDocument/inlineCompletion", asked_at(0, 6), 1)
    other = editor.begin("textDocument/inlineCompletion", asked_at(0, 6), "1")
    await settle()

    editor.notify("$/cancelRequest", {"id": "1"})
    await other

    assert not one.done()
    editor.notify("$/cancelRequest", {"id": 1})
    await one


async def test_a_nested_jsonrpc_key_is_only_data(editor: Editor) -> None:
    nested = {"jsonrpc": "2.0", "id": 1, "method": "shutdown", "params": {"jsonrpc": "2.0"}}

    editor.notify("workspace/didChangeConfiguration", {"settings": {"fim-lsp": {"x": nested}}})

    assert editor.engine.configured[-1][0] == [{}, {"x": nested}]
    assert not editor.server.protocol.is_shut_down


async def test_a_crash_ends_only_its_request(
    editor: Editor, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def crash(self: FakeEngine) -> None:
        raise KeyError("SECRET")

    with monkeypatch.context() as patch:
        patch.setattr(FakeEngine, "status", crash)
        assert await editor.error("workspace/executeCommand", {"command": "fim-lsp.status"}) == INTERNAL_ERROR
        patch.setattr(FakeEngine, "closed", crash)
        editor.open("x")
        editor.notify("textDocument/didClose", {"textDocument": {"uri": URI}})

    assert "KeyError in crash" in caplog.text
    assert "SECRET" not in caplog.text + json.dumps(editor.received)
    assert "Traceback" not in caplog.text + json.dumps(editor.received)
    assert await editor.request("workspace/executeCommand", {"command": "fim-lsp.status"})


async def test_answers_nobody_asked_for(editor: Editor) -> None:
    before = len(editor.received)

    for msg_id in (1, "x", None, [1]):
        editor.send({"id": msg_id, "result": {}})
        editor.send({"id": msg_id, "error": {"code": 1, "message": "no"}})

    assert len(editor.received) == before


async def test_an_answer_that_comes_too_late_is_nothing(editor: Editor) -> None:
    editor.answers["workspace/configuration"] = NEVER
    asked = editor.server.protocol.send_request_async("workspace/configuration", ConfigurationParams([]))
    asked.cancel()
    await settle()

    editor.send({"id": editor.received[-1]["id"], "result": []})

    assert await editor.request("workspace/executeCommand", {"command": "fim-lsp.status"})


async def test_asks_the_client_by_numbers(editor: Editor) -> None:
    """Vim's client and Kate answer an id that is a word with a number."""
    for _ in range(2):
        await editor.server.protocol.send_request_async("workspace/configuration", ConfigurationParams([]))

    assert [message["id"] for message in editor.received if "method" in message] == [1, 2]


async def test_nothing_is_kept_of_what_is_done(editor: Editor) -> None:
    editor.open("x\n")
    protocol = editor.server.protocol

    for _ in range(200):
        editor.change(insert(0, 0, "y"))
        await editor.complete(0, 0)
    await editor.begin("unknown")
    await protocol.send_request_async("workspace/configuration", ConfigurationParams([]))

    assert not protocol._running
    assert not protocol._request_futures
    assert not protocol._result_types


async def test_half_a_surrogate_pair_can_come_and_go(editor: Editor) -> None:
    editor.server.protocol.receive(
        b'{"jsonrpc":"2.0","id":1,"method":"workspace/executeCommand","params":{"command":"\\ud83d"}}'
    )
    editor.engine.text = "\ud83d"
    editor.open("x")

    assert last_error(editor) == (1, INVALID_PARAMS)
    assert (await editor.complete(0, 1))[0]["insertText"] == "\ud83d"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
METHODS = ["textDocument/inlineCompletion", "textDocument/completion", "workspace/executeCommand", "initialize", "x"]
NOTIFICATIONS = [
    "textDocument/didOpen",
    "textDocument/didChange",
    "textDocument/didClose",
    "textDocument/didSave",
    "notebookDocument/didOpen",
    "notebookDocument/didChange",
    "notebookDocument/didClose",
    "workspace/didChangeConfiguration",
    "workspace/didChangeWatchedFiles",
    "workspace/didChangeWorkspaceFolders",
    "$/cancelRequest",
    "$/setTrace",
    "initialized",
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(METHODS + NOTIFICATIONS), json_values), max_size=6))
async def test_any_params_are_survived_and_every_request_is_answered(messages: list[tuple[str, Any]]) -> None:
    editor = Editor()
    await editor.initialize()
    editor.open("x\n")

    requests = []
    for method, params in messages:
        if method in METHODS:
            requests.append(editor.begin(method, params))
        editor.notify(method, params)

    for response in await asyncio.wait_for(asyncio.gather(*requests), 5):
        assert ("result" in response) != ("error" in response)
    await editor.close()
