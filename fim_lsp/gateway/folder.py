"""The embedded engine over a folder: what answers where no model is set up, and alike to the same question each time.

The folder is read once, at the start, and only what may leave it. A call names no language, so it is told from the
text: the one of the folder's languages that knows most of the words in front of the cursor.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path

from fim_lsp import languages
from fim_lsp.lookup.engine import Lookup
from fim_lsp.lookup.feeder import Feeder
from fim_lsp.lookup.source import LookupSource
from fim_lsp.lookup.vocabulary import UNKNOWN
from fim_lsp.privacy.gate import Gate
from fim_lsp.prompt import tokens
from fim_lsp.providers.base import Delta, Prompt, Sampling
from fim_lsp.settings.model import Lookup as Gates
from fim_lsp.settings.model import Privacy

MOST_FILES = 50_000
"""So many names are looked at to find out which languages there are."""
MOST_WORDS = 300
_WORD = re.compile(r"[^\W\d]\w*")
MEMORY_BYTES = 200_000_000


@dataclass(frozen=True, slots=True)
class _File:
    """As far as the feeder looks at it: it reads the whole folder for the sake of one file of a language."""

    uri: str
    path: str
    language: str
    version: int = 0
    lines: tuple[str, ...] = ("",)


class Folder:
    """A source of texts. Belongs to one event loop."""

    def __init__(self, path: Path, *, privacy: Privacy, gates: Gates) -> None:
        self._path = str(path.resolve())
        self._gate = Gate([self._path])
        self._privacy = privacy
        self._lookup = Lookup()
        self._source = LookupSource(self._lookup, lambda: gates)
        self._feeder = Feeder(self._lookup, may_leave=self._may_leave, max_memory_bytes=MEMORY_BYTES)

    async def read(self) -> None:
        """All of the folder's files that may be read."""
        self._feeder.configure([self._path])
        for language, path in self._languages():
            self._feeder.opened(_File(Path(path).as_uri(), path, language))
        await self._feeder.settled()

    def close(self) -> None:
        self._feeder.close()

    async def generate(
        self, prompt: Prompt, sampling: Sampling, *, invoked: bool = False
    ) -> AsyncGenerator[Delta, None]:
        """At most `max_tokens`, by estimate. It says nothing rather than what it does not know, whatever the least."""
        prompt = replace(prompt, language=prompt.language or self.language_of(prompt))
        async with aclosing(self._source.generate(prompt, sampling, invoked=invoked)) as deltas:
            async for delta in deltas:
                text = head(delta.text, sampling.max_tokens)
                yield delta if text == delta.text else Delta(text, "length")

    def language_of(self, prompt: Prompt) -> str:
        """Empty where nothing is known."""
        words = list(dict.fromkeys(_WORD.findall(prompt.prefix[-20_000:])[-MOST_WORDS:]))
        words += _WORD.findall(prompt.suffix[:5_000])[:MOST_WORDS]
        known = {
            language: sum(index.known(word) != UNKNOWN for word in words) for language, index in self._lookup.indices()
        }
        return max(sorted(known), key=lambda language: known[language], default="")

    def _may_leave(self, path: str) -> bool:
        return self._gate.may_leave(path, self._privacy).allowed

    def _languages(self) -> Iterator[tuple[str, str]]:
        """Each language with the first file of it."""
        found: dict[str, str] = {}
        for _, path in zip(range(MOST_FILES), self._files(), strict=False):
            found.setdefault(languages.from_path(path).id, path)
        return iter(found.items())

    def _files(self) -> Iterator[str]:
        for folder, folders, files in os.walk(self._path):
            folders[:] = sorted(
                name for name in folders if not name.startswith(".") and self._may_leave(os.path.join(folder, name))
            )
            yield from (path for name in sorted(files) if self._may_leave(path := os.path.join(folder, name)))


def head(text: str, most: int) -> str:
    """As much of a text as makes so many tokens, by estimate."""
    if tokens.estimate(text) <= most:
        return text
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if tokens.estimate(text[:middle]) <= most else (low, middle - 1)
    return text[:low]
