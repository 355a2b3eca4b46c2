"""`Lookup`: keeps the open documents as symbols, and answers from them and the project's index."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from fim_lsp.document import Document, Snapshot
from fim_lsp.languages import Language, get
from fim_lsp.lookup.copying import MOST_LINES, with_more_lines
from fim_lsp.lookup.index import Batch, Index
from fim_lsp.lookup.lexer import lex
from fim_lsp.lookup.model import FITTED, interpolate, probabilities
from fim_lsp.lookup.search import Guess, State, open_brackets, search, start
from fim_lsp.lookup.signals import Scene
from fim_lsp.lookup.surroundings import Surroundings
from fim_lsp.lookup.text import Reader, Text, View, indent_step
from fim_lsp.lookup.vocabulary import UNKNOWN, Vocabulary

_READ_PER_ANSWER_LINES = 400
"""A document just opened is read near the cursor first; so many lines take a few milliseconds."""
_READ_WITHOUT_DOCUMENT_LINES = 600
_OPEN_SYMBOLS = 60_000
"""So much of the other open documents is looked at, the most recently used first."""
_BRACKET_SYMBOLS = 400
_SLICE_LINES = 100
_NEAR_CHARS = 1000
_MOST_TOKENS = 8_000
"""With more different tokens than this, most of them words half typed or of closed documents, a vocabulary is given up
for a fresh one."""
_SOON = 1_000
"""One that is full again after so few questions is needed as it is: the next may be twice as large."""


@dataclass(frozen=True, slots=True)
class Inquiry:
    """One cursor, and everything that may be asked about what follows it."""

    state: State
    scene: Scene
    vocabulary: Vocabulary
    is_fitted: bool

    def predict(self, state: State) -> dict[str, float]:
        evidence = self.scene.evidence.of(state.line)
        if not self.is_fitted:
            token = self.vocabulary.token
            return interpolate(evidence, lambda symbol: state.allows(token(symbol)), state.typed)
        return probabilities(self.scene.case(state, evidence), self.scene.bucket(evidence))


@dataclass(slots=True)
class _Desk:
    """Who reads a language, and for how long."""

    reader: Reader
    most_tokens: int = _MOST_TOKENS
    uses: int = 0

    @property
    def is_full(self) -> bool:
        return len(self.reader.vocabulary) > self.most_tokens

    def cleared(self) -> _Desk:
        room = 2 * self.most_tokens if self.uses < _SOON else _MOST_TOKENS
        return _Desk(Reader(self.reader.language), room)


class Lookup:
    """Synchronous and quick; an `Observer` of the documents. One per server."""

    def __init__(self, *, may_leave: Callable[[str], bool] = lambda path: True, is_fitted: bool = FITTED) -> None:
        """`may_leave` is asked of every other open document, each time its text is looked at.

        Without the fitted weights it interpolates, which is there to be measured.
        """
        self._may_leave = may_leave
        self._is_fitted = is_fitted
        self._desks: dict[str, _Desk] = {}
        """By language id."""
        self._texts: dict[str, tuple[str, Text]] = {}
        """By URI: language and text, the most recently used last."""
        self._paths: dict[str, str] = {}
        self._indices: dict[str, Index] = {}

    def complete(self, snapshot: Snapshot, *, gate: float, max_lines: int = 0) -> Guess | None:
        """The guess worth most among those that are right at least `gate` of the time.

        It ends with the line, but where the text around was copied; `max_lines` bounds that (0: it is bounded anyhow).
        """
        inquiry, rest = self.inquire(snapshot), snapshot.line_after.strip()
        said = () if rest else _said(snapshot)
        guess = search(inquiry.state, rest, inquiry.predict, inquiry.vocabulary, gate, said)
        if guess is None or rest or max_lines == 1:
            return guess
        most, step = max_lines or MOST_LINES, indent_step(snapshot.before)
        return with_more_lines(guess, inquiry.state, inquiry.scene.around, gate, most, _margin(snapshot), step)

    def inquire(self, snapshot: Snapshot) -> Inquiry:
        """What is known at a cursor."""
        reader = self._reader(get(snapshot.language))
        view = self._view(snapshot, reader)
        text = snapshot.line_before.lstrip()
        tokens = lex(text, reader.language)
        state = start(view.start, tokens, text, _brackets(view, reader), reader.vocabulary)
        others = UNKNOWN.join(self._others(snapshot.uri, reader.language.id))
        around = Surroundings(view, reader.vocabulary, others, self._indices.get(reader.language.id))
        return Inquiry(state, Scene(around), reader.vocabulary, self._is_fitted)

    def opened(self, document: Document) -> None:
        language = get(document.language)
        self._texts[document.uri] = language.id, Text(document.lines, self._reader(language))
        if document.path is not None:
            self._paths[document.uri] = document.path
            for index in self._indices.values():
                index.hide(document.path)

    def edited(self, document: Document, start: int, removed: int, added: int) -> None:
        if document.uri not in self._texts:
            return self.opened(document)
        language, text = self._texts.pop(document.uri)
        text.edit(start, removed, list(document.lines[start : start + added]))
        self._texts[document.uri] = language, text

    def closed(self, uri: str) -> None:
        language, _ = self._texts.pop(uri, ("", None))
        if all(its_language != language for its_language, _ in self._texts.values()):
            self._desks.pop(language, None)
        path = self._paths.pop(uri, None)
        if path is not None:
            for index in self._indices.values():
                index.show(path)

    def work(self) -> bool:
        """Read a little more of the open documents (below 2 ms); false when all is read. Call it when idle."""
        return any(text.read(_SLICE_LINES) for _, text in reversed(self._texts.values()))

    def index(self, language: str) -> Index:
        """The index of the project's files in a language; empty until something is added."""
        record = get(language)
        return self._indices.setdefault(record.id, Index(record))

    def indices(self) -> list[tuple[str, Index]]:
        """By language id."""
        return list(self._indices.items())

    def add(self, index: Index, batch: Batch) -> None:
        """Add files of the project. An index that was forgotten meanwhile takes them along."""
        index.add(batch)
        for path in self._paths.values():
            index.hide(path)

    def adopt(self, language: str, index: Index) -> None:
        """Answer from this index of the project's files from now on."""
        self._indices[get(language).id] = index
        for path in self._paths.values():
            index.hide(path)

    def forget_project(self, language: str) -> None:
        self._indices.pop(language, None)

    def forget_projects(self) -> None:
        self._indices.clear()

    def _view(self, snapshot: Snapshot, reader: Reader) -> View:
        line = snapshot.line
        known = self._texts.get(snapshot.uri)
        if known is None or len(known[1]) <= line:
            before = snapshot.before.split("\n")[-1 - _READ_WITHOUT_DOCUMENT_LINES :]
            after = snapshot.after.split("\n")[:_READ_WITHOUT_DOCUMENT_LINES]
            text, line = Text([*before, *after[1:]], reader), len(before) - 1
            text.read_around(line, len(text))
        else:
            text = known[1]
            text.read_around(line, _READ_PER_ANSWER_LINES)
        return text.view(line, _margin(snapshot))

    def _others(self, uri: str, language: str) -> Iterator[str]:
        room = _OPEN_SYMBOLS
        for other, (its_language, text) in reversed(self._texts.items()):
            if other != uri and its_language == language and room > 0 and self._may_be_read(other):
                symbols = text.symbols()[:room]
                room -= len(symbols)
                yield symbols

    def _may_be_read(self, uri: str) -> bool:
        path = self._paths.get(uri)
        return path is None or self._may_leave(path)

    def _reader(self, language: Language) -> Reader:
        desk = self._desks.get(language.id)
        if desk is None:
            desk = self._desks[language.id] = _Desk(Reader(language))
        elif desk.is_full:
            desk = self._desks[language.id] = desk.cleared()
            for its_language, text in self._texts.values():
                if its_language == language.id:
                    text.renew(desk.reader)
        desk.uses += 1
        return desk.reader


def _brackets(view: View, reader: Reader) -> str:
    return open_brackets(
        reader.vocabulary.decode(filter(reader.vocabulary.nesting.get, view.before[-_BRACKET_SYMBOLS:]))
    )


def _said(snapshot: Snapshot) -> list[str]:
    """The lines next to the cursor's: nobody writes one twice, but where the document does so already."""
    above = _nearest(reversed(snapshot.before[-_NEAR_CHARS:].split("\n")[:-1]), 2)
    below = _nearest(snapshot.after[:_NEAR_CHARS].split("\n")[1:], 1)
    return below if len(above) == 2 and above[0] == above[1] else above[:1] + below


def _nearest(lines: Iterable[str], most: int) -> list[str]:
    return list(islice(filter(None, map(str.strip, lines)), most))


def _margin(snapshot: Snapshot) -> str:
    head = snapshot.line_before
    return head[: len(head) - len(head.lstrip())]
