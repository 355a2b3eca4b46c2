"""`workspace/executeCommand`: six commands, the same in every editor."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcInvalidParams

from fim_lsp.lsp.convert import ACCEPTED

if TYPE_CHECKING:
    from fim_lsp.lsp.server import Server

SNOOZE_MINUTES = 60.0


def execute(ls: Server, params: types.ExecuteCommandParams) -> Any:
    command = ls.protocol.fm.commands.get(params.command)
    if command is None:
        raise JsonRpcInvalidParams("Unknown command.")
    return command(list(params.arguments or ()))


def accepted(ls: Server, arguments: list[Any]) -> None:
    """[id]: sent by the item's own command when the user takes it."""
    if not arguments or not isinstance(arguments[0], str):
        raise JsonRpcInvalidParams("fim-lsp.accepted takes the id of a suggestion.")
    ls.engine.accepted(arguments[0])


def why(ls: Server, arguments: list[Any]) -> list[dict[str, Any]]:
    return [asdict(decision) for decision in ls.engine.why()]


def status(ls: Server, arguments: list[Any]) -> dict[str, Any]:
    return asdict(ls.engine.status())


def toggle(ls: Server, arguments: list[Any]) -> bool:
    return ls.engine.toggle()


def snooze(ls: Server, arguments: list[Any]) -> None:
    """[minutes]: 0 ends it."""
    minutes = arguments[0] if arguments else SNOOZE_MINUTES
    if not isinstance(minutes, int | float) or isinstance(minutes, bool) or not 0 <= minutes < float("inf"):
        raise JsonRpcInvalidParams("fim-lsp.snooze takes a number of minutes.")
    ls.engine.snooze(float(minutes))


def clear(ls: Server, arguments: list[Any]) -> None:
    ls.engine.clear()


COMMANDS = {
    ACCEPTED: accepted,
    "fim-lsp.why": why,
    "fim-lsp.status": status,
    "fim-lsp.toggle": toggle,
    "fim-lsp.snooze": snooze,
    "fim-lsp.clear": clear,
}
