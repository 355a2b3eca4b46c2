"""A server as it is usually written, on pygls and httpx as they come: asks the model, and hands on its answer."""

from __future__ import annotations

import json
import sys

import httpx
from lsprotocol import types
from pygls.lsp.server import LanguageServer

server = LanguageServer("stock", "1")
client = httpx.AsyncClient()


@server.feature(types.TEXT_DOCUMENT_INLINE_COMPLETION, types.InlineCompletionOptions())
async def complete(ls: LanguageServer, params: types.InlineCompletionParams) -> list[types.InlineCompletionItem]:
    document = ls.workspace.get_text_document(params.text_document.uri)
    cursor = document.offset_at_position(params.position)
    body = {
        "model": "codestral-latest",
        "prompt": document.source[:cursor],
        "suffix": document.source[cursor:],
        "temperature": 0.0,
        "max_tokens": 128,
        "stream": True,
    }
    text = ""
    async with client.stream("POST", f"{sys.argv[1]}/fim/completions", json=body) as answer:
        async for line in answer.aiter_lines():
            if line.startswith("data: {"):
                text += json.loads(line[6:])["choices"][0]["delta"]["content"]
    return [types.InlineCompletionItem(text, range=types.Range(params.position, params.position))]


if __name__ == "__main__":
    server.start_io()
