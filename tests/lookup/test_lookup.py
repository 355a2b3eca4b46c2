"""What the embedded engine says, as pages: ⟦…⟧ is the cursor and what must be shown there, ⟦⟧ that nothing is."""

from __future__ import annotations

from textwrap import dedent

import pytest

from fim_lsp.document import Snapshot
from fim_lsp.languages import get
from fim_lsp.lookup import Guess, Lookup
from fim_lsp.lookup.builder import build
from fim_lsp.lookup.signals import SIGNALS

INVOKED, AUTOMATIC = 0.15, 0.65

SAID = {
    "a name that the file knows": """
        timeout_seconds = 5
        retries = timeout_seconds
        limit = timeout_seconds
        print(timeou⟦t_seconds⟧
    """,
    "a call as it is written elsewhere": """
        first = registry.lookup(name)
        other = registry.lookup(name)
        again = registry.lookup(name)
        third = registry.loo⟦kup(name)⟧
    """,
    "the keyword of an argument": """
        connect(host, timeout=5)
        connect(server, timeout=5)
        connect(address, tim⟦eout=5)⟧
    """,
    "what the neighbour calls": """
        def close(self):
            self.transport.close()

        def abort(self):
            self.transport⟦.close()⟧
    """,
    "the same loop over another": """
        for name, value in sorted(options.items()):
            print(name)
        for name, value in sorted(defaults.it⟦ems()⟧
    """,
    "the import that others make": """
        from typing import Callable
        from typing import Iterator
        from typ⟦ing import⟧
    """,
    # Wrong: nothing tells it that the entries of a table differ, and in a short file the line above is all it knows.
    "the last entry once more": """
        colours = {
            "red": Colour("red"),
            "green": Colour("green"),
            "blue": ⟦Colour("green"),⟧
        }
    """,
    "nothing right of the cursor twice": """
        print(value)
        print(value)
        print(val⟦ue⟧)
    """,
}
SILENT = {
    "nothing is known": "x = com⟦⟧",
    "an empty document": "⟦⟧",
    "a word that nobody wrote": """
        alpha = 1
        beta = 2
        zyx⟦⟧
    """,
}


@pytest.mark.parametrize("page", SAID.values(), ids=SAID)
def test_says(page: str) -> None:
    expected, guess = _ask(page, INVOKED)
    assert guess is not None
    assert guess.text == expected
    assert INVOKED <= guess.probability <= 1


@pytest.mark.parametrize("page", SILENT.values(), ids=SILENT)
def test_is_silent(page: str) -> None:
    assert _ask(page, INVOKED)[1] is None


@pytest.mark.parametrize("page", SAID.values(), ids=SAID)
def test_a_higher_gate_never_shows_what_is_less_probable(page: str) -> None:
    guess = _ask(page, AUTOMATIC)[1]
    assert guess is None or guess.probability >= AUTOMATIC


BLOCK = "".join(f"    field_{letter} = make(name)\n" for letter in "abcdefgh")


def test_copies_lines_only_where_six_before_are_the_same() -> None:
    copied = "def one():\n" + BLOCK + "\n\ndef two():\n" + BLOCK.partition("    field_g")[0] + "    field_g"
    guess = _complete(copied, "", gate=INVOKED)
    assert guess is not None
    assert guess.text == " = make(name)\n    field_h = make(name)"
    single = _complete(copied, "", gate=INVOKED, max_lines=1)
    assert single is not None
    assert "\n" not in single.text
    short = "def one():\n" + BLOCK + "\n\ndef two():\n" + BLOCK.partition("    field_c")[0] + "    field_c"
    few = _complete(short, "", gate=INVOKED)
    assert few is not None
    assert "\n" not in few.text


@pytest.mark.parametrize("language", ["python", "go", "rust", "typescript", "lua", "never-heard-of", ""])
def test_needs_no_record_of_the_language(language: str) -> None:
    text = "widget.configure(size)\n" * 3 + "widget.conf"
    guess = _complete(text, "", gate=INVOKED, language=language)
    assert guess is not None
    assert guess.text == "igure(size)"


