"""The texts that context may come from: open documents, and files of the workspace read on demand.

Every path passes `may_leave` each time it is asked for, and lies inside the workspace folder. Nothing is scanned: a
file is read because an import points to it or because it lies beside the document. What was read is kept until the
file changes on disk, and bounded.
"""

from __future__ import annotations

import os
import stat
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from itertools import islice
from pathlib import Path
from urllib.parse import unquote

from fim_lsp import languages
from fim_lsp.context.imports import Import, imports, paths
from fim_lsp.context.outline import Outline
from fim_lsp.context.similar import Piece, cut
from fim_lsp.document import Document, count_common
from fim_lsp.languages import Language
from fim_lsp.paths import is_inside

LARGEST_FILE_BYTES = 200_000
MOST_TEXT_CHARS = 1_000_000
"""Text of files that is kept; what is worked out from it takes about five times as much memory."""
TOP_LINES = 500
MOST_NAMES = 5_000
MOST_NEIGHBOURS = 16
LONGEST_LINE_CHARS = 2_000
"""Files with longer lines are generated or data."""

ReadFile = Callable[[str], str | None]
ListFolder = Callable[[str], Sequence[str]]
Stamp = Callable[[str, str], Hashable]
"""(path, workspace folder) → something that changes when the file does; None for what must not be read."""


