"""What the engine hears of the editor as `Host`: messages, the log, and the status.

Nothing goes out before the editor has said `initialized`: some clients do not expect it earlier.
"""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from lsprotocol import types

from fim_lsp.answer import Level, Status
from fim_lsp.lsp.client import Client
from fim_lsp.lsp.rpc import RpcProtocol

log = logging.getLogger("fim_lsp")

STATUS = "fim-lsp/status"
CALM_S = 1.0
"""Work that is over sooner is not worth an indicator that moves."""
CREATE_TIMEOUT_S = 10.0

LEVELS: dict[Level, int] = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
TYPES = {
    logging.DEBUG: types.MessageType.Log,
    logging.INFO: types.MessageType.Info,
    logging.WARNING: types.MessageType.Warning,
    logging.ERROR: types.MessageType.Error,
}


class EditorHost:
    """A `Host` for one client."""

    def __init__(self, protocol: RpcProtocol, client: Client) -> None:
        self._protocol = protocol
        self._client = client
        self._held: list[Callable[[], None]] | None = []
        """What waits for `initialized`; None from then on."""
        self._told: set[str] = set()
        self._progress = Progress(protocol)
        self._status: Status | None = None

    def release(self) -> None:
        """The editor is ready to listen."""
        held, self._held = self._held or [], None
        for send in held:
            send()

    def log(self, level: Level, message: str) -> None:
        log.log(LEVELS[level], "%s", message)

    def tell(self, cause: str, message: str, level: Level = "warning") -> None:
        if cause in self._told:
            return
        self._told.add(cause)
        params = types.ShowMessageParams(type=TYPES[LEVELS[level]], message=message)
        self._send(types.WINDOW_SHOW_MESSAGE, params)

    def status(self, status: Status) -> None:
        if status == self._status:
            return
        self._status = status
        if self._client.status:
            told = {"state": status.state, "reason": status.reason, "provider": status.provider}
            self._send(STATUS, {**told, "message": status.message})
        elif self._client.progress and self._held is None:
            self._progress.show(status)

    def write_log(self, level: int, message: str) -> None:
        """To the editor's log; `logs.EditorLog` calls this."""
        self._send(types.WINDOW_LOG_MESSAGE, types.LogMessageParams(type=TYPES[level], message=message))

    def _send(self, method: str, params: Any) -> None:
        if self._held is not None:
            self._held.append(lambda: self._protocol.notify(method, params))
        else:
            self._protocol.notify(method, params)


class Progress:
    """The standard progress display, for work that takes long. Each beginning has its end."""

    def __init__(self, protocol: RpcProtocol) -> None:
        self._protocol = protocol
        self._work: asyncio.Task[None] | None = None

    def show(self, status: Status) -> None:
        if status.state != "busy":
            self._end()
        elif self._work is None:
            self._work = asyncio.get_running_loop().create_task(self._display(status))

    def _end(self) -> None:
        if self._work is not None:
            self._work.cancel()
            self._work = None

    async def _display(self, status: Status) -> None:
        await asyncio.sleep(CALM_S)
        token = str(uuid.uuid4())
        if not await self._create(token):
            return
        self._report(token, types.WorkDoneProgressBegin(title="fim-lsp", message=status.provider, cancellable=False))
        try:
            await asyncio.get_running_loop().create_future()  # until `_end` cancels this
        finally:
            self._report(token, types.WorkDoneProgressEnd())

    async def _create(self, token: str) -> bool:
        """Whether the client will show it; it may also say no, or nothing."""
        asked = self._protocol.send_request_async(
            types.WINDOW_WORK_DONE_PROGRESS_CREATE, types.WorkDoneProgressCreateParams(token)
        )
        with suppress(Exception):
            async with asyncio.timeout(CREATE_TIMEOUT_S):  # `wait_for` forgets a cancel in the turn of the answer
                await asked
            return True
        return False

    def _report(self, token: str, value: types.WorkDoneProgressBegin | types.WorkDoneProgressEnd) -> None:
        self._protocol.notify(types.PROGRESS, types.ProgressParams(token, value))
