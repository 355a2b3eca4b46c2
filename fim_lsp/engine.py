"""The whole story: what happens between a key and the ghost text that follows it.

A request looks at the texts that are already there, live or done; if one fits it is shown, or waited for; if none fits
one is asked for. Everything else here serves that: keys ask before the editor does, texts that the document has left
are closed, and every silence has its reason.

The engine knows no editor, no network and no file: it is given what decides about a document (settings, rules and the
source to ask), a maker of prompts, and a clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace

from fim_lsp.acceptance import Acceptance, Counters
from fim_lsp.answer import Answer, Selected
from fim_lsp.desk import Desk, Request, Setup
from fim_lsp.document import Edit, Snapshot, Suggestion, is_of_word
from fim_lsp.errors import ProviderError
from fim_lsp.generated import GeneratedText
from fim_lsp.generation import MakePrompt
from fim_lsp.generations import Fit, Generations, place_of
from fim_lsp.keystrokes import with_cursor
from fim_lsp.reasons import Reason
from fim_lsp.sight import WAIT, Sight, Silence, see

LONGEST_LINE_CHARS = 20_000
"""Nobody types a longer line: it is data, or code that a machine has packed, of which a model sees too little."""

BURST_S = 0.012
"""After a text's first line so much more is waited for the next: editors do not ask again while nothing is typed."""


