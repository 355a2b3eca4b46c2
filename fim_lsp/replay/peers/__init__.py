"""Two servers to compare with, of the kind that is written in an afternoon; each is an engine behind our own LSP layer.

They are run as the same kind of process, against the same model, with as much text around the cursor in each prompt.
`python -m fim_lsp.replay.peers textbook` starts one on stdio; what it needs comes as initializationOptions.
"""

from __future__ import annotations

from fim_lsp.replay.peers.base import Peer
from fim_lsp.replay.peers.direct import Direct
from fim_lsp.replay.peers.textbook import Textbook

PEERS: dict[str, type[Peer]] = {"textbook": Textbook, "direct": Direct}

__all__ = ["PEERS", "Direct", "Peer", "Textbook"]
