"""A gateway on a free loopback port, in the test's own event loop, in front of the test server."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from fim_lsp.gateway import keys
from fim_lsp.gateway.quota import Allowance
from fim_lsp.gateway.serve import listen
from fim_lsp.gateway.worker import Options, make_worker
from fim_lsp.shared_file import SharedFile

QUESTION: dict[str, Any] = {"model": "codestral-latest", "prompt": "def add(a, b):\n    ", "suffix": "\n"}


@dataclass
class Gateway:
    url: str
    http: httpx.AsyncClient
    keys: SharedFile

    def add_key(self, name: str, **allowance: int) -> str:
        return keys.add(self.keys, name, Allowance(**allowance))

    async def ask(self, key: str = "", **fields: Any) -> httpx.Response:
        return await self.http.post("/v1/fim/completions", json={**QUESTION, **fields}, headers=bearer(key))


class _Server(uvicorn.Server):
    """Says when it has started, or failed to."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        try:
            await super().startup(sockets)
        finally:
            self.is_up.set()


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


def upstream(name: str, base_url: str) -> str:
    """A table of the configuration for a test server."""
    return f'[providers.{name}]\nkind = "mistral"\nbase_url = "{base_url}"\napi_key_env = "UPSTREAM_KEY"\n'


@asynccontextmanager
async def gateway(home: Path, config: str, **options: Any) -> AsyncIterator[Gateway]:
    """`home` holds its files; `config` is the text of its configuration."""
    file, keys_file = home / "gateway.toml", home / "keys.json"
    file.write_text(config, encoding="utf-8")
    options = {"keys_file": keys_file, "config": file, "folder": str(home)} | options
    with closing(listen("127.0.0.1", 0)) as listener:
        app = make_worker(Options(**options))
        server = _Server(uvicorn.Config(app, log_level="warning", access_log=False))
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        await server.is_up.wait()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            async with httpx.AsyncClient(base_url=url, timeout=20, trust_env=False) as http:
                yield Gateway(url, http, SharedFile(keys_file))
        finally:
            server.should_exit = True
            await serving