class Engine:
    """Completes snapshots. One for all documents of an editor; lives on one event loop."""

    def __init__(
        self,
        *,
        setup_for: Callable[[Snapshot], Setup],
        make_prompt: MakePrompt,
        clock: Callable[[], float],
        failed: Callable[[ProviderError, str], None] = lambda error, provider: None,
        crashed: Callable[[Exception], None] = lambda error: None,
        worked: Callable[[bool], None] = lambda busy: None,
    ) -> None:
        self._setup_for = setup_for
        self._clock = clock
        self._desks: dict[str, Desk] = {}
        self._counters = Counters()
        self._texts = Generations(
            desks=self._desks,
            make_prompt=make_prompt,
            clock=clock,
            left=self._left,
            failed=failed,
            crashed=crashed,
            worked=worked,
        )

    # A request

    async def complete(
        self, snapshot: Snapshot, *, invoked: bool, selected: Selected | None = None, menu: bool = False
    ) -> Answer:
        """What to show at the snapshot's cursor; waits for the model at most `deadline_ms`."""
        desk = self._desk(snapshot.uri)
        request = Request(snapshot, invoked, self._setup_for(snapshot), self._clock(), selected, menu)
        desk.supersede(by=request)
        desk.requests.append(request)
        desk.keys_since_request = 0
        try:
            return await self._answer(desk, request)
        finally:
            desk.requests.remove(request)

    async def _answer(self, desk: Desk, request: Request) -> Answer:
        refused = self._gate(request)
        if refused is not None:
            return self._silent(request, refused)
        desk.snapshot, desk.line = request.snapshot, request.snapshot.line
        alarm = self._later(request.setup.completion.deadline_ms / 1000, request.expire)
        try:
            while True:
                sight = self._look(desk, request)
                if sight is WAIT and request.expired:
                    sight = Silence(Reason.DEADLINE)
                if isinstance(sight, Silence):
                    return self._silent(request, sight)
                if isinstance(sight, Suggestion):
                    return self._show(desk, request, sight)
                request.wake.clear()
                await request.wake.wait()
        finally:
            alarm.cancel()

    def _gate(self, request: Request) -> Silence | None:
        """Reasons for silence that need no text of a model. Puts the menu's selected item into the snapshot."""
        setup, snapshot = request.setup, request.snapshot
        if setup.refusal is not None:
            return Silence(setup.refusal, setup.detail)
        if setup.completion.trigger == "manual" and not request.invoked:
            return Silence(Reason.MANUAL)
        if not request.invoked and _is_machine_made(snapshot):
            return Silence(Reason.TOO_LARGE)
        if request.selected is not None:
            typed = snapshot.before[len(snapshot.before) - request.selected.start :]
            if not request.selected.text.startswith(typed):
                return Silence(Reason.MENU)
            request.snapshot = replace(snapshot, before=snapshot.before + request.selected.text[len(typed) :])
        if not request.invoked and _inside_word(request.snapshot):
            return Silence(Reason.INSIDE_WORD)
        return None

    def _look(self, desk: Desk, request: Request) -> Sight:
        """The one lookup: what fits is shown or waited for; where nothing fits, a text is asked for."""
        if request.superseded:
            return Silence(Reason.SUPERSEDED)
        if request.setup.refusal is not None:
            return Silence(request.setup.refusal, request.setup.detail)
        silence: Silence | None = None
        guessed: Suggestion | None = None
        for text, consumed in self._texts.fitting(request.snapshot, desk):
            if text.is_free and request.invoked and not text.is_by_hand:
                continue
            sight = self._view(desk, text, consumed, request)
            if isinstance(sight, Suggestion) and text.is_quick:
                guessed = guessed or sight
            elif not isinstance(sight, Silence):
                self._texts.continue_ahead(desk, text, consumed, request.snapshot, request.setup)
                return _without_flicker(guessed, sight) if self._is_ripe(text, request) else WAIT
            elif text.is_last_word or (sight.reason is Reason.FILTERED and not text.is_free):
                silence = silence or sight
        if guessed is not None:
            return guessed
        if silence is not None and not (request.invoked and request.text is None):
            return silence
        if request.text is None:
            return self._ask_for(desk, request)
        return WAIT if request.text.live else self._why_nothing(desk, request.text, request)

    def _is_ripe(self, text: GeneratedText, request: Request) -> bool:
        """Whether a live text's first line has been there for a moment: a quick model says a whole block in one go."""
        if not text.live or not text.first_line_at or request.expired:
            return True
        left_s = text.first_line_at + BURST_S - self._clock()
        if left_s > 0:
            self._later(left_s, request.wake.set)
        return left_s <= 0

    def _view(self, desk: Desk, text: GeneratedText, consumed: int, request: Request) -> Sight:
        sight = see(text, consumed, request.snapshot, request.place_by(place_of))
        if isinstance(sight, Suggestion) and not sight.id:
            return self._texts.adopt(desk, text, sight, request.snapshot)
        return sight

    def _ask_for(self, desk: Desk, request: Request) -> Sight:
        """Ask now, or when the pause after the last key is over."""
        wait_s = 0.0 if request.invoked else self._pause_left_s(desk, request)
        if wait_s > 0:
            self._later(wait_s, request.wake.set)
        else:
            request.text = self._texts.ask(desk, request)
            if request.setup.guess is not None:
                return self._look(desk, request)
        return WAIT

    def _pause_left_s(self, desk: Desk, request: Request) -> float:
        return desk.due_at(request.asked_at, request.setup.completion) - self._clock()

    def _why_nothing(self, desk: Desk, text: GeneratedText, request: Request) -> Silence:
        """The text that was asked for this request has ended, and there is nothing of it to show."""
        if text.refusal is not None:
            return Silence(*text.refusal)
        if text.error is not None:
            return Silence(text.error.reason, text.error.own_words)
        if text.finish is None:
            return Silence(Reason.SUPERSEDED, "too many at once: newer texts took its place")
        if text.is_free:
            return Silence(Reason.NOTHING_KNOWN)
        consumed = text.fit(request.snapshot, desk.closers.standing(request.snapshot.after))
        sight = self._view(desk, text, consumed, request) if consumed is not None else None
        return sight if isinstance(sight, Silence) else Silence(Reason.EMPTY)

    # Showing

    def _show(self, desk: Desk, request: Request, first: Suggestion) -> Answer:
        suggestions = [first]
        if request.invoked and request.setup.completion.candidates > 1:
            suggestions += self._alternatives(desk, request)
        distinct: dict[str, Suggestion] = {}
        for suggestion in suggestions:
            distinct.setdefault(suggestion.text, suggestion)
        extra = request.snapshot.before[len(request.original.before) :]
        shown = tuple(replace(suggestion, text=extra + suggestion.text) for suggestion in distinct.values())
        desk.acceptance.show(request.original, shown[0].text, shown[0].replaces)
        return Answer(
            suggestions=shown[: request.setup.completion.candidates],
            provider=first.provider,
            timings_ms=request.timings_ms(self._clock()),
            usage=request.usage,
        )

    def _alternatives(self, desk: Desk, request: Request) -> Iterator[Suggestion]:
        """What else could be said here: what is there now; the rest goes into the cache for the next time."""
        missing = set(range(1, request.setup.completion.candidates))
        shown: set[int] = set()
        for text, consumed in self._texts.fitting(request.snapshot, desk, alternatives=True):
            missing.discard(text.variant)
            sight = self._view(desk, text, consumed, request) if text.variant not in shown else WAIT
            if isinstance(sight, Suggestion):
                shown.add(text.variant)
                yield sight
        for variant in sorted(missing)[: self._texts.room]:
            self._texts.ask(desk, request, variant=variant)

    def _silent(self, request: Request, silence: Silence) -> Answer:
        return Answer(
            reason=silence.reason,
            superseded=request.superseded,
            provider=request.text.provider if request.text else "",
            detail=silence.detail,
            timings_ms=request.timings_ms(self._clock()),
            usage=request.usage,
        )

    # Keys

    def typed(self, snapshot: Snapshot, edit: Edit) -> None:
        """A key, or another edit in a single place: closes what no longer fits and asks before the editor does."""
        desk = self._desk(snapshot.uri)
        snapshot = with_cursor(snapshot, edit, desk.acceptance.expected)
        desk.typed(snapshot, edit, self._clock())
        self._texts.leave(desk)
        fits = self._texts.fit(snapshot, desk)
        desk.pause(desk.fitted if fits is Fit.NONE else None)
        if fits is Fit.NONE and desk.key.asks and desk.asks:
            self._ask_when_due(desk, snapshot, self._setup_for(snapshot))

    def _ask_when_due(self, desk: Desk, snapshot: Snapshot, setup: Setup) -> None:
        pause_s = desk.due_at(desk.key_at, setup.completion) - self._clock()
        if pause_s > 0:
            desk.timer = self._later(pause_s, self._ask_early, desk, snapshot)
        else:
            self._ask_early(desk, snapshot, setup)

    def _ask_early(self, desk: Desk, snapshot: Snapshot, setup: Setup | None = None) -> None:
        """Ask where the editor is about to: in documents where it has been asking, under the same rules."""
        desk.timer = None
        if not desk.asks or desk.snapshot is not snapshot:
            return
        setup = setup or self._setup_for(snapshot)
        request = Request(snapshot, False, setup, self._clock())
        if self._gate(request) is None and self._texts.fit(snapshot, desk) is Fit.NONE:
            self._texts.ask(desk, request)

    def _left(self, desk: Desk, text: GeneratedText) -> None:
        """A text has said something else than was typed meanwhile: that is as if the key had been pressed now."""
        snapshot = desk.snapshot
        if snapshot is not None and desk.key.asks:
            desk.pause(text)
            desk.cancel_timer()
            due_at = desk.due_at(desk.key_at, self._setup_for(snapshot).completion)
            desk.timer = self._later(due_at - self._clock(), self._ask_early, desk, snapshot)

    # Documents

    def edited(self, uri: str, start: int, added: int) -> None:
        """Lines from `start` on were replaced by `added` lines."""
        desk = self._desks.get(uri)
        if desk is not None:
            desk.edited(start, added)

    def rewritten(self, uri: str) -> None:
        """A document changed in several places at once: what was being generated is for a text that is gone."""
        desk = self._desks.get(uri)
        if desk is not None:
            desk.rewritten()
            self._texts.stop(uri)

    def closed(self, uri: str) -> None:
        desk = self._desks.pop(uri, None)
        if desk is not None:
            desk.supersede()
            desk.cancel_timer()
        self._texts.forget(uri)

    def forget(self, uri: str) -> None:
        """Forget a document's texts: they were made by other rules than hold now."""
        self._texts.forget(uri)

    def follows(self, uri: str) -> bool:
        """Whether keys in this document are of interest: the editor has asked for suggestions in it."""
        return uri in self._desks

    def counters(self) -> dict[str, int]:
        """How often what happened since the start."""
        return {**asdict(self._counters), **asdict(self._texts.bill)}

    def clear(self) -> None:
        """Forget every text; whoever waits for one asks again."""
        self._texts.clear()
        for desk in self._desks.values():
            desk.look_again()

    def reconsider(self) -> None:
        """What decides about documents has changed: that holds for what is live and for whoever waits, too."""
        for desk in self._desks.values():
            if desk.snapshot is not None and self._setup_for(desk.snapshot).refusal is not None:
                self._texts.stop(desk.uri)
            for request in desk.requests:
                request.setup, request.place = self._setup_for(request.original), None
            desk.look_again()

    async def close(self) -> None:
        """End every generation."""
        for desk in self._desks.values():
            desk.supersede()
            desk.cancel_timer()
        await self._texts.close()

    def _desk(self, uri: str) -> Desk:
        if uri not in self._desks:
            self._desks[uri] = Desk(uri, acceptance=Acceptance(self._counters))
        return self._desks[uri]

    def _later(self, delay_s: float, call: Callable[..., object], *args: object) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(max(0.0, delay_s), call, *args)


def _without_flicker(guessed: Suggestion | None, sight: Sight) -> Sight:
    """What was guessed stays until the model agrees with it: then the model's words go on from there."""
    agrees = guessed is None or (isinstance(sight, Suggestion) and sight.text.startswith(guessed.text))
    return sight if agrees else guessed


def _is_machine_made(snapshot: Snapshot) -> bool:
    return len(snapshot.line_before) + len(snapshot.line_after) > LONGEST_LINE_CHARS


def _inside_word(snapshot: Snapshot) -> bool:
    """Whether a character of a word stands right of the cursor."""
    return is_of_word(snapshot.after[:1])
