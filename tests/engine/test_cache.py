"""The texts of all documents: bounded, and a quick look finds exactly those that a close one would."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fim_lsp.cache import PER_DOCUMENT, Texts
from fim_lsp.document import Snapshot
from fim_lsp.generated import GeneratedText

CODE = st.lists(st.sampled_from(["a", "b = ", "(", ")", "\n", "\n    ", "  ", "x" * 600]), max_size=12).map("".join)


def at(before: str, after: str = "") -> Snapshot:
    return Snapshot("file:///a.py", "python", 1, before, after, line=before.count("\n"))


def text_at(snapshot: Snapshot, said: str, number: int = 1) -> GeneratedText:
    text = GeneratedText.begin(snapshot, "", id=str(number), jumps=0, now=0)
    text.text, text.live = said, False
    return text


def paid(texts: Texts, *made: GeneratedText) -> None:
    for text in made:
        texts.add(text)
        texts.settled(text)


def shown(texts: Texts, snapshot: Snapshot) -> list[str]:
    return [text.id for text, _ in texts.fitting(snapshot, 0)]


@given(st.lists(st.tuples(CODE, CODE), min_size=1, max_size=4), CODE, CODE)
def test_a_quick_look_misses_nothing(places: list[tuple[str, str]], typed: str, after: str) -> None:
    texts = Texts(lambda: 0.0)
    made = [text_at(at(before, after), said, number) for number, (before, said) in enumerate(places)]
    paid(texts, *made)
    for before, said in places:
        for end in {0, len(said) // 2, len(said)}:
            now = at(before + said[:end] + typed, after)
            assert shown(texts, now) == [text.id for text in reversed(made) if text.fit(now) is not None]


def test_what_is_added_meanwhile_is_seen() -> None:
    texts, here = Texts(lambda: 0.0), at("x = ")
    paid(texts, text_at(here, "1", 1))
    assert shown(texts, here) == ["1"]
    other = text_at(Snapshot("file:///b.py", "python", 1, "x = ", ""), "2", 2)
    texts.add(other)
    live = text_at(here, "", 3)
    live.live = True
    texts.add(live)
    assert shown(texts, here) == ["3", "1"]
    live.text, live.live = "3", False
    texts.settled(live)
    assert shown(texts, here) == ["3", "1"]
    texts.discard(live)
    assert shown(texts, here) == ["1"]


def test_the_oldest_make_room() -> None:
    texts = Texts(lambda: 0.0, max_bytes=5_000)
    paid(texts, *(text_at(at(f"v{number} = "), "y" * 400, number) for number in range(20)))
    assert len(texts) == 3
    assert not shown(texts, at("v3 = "))
    assert shown(texts, at("v19 = ")) == ["19"]


def test_what_is_too_old_is_forgotten() -> None:
    now = 0.0
    texts = Texts(lambda: now, max_age_s=60)
    paid(texts, text_at(at("x = "), "1", 1))
    now = 59
    assert shown(texts, at("x = ")) == ["1"]
    now = 61
    assert not shown(texts, at("x = "))
    paid(texts, text_at(at("y = "), "2", 2))
    assert len(texts) == 1


def test_a_document_keeps_so_many() -> None:
    texts = Texts(lambda: 0.0)
    paid(texts, *(text_at(at(f"v{number} = "), "1", number) for number in range(PER_DOCUMENT + 10)))
    assert len(texts) == PER_DOCUMENT
