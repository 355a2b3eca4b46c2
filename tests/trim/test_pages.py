"""Every case of every page, whole and letter by letter."""

from __future__ import annotations

import pytest

from fim_lsp.document import Suggestion
from tests.trim.completing import by_letter, completed, place
from tests.trim.pages import Case, cases

CASES = cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
@pytest.mark.parametrize("chunking", ["whole", "letters"])
def test_what_is_shown(case: Case, chunking: str) -> None:
    at = place(
        case.before,
        case.after,
        case.language,
        mode=case.settings.get("mode", "auto"),  # type: ignore[arg-type]
        max_lines=int(case.settings.get("max_lines", "0")),
    )
    chunks = [case.model] if chunking == "whole" else by_letter(case.model)
    shown = completed(chunks, at, ended=case.ended)
    assert _written(shown, case) == f"⟦{case.shown}⟧" + (f"⟨{case.replaced}⟩" if case.replaced else "")


def _written(shown: object, case: Case) -> str:
    if not isinstance(shown, Suggestion):
        return "⟦⟧"
    replaced = case.after[: shown.replaces]
    return f"⟦{shown.text}⟧" + (f"⟨{replaced}⟩" if replaced else "")


def test_the_pages_say_enough() -> None:
    """The specification covers many languages, and what must survive as much as what must go."""
    assert len(CASES) >= 250
    assert len({case.language for case in CASES}) >= 12
    assert sum(case.survives for case in CASES) * 3 >= len(CASES)


def test_no_case_is_there_twice() -> None:
    told = [(case.page, case.title) for case in CASES]
    assert sorted(told) == sorted(set(told))
