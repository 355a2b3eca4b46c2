"""The prompt: the seam is exact, the budget holds, and the head stays put."""

from __future__ import annotations

import inspect
import json.decoder
import random
from collections.abc import Iterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fim_lsp import prompt
from fim_lsp.document import Snapshot
from fim_lsp.prompt.snippets import cost
from fim_lsp.prompt.tokens import estimate
from fim_lsp.providers.base import Prompt, Snippet

SOURCE = inspect.getsource(json.decoder) * 4
CODE = st.text(alphabet=st.sampled_from("ab_ (=\n\n\t5é中🎉"), max_size=600)
SNIPPETS = st.lists(
    st.builds(Snippet, path=st.sampled_from(["a.py", "b/c.py"]), text=CODE, source=st.just("similar")), max_size=6
)


def at(text: str, offset: int) -> Snapshot:
    before = text[:offset]
    return Snapshot("file:///m.py", "python", 1, before, text[offset:], line=before.count("\n"))


def snippet(number: int, lines: int = 6) -> Snippet:
    text = "\n".join(f"def function_{number}_{line}(argument): return {line}" for line in range(lines))
    return Snippet(f"package/module_{number}.py", text, "similar")


def head(built: Prompt) -> tuple[str, tuple[Snippet, ...], str]:
    """What the service has read before the text that is being typed."""
    return built.suffix, built.snippets, built.prefix[:200]


def total(built: Prompt) -> int:
    return estimate(built.prefix) + estimate(built.suffix) + sum(map(cost, built.snippets))


def typing(text: str, offset: int, typed: str) -> Iterator[Snapshot]:
    """Every fourth key, as requests come."""
    for length in range(0, len(typed) + 1, 4):
        yield at(text[:offset] + typed[:length] + text[offset:], offset + length)


@given(CODE, CODE, SNIPPETS, st.integers(64, 700), st.integers(0, 3), st.booleans())
def test_the_seam_is_exact_and_the_budget_holds(
    before: str, after: str, snippets: list[Snippet], budget: int, closers: int, cut: bool
) -> None:
    snapshot = Snapshot("u", "python", 1, before, after, line=1000, before_is_cut=cut)
    built = prompt.build(snapshot, budget_tokens=budget, snippets=snippets, path="m.py", closers=closers)
    assert before.endswith(built.prefix)
    assert after[closers:].startswith(built.suffix)
    assert total(built) <= budget


@given(CODE, CODE, SNIPPETS, st.integers(64, 700))
def test_the_same_question_has_the_same_answer(before: str, after: str, snippets: list[Snippet], budget: int) -> None:
    def build(previous: Prompt | None) -> Prompt:
        return prompt.build(at(before + after, len(before)), budget_tokens=budget, snippets=snippets, previous=previous)

    first = build(None)
    assert build(None) == first
    assert build(first) == first


@given(CODE, CODE, CODE, CODE, SNIPPETS, st.integers(64, 700))
def test_a_previous_prompt_of_another_place_does_no_harm(
    before: str, after: str, other: str, rest: str, snippets: list[Snippet], budget: int
) -> None:
    previous = prompt.build(at(other + rest, len(other)), budget_tokens=budget, snippets=snippets)
    built = prompt.build(at(before + after, len(before)), budget_tokens=budget, previous=previous)
    assert before.endswith(built.prefix)
    assert after.startswith(built.suffix)
    assert total(built) <= budget
    assert not [each for each in built.snippets if each.source != "head"]


@pytest.mark.parametrize("budget", [512, 2048, 8192])
@pytest.mark.parametrize("remembered", [True, False])
def test_typing_and_deleting_leave_the_head_where_it_is(budget: int, remembered: bool) -> None:
    typed = "".join(f"    value = compute({number})\n" for number in range(5))
    snapshots = list(typing(SOURCE, SOURCE.index("    def decode(self", 20_000), typed))
    snippets = [snippet(number) for number in range(12)]
    previous = None
    heads = []
    for snapshot in [*snapshots, *reversed(snapshots)]:
        built = prompt.build(snapshot, budget_tokens=budget, snippets=snippets, path="m.py", previous=previous)
        previous = built if remembered else None
        heads.append(head(built))
    changes = sum(one != other for one, other in pairwise(heads))
    assert changes <= (1 if remembered else 2)


def test_a_short_file_grows_without_moving_anything() -> None:
    snippets = [snippet(number) for number in range(20)]
    heads = [
        head(prompt.build(snapshot, budget_tokens=2048, snippets=snippets))[:2]
        for snapshot in typing("import os\n\n\n\nmain()\n", 11, "total = total + 1\n" * 10)
    ]
    assert len(set(heads)) <= 2


def test_a_long_file_leaves_snippets_their_share_and_a_short_one_leaves_more() -> None:
    snippets = [snippet(number) for number in range(40)]

    def share(text: str) -> int:
        return sum(map(cost, prompt.build(at(text, len(text) // 2), budget_tokens=2048, snippets=snippets).snippets))

    assert 500 <= share(SOURCE) <= 850
    assert share("a = 1\n") >= 1500


def test_the_best_snippet_stands_next_to_the_prefix() -> None:
    built = prompt.build(at("a = 1\n", 6), budget_tokens=2048, snippets=[snippet(1), snippet(2), snippet(3)])
    assert [each.path[-4] for each in built.snippets] == ["3", "2", "1"]


def test_a_snippet_that_does_not_fit_makes_way_for_the_next() -> None:
    built = prompt.build(at("", 0), budget_tokens=400, snippets=[snippet(1, lines=200), snippet(2)])
    assert [each.path for each in built.snippets] == ["package/module_2.py"]


def test_nothing_is_said_twice() -> None:
    text = "\n".join(f"name_{number} = compute_{number}()" for number in range(30))
    shown = Snippet("m.py", "\n".join(text.split("\n")[5:15]), "similar")
    twin = Snippet("other.py", snippet(1).text, "edit")
    built = prompt.build(at(text, len(text)), budget_tokens=2048, snippets=[shown, snippet(1), twin])
    assert built.snippets == (snippet(1),)


def test_imports_and_the_class_header_are_kept_where_the_window_cuts_them_off() -> None:
    body = "".join(f"    def method_{number}(self):\n        return {number}\n\n" for number in range(300))
    text = f"import os\nfrom pathlib import (\n    Path,\n)\n\n\nclass Large(Base):\n{body}"
    built = prompt.build(at(text, len(text)), budget_tokens=1024, path="m.py")
    (own,) = built.snippets
    assert own.source == "head"
    imports, _, headers = own.text.partition("class")
    assert imports == "import os\nfrom pathlib import (\n    Path,\n)\n"
    assert headers.startswith(" Large(Base):\n    def method_")
    assert prompt.build(at(text, len(text)), budget_tokens=1024, head=False).snippets == ()
    assert prompt.build(at(text, len(text)), budget_tokens=30_000).snippets == ()


def test_places_of_one_file_do_not_take_each_others_window() -> None:
    rng = random.Random(3)
    previous = None
    for _ in range(60):
        offset = rng.randrange(len(SOURCE))
        built = prompt.build(at(SOURCE, offset), budget_tokens=1024, previous=previous)
        fresh = prompt.build(at(SOURCE, offset), budget_tokens=1024)
        assert 2 * len(built.prefix) >= len(fresh.prefix)
        assert 2 * len(built.suffix) >= len(fresh.suffix)
        previous = built