def test_open_documents_of_the_language_count() -> None:
    lookup = Lookup()
    lookup.opened(_Opened("file:///b.py", ["session.invalidate_all(tokens)"] * 4))
    while lookup.work():
        pass
    snapshot = Snapshot("file:///a.py", "python", 1, "session.inva", "")
    guess = lookup.complete(snapshot, gate=INVOKED)
    assert guess is not None
    assert guess.text.startswith("lidate_all")
    lookup.closed("file:///b.py")
    assert lookup.complete(snapshot, gate=INVOKED) is None


def test_open_documents_that_may_not_leave_do_not_count() -> None:
    lookup = Lookup(may_leave=lambda path: "private" not in path)
    lookup.opened(_Opened("file:///private.py", ["session.invalidate_all(tokens)"] * 4, "/private.py"))
    while lookup.work():
        pass
    assert lookup.complete(Snapshot("file:///a.py", "python", 1, "session.inva", ""), gate=INVOKED) is None


def test_an_open_file_counts_as_it_is_in_the_editor() -> None:
    lookup = Lookup()
    lookup.adopt("python", build([("/b.py", "session.invalidate_all(tokens)\n" * 4)], get("python")))
    lookup.opened(_Opened("file:///b.py", [""], "/b.py"))
    snapshot = Snapshot("file:///a.py", "python", 1, "session.inva", "")
    assert lookup.complete(snapshot, gate=INVOKED) is None
    lookup.closed("file:///b.py")
    assert lookup.complete(snapshot, gate=INVOKED) is not None


def test_edits_by_line_give_the_same_guesses_as_opening_anew() -> None:
    document = _Opened("file:///a.py", ["result = compute(alpha)", "other = compute(alpha)", "third = comp", ""])
    edited, anew = Lookup(), Lookup()
    edited.opened(_Opened(document.uri, ["x", "third = comp", ""]))
    edited.complete(Snapshot(document.uri, "python", 1, "x\nthird = comp", "\n", line=1), gate=INVOKED)
    edited.edited(document, 0, 1, 2)
    anew.opened(document)
    snapshot = Snapshot(document.uri, "python", 2, "\n".join(document.lines[:3]), "\n", line=2)
    assert edited.complete(snapshot, gate=INVOKED) == anew.complete(snapshot, gate=INVOKED) != None  # noqa: E711


def test_without_weights_it_still_works() -> None:
    lookup = Lookup(is_fitted=False)
    guess = lookup.complete(Snapshot("a", "python", 1, "value = total\n" * 4 + "value = to", "", line=4), gate=0.3)
    assert guess is not None
    assert guess.text == "tal"


def test_answers_the_same_every_time() -> None:
    page = next(iter(SAID.values()))
    assert len({_ask(page, INVOKED)[1] for _ in range(3)}) == 1


@pytest.mark.parametrize("page", [*SAID.values(), *SILENT.values()], ids=[*SAID, *SILENT])
def test_scores_are_the_weighted_sums_of_the_signals(page: str) -> None:
    before, _, after = dedent(page).replace("⟧", "⟦").split("⟦")
    inquiry = Lookup().inquire(Snapshot("file:///a", "python", 1, before, after, line=before.count("\n")))
    case = inquiry.scene.case(inquiry.state, inquiry.scene.evidence.of(inquiry.state.line))
    weights = [1 / (1 + column) for column in range(len(SIGNALS))]
    for symbol, score in case.scores(weights).items():
        signals = case.signals()[symbol]
        assert score == pytest.approx(sum(weights[column] * value for column, value in signals.items()))


class _Opened:
    def __init__(self, uri: str, lines: list[str], path: str | None = None) -> None:
        self.uri = uri
        self.path = path
        self.language = "python"
        self.version = 1
        self.lines = lines


def _ask(page: str, gate: float) -> tuple[str, Guess | None]:
    before, marked = dedent(page).split("⟦")
    expected, after = marked.split("⟧")
    return expected, _complete(before, after, gate)


def _complete(before: str, after: str, gate: float, max_lines: int = 0, language: str = "python") -> Guess | None:
    snapshot = Snapshot("file:///a", language, 1, before, after, line=before.count("\n"))
    return Lookup().complete(snapshot, gate=gate, max_lines=max_lines)
