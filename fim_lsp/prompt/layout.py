"""The prompt: text around the cursor, snippets, and how they share the budget.

Near the cursor nothing is dropped or rewritten: the prefix ends with exactly the text before the cursor and the suffix
starts with exactly the text after it. What is read far from the cursor stays put while the user types: it is chosen in
coarse steps, from nothing but the text, and the choice made for the previous prompt holds as long as it fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fim_lsp.document import Snapshot
from fim_lsp.prompt.head import head_of_file
from fim_lsp.prompt.snippets import cost, fill, unseen
from fim_lsp.prompt.tokens import estimate
from fim_lsp.prompt.window import After, Before
from fim_lsp.providers.base import Prompt, Snippet

SNIPPETS_SHARE = 0.4
"""Of the budget, where the file itself could fill it; a short file leaves them more."""
SUFFIX_SHARE = 0.25
"""Of what snippets leave, where both sides of the cursor could fill it."""
HEAD_SHARE = 0.12
"""Of the prefix's share, for the file's own head where the window cuts it off."""
STEPS = 8
"""The text before the cursor is measured in eighths of the budget: typing moves no share until one is full."""

CHARS_PER_TOKEN = 5
"""More than code has; so many characters a token are looked at on either side."""
MARGIN_CHARS = 4_000
"""Looked at beyond that; the far end moves in steps of as much, so that it stays where it is while the user types."""
ANCHOR_CHARS = 400
"""By this much of its beginning a prefix is found again in the edited text."""


def build(
    snapshot: Snapshot,
    *,
    budget_tokens: int,
    snippets: Sequence[Snippet] = (),
    path: str = "",
    project: str = "",
    closers: int = 0,
    head: bool = True,
    previous: Prompt | None = None,
) -> Prompt:
    """The prompt for `snapshot`, of at most `budget_tokens` as `tokens` counts them, headers of snippets included.

    `snippets` come best first; of those that fit, the best stands nearest to the prefix.
    `closers` is the number of characters right of the cursor to leave out: brackets the editor has just put in.
    `previous` is the last prompt for this document, if there was one: what can stay as it was stays.
    """
    text = _Text.of(snapshot, closers, budget_tokens)
    room = max(budget_tokens - estimate(path) - estimate(project), budget_tokens // 2)
    chosen = _choose(snippets, text, room)
    left = room - sum(map(cost, chosen))
    prefix, suffix = text.windows(left)
    room_for_head = int(left * HEAD_SHARE) if head and len(prefix) < len(text.before.text) else 0
    if room_for_head:
        prefix, suffix = text.windows(left - room_for_head)
    kept = _keep(previous, prefix, suffix, text, snippets, room) if previous is not None else None
    if kept is None:
        own = text.head(prefix, path, room_for_head) if room_for_head else ()
        chosen = unseen(chosen, prefix, suffix, *(snippet.text for snippet in own))
        kept = prefix, suffix, (*reversed(chosen), *own)
    prefix, suffix, read = kept
    return Prompt(prefix, suffix, path=path, language=snapshot.language, project=project, snippets=read)


def nearest_window(snapshot: Snapshot, budget_tokens: int) -> tuple[str, str]:
    """Prefix and suffix where everything else takes its whole share: what the model reads of the file in any case."""
    text = _Text.of(snapshot, 0, budget_tokens)
    return text.windows(int(budget_tokens * (1 - SNIPPETS_SHARE) * (1 - HEAD_SHARE)))


@dataclass(frozen=True, slots=True)
class _Text:
    """The text on both sides of the cursor, as far as a prompt can reach."""

    before: Before
    after: After
    snapshot: Snapshot

    @staticmethod
    def of(snapshot: Snapshot, closers: int, budget_tokens: int) -> _Text:
        reach = budget_tokens * CHARS_PER_TOKEN + MARGIN_CHARS
        start = max(0, len(snapshot.before) - reach) // MARGIN_CHARS * MARGIN_CHARS  # in steps: it stays the same text
        before = snapshot.before[start:]
        after = snapshot.after[closers : closers + reach]
        is_cut = snapshot.before_is_cut or start > 0
        line = snapshot.line if snapshot.before_is_cut else snapshot.before.count("\n") if start else None
        return _Text(Before.of(before, line=line, is_cut=is_cut), After.of(after), snapshot)

    def windows(self, room: int) -> tuple[str, str]:
        """Prefix and suffix that share `room`."""
        before, after = self.before, self.after
        step = max(1, room // STEPS)
        wanted_before = (before.tokens // step + 1) * step
        end = after.end_of_suffix(max(int(room * SUFFIX_SHARE), room - wanted_before))
        start = before.start_of_prefix(room - after.tokens_to(end))
        return before.text[start:], after.text[:end]

    def head(self, prefix: str, path: str, room: int) -> tuple[Snippet, ...]:
        """The file's own head, where `prefix` lacks it."""
        above = self.snapshot.before[: -len(prefix) or None]
        room -= cost(Snippet(path=path, text="", source="head"))
        text = head_of_file(above, room, cut=self.snapshot.before_is_cut)
        return (Snippet(path=path, text=text, source="head"),) if text and estimate(text) <= room else ()


def _choose(offered: Sequence[Snippet], text: _Text, room: int) -> tuple[Snippet, ...]:
    """What to read besides the file, best first, where the file takes at least what is its own."""
    if not offered:
        return ()
    step = max(1, room // STEPS)
    whole_file = (text.before.tokens // step + 1) * step + text.after.tokens
    room_for_snippets = max(int(room * SNIPPETS_SHARE), room - whole_file)
    return fill(unseen(offered, *text.windows(room - room_for_snippets)), room_for_snippets)


def _keep(
    previous: Prompt, prefix: str, suffix: str, text: _Text, offered: Sequence[Snippet], room: int
) -> tuple[str, str, tuple[Snippet, ...]] | None:
    """The previous prompt's parts with what was typed since, if they fit and show about as much as fresh ones."""
    kept_prefix = _same_start(previous.prefix, prefix, text.before.text)
    kept_suffix = previous.suffix if text.after.text.startswith(previous.suffix) else suffix
    if kept_prefix is None or 2 * len(kept_prefix) < len(prefix) or 2 * len(kept_suffix) < len(suffix):
        return None
    others = [snippet for snippet in reversed(previous.snippets) if snippet.source != "head"]
    if list(fill(unseen(offered, kept_prefix, kept_suffix), sum(map(cost, others)))) != others:
        return None
    tokens = text.before.tokens_from(len(text.before.text) - len(kept_prefix)) + text.after.tokens_to(len(kept_suffix))
    if tokens + sum(map(cost, previous.snippets)) > room:
        return None
    return kept_prefix, kept_suffix, previous.snippets


def _same_start(previous: str, fresh: str, before: str) -> str | None:
    """The end of `before` that begins as the previous prefix did."""
    anchor = previous[:ANCHOR_CHARS]
    if fresh.startswith(anchor):
        return fresh
    start = before.find(anchor, max(0, len(before) - 2 * len(previous) - ANCHOR_CHARS))
    return before[start:] if anchor and start >= 0 else None
