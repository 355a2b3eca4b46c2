"""What comes in from outside, made up: bytes of an editor, of a service, of files that a repository holds.

Whatever it is, nothing fails but in the ways that have a name, and what is asked after it is answered. TEST_FUZZ
says how many times as long to try.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings
from lsprotocol import types

from fim_lsp.body import SIZE_LIMIT
from fim_lsp.errors import ProviderError
from fim_lsp.lsp.framing import Deframer, frame
from fim_lsp.lsp.server import HANDLERS
from fim_lsp.privacy.gate import Gate
from fim_lsp.providers.base import Delta, Endpoint, Prompt, Request, Sampling
from fim_lsp.providers.presets import BY_KIND
from fim_lsp.settings.model import Privacy, Settings
from fim_lsp.settings.sources import Sources
from fim_lsp.upstream import Upstream
from tests.lsp.editor import URI, Editor, asked_at, insert

TIMES = int(os.environ.get("TEST_FUZZ", "1"))


def bounded(examples: int) -> settings:
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture]
    return settings(max_examples=examples * TIMES, derandomize=TIMES == 1, deadline=None, suppress_health_check=slow)


FLOATS = st.floats(allow_nan=False, allow_infinity=False)
"""JSON has no others: a body with one of those cannot be read, and whom to answer is not known."""
SCALARS = st.none() | st.booleans() | st.integers() | FLOATS | st.text(max_size=12)


def json_with(names: list[str], leaves: st.SearchStrategy[Any] = SCALARS) -> st.SearchStrategy[Any]:
    """JSON whose objects have these names more often than others."""
    keys = st.sampled_from(names) | st.text(max_size=6)
    return st.recursive(
        leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5), max_leaves=14
    )


# An editor


LSP_NAMES = [
    *("textDocument", "uri", "position", "line", "character", "context", "triggerKind", "contentChanges", "range"),
    *("start", "end", "text", "version", "languageId", "settings", "command", "arguments", "event", "added", "removed"),
    *("cells", "structure", "array", "deleteCount", "notebookDocument", "cellTextDocuments", "changes", "type", "id"),
    *("selectedCompletionInfo", "jsonrpc", "method", "params", "result", "error", "fim-lsp", "value", "token"),
]
LSP_LEAVES = SCALARS | st.sampled_from([URI, 0, 1, 2, -1, 2**31, "fim-lsp.why", "fim-lsp.snooze", "python", "\ud800"])
METHODS = st.sampled_from([*set(HANDLERS) - {types.EXIT, types.SHUTDOWN, types.INITIALIZE}, "$/cancelRequest"])
VALID = [
    ("textDocument/didChange", {"textDocument": {"uri": URI, "version": 2}, "contentChanges": [insert(0, 0, "x")]}),
    ("textDocument/inlineCompletion", asked_at(0, 1)),
    ("workspace/executeCommand", {"command": "fim-lsp.status", "arguments": []}),
]


@st.composite
def messages(draw: st.DrawFn) -> dict[str, Any]:
    """Nearly right: a known method with any params, or a good message with a part of it replaced."""
    if draw(st.booleans()):
        return {"method": draw(METHODS), "params": draw(json_with(LSP_NAMES, LSP_LEAVES))}
    method, params = draw(st.sampled_from(VALID))
    params = json.loads(json.dumps(params))
    at: Any = params
    while isinstance(at, dict | list) and at:
        key = draw(st.sampled_from(sorted(at))) if isinstance(at, dict) else draw(st.integers(0, len(at) - 1))
        if draw(st.booleans()) or not isinstance(at[key], dict | list):
            at[key] = draw(json_with(LSP_NAMES, LSP_LEAVES))
            break
        at = at[key]
    return {"method": method, "params": params}


@bounded(40)
@given(st.lists(st.tuples(messages(), st.booleans()), max_size=6))
def test_every_request_is_answered_once_whatever_it_says(sent: list[tuple[dict[str, Any], bool]]) -> None:
    async def play() -> None:
        editor = await _ready()
        for number, (message, asks) in enumerate(sent):
            editor.send({**message, "id": f"fuzz {number}"} if asks else message)
        await _still_works(editor)
        answers = [received["id"] for received in editor.received if "method" not in received]
        for number, (message, asks) in enumerate(sent):
            assert answers.count(f"fuzz {number}") == (1 if asks else 0), message

    asyncio.run(play())


@bounded(40)
@given(st.data())
def test_bytes_of_an_editor(data: st.DataObject) -> None:
    """A good session with bytes replaced, cut out, put in or doubled, in any chunks."""
    good = b"".join(frame(json.dumps({"jsonrpc": "2.0", "method": m, "params": p}).encode()) for m, p in VALID)
    stream = mutated(data, good)
    sizes = data.draw(st.lists(st.integers(1, 40), max_size=20))

    async def play() -> None:
        editor, deframer = await _ready(), Deframer()
        at = 0
        for size in [*sizes, len(stream)]:
            for received in deframer.feed(stream[at : at + size]):
                editor.server.protocol.receive(received)
            at += size
        await _still_works(editor)

    asyncio.run(play())


def mutated(data: st.DataObject, good: bytes) -> bytes:
    for _ in range(data.draw(st.integers(0, 5))):
        start = data.draw(st.integers(0, len(good)))
        end = data.draw(st.integers(start, min(len(good), start + 30)))
        new = data.draw(
            st.binary(max_size=8) | st.sampled_from([b"\r\n", b"Content-Length: 5\r\n\r\n", b"{", good[:60]])
        )
        good = good[:start] + new + good[end:]
    return good


async def _ready() -> Editor:
    editor = Editor()
    await editor.initialize()
    editor.open("x = 1\n")
    return editor


async def _still_works(editor: Editor) -> None:
    other = "file:///project/fresh.py"
    editor.open("x = ", other)
    assert await editor.complete(0, 4, other)
    await asyncio.sleep(0)
    assert editor.left == []
    await editor.close()


# A service


ANSWER_NAMES = [
    *("choices", "delta", "content", "text", "message", "finish_reason", "usage", "prompt_tokens", "index", "type"),
    *(
        "completion_tokens",
        "cached_tokens",
        "prompt_tokens_details",
        "response",
        "done",
        "done_reason",
        "error",
        "code",
    ),
    *("generated_text", "token", "special", "details", "stop", "stop_type", "timings", "tokens_cached", "detail"),
    *("prompt_eval_count", "eval_count", "object", "param", "raw_status_code", "tokens_evaluated", "truncated"),
]
ANSWER_LEAVES = SCALARS | st.sampled_from(["stop", "length", "text", "x\n", True, -1, 1e400])
PAYLOADS = json_with(ANSWER_NAMES, ANSWER_LEAVES).map(lambda value: json.dumps(value).encode())
GOOD = [
    b'data: {"choices":[{"index":0,"delta":{"content":"a + b"},"finish_reason":null}]}\n\n',
    b'data: {"choices":[{"index":0,"text":"\\n","finish_reason":"stop"}],"usage":{"prompt_tokens":3}}\n\n',
    b'{"content":"a","stop":false}\n{"content":"","stop":true,"stop_type":"eos","timings":{}}\n',
    b'{"response":"a","done":false}\n{"response":"","done":true,"done_reason":"stop","eval_count":2}\n',
    b'data:{"token":{"text":"a","special":false},"generated_text":null}\n\ndata: [DONE]\n\n',
]
STREAMS = st.lists(
    st.tuples(st.sampled_from([b"data: ", b"data:", b"", b"event: x\ndata: "]), PAYLOADS | st.binary(max_size=30)),
    max_size=6,
).map(lambda parts: b"".join(head + body + b"\n\n" for head, body in parts))


class Said:
    """An answer that has come, and the transport that it came by."""

    def __init__(self, status: int, body: bytes, sizes: list[int]) -> None:
        self.status = status
        self.headers: dict[str, str] = {}
        self.complete = self.done = False
        self._body = body
        self._sizes = sizes

    @asynccontextmanager
    async def open(self, request: Request, **limits: Any) -> AsyncIterator[Said]:
        yield self

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        at = 0
        for size in [*self._sizes, len(self._body) + 1]:
            if at < len(self._body):
                yield self._body[at : at + size]
            at += size

    async def text(self) -> str:
        return self._body.decode("utf-8", "replace")


@bounded(60)
@given(st.data(), st.sampled_from(sorted(BY_KIND)), st.sampled_from([200, 200, 200, 400, 401, 404, 422, 429, 500, 599]))
def test_bytes_of_a_service(data: st.DataObject, kind: str, status: int) -> None:
    """Deltas or one of our errors come of it, and never more text than was sent."""
    body = (
        data.draw(STREAMS | st.binary(max_size=80))
        if data.draw(st.booleans())
        else b"".join(data.draw(st.lists(st.sampled_from(GOOD), max_size=4)))
    )
    body = mutated(data, body)
    assert len(body) < SIZE_LIMIT
    said = Said(status, body, data.draw(st.lists(st.integers(1, 20), max_size=10)))
    endpoint = Endpoint("mine", kind, "http://127.0.0.1:1/v1", "codestral", "sesame-4711")
    upstream = Upstream(endpoint, BY_KIND[kind], said, deadline_s=1)  # type: ignore[arg-type]

    async def ask() -> tuple[list[Delta], ProviderError | None]:
        deltas: list[Delta] = []
        try:
            async for delta in upstream.generate(Prompt("a", "b"), Sampling()):
                deltas.append(delta)
        except ProviderError as error:
            return deltas, error
        return deltas, None

    deltas, error = asyncio.run(ask())
    assert all(isinstance(delta.text, str) for delta in deltas)
    assert sum(len(delta.text) for delta in deltas) <= len(body)
    assert error is None or (error.message and "sesame-4711" not in f"{error} {error.message}")


# Files of a repository


TOML = st.lists(
    st.sampled_from(
        [
            *(
                "[completion]",
                "[privacy]",
                "[network]",
                "[limits]",
                "[context]",
                "[providers.mine]",
                "[languages.python]",
            ),
            *('provider = "evil"', "enabled = false", "enabled = true", "redact = false", 'outside = "open"'),
            *(
                'ignore = ["!*", "a/"]',
                "ignore = []",
                'proxy = "http://evil"',
                'base_url = "http://evil"',
                "[[providers]]",
            ),
            *('api_key_command = "evil"', "allow_http = true", "max_tokens = 10", "max_tokens = -1", 'mode = "single"'),
            *(
                "requests_per_minute = 0",
                'log_level = "debug"',
                "a = [",
                '"""',
                "\x00",
                "max_lines = 99999999999999999999",
            ),
        ]
    )
    | st.text(max_size=20),
    max_size=8,
).map("\n".join)
USER = 'provider = "mine"\n[providers.mine]\nkind = "mistral"\napi_key = "x"\n[privacy]\nignore = ["own/"]\n'


