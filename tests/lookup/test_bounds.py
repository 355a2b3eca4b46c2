"""What is learnt of open documents goes with them, sooner or later."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from fim_lsp.document import Snapshot
from fim_lsp.languages import get
from fim_lsp.lookup import engine, text
from fim_lsp.lookup.engine import Lookup


@dataclass
class Document:
    uri: str
    lines: list[str]
    path: str | None = None
    language: str = "python"
    version: int = 1


def words(prefix: str, count: int) -> list[str]:
    return [f"{prefix}_{number} = call_{prefix}_{number}()" for number in range(count)]


def tokens_of(lookup: Lookup) -> int:
    return len(lookup._reader(get("python")).vocabulary)


def read(lookup: Lookup) -> None:
    while lookup.work():
        pass


def test_words_of_closed_documents_are_forgotten() -> None:
    lookup = Lookup()
    most = 0
    for number in range(60):
        document = Document(f"file:///{number}.py", words(f"name{number}", 300))
        lookup.opened(document)
        read(lookup)
        for _ in range(100):
            most = max(most, tokens_of(lookup))
        lookup.closed(document.uri)
    assert most <= engine._MOST_TOKENS + 700


def test_a_vocabulary_that_was_given_up_is_learnt_again() -> None:
    lookup = Lookup()
    stays = Document("file:///stays.py", ["first = load(path)", "second = store(path)", "x = 1"])
    lookup.opened(stays)
    for number in range(60):
        other = Document(f"file:///{number}.py", words(f"name{number}", 300))
        lookup.opened(other)
        read(lookup)
        lookup.closed(other.uri)
    snapshot = Snapshot(
        stays.uri, "python", 2, "first = load(path)\nsecond = store(path)\nx = 1\nfirst = lo", "", line=3
    )
    guess = lookup.complete(snapshot, gate=0.1)
    assert guess is not None
    assert guess.text.startswith("ad(path)")


def test_documents_that_need_more_get_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else each question would give up what the one before had learnt."""
    lexed = 0
    lex = text.lex

    def counting(line: str, language: object) -> list[str]:
        nonlocal lexed
        lexed += 1
        return lex(line, language)  # type: ignore[arg-type]

    monkeypatch.setattr(text, "lex", counting)
    lookup = Lookup()
    document = Document("file:///large.py", words("name", 2 * engine._MOST_TOKENS))
    lookup.opened(document)
    for _ in range(50):
        read(lookup)
        tokens_of(lookup)
    assert tokens_of(lookup) > 4 * engine._MOST_TOKENS
    assert lexed < 5 * len(document.lines)
