"""`fim-lsp` without a command: the language server on stdio."""

from __future__ import annotations

from typing import NoReturn

from fim_lsp.answer import Engine, Host


def run(client_process_id: int | None = None) -> NoReturn:
    """Serve one editor until it goes."""
    from fim_lsp.lsp.run import run as serve

    serve(_make_service, parent_id=client_process_id)


def _make_service(host: Host) -> Engine:
    """Imports what makes completions only now: `initialize` has been answered."""
    from fim_lsp.cli.wiring import make_service

    return make_service(host)
