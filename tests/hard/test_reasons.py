"""Every reason for silence, given by the real server: the list is closed, so each must be one that can be met."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from fim_lsp.reasons import SENTENCES, Reason
from tests.fim_server import FimServer, Script
from tests.hard.stack import KEY, PATIENCE_S, SILENT, Editor, running, settings_for

CODE = "def total(first, second):\n    result = "


@dataclass
class Scene:
    """The server, the upstream, and one document with the cursor at its end."""

    editor: Editor
    upstream: FimServer
    uri: str

    async def ask(self, **options: Any) -> Any:
        return await self.editor.ask(self.uri, **options)

    def type(self, text: str) -> None:
        end = len(self.editor.texts[self.uri])
        self.editor.edit(self.uri, end, end, text)


Act = Callable[[Scene], Awaitable[object]]


@dataclass(frozen=True)
class Case:
    """How to come to a reason."""

    reason: Reason
    act: Act = lambda scene: scene.ask()
    settings: dict[str, Any] = field(default_factory=dict)
    script: Script = SILENT
    name: str = "app.py"
    text: str = CODE
    requests: int = 0
    """How many the upstream may have seen by then."""

    def __str__(self) -> str:
        return self.reason


async def snooze(scene: Scene) -> None:
    await scene.editor.command("snooze", 5)
    await scene.ask()


async def ask_in_a_word(scene: Scene) -> None:
    await scene.editor.ask(scene.uri, CODE.index("tal("), invoked=False)


async def ask_with_another_item(scene: Scene) -> None:
    at = {"line": 1, "character": len("    result = ")}
    span = {"start": {"line": 1, "character": 4}, "end": at}
    await scene.ask(selectedCompletionInfo={"range": span, "text": "other"})


async def ask_elsewhere(scene: Scene) -> None:
    await scene.editor.ask("file:///never/opened.py")


async def ask_twice(scene: Scene) -> None:
    first = scene.editor.begin(scene.uri, invoked=False)
    await scene.upstream.until(lambda: scene.upstream.requests)
    scene.type("a")
    assert await asyncio.wait_for(first, PATIENCE_S) is None


async def cancel(scene: Scene) -> None:
    asked = scene.editor.begin(scene.uri)
    await scene.upstream.until(lambda: scene.upstream.requests)
    scene.editor.notify("$/cancelRequest", {"id": scene.editor.last_id})
    with pytest.raises(Exception, match="ancel"):
        await asyncio.wait_for(asked, PATIENCE_S)


async def type_all_of_it(scene: Scene) -> None:
    assert await scene.ask()
    scene.type("first + second")
    await scene.ask(invoked=False)


async def ask_after_a_failure(scene: Scene) -> None:
    for letter in ("", "a\n    b = ", "c\n    d = ", "e\n    f = "):
        scene.type(letter)
        await scene.ask(invoked=False)


async def ask_again_below(scene: Scene) -> None:
    assert await scene.ask()
    scene.type("1\n    other = ")
    await scene.ask()


CASES = [
    Case(Reason.DISABLED, settings={"enabled": False}),
    Case(Reason.SNOOZED, snooze),
    Case(Reason.LANGUAGE_OFF, settings={"languages": {"python": {"enabled": False}}}),
    Case(Reason.MANUAL, lambda scene: scene.ask(invoked=False), {"completion": {"trigger": "manual"}}),
    Case(Reason.IGNORED, name="ignored.py"),
    Case(Reason.OUTSIDE, settings={"privacy": {"outside": "never"}}, name="../outside.py"),
    Case(Reason.SECRET_FILE, name=".env"),
    Case(Reason.REDACTED, text='password = "hunter2'),
    Case(Reason.TOO_LARGE, lambda scene: scene.ask(invoked=False), text="x = [" + "1, " * 10_000),
    Case(Reason.INSIDE_WORD, ask_in_a_word),
    Case(Reason.MENU, ask_with_another_item),
    Case(Reason.UNKNOWN_DOCUMENT, ask_elsewhere),
    Case(Reason.SUPERSEDED, ask_twice, script=Script(first_token_ms=60_000), requests=2),
    Case(Reason.CANCELLED, cancel, script=Script(first_token_ms=60_000), requests=1),
    Case(Reason.USED_UP, type_all_of_it, script=Script(text="first + second"), requests=1),
    Case(Reason.NOTHING_KNOWN, settings={"provider": "lookup"}, text="q = "),
    Case(Reason.EMPTY, script=Script(text=""), requests=1),
    Case(Reason.FILTERED, script=Script(text="Sure! Here is the code you asked for:\n"), requests=1),
    Case(
        Reason.DEADLINE,
        settings={"completion": {"deadline_ms": 300}},
        script=Script(first_token_ms=60_000),
        requests=1,
    ),
    Case(Reason.RATE_LIMITED, script=Script(status=429, headers={"Retry-After": "3600"}), requests=1),
    Case(Reason.BUDGET, ask_again_below, settings={"limits": {"tokens_per_day": 1}}, requests=1),
    Case(Reason.BACKING_OFF, ask_after_a_failure, script=Script(status=500), requests=1),
    Case(Reason.KEY_MISSING, settings={"providers": {"mine": {"kind": "mistral", "api_key": ""}}}),
    Case(Reason.AUTH, script=Script(status=401), requests=1),
    Case(
        Reason.CONFIGURATION,
        settings={"providers": {"mine": {"kind": "mistral", "base_url": "http://example.com/v1", "api_key": KEY}}},
    ),
    Case(
        Reason.UNREACHABLE,
        settings={"providers": {"mine": {"kind": "mistral", "base_url": "http://127.0.0.1:1/v1", "api_key": KEY}}},
    ),
    Case(Reason.PROVIDER_ERROR, script=Script(status=500), requests=1),
]


async def test_the_server_gives_each(tmp_path: Path) -> None:
    """One process for all of them: no reason stays behind when its cause has gone."""
    work = tmp_path / "work"
    (work / ".git").mkdir(parents=True)
    (work / ".gitignore").write_text("ignored.py\n")
    variables = {"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    given = {}
    async with running(tmp_path, work, None, variables=variables) as editor:
        for case in CASES:
            async with FimServer(case.script) as upstream:
                given[case.reason] = await _given(editor, upstream, work, case)
            assert len(upstream.requests) <= case.requests, case
        assert KEY not in str(editor.heard)
    assert given == {case.reason: (case.reason, SENTENCES[case.reason], 0) for case in CASES}


async def _given(editor: Editor, upstream: FimServer, work: Path, case: Case) -> tuple[str, str, int]:
    """Reason, sentence and how many suggestions were shown."""
    path = _touched(work, case.name)
    editor.notify("workspace/didChangeConfiguration", {"settings": settings_for(upstream, **case.settings)})
    editor.open(path.as_uri(), case.text)
    await case.act(Scene(editor, upstream, path.as_uri()))
    decision = (await editor.command("why"))[0]
    editor.close(path.as_uri())
    await editor.command("snooze", 0)
    await editor.command("clear")
    assert KEY not in str(decision)
    return decision["reason"], decision["explanation"], decision["shown"]


def _touched(work: Path, name: str) -> Path:
    path = Path(os.path.abspath(work / name))
    path.write_text("")
    return path


def test_the_list_is_closed() -> None:
    """`internal` is for faults of ours, which nobody outside can cause: `test_chaos` does it from within."""
    assert {case.reason for case in CASES} == set(Reason) - {Reason.INTERNAL}
    assert SENTENCES.keys() == set(Reason)
