"""What is private in pygls and lsprotocol and leaned on here: if an update moves it, this says what to look at."""

from __future__ import annotations

import inspect
import subprocess
import sys

import lsprotocol._hooks
import pygls.lsp.server
import pygls.protocol
import pytest
from lsprotocol import types

from fim_lsp.lsp.rpc import RpcProtocol
from tests.lsp.editor import Editor

OVERRIDDEN = ["_register_builtin_features", "_send_data", "handle_message", "send_request"]
USED = ["_shutdown", "_converter", "_request_futures", "_result_types", "fm", "writer", "trace"]
PATCHED = ["_resolved_forward_references"]


@pytest.mark.parametrize("name", OVERRIDDEN)
def test_is_still_called_so(name: str) -> None:
    theirs, ours = (getattr(cls, name) for cls in (pygls.protocol.LanguageServerProtocol, RpcProtocol))

    assert inspect.signature(theirs).parameters.keys() == inspect.signature(ours).parameters.keys()


@pytest.mark.parametrize("name", USED)
def test_is_still_there(name: str) -> None:
    server = pygls.lsp.server.LanguageServer("a", "1")

    assert hasattr(server.protocol, name)


@pytest.mark.parametrize("name", PATCHED)
def test_is_still_a_flag(name: str) -> None:
    assert isinstance(getattr(lsprotocol._hooks, name), bool)


def test_pygls_still_sends_through_the_method_that_is_overridden() -> None:
    source = inspect.getsource(pygls.protocol.JsonRPCProtocol)

    assert source.count("self.writer.write") == 1
    assert "self._send_data(notification)" in source
    assert "self._send_data(request)" in source


def test_methods_are_still_listed_with_request_response_params_and_options() -> None:
    assert types.METHOD_TO_TYPES["textDocument/inlineCompletion"][:3] == (
        types.InlineCompletionRequest,
        types.InlineCompletionResponse,
        types.InlineCompletionParams,
    )
    assert types.METHOD_TO_TYPES["textDocument/didOpen"][1] is None
    assert types.METHOD_TO_TYPES["shutdown"][1] is not None


async def test_every_handler_is_a_method_of_the_protocol() -> None:
    assert set(Editor().server.protocol.fm.features) <= set(types.METHOD_TO_TYPES)


LIGHT = """
import sys
import fim_lsp.lsp
from lsprotocol import types, converters

def is_built(cls):
    return not type(vars(cls)["__attrs_attrs__"]).__name__ == "_Mark"

classes = [cls for cls in vars(types).values() if isinstance(cls, type) and "__attrs_attrs__" in vars(cls)]
assert len(classes) > 500, len(classes)
converter = converters.get_converter()
built = sum(map(is_built, classes))
assert built < 20, built

position = types.Position(line=1, character=2)
assert (position.line, position.character) == (1, 2)
assert is_built(types.Position) and not is_built(types.Hover)
assert converter.structure({"contents": {"kind": "markdown", "value": "x"}}, types.Hover).contents.value == "x"
try:
    types.Position(line=-1, character=0)
except ValueError:
    pass
else:
    raise AssertionError("validators are lost")

heavy = converters.get_converter()
for cls in classes:
    cls.__attrs_attrs__
assert all(map(is_built, classes))
"""


def test_lsprotocol_is_built_on_first_use() -> None:
    """In a process of its own, since this one may have imported it before."""
    done = subprocess.run([sys.executable, "-c", LIGHT], capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 0, done.stderr
