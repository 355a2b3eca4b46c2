"""The whole story: what happens between a key and the ghost text that follows it.

A request looks at the texts that are already there, live or done; if one fits it is shown, or waited for; if none fits
one is asked for. Everything else here serves that: keys ask before the editor does, texts that the document has left
are closed, and every silence has its reason.

The engine knows no editor, no network and no file: it is given what decides about a document (settings, rules and the
source to ask), a maker of prompts, and a clock.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from enum import Enum, auto

from fim_lsp import languages, shape, trim
from fim_lsp.acceptance import Acceptance, Counters
from fim_lsp.answer import Answer, Selected
from fim_lsp.cache import Texts
from fim_lsp.desk import Desk, Request, Setup
from fim_lsp.document import Edit, Snapshot, Suggestion
from fim_lsp.errors import ProviderError
from fim_lsp.generated import GeneratedText, View
from fim_lsp.generation import Ask, MakePrompt, Refused, generate
from fim_lsp.keystrokes import Key, key_of, with_cursor
from fim_lsp.pause import pause_ms
from fim_lsp.reasons import Reason
from fim_lsp.scheduler import Scheduler

GRACE_S = 0.4
"""How long after the deadline a stream may live on to fill the cache."""
MOST_CONTINUATIONS = 2
LINES_LEFT_TO_CONTINUE = 2
REJECTIONS_TO_BE_QUIET = 3


@dataclass(frozen=True, slots=True)
class Silence:
    """Nothing to show, and why."""

    reason: Reason
    detail: str = ""


class Fit(Enum):
    """What fits a snapshot: nothing, a text that has said all it had to say, or one with more."""

    NONE = auto()
    USED_UP = auto()
    MORE = auto()


@dataclass(slots=True)
class Generated:
    """What was asked of models, in requests and tokens."""

    requests: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0

    def add(self, text: GeneratedText) -> None:
        self.requests += 1
        self.prompt_tokens += text.prompt_tokens
        self.cached_tokens += text.cached_tokens
        self.completion_tokens += text.completion_tokens


WAIT = None
"""Nothing to show yet."""
Sight = Suggestion | Silence | None


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
        self._make_prompt = make_prompt
        self._clock = clock
        self._failed = failed
        self._crashed = crashed
        self._worked = worked
        self._texts = Texts(clock)
        self._scheduler = Scheduler()
        self._desks: dict[str, Desk] = {}
        self._acceptances = Counters()
        self._generated = Generated()
        self._ids = itertools.count(1)

    # A request

    async def complete(self, snapshot: Snapshot, *, invoked: bool, selected: Selected | None = None) -> Answer:
        """What to show at the snapshot's cursor; waits for the model at most `deadline_ms`."""
        setup = self._setup_for(snapshot)
        desk = self._desk(snapshot.uri)
        request = Request(snapshot, invoked, setup, self._clock(), selected)
        desk.supersede()
        desk.requests.append(request)
        desk.keys_since_request = 0
        try:
            return await self._answer(desk, request)
        finally:
            desk.requests.remove(request)
            self._tell_work()

    async def _answer(self, desk: Desk, request: Request) -> Answer:
        refused = self._gate(request)
        if refused is not None:
            return self._silent(request, refused)
        desk.snapshot, desk.line = request.snapshot, request.snapshot.line
        loop = asyncio.get_running_loop()
        deadline = request.asked_at + request.setup.completion.deadline_ms / 1000
        alarm = loop.call_later(max(0.0, deadline - self._clock()), request.wake.set)
        try:
            while True:
                sight = self._look(desk, request)
                if sight is WAIT and self._clock() >= deadline:
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
        silence: Silence | None = None
        for text, consumed in self._texts.fitting(request.snapshot, desk.jumps):
            if text.variant:
                continue
            sight = self._view(text, consumed, request)
            if not isinstance(sight, Silence):
                self._continue_ahead(desk, text, consumed, request)
                return sight
            silence = silence or (sight if text.finish == "stop" and not self._is_free(text) else None)
        if silence is not None and not (request.invoked and request.text is None):
            return silence
        if request.text is not None and not request.text.live:
            return self._why_nothing(request.text, request)
        return self._ask_for(desk, request)

    def _view(self, text: GeneratedText, consumed: int, request: Request) -> Sight:
        """What of a fitting text is to be shown now: all complete lines there are, as far as the shape allows."""
        snapshot = request.snapshot
        view = text.view
        same = view is not None and view.start <= consumed < view.end and view.of_length == len(text.text)
        if same and view is not None and view.line_after == snapshot.line_after:
            return self._suggestion(text, consumed, view.end, view.replaces)
        rest = text.text[consumed:]
        if text.live or text.was_cut:
            rest = _whole_lines(rest) or ("" if text.finish != "length" else _whole_words(rest))
            if not rest.strip():
                return WAIT if text.live else Silence(Reason.USED_UP)
        if not rest.strip():
            return Silence(Reason.USED_UP if consumed else Reason.EMPTY)
        shown = trim.finish(rest, self._place(snapshot, request), ended=not text.live and not text.was_cut)
        if isinstance(shown, trim.Dropped):
            return Silence(Reason.FILTERED, shown.rule)
        end = consumed + len(shown.text)
        if text.text[consumed:end] != shown.text:
            return self._adopt(text, shown, snapshot)
        text.view = View(consumed, end, shown.replaces, snapshot.line_after, len(text.text))
        return self._suggestion(text, consumed, end, shown.replaces)

    def _adopt(self, text: GeneratedText, shown: Suggestion, snapshot: Snapshot) -> Suggestion:
        """The trimmer has changed the text: what is typed along is the changed one, so it becomes a text of its own."""
        closers = snapshot.after[: shown.replaces]
        own = GeneratedText.begin(
            snapshot, closers, id=f"{text.id}.{len(shown.text)}", jumps=text.jumps, now=text.asked_at
        )
        own.text, own.live, own.finish, own.provider = shown.text, False, "stop", text.provider
        own.note_names(snapshot)
        own.view = View(0, len(own.text), shown.replaces, snapshot.line_after, len(own.text))
        self._texts.add(own)
        self._texts.settled(own)
        return self._suggestion(own, 0, len(own.text), shown.replaces)

    def _suggestion(self, text: GeneratedText, start: int, end: int, replaces: int) -> Suggestion:
        return Suggestion(text.text[start:end], replaces, text.provider, text.id)

    def _why_nothing(self, text: GeneratedText, request: Request) -> Silence:
        """The text that was asked for this request has ended, and there is nothing of it to show."""
        if text.refusal is not None:
            return Silence(*text.refusal)
        if text.error is not None:
            return Silence(text.error.reason, text.error.cause)
        if self._is_free(text):
            return Silence(Reason.NOTHING_KNOWN)
        fits = text.fit(request.snapshot)
        if fits is not None:
            sight = self._view(text, fits, request)
            return sight if isinstance(sight, Silence) else Silence(Reason.EMPTY)
        return Silence(Reason.EMPTY)

    # Asking

    def _ask_for(self, desk: Desk, request: Request) -> Sight:
        """Ask now, or when the pause after the last key is over."""
        wait_s = 0.0 if request.invoked else self._pause_left_s(desk, request)
        if wait_s > 0:
            asyncio.get_running_loop().call_later(wait_s, request.wake.set)
            return WAIT
        request.text = self._ask(desk, request.snapshot, request.setup, request.invoked)
        return WAIT

    def _pause_left_s(self, desk: Desk, request: Request) -> float:
        debounce = request.setup.completion.debounce_ms
        until = desk.ask_at
        if isinstance(debounce, int):
            until = max(until, request.asked_at + debounce / 1000)
        return until - self._clock()

    def _ask(self, desk: Desk, snapshot: Snapshot, setup: Setup, invoked: bool, variant: int = 0) -> GeneratedText:
        """Begin to generate a text at the snapshot's cursor."""
        desk.cancel_timer()
        closers = desk.closers.standing(snapshot.after)
        text = GeneratedText.begin(snapshot, closers, id=str(next(self._ids)), jumps=desk.jumps, now=self._clock())
        text.variant = variant
        self._texts.add(text)
        self._generate(text, snapshot, setup, invoked)
        return text

    def _generate(self, text: GeneratedText, snapshot: Snapshot, setup: Setup, invoked: bool) -> None:
        ask = Ask(
            snapshot=snapshot,
            closers=text.closers,
            completion=setup.completion,
            place=self._place_of(snapshot, setup, invoked),
            invoked=invoked,
            source=setup.source,
            variant=text.variant,
            cache_key=setup.cache_key,
        )
        self._scheduler.start(text, self._run(text, ask))
        self._tell_work()

    async def _run(self, text: GeneratedText, ask: Ask) -> None:
        """The life of one text's generation, to its end."""
        limit_s = ask.completion.deadline_ms / 1000 + GRACE_S
        try:
            async with asyncio.timeout(limit_s):
                await generate(
                    text,
                    ask,
                    make_prompt=self._make_prompt,
                    grew=self._grew,
                    clock=self._clock,
                )
        except ProviderError as error:
            text.error = error
            self._failed(error, text.provider or ask.source.used)
        except Refused as refused:
            text.refusal = (refused.reason, refused.detail)
        except TimeoutError:
            text.finish = None
        except Exception as error:
            text.refusal = (Reason.INTERNAL, type(error).__name__)
            self._crashed(error)
        finally:
            self._ended(text, ask)

    def _grew(self, text: GeneratedText, added: str) -> bool:
        """More has come: those who wait look again at each line; a text that the document has left is closed."""
        if text.finish is not None:
            text.live = False
        desk = self._desks.get(text.uri)
        if desk is None or desk.snapshot is None:
            return False
        if text.live and self._left(text, desk):
            asyncio.get_running_loop().call_soon(self._ask_early, desk, desk.snapshot)
            return False
        if "\n" in added or not text.live:
            desk.wake()
        return True

    def _left(self, text: GeneratedText, desk: Desk) -> bool:
        return desk.snapshot is not None and text.fit(desk.snapshot) is None and self._is_near(text, desk)

    def _is_near(self, text: GeneratedText, desk: Desk) -> bool:
        """An edit far away says nothing about a text here."""
        return desk.snapshot is not None and abs(desk.snapshot.line - text.line) <= 12 + text.text.count("\n")

    def _ended(self, text: GeneratedText, ask: Ask) -> None:
        text.live = False
        self._generated.add(text)
        desk = self._desks.get(text.uri)
        if text.error is not None or text.refusal is not None or desk is None:
            self._texts.discard(text)
        else:
            text.note_names(ask.snapshot)
            self._texts.settled(text)
        if desk is not None:
            desk.wake()
        self._tell_work()

    # Keys

    def typed(self, snapshot: Snapshot, edit: Edit) -> None:
        """A key, or another edit in a single place: closes what no longer fits and asks before the editor does."""
        desk = self._desk(snapshot.uri)
        snapshot = with_cursor(snapshot, edit)
        key = key_of(edit)
        desk.closers.edited(snapshot, edit)
        desk.acceptance.edited(snapshot, edit)
        desk.keys_since_request += 1
        desk.snapshot = snapshot
        desk.supersede()
        desk.cancel_timer()
        for text in self._scheduler.live(snapshot.uri):
            if self._left(text, desk):
                self._scheduler.stop(text)
        departs, fits = desk.departs_with(key), self._fits(desk, snapshot)
        desk.something_fitted = fits is Fit.MORE
        setup = self._setup_for(snapshot)
        pause = pause_ms(
            key,
            departs=departs,
            inside_word=snapshot.before[-2:-1].isalnum() or snapshot.before[-2:-1] == "_",
            debounce_ms=setup.completion.debounce_ms,
        )
        desk.ask_at = self._clock() + pause / 1000
        if fits is not Fit.NONE or key is Key.BULK:
            return
        if pause > 0:
            desk.timer = asyncio.get_running_loop().call_later(pause / 1000, self._ask_early, desk, snapshot)
        else:
            self._ask_early(desk, snapshot)

    def _fits(self, desk: Desk, snapshot: Snapshot) -> Fit:
        """What the texts there are have to say at a snapshot. At a model's own end nothing is asked again."""
        best = Fit.NONE
        for text, consumed in self._texts.fitting(snapshot, desk.jumps):
            if text.variant:
                continue
            if text.live or text.text[consumed:].strip():
                return Fit.MORE
            if text.finish == "stop" and not self._is_free(text):
                best = Fit.USED_UP
        return best

    def _ask_early(self, desk: Desk, snapshot: Snapshot) -> None:
        """Ask where the editor is about to: in documents where it has been asking, under the same rules."""
        desk.timer = None
        if not desk.asks or desk.snapshot is not snapshot:
            return
        setup = self._setup_for(snapshot)
        request = Request(snapshot, False, setup, self._clock())
        if self._gate(request) is None and self._fits(desk, snapshot) is Fit.NONE:
            self._ask(desk, snapshot, setup, invoked=False)

    def _continue_ahead(self, desk: Desk, text: GeneratedText, consumed: int, request: Request) -> None:
        """Continue a text that was cut and of which little is left, so that it does not end under the reader's eyes."""
        setup = request.setup
        if not text.was_cut or not setup.completion.speculate or text.continued >= MOST_CONTINUATIONS:
            return
        rest = text.text[consumed:]
        whole_lines = sum(bool(line.strip()) for line in rest.split("\n")[:-1])
        if whole_lines >= LINES_LEFT_TO_CONTINUE or desk.acceptance.rejections >= REJECTIONS_TO_BE_QUIET:
            return
        text.continued += 1
        text.live, text.finish = True, None
        text.prompt_tokens = text.cached_tokens = text.completion_tokens = 0
        after = request.snapshot.after[len(desk.closers.standing(request.snapshot.after)) :]
        ahead = replace(request.snapshot, before=request.snapshot.before + rest, after=after)
        self._generate(text, ahead, setup, invoked=False)

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
            desk.supersede()
            desk.cancel_timer()
            desk.snapshot = None
            self._scheduler.stop_document(uri)

    def closed(self, uri: str) -> None:
        desk = self._desks.pop(uri, None)
        if desk is not None:
            desk.supersede()
            desk.cancel_timer()
        self._scheduler.stop_document(uri)
        self._texts.forget(uri)

    def follows(self, uri: str) -> bool:
        """Whether keys in this document are of interest: the editor has asked for suggestions in it."""
        return uri in self._desks

    # Showing

    def _show(self, desk: Desk, request: Request, first: Suggestion) -> Answer:
        suggestions = [first, *self._alternatives(desk, request)] if request.invoked else [first]
        unique = {suggestion.text: suggestion for suggestion in reversed(suggestions)}
        ordered = [suggestion for suggestion in suggestions if unique.get(suggestion.text) is suggestion]
        extra = request.snapshot.before[len(request.original.before) :]
        if extra:
            ordered = [replace(suggestion, text=extra + suggestion.text) for suggestion in ordered]
        desk.something_fitted = True
        desk.acceptance.show(request.original, ordered[0].text, ordered[0].replaces)
        return Answer(
            suggestions=tuple(ordered[: request.setup.completion.candidates if request.invoked else 1]),
            provider=first.provider,
            timings_ms=request.timings_ms(self._clock()),
            usage=request.usage,
        )

    def _alternatives(self, desk: Desk, request: Request) -> Iterator[Suggestion]:
        """What else could be said here: those already there now, the others into the cache for the next time."""
        variants = set(range(1, request.setup.completion.candidates))
        for text, consumed in self._texts.fitting(request.snapshot, desk.jumps):
            if not text.variant:
                continue
            variants.discard(text.variant)
            sight = self._view(text, consumed, request)
            if isinstance(sight, Suggestion):
                yield sight
        for variant in variants:
            self._ask(desk, request.snapshot, request.setup, True, variant)

    def _silent(self, request: Request, silence: Silence) -> Answer:
        return Answer(
            reason=silence.reason,
            superseded=silence.reason is Reason.SUPERSEDED,
            provider=request.text.provider if request.text else "",
            detail=silence.detail,
            timings_ms=request.timings_ms(self._clock()),
            usage=request.usage,
        )

    def _is_free(self, text: GeneratedText) -> bool:
        """Asking the embedded engine again costs nothing, so its end of a line is no reason for silence."""
        return text.provider == "lookup"

    # Small things

    def _place(self, snapshot: Snapshot, request: Request) -> trim.Place:
        if request.place is None or request.place.snapshot is not snapshot:
            request.place = self._place_of(snapshot, request.setup, request.invoked)
        return request.place

    def _place_of(self, snapshot: Snapshot, setup: Setup, invoked: bool) -> trim.Place:
        language = languages.get(snapshot.language)
        completion = setup.completion
        decided = shape.decide(
            snapshot, language, mode=completion.mode, max_lines=completion.max_lines, invoked=invoked
        )
        return trim.Place.of(snapshot, language, decided)

    def _desk(self, uri: str) -> Desk:
        if uri not in self._desks:
            self._desks[uri] = Desk(uri, acceptance=Acceptance(self._acceptances))
        return self._desks[uri]

    def _tell_work(self) -> None:
        self._worked(len(self._scheduler) > 0)

    def counters(self) -> dict[str, int]:
        """How often what happened since the start."""
        return {**asdict(self._acceptances), **asdict(self._generated)}

    def clear(self) -> None:
        """Forget every text."""
        self._texts.clear()

    async def close(self) -> None:
        """End every generation."""
        for desk in self._desks.values():
            desk.supersede()
            desk.cancel_timer()
        await self._scheduler.close()


def _inside_word(snapshot: Snapshot) -> bool:
    """Whether a character of a word stands right of the cursor."""
    right = snapshot.after[:1]
    return right.isalnum() or right == "_"


def _whole_lines(text: str) -> str:
    """The lines of `text` that are complete, if one of them is not blank."""
    whole = text[: text.rfind("\n") + 1]
    return whole if whole.strip() else ""


def _whole_words(text: str) -> str:
    """A line that max_tokens cut, without the word it was cut in."""
    end = len(text)
    while end and (text[end - 1].isalnum() or text[end - 1] == "_"):
        end -= 1
    return text[:end].rstrip()