def read_file(path: str) -> str | None:
    """A file's text with LF, or None: missing, too large, binary or not UTF-8."""
    try:
        data = Path(path).read_bytes()
        return None if b"\0" in data[:8000] else data.decode("utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError):
        return None


def stamp(path: str, folder: str) -> Hashable:
    """None unless it is a regular file of reasonable size whose real place, links followed, is inside `folder`."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode) or not 0 < status.st_size <= LARGEST_FILE_BYTES:
        return None
    if not is_inside(os.path.realpath(path), os.path.realpath(folder)):
        return None
    return status.st_mtime_ns, status.st_size


def list_folder(path: str) -> list[str]:
    """The names in a folder, sorted; empty where it cannot be read. Of huge folders not all."""
    try:
        with os.scandir(path) as entries:
            return sorted(entry.name for entry in islice(entries, MOST_NAMES))
    except OSError:
        return []


Open = dict[str, "Text"]
"""The open documents, frozen, by what they go by."""


def key(uri: str, path: str) -> str:
    """What a document goes by: its path; a cell, which has its notebook's path and is only a part of it, its URI."""
    return path if os.path.basename(path) == unquote(uri).rpartition("/")[2] else uri


class Text:
    """One file or document as it stood at one moment, and what can be read from it, each worked out once."""

    def __init__(self, path: str, language: Language, lines: Sequence[str], former: Text | None = None) -> None:
        """`former`: mostly the same text, of which some may be known already."""
        self.path = path
        self.language = language
        self.lines = lines
        self._former: Sequence[Piece] = former.known_pieces if former is not None else ()

    @cached_property
    def outline(self) -> Outline:
        return Outline(self.lines, self.language)

    @cached_property
    def top(self) -> str:
        """Where imports stand."""
        return "\n".join(self.lines[:TOP_LINES])

    @cached_property
    def imports(self) -> tuple[Import, ...]:
        return imports(self.top, self.language)

    @cached_property
    def pieces(self) -> Sequence[Piece]:
        pieces, self._former = cut(self.lines, self._former), ()
        return pieces

    @property
    def known_pieces(self) -> Sequence[Piece]:
        """Without any work: this text's, or those of the text before it."""
        known: Sequence[Piece] = self.__dict__.get("pieces", self._former)
        return known


class Files:
    """Looks texts up. `opened`, `edited`, `closed` and `freeze` belong to the event loop, the rest to one worker."""

    def __init__(
        self,
        *,
        may_leave: Callable[[str], bool],
        read_file: ReadFile = read_file,
        list_folder: ListFolder = list_folder,
        stamp: Stamp = stamp,
        most_chars: int = MOST_TEXT_CHARS,
    ) -> None:
        self._may_leave = may_leave
        self._read_file = read_file
        self._list_folder = list_folder
        self._stamp = stamp
        self._most_chars = most_chars
        self._documents: dict[str, Document] = {}
        self._frozen: dict[str, Text] = {}
        self._edited: set[str] = set()
        """What was edited since it was frozen."""
        self._read: OrderedDict[str, tuple[Hashable, int, Text | None]] = OrderedDict()

    def opened(self, document: Document) -> None:
        if document.path is not None:
            self._documents[document.uri] = document

    def edited(self, document: Document) -> None:
        if document.path is not None:
            self._edited.add(key(document.uri, document.path))

    def closed(self, uri: str) -> None:
        document = self._documents.pop(uri, None)
        if document is not None and document.path is not None:
            self._frozen.pop(key(uri, document.path), None)
            self._edited.discard(key(uri, document.path))

    def freeze(self) -> Open:
        """The open documents as they stand now, for the worker; only what was edited is copied, and comes last."""
        for document in self._documents.values():
            path = document.path or ""
            name = key(document.uri, path)
            if name not in self._frozen or name in self._edited:
                former = self._frozen.pop(name, None)
                self._frozen[name] = Text(path, languages.get(document.language), tuple(document.lines), former)
        self._edited.clear()
        return dict(self._frozen)

    def look_up(self, path: str, folder: str | None, open_texts: Open) -> Text | None:
        """The text of a path (or cell), if it may be used: as it is open, else as it is on disk."""
        text = open_texts.get(path)
        if folder is not None and not is_inside(text.path if text else path, folder):
            return None
        if text is not None:
            return text if self._may_leave(text.path) else None
        now = None if folder is None else self._stamp(path, folder)
        if now is None:  # most paths that an import may mean do not exist: the rules are not asked about those
            self._read.pop(path, None)
            return None
        return self._from_disk(path, now) if self._may_leave(path) else None

    def beside(self, path: str, folder: str) -> list[str]:
        """Files of the same language in the same folder, those with the most similar names first."""
        if not is_inside(path, folder):
            return []
        parent, own = os.path.split(path)
        extension = os.path.splitext(own)[1] or own
        names = [name for name in self._list_folder(parent) if name.endswith(extension) and name != own]
        names.sort(key=lambda name: -count_common(name, own))
        return [os.path.join(parent, name) for name in names]

    def files_in(self, path: str) -> list[str]:
        """The files in a folder; empty if it is none."""
        return [os.path.join(path, name) for name in self._list_folder(path)]

    def related(self, text: Text, folder: str) -> list[str]:
        """Files that the first request in a document will look at: what it imports, and its neighbours."""
        found = self.beside(text.path, folder)[:MOST_NEIGHBOURS]
        for imported in text.imports:
            candidates = paths(imported, text.language, text.path, folder)
            found += islice((path for path in candidates if self._stamp(path, folder)), 1)
        return found

    def prepare(self, path: str, folder: str, open_texts: Open) -> None:
        """Work out now what will be asked of a file."""
        text = self.look_up(path, folder, open_texts)
        if text is not None:
            _ = text.outline, text.imports, text.pieces

    def _from_disk(self, path: str, now: Hashable) -> Text | None:
        known = self._read.get(path)
        if known is not None and known[0] == now:
            self._read.move_to_end(path)
            return known[2]
        content = self._read_file(path)
        text = None if content is None else self._text(path, content)
        self._read[path] = now, len(content or ""), text
        self._read.move_to_end(path)
        while sum(size for _, size, _ in self._read.values()) > self._most_chars:
            self._read.popitem(last=False)
        return text

    def _text(self, path: str, content: str) -> Text | None:
        lines = content.split("\n")
        if max(map(len, lines)) > LONGEST_LINE_CHARS:
            return None
        return Text(path, languages.from_path(path), lines)
