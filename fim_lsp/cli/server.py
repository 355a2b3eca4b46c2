"""`fim-lsp` without a command: the language server on stdio."""

from __future__ import annotations

from typing import NoReturn


def run(client_process_id: int | None = None) -> NoReturn:
    """Serve one editor until it goes."""
    from fim_lsp.cli.wiring import make_service
    from fim_lsp.lsp.run import run as serve

    serve(make_service, parent_id=client_process_id)
