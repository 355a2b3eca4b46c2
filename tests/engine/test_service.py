"""The engine among settings, switches and the log of decisions."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest

from fim_lsp.answer import Level, Status
from fim_lsp.errors import KeyRefused
from fim_lsp.generation import Ask
from fim_lsp.providers.base import Prompt
from fim_lsp.reasons import Reason
from fim_lsp.service import Parts, Service, cache_key
from fim_lsp.settings.model import Settings
from fim_lsp.settings.resolve import Resolved
from tests.engine.bench import Says, now_ms
from tests.engine.test_engine import sleep_ms, virtual
from tests.engine.test_fit import snapshot

HERE = snapshot("x = │\n")


@dataclass
class Editor:
    """What an editor hears."""

    states: list[str] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)

    def log(self, level: Level, message: str) -> None:
        self.logged.append(message)

    def tell(self, cause: str, message: str, level: Level = "warning") -> None: ...

    def status(self, status: Status) -> None:
        self.states.append(status.state)


@dataclass
class Fixed:
    """The same settings for all documents."""

    settings: Settings = field(default_factory=Settings)

    def configure(self, *editor: object, folders: Sequence[str] = ()) -> None: ...

    def for_document(self, path: str | None) -> Resolved:
        return Resolved(self.settings)


def service(source: Says, editor: Editor, settings: Fixed | None = None) -> Service:
    async def make_prompt(ask: Ask) -> Prompt:
        return Prompt(ask.snapshot.before, ask.snapshot.after)

    def nothing(*anything: object) -> None: ...

    async def closed() -> None: ...

    served = Service(
        editor,
        Parts(
            settings=settings or Fixed(),
            refusal=lambda snapshot, settings: None,
            source=lambda settings: source,
            providers=lambda settings: (),
            make_prompt=make_prompt,
            observers=(),
            visited=nothing,
            folders=nothing,
            start=nothing,
            files_changed=nothing,
            clear=nothing,
            close=closed,
            clock=lambda: now_ms() / 1000,
            now=lambda: now_ms() / 1000,
        ),
    )
    served.opened(Opened())
    return served


@dataclass
class Opened:
    """`HERE`, live."""

    uri: str = HERE.uri
    path: str | None = None
    language: str = HERE.language
    version: int = HERE.version
    lines: Sequence[str] = ("x = ", "")


@virtual
async def test_an_error_is_over_when_a_suggestion_is_shown() -> None:
    editor, source = Editor(), Says(error=KeyRefused("no"))
    served = service(source, editor)
    assert (await served.complete(HERE, invoked=False)).reason is Reason.AUTH
    assert editor.states[-1] == "error"
    source.error = None
    assert (await served.complete(HERE, invoked=False)).suggestions
    await sleep_ms(100)
    assert editor.states[-1] == "idle"


@virtual
async def test_a_failure_of_ours_is_a_decision_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*anything: object, **more: object) -> None:
        raise ZeroDivisionError("secret code")

    editor = Editor()
    served = service(Says(), editor)
    monkeypatch.setattr("fim_lsp.sight.trim.finish", fails)
    answer = await served.complete(HERE, invoked=False)
    assert (answer.reason, answer.detail) == (Reason.INTERNAL, "ZeroDivisionError")
    assert served.why()[0].reason is Reason.INTERNAL
    assert "fails" in editor.logged[-1]
    assert "secret" not in editor.logged[-1]


@virtual
async def test_a_document_that_is_closed_in_the_same_breath_is_not_asked_for() -> None:
    source = Says()
    served = service(source, Editor())
    asked = asyncio.create_task(served.complete(HERE, invoked=False))
    served.closed(HERE.uri)
    assert (await asked).superseded
    assert [decision.reason for decision in served.why()] == [Reason.SUPERSEDED]
    assert not source.streams
    assert not served.follows(HERE.uri)


@virtual
async def test_what_never_came_to_its_turn_is_a_decision_too() -> None:
    served = service(Says(), Editor())
    served.refused(HERE.uri, Reason.CANCELLED)
    assert [(decision.uri, decision.reason) for decision in served.why()] == [(HERE.uri, Reason.CANCELLED)]


@pytest.mark.parametrize(
    ("switch", "reason"), [(Service.toggle, Reason.DISABLED), (lambda served: served.snooze(5), Reason.SNOOZED)]
)
@virtual
async def test_a_switch_holds_for_who_waits(switch: Callable[[Service], object], reason: Reason) -> None:
    source = Says()
    served = service(source, Editor())
    asked = asyncio.create_task(served.complete(HERE, invoked=False))
    await sleep_ms(120)
    switch(served)
    assert (await asked).reason is reason
    await sleep_ms(1)
    assert source.streams[0].closed_ms == 120


@virtual
async def test_snoozing_ends_by_itself_and_says_so() -> None:
    editor = Editor()
    served = service(Says(), editor)
    served.snooze(5)
    assert editor.states[-1] == "paused"
    await sleep_ms(5 * 60_000 + 1)
    assert editor.states[-1] == "idle"


def test_switched_off_in_the_settings_is_off_whatever_the_switch_says() -> None:
    served = service(Says(), Editor(), Fixed(Settings(enabled=False)))
    assert served.toggle() is False
    assert served.toggle() is False


@virtual
async def test_a_request_that_the_document_has_overtaken_asks_for_nothing() -> None:
    source = Says()
    served = service(source, Editor())
    served.opened(Opened(version=HERE.version + 1))
    assert (await served.complete(HERE, invoked=False)).superseded
    served.closed(HERE.uri)
    assert (await served.complete(HERE, invoked=False)).superseded
    assert not source.streams
    assert not served.follows(HERE.uri)
    assert [decision.reason for decision in served.why()] == [Reason.SUPERSEDED] * 2


def test_a_documents_cache_key_is_its_own_and_looks_like_no_secret() -> None:
    keys = [cache_key(f"file:///project/main_{number}.py") for number in range(100)]
    assert len(set(keys)) == 100
    assert keys[0] == cache_key("file:///project/main_0.py")
    assert not set("".join(keys)) & set("0123456789abcdefABCDEF")
