"""One relation: a generated text fits a snapshot, or it does not.

Type-through, backspace and retype, partial accept, undo, coming back later, joining a live stream, answering early and
"accept the first line, then the rest" are all questions to `GeneratedText.fit`. Text is compared, never only offsets:
an edit elsewhere in the file does not matter, one that touches what the text grew from or refers to does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from fim_lsp.closers import closing, length_of
from fim_lsp.departure import Departure, parted
from fim_lsp.document import Snapshot, is_of_word
from fim_lsp.errors import ProviderError
from fim_lsp.providers.base import Finish
from fim_lsp.reasons import Reason

NEAR_BEFORE = 1_000
NEAR_AFTER = 400
NEAR_LINES_BEFORE = 12
NEAR_LINES_AFTER = 6
BELOW_CHARS = 80
_NAME = re.compile(r"[^\W\d]\w{2,}")


def near_before(before: str) -> str:
    """The end of `before` that a generated text is bound to: at most twelve lines and a thousand characters."""
    start = max(0, len(before) - NEAR_BEFORE)
    cut = len(before)
    for _ in range(NEAR_LINES_BEFORE):
        cut = before.rfind("\n", start, cut)
        if cut < 0:
            return before[start:]
    return before[cut:]


def near_after(after: str) -> str:
    """The start of `after` that a generated text is bound to: at most six lines and four hundred characters."""
    cut = -1
    for _ in range(NEAR_LINES_AFTER):
        found = after.find("\n", cut + 1, NEAR_AFTER)
        if found < 0:
            return after[:NEAR_AFTER]
        cut = found
    return after[: cut + 1]


@dataclass(slots=True)
class View:
    """What of a text was last shown: `text[start:end]`."""

    start: int
    end: int
    line_beyond: str
    """How the line goes on behind what is shown, and behind the closers that it takes the place of."""
    below: str
    """How the lines below begin: Enter in a bracket that the editor has closed puts the closer there."""
    of_length: int
    """Length of the whole text when the view was last looked at: a live text may have grown since."""

    @classmethod
    def of(cls, start: int, end: int, snapshot: Snapshot, replaces: int, of_length: int) -> View:
        """`text[start:end]` is shown at the snapshot, up to so many characters right of its cursor."""
        line_after = snapshot.line_after
        return cls(start, end, line_after[replaces:], _below(snapshot, line_after), of_length)

    def closers(self, consumed: int, snapshot: Snapshot) -> str | None:
        """What stands between the cursor and the line's end as it was: the editor has put it there.

        None: the cursor is elsewhere, or more has happened than typing along a line.
        """
        line_after = snapshot.line_after
        if self.start <= consumed < self.end and _below(snapshot, line_after) == self.below:
            if line_after.endswith(self.line_beyond):
                return line_after[: len(line_after) - len(self.line_beyond)]
            if self.line_beyond.endswith(line_after):
                return ""
        return None


def _below(snapshot: Snapshot, line_after: str) -> str:
    return snapshot.after[len(line_after) :][:BELOW_CHARS]


@dataclass(slots=True, eq=False)
class GeneratedText:
    """What a model says at one place of one document; it grows while `live`.

    `before` and `after` are the near parts of the prompt's text; `whole_before` tells that there was no more of it.
    `closers` are the characters right of the cursor that the editor had just put in and the model did not see.
    """

    uri: str
    before: str
    after: str
    whole_before: bool
    whole_after: bool
    opening: str = ""
    """How the line begins that the text stands in, as far as `before` shows it."""
    closers: str = ""
    text: str = ""
    live: bool = True
    settled: bool = False
    """Its stream is wound up; the text may have ended, or been stopped, a little earlier."""
    finish: Finish | None = None
    error: ProviderError | None = None
    refusal: tuple[Reason, str] | None = None
    """Why the prompt was not sent, with a word more."""
    provider: str = ""
    is_part: bool = False
    """The model had said more than this."""
    is_quick: bool = False
    """The embedded engine said it while a model had not answered yet."""
    is_by_hand: bool = False
    """It was asked for by hand: then the embedded engine says what it is less sure of."""
    variant: int = 0
    """0: the likeliest text; 1, 2 …: alternatives, shown only when asked for by hand."""
    names: frozenset[str] = frozenset()
    """Names of the document that the text uses: where one of them has gone, the text is wrong."""
    jumps: int = 0
    """How many times an edit had been made elsewhere when the names were last checked."""
    continued: int = 0
    """How many times the text was continued ahead of the reader."""
    view: View | None = None
    line: int = 0
    asked_at: float = 0.0
    first_text_at: float = 0.0
    first_line_at: float = 0.0
    """When it had its first complete line."""
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    id: str = field(default="")

    @classmethod
    def begin(cls, snapshot: Snapshot, closers: str, *, id: str, jumps: int, now: float) -> GeneratedText:
        """An empty live text at the snapshot's cursor."""
        after = snapshot.after[len(closers) :]
        before = near_before(snapshot.before)
        beyond = near_after(after)
        whole_before = len(before) == len(snapshot.before) and not snapshot.before_is_cut
        return cls(
            uri=snapshot.uri,
            before=before,
            after=beyond,
            opening=snapshot.line_before if whole_before or "\n" in before else "",
            whole_before=whole_before,
            whole_after=len(beyond) == len(after) and not snapshot.after_is_cut,
            closers=closers,
            id=id,
            jumps=jumps,
            line=snapshot.line,
            asked_at=now,
        )

    @property
    def size(self) -> int:
        """About how many bytes of memory the text holds."""
        return 600 + 2 * (len(self.before) + len(self.after) + len(self.text)) + 80 * len(self.names)

    @property
    def was_cut(self) -> bool:
        """The model had more to say: its stream was closed, or ran into max_tokens."""
        return not self.live and self.finish != "stop"

    @property
    def is_free(self) -> bool:
        """The embedded engine has said it: asking again costs nothing, so its end is no reason for silence."""
        return self.provider == "lookup"

    @property
    def is_last_word(self) -> bool:
        """At its end there is silence: the model has stopped there by itself, and asking again would cost."""
        return self.finish == "stop" and not self.is_free and not self.is_part

    @property
    def _reach(self) -> int:
        """How far above the cursor the text may begin."""
        return len(self.before) + max(len(self.text), 200) + 400

    def fit(self, snapshot: Snapshot, closers: str = "") -> int | None:
        """How many characters of the text stand before the snapshot's cursor; None: it does not fit.

        `closers`: those right of the cursor that the editor has been seen to put there, innermost first.
        A live text also fits when more was typed than it has said so far and the two agree up to there;
        then the answer is greater than the length of the text.
        """
        typed = self._typed(snapshot.before)
        if typed is None or not self._after_agrees(typed, snapshot.after, closers):
            return None
        return self._agree(typed)

    def may_reach(self, line_before: str) -> bool:
        """Whether a settled text may stand before a cursor whose line looks like this: a glance, where most do not.

        Either the line goes on from the one that the text began in, or it begins as a later line of the text.
        """
        return line_before.startswith(self.opening) or f"\n{line_before}" in self.text

    def departure(self, snapshot: Snapshot) -> Departure | None:
        """How the document has left the text where it stands; None: it has not, or the place is gone."""
        before = snapshot.before if self.whole_before else snapshot.before[-self._reach :]
        at = 0 if self.whole_before else before.rfind(self.before)
        if at < 0 or not before.startswith(self.before, at):
            return None
        return parted(before[at + len(self.before) :], self.text, self.before[-1:])

    def note_names(self, snapshot: Snapshot) -> None:
        """Remember which names of the document the finished text uses."""
        used = set(_NAME.findall(self.text))
        self.names = frozenset(name for name in used if has_name(snapshot, name))

    def names_still_there(self, snapshot: Snapshot, consumed: int) -> bool:
        """Whether the document still has every name that the rest of the text took from it."""
        rest = self.text[consumed:]
        return all(has_name(snapshot, name) for name in self.names if name in rest)

    def _typed(self, before: str) -> str | None:
        """What stands between the place where the text begins and the cursor."""
        if self.whole_before:
            return before[len(self.before) :] if before.startswith(self.before) else None
        tail = before[-self._reach :]
        at = tail.rfind(self.before)
        while at >= 0:
            typed = tail[at + len(self.before) :]
            if self._agree(typed) is not None:
                return typed
            at = tail.rfind(self.before, 0, at + len(self.before) - 1)
        return None

    def _after_agrees(self, typed: str, after: str, seen: str) -> bool:
        """Whether the document goes on as it did, auto-closed brackets aside.

        Some of those `seen` may have stood there before. Of one that was not seen, `typed` tells: Enter may have put
        it on another line, and an editor may say a bracket and its closer in two changes.
        """
        if self._goes_on(after, 0):
            return True
        covered = self._covered()
        if any(self._goes_on(after, at, gone) for gone in range(covered + 1) for at in range(len(seen) + 1)):
            return True
        bare = "".join(self.closers.split())
        spaced = "\n" in typed or len(bare) < len(self.closers)
        lengths = (length_of(closers, after, spaced=spaced) for closers in _ends(closing(typed, bare)))
        return any(length is not None and self._goes_on(after, length) for length in lengths)

    def _covered(self) -> int:
        """How many characters of `after` what was shown takes the place of: some may have been typed over."""
        view, line_after = self.view, self.after.partition("\n")[0]
        if view is None or not line_after.endswith(view.line_beyond):
            return 0
        below = self.after[len(line_after) :][:BELOW_CHARS]
        known = view.below if self.whole_after else view.below[: len(below)]
        return len(line_after) - len(view.line_beyond) if below == known else 0

    def _goes_on(self, after: str, at: int, gone: int = 0) -> bool:
        """Whether from `at` on there stands what stood there, without the first `gone` characters."""
        expected = self.after[gone:] if gone else self.after
        if self.whole_after:
            return len(after) - at == len(expected) and after.endswith(expected)
        return after.startswith(expected, at)

    def _agree(self, typed: str) -> int | None:
        if self.text.startswith(typed):
            return len(typed)
        if self.live and typed.startswith(self.text):
            return len(typed)
        return _agree_but_for_blank_lines(typed, self.text, self.live) if "\n" in typed else None


