"""The texts of all documents, from the first request for one to its place in the cache.

A text is wanted until the document has left what it has said; nobody in particular owns it. Requests look at the texts,
keys make them begin and end, and whoever waits is told when one has grown.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from functools import cache, partial

from fim_lsp import languages, shape, trim
from fim_lsp.cache import Texts
from fim_lsp.desk import Desk, Request, Setup
from fim_lsp.document import Snapshot, Suggestion
from fim_lsp.errors import ProviderError
from fim_lsp.generated import GeneratedText, View
from fim_lsp.generation import Ask, MakePrompt, Refused, generate
from fim_lsp.reasons import Reason
from fim_lsp.scheduler import Scheduler
from fim_lsp.settings.model import Completion
from fim_lsp.sight import has_more, whole_lines

GRACE_S = 0.4
"""How long after the deadline a stream may live on to fill the cache."""
NEAR_LINES = 12
MOST_CONTINUATIONS = 2
LINES_LEFT_TO_CONTINUE = 2
REJECTIONS_TO_BE_QUIET = 3


class Fit(Enum):
    """What fits a snapshot: nothing, a text that has said all it had to say, or one with more."""

    NONE = auto()
    USED_UP = auto()
    MORE = auto()


@dataclass(slots=True)
class Bill:
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


class Generations:
    """Begins, follows and ends texts. `left` is called when a text was closed because its document had left it."""

    def __init__(
        self,
        *,
        desks: dict[str, Desk],
        make_prompt: MakePrompt,
        clock: Callable[[], float],
        left: Callable[[Desk, GeneratedText], None],
        failed: Callable[[ProviderError, str], None],
        crashed: Callable[[Exception], None],
        worked: Callable[[bool], None],
    ) -> None:
        self._desks = desks
        self._make_prompt = make_prompt
        self._clock = clock
        self._left = left
        self._failed = failed
        self._crashed = crashed
        self._worked = worked
        self._texts = Texts(clock)
        self._scheduler = Scheduler()
        self._ids = itertools.count(1)
        self.bill = Bill()

    def fitting(
        self, snapshot: Snapshot, desk: Desk, *, alternatives: bool = False
    ) -> Iterator[tuple[GeneratedText, int]]:
        """The texts that fit, the newest first, each with how much of it stands before the cursor."""
        for text, consumed in self._texts.fitting(snapshot, desk.jumps, desk.closers.standing(snapshot.after)):
            if bool(text.variant) == alternatives:
                yield text, consumed

    def fit(self, snapshot: Snapshot, desk: Desk) -> Fit:
        """At a model's own end nothing is asked again, unless asking is free. The desk remembers what fits."""
        best = Fit.NONE
        for text, consumed in self.fitting(snapshot, desk):
            if has_more(text, consumed):
                desk.fitted = text
                return Fit.MORE
            if text.is_last_word and best is Fit.NONE:
                desk.fitted, best = text, Fit.USED_UP
        return best

    def ask(self, desk: Desk, request: Request, *, variant: int = 0) -> GeneratedText:
        """Begin to generate a text at the request's cursor."""
        snapshot, setup, invoked = request.snapshot, request.setup, request.invoked
        desk.cancel_timer()
        closers = desk.closers.standing(snapshot.after)
        text = self._begin(desk, snapshot, closers)
        text.variant, text.is_by_hand = variant, invoked
        self._texts.add(text)
        desk.fitted = text if variant == 0 else desk.fitted
        self._generate(text, snapshot, closers, setup, invoked, request.place_by(place_of))
        if setup.guess is not None and not invoked:
            self._guess(desk, snapshot, closers, setup.guess)
        return text

    def _guess(self, desk: Desk, snapshot: Snapshot, closers: str, guess: Callable[[Snapshot], str]) -> None:
        """Have something to show until the model answers; if it agrees, it goes on from there."""
        said = guess(snapshot)
        if said:
            text = self._begin(desk, snapshot, closers)
            text.text, text.live, text.finish = said, False, "stop"
            text.provider, text.is_quick = "lookup", True
            self._texts.add(text)
            self._texts.settled(text)

    def continue_ahead(self, desk: Desk, text: GeneratedText, consumed: int, snapshot: Snapshot, setup: Setup) -> None:
        """Continue a text that was cut and of which little is left, so that it does not end under the reader's eyes."""
        rest = text.text[consumed:]
        lines_left = sum(bool(line.strip()) for line in rest.split("\n")[:-1])
        if (
            not (text.was_cut and text.settled and setup.completion.speculate)
            or lines_left >= LINES_LEFT_TO_CONTINUE
            or text.continued >= MOST_CONTINUATIONS
            or desk.acceptance.rejections >= REJECTIONS_TO_BE_QUIET
        ):
            return
        text.continued += 1
        text.live, text.settled = True, False
        text.finish = text.error = text.refusal = None
        text.prompt_tokens = text.cached_tokens = text.completion_tokens = 0
        ahead = replace(snapshot, before=snapshot.before + rest, line=snapshot.line + rest.count("\n"))
        place = cache(partial(place_of, ahead, setup.completion))
        self._generate(text, ahead, desk.closers.standing(snapshot.after), setup, False, place)

    def adopt(self, desk: Desk, text: GeneratedText, shown: Suggestion, snapshot: Snapshot) -> Suggestion:
        """A rule has changed the text: what is typed along is the changed one, so it becomes a text of its own."""
        own = self._begin(desk, snapshot, snapshot.after[: shown.replaces])
        own.text, own.live, own.finish, own.provider = shown.text, False, "stop", text.provider
        own.variant, own.is_by_hand = text.variant, text.is_by_hand
        own.is_part = text.was_cut or text.live or shown.text.count("\n") < text.text.rstrip().count("\n")
        own.note_names(snapshot)
        own.view = View.of(0, len(own.text), snapshot, shown.replaces, len(own.text))
        self._texts.add(own)
        self._texts.settled(own)
        return replace(shown, id=own.id)

    def leave(self, desk: Desk) -> None:
        """Close the texts of a document that its newest snapshot has left."""
        for text in self._scheduler.live(desk.uri):
            if has_left(text, desk):
                self._scheduler.stop(text)

    def stop(self, uri: str) -> None:
        """Close all that is being generated for a document."""
        self._scheduler.stop_document(uri)

    def forget(self, uri: str) -> None:
        self._scheduler.stop_document(uri)
        self._texts.forget(uri)

    def clear(self) -> None:
        """Close and forget everything."""
        self._scheduler.stop_all()
        self._texts.clear()

    async def close(self) -> None:
        await self._scheduler.close()

    def __len__(self) -> int:
        """How many are being generated."""
        return len(self._scheduler)

    @property
    def room(self) -> int:
        """How many more may be generated without closing another."""
        return self._scheduler.room

    # One text

    def _begin(self, desk: Desk, snapshot: Snapshot, closers: str) -> GeneratedText:
        return GeneratedText.begin(snapshot, closers, id=str(next(self._ids)), jumps=desk.jumps, now=self._clock())

    def _generate(
        self,
        text: GeneratedText,
        snapshot: Snapshot,
        closers: str,
        setup: Setup,
        invoked: bool,
        place: Callable[[], trim.Place],
    ) -> None:
        ask = Ask(
            snapshot=snapshot,
            closers=closers,
            completion=setup.completion,
            place=place,
            invoked=invoked,
            source=setup.source,
            variant=text.variant,
            cache_key=setup.cache_key,
        )
        self._scheduler.start(text, self._run(text, ask), lambda: self._ended(text, ask))
        loop = asyncio.get_running_loop()
        loop.call_soon(loop.call_soon, self._meanwhile, place)  # two turns later a prompt is on its way

    def _meanwhile(self, place: Callable[[], trim.Place]) -> None:
        """What can wait until the request is out, and is better done before the model answers."""
        if len(self):
            self._worked(True)
        place()

    async def _run(self, text: GeneratedText, ask: Ask) -> None:
        """The life of one text's generation. What goes wrong after the model's own end takes nothing from the text."""
        try:
            async with asyncio.timeout(ask.completion.deadline_ms / 1000 + GRACE_S):
                grew = partial(self._grew, ask)
                await generate(text, ask, make_prompt=self._make_prompt, grew=grew, clock=self._clock)
        except TimeoutError:
            pass  # no end was said, so the text counts as cut
        except Refused as refused:
            text.refusal = (refused.reason, refused.detail)
        except ProviderError as error:
            if text.finish is None:
                text.error = error
                self._failed(error, text.provider or ask.source.used)
        except Exception as error:
            if text.finish is None:
                text.refusal = (Reason.INTERNAL, type(error).__name__)
            self._crashed(error)
        finally:
            if text.refusal is None and (text.error is None or text.error.sent):
                self.bill.add(text)

    def _grew(self, ask: Ask, text: GeneratedText, added: str) -> bool:
        """More has come: those who wait look again at each line; a text that the document has left is closed."""
        if text.finish is not None:
            text.live = False
            text.note_names(ask.snapshot)
        desk = self._desks.get(text.uri)
        if desk is None or desk.snapshot is None:
            return False
        if text.live and has_left(text, desk):
            self._left(desk, text)
            return False
        if "\n" in added or not text.live:
            if not text.first_line_at and whole_lines(text.text):
                text.first_line_at = self._clock()
            desk.wake()
        return True

    def _ended(self, text: GeneratedText, ask: Ask) -> None:
        """What was said stays, also of a stream that broke, if it holds a whole line, or was to be continued."""
        text.live = False
        if text.continued and text.finish is None:
            text.finish = "length"
        desk = self._desks.get(text.uri)
        if desk is None or ((text.error or text.refusal) and not (text.continued or whole_lines(text.text))):
            self._texts.discard(text)
        else:
            text.note_names(ask.snapshot)
            self._texts.settled(text)
        if desk is not None:
            desk.wake()
        self._worked(len(self) > 0)


def has_left(text: GeneratedText, desk: Desk) -> bool:
    """Whether the document has become another one where the text stands. An edit far away says nothing about it."""
    snapshot = desk.snapshot
    if snapshot is None or text.fit(snapshot, desk.closers.standing(snapshot.after)) is not None:
        return False
    return abs(snapshot.line - text.line) <= NEAR_LINES + text.text.count("\n")


def place_of(snapshot: Snapshot, completion: Completion) -> trim.Place:
    """The snapshot with its language and shape."""
    language = languages.get(snapshot.language)
    decided = shape.decide(snapshot, language, mode=completion.mode, max_lines=completion.max_lines)
    return trim.Place.of(snapshot, language, decided)
