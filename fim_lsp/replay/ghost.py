"""A suggestion on the screen: what of it is seen at a cursor, and whether another one continues it."""

from __future__ import annotations

from dataclasses import dataclass

from fim_lsp.replay.buffer import Buffer


@dataclass(frozen=True, slots=True)
class Item:
    """A suggestion as an editor gets it: `text` for what stands from `start` to `end` of the document asked for."""

    text: str
    start: int
    end: int
    id: str = ""


@dataclass(frozen=True, slots=True)
class Ghost:
    """What is on the screen: the rest of the item's text from the cursor on, and how much of the line it covers."""

    text: str
    covers: int
    item: Item


def seen(item: Item | None, buffer: Buffer) -> Ghost | None:
    """None where the text no longer agrees with the document: nobody takes that for a suggestion."""
    if item is None or not item.start <= buffer.cursor <= item.end:
        return None
    typed = buffer.text[item.start : buffer.cursor]
    covered = buffer.text[buffer.cursor : item.end]
    rest = item.text[len(typed) :]
    if not item.text.startswith(typed) or rest == covered or not is_subsequence(covered, rest):
        return None
    return Ghost(rest, len(covered), item)


def continues(before: Ghost, after: Ghost | None) -> bool:
    """Whether the person sees the same suggestion, perhaps with more or fewer lines."""
    if after is None:
        return False
    return after.text.startswith(first_line(before.text)) or before.text.startswith(first_line(after.text))


def first_line(text: str) -> str:
    """Up to the end of the first line that is not blank."""
    content = len(text) - len(text.lstrip())
    end = text.find("\n", content)
    return text if end < 0 else text[:end]


def is_subsequence(short: str, long: str) -> bool:
    rest = iter(long)
    return all(char in rest for char in short)