def has_name(snapshot: Snapshot, name: str) -> bool:
    """Whether the identifier stands anywhere in the snapshot."""
    return _has_word(snapshot.before, name) or _has_word(snapshot.after, name)


def _has_word(text: str, name: str) -> bool:
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        if not (at and is_of_word(text[at - 1])) and not (end < len(text) and is_of_word(text[end])):
            return True
        at = text.find(name, end)
    return False


def _ends(pending: str) -> list[str]:
    """What may be left of the closers right of the cursor: some may have been typed over, innermost first."""
    return [pending[skipped:] for skipped in range(len(pending))]


def _agree_but_for_blank_lines(typed: str, text: str, live: bool) -> int | None:
    """As a prefix test, but blanks on an otherwise empty line do not count: editors put indents there.

    Returns how much of `text` agrees with all of `typed`.
    """
    at = 0
    lines = typed.split("\n")
    for number, line in enumerate(lines):
        last = number == len(lines) - 1
        if not last and not line.strip():
            end = text.find("\n", at)
            if end < 0:
                return len(typed) if live and not text[at:].strip() else None
            if text[at:end].strip():
                return None
            at = end + 1
            continue
        wanted = line if last else line + "\n"
        if not text.startswith(wanted, at):
            rest = text[at:]
            return len(typed) if live and "\n".join(lines[number:]).startswith(rest) else None
        at += len(wanted)
    return at
