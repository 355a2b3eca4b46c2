"""Another language server for the same buffer, with a menu of its own: `python -m tests.editors.other_server`."""

from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("other", "1")


@server.feature(types.TEXT_DOCUMENT_COMPLETION)
def complete(params: types.CompletionParams) -> list[types.CompletionItem]:
    return [types.CompletionItem(label="returned_by_the_other_server")]


if __name__ == "__main__":
    server.start_io()
