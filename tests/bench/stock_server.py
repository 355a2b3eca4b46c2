"""The same on pygls as it comes: what there is to compare with."""

from __future__ import annotations

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("stock", "1")


@server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
async def complete(ls: LanguageServer, params: types.InlineCompletionParams) -> list[types.InlineCompletionItem]:
    ls.workspace.get_text_document(params.text_document.uri)
    return [types.InlineCompletionItem("completed()", range=types.Range(params.position, params.position))]


if __name__ == "__main__":
    server.start_io()
