"""Where reading params to the letter would lose a message that is clear enough.

A lost `didChange` is a document that differs from the editor's for the rest of the session.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import cattrs
from lsprotocol import types

from fim_lsp.lsp.client import Client

# lsprotocol's own name for this names its members by strings, which cattrs does not find again.
Change = types.TextDocumentContentChangePartial | types.TextDocumentContentChangeWholeDocument

MAX_UINTEGER = 2**31 - 1


def register_lenient_hooks(converter: cattrs.Converter) -> cattrs.Converter:
    """Positions beyond 31 bits ("end of line" to some clients), null for a version, a range or settings, any client."""

    def position(raw: Any, _: type) -> types.Position:
        return types.Position(_uinteger(raw["line"]), _uinteger(raw["character"]))

    def identifier(raw: Any, _: type) -> types.VersionedTextDocumentIdentifier:
        version = raw.get("version")
        return types.VersionedTextDocumentIdentifier(version if isinstance(version, int) else 0, _string(raw["uri"]))

    def settings(raw: Any, _: type) -> types.DidChangeConfigurationParams:
        return types.DidChangeConfigurationParams(raw.get("settings"))  # JavaScript leaves out what is undefined

    def change(raw: Any, _: type) -> Change:
        text = _string(raw["text"])
        if raw.get("range") is None:
            return types.TextDocumentContentChangeWholeDocument(text)
        return types.TextDocumentContentChangePartial(converter.structure(raw["range"], types.Range), text)

    converter.register_structure_hook(types.Position, position)
    converter.register_structure_hook(types.VersionedTextDocumentIdentifier, identifier)
    converter.register_structure_hook(types.DidChangeConfigurationParams, settings)
    converter.register_structure_hook(Change, change)
    converter.register_structure_hook(types.InitializeParams, lambda raw, _: Client.of(raw))
    converter.register_structure_hook(types.LSPObject, lambda raw, _: raw if isinstance(raw, Mapping) else None)
    return converter


def _uinteger(value: Any) -> int:
    if not isinstance(value, int | float) or isinstance(value, bool) or value < 0:
        raise ValueError("not a place in a document")
    return int(min(value, MAX_UINTEGER))


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value
