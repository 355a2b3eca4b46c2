"""One person who fills the holes of a file: types, pauses, slips, reads what is suggested, accepts, rejects.

The person knows what is to be written and accepts nothing else; what they do not know is when to look up. They look
in pauses only: `habits` decides where those are, so a suggestion helps exactly if it is there when the person rests.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

from fim_lsp.document import Edit
from fim_lsp.replay import keyboard
from fim_lsp.replay.editors import Editor
from fim_lsp.replay.ghost import Ghost, first_line, is_subsequence
from fim_lsp.replay.habits import PAUSE_MS, Habits
from fim_lsp.replay.holes import Hole
from fim_lsp.replay.judge import Verdict, agreement, judge, next_line, next_word
from fim_lsp.replay.keyboard import BACKSPACE, DELETE, ENTER, TAB, Keyboard, Stroke
from fim_lsp.replay.record import Look, Record, Rest

CORRECTING_MS = 140
"""Between two backspaces, or two accepted words."""
REMOVING_KEYS = 4
"""Select what is wrong up to its end, and delete it."""
CORRECTED_SHARE = 0.8
"""So much of a suggestion must be right to be taken and corrected."""
WORDS_WORTH = 6
"""So many characters right are worth being taken word by word."""


@dataclass(slots=True)
class Typist:
    """Fills one hole after the other of the file in `editor`."""

    editor: Editor
    keyboard: Keyboard
    habits: Habits
    record: Record
    ends_at_ms: float
    _start: int = 0
    _wanted: str = ""
    _tail: int = 0
    _slip: str = ""
    _unnoticed: int = 0
    _rejected: set[str] = field(default_factory=set)

    async def fill(self, hole: Hole, whole: str) -> None:
        """Write `whole[hole.start:hole.end]` where it is missing; the holes before it must be filled."""
        editor = self.editor
        self._start, self._tail = hole.start, len(editor.buffer.text) - hole.start
        self._wanted = whole[hole.start : hole.end]
        self._slip, self._rejected = "", set()
        editor.move(hole.start)
        await asyncio.sleep(PAUSE_MS / 1000)
        while self._written != self._wanted and editor.now_ms < self.ends_at_ms:
            if self._step_over():
                continue
            rest = await self._press(self._next_key())
            while rest and await self._rest(*rest):
                rest = self._review()
        if self._written == self._wanted:
            for _ in self._own_closers:
                self._strike(DELETE)
        self.record.produced += agreement(self._written, self._wanted)

    @property
    def _written(self) -> str:
        return self.editor.buffer.text[self._start : self.editor.buffer.cursor]

    @property
    def _place(self) -> int:
        """The cursor's place in the file."""
        return self._start + len(self._written)

    @property
    def _own_closers(self) -> str:
        """What stands between the cursor and the old text: brackets that the editor has closed."""
        buffer = self.editor.buffer
        return buffer.text[buffer.cursor : len(buffer.text) - self._tail]

    async def _press(self, key: str) -> tuple[float, Rest] | None:
        """One key. Returns how long the person then rests; None: they go on at once, or have finished."""
        inserted = self._strike(key)
        written = self._written
        if written == self._wanted:
            return None
        if key in (BACKSPACE, DELETE) or not self._wanted.startswith(written):
            await asyncio.sleep(CORRECTING_MS / 1000)
            return None
        return self.habits.rest_ms(self._place, inserted), Rest("key")

    def _strike(self, key: str) -> str:
        """Returns what the editor made of it."""
        buffer = self.editor.buffer
        stroke = self.keyboard.press(buffer.text, buffer.cursor, key, len(self._own_closers))
        if key not in (BACKSPACE, DELETE) and not self._leads_on(stroke, key):
            stroke = keyboard.insert(buffer.cursor, key)
        self._count(1)
        self.editor.edit(stroke.edit, stroke.cursor)
        return stroke.edit.inserted

    def _leads_on(self, stroke: Stroke, key: str) -> bool:
        """Whether the typing aid brings the text nearer to what is wanted; if not, the person does it by hand."""
        if not self._wanted.startswith(self._written + key):
            return True
        start, edit = self._start, stroke.edit
        written = self._written[: max(0, edit.offset - start)] + edit.inserted[: stroke.cursor - edit.offset]
        line = written[written.rfind("\n") + 1 :]
        return self._wanted.startswith(written.removesuffix(line) if not line.strip() else written)

    def _review(self) -> tuple[float, Rest] | None:
        if self._written == self._wanted:
            return None
        return self.habits.review_rest_ms(self._place), Rest("accept")

    # What to press next

    def _next_key(self) -> str:
        written, wanted = self._written, self._wanted
        if wanted.startswith(written):
            return self._wanted_key(wanted[len(written) :])
        if self._slip and self._unnoticed:
            self._unnoticed -= 1
            return wanted[len(written) : len(written) + 1].strip() or BACKSPACE
        line_start = written.rfind("\n") + 1
        if wanted.startswith(written[:line_start]) and not written[line_start:].strip():
            return self._indenting_key(written[line_start:], wanted[line_start:])
        return BACKSPACE

    def _wanted_key(self, rest: str) -> str:
        own = self._own_closers
        if own and not is_subsequence(own[:1], rest):
            return DELETE
        key = rest[0]
        slip = self.habits.slip(self._place, key)
        if slip and self._slip != self._written:
            self._slip = self._written
            self._unnoticed = self.habits.unnoticed(self._place)
            return slip
        return key

    def _indenting_key(self, indent: str, rest: str) -> str:
        """The editor's indent is not the wanted one."""
        wanted = rest[: len(rest) - len(rest.lstrip(" \t"))]
        if rest.startswith("\n"):
            return ENTER
        closer = rest[len(wanted) : len(wanted) + 1]
        if closer in keyboard.BRACKETS and self._outdents_to(wanted + closer):
            return closer
        if not wanted.startswith(indent):
            return BACKSPACE
        missing = wanted[len(indent) :]
        return TAB if missing.startswith(self.keyboard.indent) else missing[0]

    def _outdents_to(self, line: str) -> bool:
        buffer = self.editor.buffer
        stroke = self.keyboard.press(buffer.text, buffer.cursor, line[-1], 0)
        return stroke.edit.inserted == line

    def _step_over(self) -> bool:
        """If the editor has already written the end of a block, go behind it."""
        own, written = self._own_closers, self._written
        if not own.startswith("\n") or not self._wanted.startswith(written + own):
            return False
        self._count(1)
        self.editor.move(self.editor.buffer.cursor + len(own))
        return True

    def _count(self, keys: int) -> None:
        self.record.keys += keys
        self.record.typed += keys

    # What to do with a suggestion

    async def _rest(self, rest_ms: float, rest: Rest) -> bool:
        """Type nothing for a while. In a pause the person looks up: True if they accepted what they saw."""
        editor = self.editor
        if rest_ms < PAUSE_MS and rest.after == "key":
            await asyncio.sleep(rest_ms / 1000)
            return await self._glance()
        self.record.rests.append(rest)
        attentive = rest.after == "accept" or self.habits.looks_up(self._place)
        began = editor.now_ms
        while True:
            editor.screen_changed.clear()
            ghost = editor.ghost
            self._sight(ghost, rest, editor.now_ms - began)
            if ghost and attentive and self._claim(ghost) not in self._rejected and await self._consider(ghost):
                return True
            left_ms = rest_ms - (editor.now_ms - began)
            if not editor.screen_changed.is_set():
                if left_ms < 0.1:
                    return False
                await self._watch(left_ms)

    async def _glance(self) -> bool:
        """In the middle of typing, a suggestion that is there already may catch the eye."""
        ghost = self.editor.ghost
        if ghost is None or self._claim(ghost) in self._rejected or not self.habits.glances(self._place):
            return False
        return await self._consider(ghost)

    async def _watch(self, longest_ms: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(longest_ms / 1000):
                await self.editor.screen_changed.wait()

    def _sight(self, ghost: Ghost | None, rest: Rest, passed_ms: float) -> None:
        if ghost is None:
            return
        if rest.ghost_ms is None:
            rest.ghost_ms = passed_ms
        if rest.right_ms is None and self._judge(ghost).first_line:
            rest.right_ms = passed_ms

    async def _consider(self, ghost: Ghost) -> bool:
        """Read it; take what is right. True if something was taken."""
        first = first_line(ghost.text)
        reads_on = not self.editor.takes_parts or self.habits.reads_on(self._place)
        lines = self._judge(ghost).lines_read if reads_on else 1
        await asyncio.sleep(self.habits.reading_ms(lines) / 1000)
        now = self.editor.ghost
        if now is None or first_line(now.text) != first:
            return False
        verdict = self._judge(now)
        self.record.looks.append(Look(verdict.first_line, lines))
        if not verdict.first_line:
            self._rejected.add(self._claim(now))
        return await self._take(now, verdict, reads_on)

    async def _take(self, ghost: Ghost, verdict: Verdict, reads_on: bool) -> bool:
        if verdict.whole and (reads_on or "\n" not in ghost.text):
            self._accept(len(ghost.text), whole=True)
            return True
        if not self.editor.takes_parts:
            return await self._take_and_correct(ghost, verdict)
        if verdict.first_line:
            return await self._take_parts(next_line, len(first_line(ghost.text)))
        if verdict.right < WORDS_WORTH or not self.habits.takes_words(self._place):
            return False
        return await self._take_parts(next_word, verdict.right)

    async def _take_parts(self, part: Callable[[str], int], right: int) -> bool:
        """Line by line or word by word while what is taken is right; a line's end may go with it."""
        taken = 0
        while (ghost := self.editor.ghost) and taken + len(ghost.text[: part(ghost.text)].rstrip("\n")) <= right:
            length = part(ghost.text)
            taken += length
            self._accept(length, whole=length == len(ghost.text))
            if taken >= right:
                break
            await asyncio.sleep(CORRECTING_MS / 1000)
        return taken > 0

    async def _take_and_correct(self, ghost: Ghost, verdict: Verdict) -> bool:
        """Where only the whole can be taken: if enough of it is right, take it and delete the wrong end."""
        if ghost.covers or verdict.right < CORRECTED_SHARE * len(ghost.text):
            return False
        self._accept(verdict.right, whole=True)
        await asyncio.sleep(2 * CORRECTING_MS / 1000)
        buffer = self.editor.buffer
        keep = self._start + agreement(self._written, self._wanted)
        self.editor.edit(Edit(keep, buffer.text[keep : buffer.cursor], ""), keep)
        self._count(REMOVING_KEYS)
        return True

    def _accept(self, length: int, *, whole: bool) -> None:
        self.record.keys += 1
        self.record.accepted += length
        if whole:
            self.editor.accept()
        else:
            self.editor.accept_part(length)

    def _judge(self, ghost: Ghost) -> Verdict:
        return judge(ghost, self._wanted[len(self._written) :], self._own_closers)

    def _claim(self, ghost: Ghost) -> str:
        """What a suggestion says the text will be up to the end of its first line: the same while it is typed along."""
        return self._written + first_line(ghost.text)