@bounded(150)
@given(TOML | st.binary(max_size=60))
def test_a_project_file_only_saves_forbids_and_shapes(content: str | bytes) -> None:
    """Whatever stands in it, what is asked, whom, by what way, and what is held back is as without it, or stricter."""
    with tempfile.TemporaryDirectory() as folder:
        user, project = Path(folder) / "config.toml", Path(folder) / "work" / ".fim-lsp.toml"
        project.parent.mkdir()
        user.write_text(USER)
        user.chmod(0o600)
        sources = Sources(environ={}, user_file=user)
        sources.configure(None, folders=[str(project.parent)])
        before = sources.for_document(str(project.parent / "a.py")).settings
        project.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
        after = sources.for_document(str(project.parent / "a.py")).settings
    assert isinstance(after, Settings)
    for name in ("provider", "providers", "network", "limits", "log_level", "menu"):
        assert getattr(after, name) == getattr(before, name), name
    assert after.privacy.redact
    assert after.privacy.outside == before.privacy.outside
    assert set(after.privacy.ignore) >= set(before.privacy.ignore)
    assert not any(glob.startswith("!") for glob in set(after.privacy.ignore) - set(before.privacy.ignore))


@bounded(50)
@given(
    st.lists(
        st.sampled_from(["*.py", "!a.py", "a.py", "/", "**", "[", "[!", "a[z-a]", "\\", "!", "*/**/x", "#", " "])
        | st.text(max_size=10)
    ),
    st.binary(max_size=30),
    st.text(max_size=12).filter(lambda name: "/" not in name and "\0" not in name),
)
def test_ignore_files_of_any_content(lines: list[str], end: bytes, name: str) -> None:
    """They are read or they forbid; a secret's name stays forbidden, and what `.fimignore` forbids, too."""
    with tempfile.TemporaryDirectory() as made:
        folder = os.path.realpath(made)
        (Path(folder) / ".gitignore").write_bytes("\n".join(lines).encode("utf-8", "surrogatepass") + b"\n" + end)
        (Path(folder) / ".fimignore").write_bytes(end + b"\nhidden.py\n")
        gate = Gate([folder])
        assert not gate.may_leave(os.path.join(folder, ".env"), Privacy()).allowed
        assert not gate.may_leave(os.path.join(folder, "hidden.py"), Privacy()).allowed
        verdict = gate.may_leave(os.path.join(folder, name or "a.py"), Privacy())
        assert verdict.allowed or verdict.reason is not None
