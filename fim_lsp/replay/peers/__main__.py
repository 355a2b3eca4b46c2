"""`python -P -m fim_lsp.replay.peers NAME`: a comparison server on stdio, asking the first provider it is told of."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator
from typing import Any

import msgspec

from fim_lsp.answer import Host
from fim_lsp.lsp.run import run
from fim_lsp.providers.base import Delta, Prompt, Sampling
from fim_lsp.providers.mistral import Mistral
from fim_lsp.providers.presets import endpoint_for
from fim_lsp.replay.peers import PEERS, Peer
from fim_lsp.settings.model import ProviderSettings
from fim_lsp.transport import Transport
from fim_lsp.upstream import Upstream


class Configured:
    """A source that knows whom to ask as soon as the editor has said so."""

    def __init__(self) -> None:
        self._upstream: Upstream | None = None

    def configure(self, editor_settings: Any) -> None:
        name, raw = next(iter(editor_settings["providers"].items()))
        settings = msgspec.convert(raw, ProviderSettings)

        async def key() -> str:
            return settings.api_key

        self._upstream = Upstream(endpoint_for(name, settings), Mistral(), Transport(), get_key=key)

    def generate(self, prompt: Prompt, sampling: Sampling, *, invoked: bool) -> AsyncGenerator[Delta, None]:
        assert self._upstream is not None
        return self._upstream.generate(prompt, sampling, invoked=invoked)


def make(host: Host) -> Peer:
    source = Configured()
    return PEERS[sys.argv[1]](source, configured=source.configure)


if __name__ == "__main__":
    run(make)
