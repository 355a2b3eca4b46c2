"""The language server as a process on stdio, for the simulated editors."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from fim_lsp.cli.client import SERVER, Client, ServerError
from fim_lsp.document import Edit
from fim_lsp.replay.buffer import Buffer
from fim_lsp.replay.editors import Reply
from fim_lsp.replay.ghost import Item

_CANCELLED = -32800
_AUTOMATIC = 2
_CAPABILITIES = {
    "general": {"positionEncodings": ["utf-16"]},
    "textDocument": {"inlineCompletion": {}, "synchronization": {"didSave": True}},
    "workspace": {"workspaceFolders": True},
}


class ProcessServer(Client):
    """Meets `editors.Server`. Positions are in UTF-16, which every editor can speak."""

    def __init__(self, folder: Path, *, settings: Mapping[str, Any], command: Sequence[str] = SERVER) -> None:
        super().__init__(folder, settings=settings, command=command, capabilities=_CAPABILITIES)
        self._ids: dict[asyncio.Future[Reply], int] = {}

    def opened(self, buffer: Buffer) -> None:
        document = {
            "uri": buffer.uri,
            "languageId": buffer.language,
            "version": buffer.version,
            "text": buffer.text,
        }
        self.notify("textDocument/didOpen", {"textDocument": document})

    def changed(self, buffer: Buffer, edit: Edit) -> None:
        line_start = buffer.text.rfind("\n", 0, edit.offset) + 1
        line, start = buffer.text.count("\n", 0, edit.offset), _units(buffer.text[line_start : edit.offset])
        lines = edit.removed.split("\n")
        end = _units(lines[-1]) + (start if len(lines) == 1 else 0)
        place = {
            "start": {"line": line, "character": start},
            "end": {"line": line + len(lines) - 1, "character": end},
        }
        document = {"uri": buffer.uri, "version": buffer.version}
        changes = [{"range": place, "text": edit.inserted}]
        self.notify("textDocument/didChange", {"textDocument": document, "contentChanges": changes})

    def closed(self, buffer: Buffer) -> None:
        self.notify("textDocument/didClose", {"textDocument": {"uri": buffer.uri}})

    def ask(self, buffer: Buffer) -> asyncio.Future[Reply]:
        line_start = buffer.text.rfind("\n", 0, buffer.cursor) + 1
        line = buffer.text[line_start:].split("\n", 1)[0]
        position = {
            "line": buffer.text.count("\n", 0, buffer.cursor),
            "character": _units(line[: buffer.cursor - line_start]),
        }
        params = {
            "textDocument": {"uri": buffer.uri},
            "position": position,
            "context": {"triggerKind": _AUTOMATIC},
        }
        answer = self._begin("textDocument/inlineCompletion", params)
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._ids[reply] = self._last_id

        def answered(done: asyncio.Future[Any]) -> None:
            self._ids.pop(reply, None)
            if not reply.done():
                reply.set_result(_reply(done, line, line_start))

        answer.add_done_callback(answered)
        return reply

    def cancel(self, pending: asyncio.Future[Reply]) -> None:
        request_id = self._ids.get(pending)
        if request_id is not None:
            self.notify("$/cancelRequest", {"id": request_id})

    def accepted(self, item: Item) -> None:
        command = {"command": "fim-lsp.accepted", "arguments": [item.id]}
        self._begin("workspace/executeCommand", command).add_done_callback(lambda done: done.exception())

    def cpu_ms(self) -> float | None:
        """What the process has used so far; None where that cannot be known."""
        with suppress(OSError, ImportError):
            return _cpu_ms(self._process.pid)
        return None

    def _begin(self, method: str, params: object) -> asyncio.Future[Any]:
        """Send a request now; its answer comes later."""
        self._last_id += 1
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._answers[self._last_id] = answer
        self._send({"id": self._last_id, "method": method, "params": params})
        return answer

    def _take_answer(self, message: Any) -> None:
        error = message.get("error")
        answer = self._answers.get(message["id"])
        if error and error.get("code") == _CANCELLED and answer is not None and not answer.done():
            answer.cancel()
        super()._take_answer(message)


def _reply(done: asyncio.Future[Any], line: str, line_start: int) -> Reply:
    if done.cancelled():
        return Reply(cancelled=True)
    error = done.exception()
    if isinstance(error, ServerError):
        return Reply(error=str(error))
    result = done.result()
    if result is None:
        return Reply()
    items = result["items"] if isinstance(result, dict) else result
    return Reply(tuple(_item(item, line, line_start) for item in items))


def _item(item: Mapping[str, Any], line: str, line_start: int) -> Item:
    """A range that leaves the cursor's line becomes one that no check lets pass."""
    start, end = item["range"]["start"], item["range"]["end"]
    arguments = (item.get("command") or {}).get("arguments") or [""]
    if start["line"] != end["line"]:
        return Item(item["insertText"], line_start, line_start - 1)
    return Item(
        item["insertText"],
        line_start + _characters(line, start["character"]),
        line_start + _characters(line, end["character"]),
        str(arguments[0]),
    )


def _units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _characters(line: str, units: int) -> int:
    return len(line.encode("utf-16-le", "surrogatepass")[: units * 2].decode("utf-16-le", "replace"))


def _cpu_ms(pid: int) -> float:
    """User and system time. Linux tells; elsewhere psutil is asked, if it is there."""
    stat = Path(f"/proc/{pid}/stat")
    if stat.exists():
        fields = stat.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) * 1000 / os.sysconf("SC_CLK_TCK")
    import psutil

    user, system, *_ = psutil.Process(pid).cpu_times()
    return float(user + system) * 1000
