"""What of a text is seen while it grows and the user types along."""

from __future__ import annotations

import pytest

from fim_lsp.document import Suggestion
from fim_lsp.generated import GeneratedText
from fim_lsp.generations import place_of
from fim_lsp.settings.model import Completion
from fim_lsp.sight import Sight, see
from tests.engine.test_fit import generated, snapshot


def seen(text: GeneratedText, document: str) -> Sight:
    now = snapshot(document)
    consumed = text.fit(now)
    assert consumed is not None
    return see(text, consumed, now, lambda: place_of(now, Completion()))


def shown(text: GeneratedText, document: str) -> str | None:
    sight = seen(text, document)
    return sight.text if isinstance(sight, Suggestion) else None


ABOVE = "def f():\n    alpha = load(1)\n    beta = load(2)\n    gamma = 3\n    al"


@pytest.mark.parametrize(
    ("before", "said", "typed", "and_then"),
    [
        # by the rules, a text that repeats the lines above is dropped
        (ABOVE, "pha = load(1)\n", "p", "    beta = load(2)\n    gamma = 3\n"),
        # by the rules, blanks after a dot go
        ("def f():\n    takes ", "returning.  It is\n", "returning.", "    so\n"),
    ],
)
def test_what_is_typed_along_stays_when_the_text_grows(before: str, said: str, typed: str, and_then: str) -> None:
    text = generated(f"{before}⟦\n", said, live=True)
    assert shown(text, f"{before}│\n") == said.rstrip()
    text.text += and_then
    left = said.removeprefix(typed).rstrip()
    for at in range(len(left)):
        assert shown(text, f"{before}{typed}{left[:at]}│\n") == left[at:]


def test_where_nothing_was_typed_the_rules_look_at_all_there_is() -> None:
    text = generated(f"{ABOVE}⟦\n", "pha = load(1)\n", live=True)
    assert shown(text, f"{ABOVE}│\n") == "pha = load(1)"
    text.text += "    beta = load(2)\n    gamma = 3\n"
    assert shown(text, f"{ABOVE}│\n") is None


def test_what_is_typed_along_grows_with_the_text() -> None:
    text = generated("a = ⟦\n", "foo(1)\n", live=True)
    assert shown(text, "a = │\n") == "foo(1)"
    text.text += "b = bar(a)\n"
    assert shown(text, "a = f│\n") == "oo(1)\nb = bar(a)"


CLOSED = [
    # text, what was typed of it with the closers behind the cursor, what is left, how many closers it replaces
    ("{}\nwith lock:\n    go()", "{│}", "}\nwith lock:\n    go()", 1),
    ("f([1, 2])\ng()", "f(│)", "[1, 2])\ng()", 1),
    ("f([1, 2])\ng()", "f([1│])", ", 2])\ng()", 2),
    ("f([1, 2])\ng()", "f([1, 2]│)", ")\ng()", 1),
    ("f([1, 2])\ng()", "f([1, 2])│", "\ng()", 0),
]


@pytest.mark.parametrize(("said", "typed", "left", "replaces"), CLOSED)
def test_typing_along_goes_on_through_brackets_that_the_editor_closes(
    said: str, typed: str, left: str, replaces: int
) -> None:
    text = generated("a = ⟦\n", said)
    text.finish = "stop"
    assert shown(text, "a = │\n") == said
    assert seen(text, f"a = {typed}\n") == Suggestion(left, replaces)
