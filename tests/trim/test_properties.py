"""What holds for any document, any cursor and anything a model says."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from fim_lsp import trim
from fim_lsp.document import Suggestion
from fim_lsp.languages import LANGUAGES, Language, get
from fim_lsp.prompt.control import AMBIGUOUS, CONTROL_TOKENS
from fim_lsp.prompt.formats import FORMATS
from fim_lsp.trim.lines import begins_sibling, is_common
from tests.trim.completing import completed, place

CODE_LINES = [
    "",
    "x = 1",
    "foo(a, b)",
    "foo(",
    ")",
    "}",
    "},",
    "];",
    "end",
    "else:",
    "} else {",
    "if x:",
    "if (x) {",
    "for i in range(10):",
    "def f(x):",
    "def g(x):",
    "function f(x) {",
    "return x",
    "return x;",
    "{ a: [1, 2] }",
    '"name": "demo",',
    "# a comment",
    "// a comment",
    "<div>",
    "</div>",
    "<p>text</p>",
    "))",
    "([{",
    "}])",
    "import os",
    "```",
    "some words here",
]
LANGUAGE_IDS = [
    "python",
    "javascript",
    "typescriptreact",
    "go",
    "ruby",
    "html",
    "json",
    "clojure",
    "markdown",
    "",
]
STRINGS_AND_COMMENTS = ("#", "//", '"', "`", "<", "--")
SETTINGS = settings(max_examples=400, deadline=None)

indents = st.sampled_from(["", "  ", "    ", "\t", "        "])
code_lines = st.builds(str.__add__, indents, st.sampled_from(CODE_LINES))
code = st.lists(code_lines, max_size=8).map("\n".join)
brackets_and_words = st.text(alphabet="()[]{}ab ,;\n", max_size=40)
anything = st.text(alphabet=st.characters(codec="utf-8"), max_size=40)
texts = st.one_of(code, brackets_and_words)
documents = st.tuples(texts, texts)
language_ids = st.sampled_from(LANGUAGE_IDS)


def shown(before: str, after: str, said: str, language: str) -> Suggestion | None:
    suggestion = completed([said], place(before, after, language))
    return suggestion if isinstance(suggestion, Suggestion) else None


@SETTINGS
@given(st.tuples(st.one_of(texts, anything), st.one_of(texts, anything)), st.one_of(texts, anything), language_ids)
def test_what_is_replaced_stands_on_the_line_and_in_the_text(
    document: tuple[str, str], said: str, language: str
) -> None:
    before, after = document
    suggestion = shown(before, after, said, language)
    if suggestion is None:
        return
    assert suggestion.text.strip()
    replaced = after[: suggestion.replaces]
    assert len(replaced) == suggestion.replaces
    assert "\n" not in replaced
    rest = iter(suggestion.text)
    assert all(char in rest for char in replaced)


@SETTINGS
@given(documents, texts, language_ids)
@example(("foo(bar(", ")"), "x))", "python")
@example(("", "\n}"), "if (x) {\n}\n}", "javascript")
def test_no_closer_is_added_that_closes_nothing(document: tuple[str, str], said: str, language: str) -> None:
    before, after = document
    if any(mark in before + after + said for mark in STRINGS_AND_COMMENTS) or language == "clojure":
        return  # what is in them is text
    suggestion = shown(before, after, said, language)
    if suggestion is None:
        return
    result = before + suggestion.text + after[suggestion.replaces :]
    for count in (unbalanced, unbalanced_by_kind):
        assert count(result) <= count(before + after)


def unbalanced(text: str) -> int:
    """Closing brackets that do not close the bracket opened last."""
    stack: list[str] = []
    wrong = 0
    for char in text:
        if char in "([{":
            stack.append({"(": ")", "[": "]", "{": "}"}[char])
        elif char in ")]}":
            if stack and stack[-1] == char:
                stack.pop()
            else:
                wrong += 1
    return wrong


def unbalanced_by_kind(text: str) -> int:
    """Closing brackets of which fewer of their kind are open."""
    wrong = 0
    for opener, closer in ("()", "[]", "{}"):
        depth = 0
        for char in text:
            depth += (char == opener) - (char == closer)
            wrong += depth < 0
            depth = max(0, depth)
    return wrong


@SETTINGS
@given(documents, texts, language_ids)
@example(("", "\na"), "a)", "python")
def test_no_line_is_inserted_that_is_the_next_one(document: tuple[str, str], said: str, language: str) -> None:
    before, after = document
    suggestion = shown(before, after, said, language)
    if suggestion is None:
        return
    following = [line.strip() for line in after.split("\n")[1:] if line.strip()]
    if not following or is_repeated_by(get(language), following[0]):
        return
    line_before = before[before.rfind("\n") + 1 :]
    inserted = [line.strip() for line in (line_before + suggestion.text).split("\n")]
    assert following[0] not in inserted


def is_repeated_by(language: Language, line: str) -> bool:
    leaves = line.startswith(("return", "break", "continue", "pass", "raise"))
    return leaves or is_common(line, language) or begins_sibling(line, language)


@SETTINGS
@given(documents, st.one_of(texts, anything), language_ids, st.data())
def test_chunks_do_not_matter(document: tuple[str, str], said: str, language: str, data: st.DataObject) -> None:
    at = place(*document, language)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(said)), max_size=6)))
    chunks = [said[start:end] for start, end in pairwise([0, *cuts, len(said)])]
    whole = completed([said], at)
    assert completed(chunks, at) == whole
    assert completed(list(said), at) == whole


@SETTINGS
@given(documents, texts, language_ids)
def test_what_is_shown_is_taken_from_what_was_said(document: tuple[str, str], said: str, language: str) -> None:
    """No rule makes words up: without blanks, what is shown is a part of what the model said."""
    suggestion = shown(*document, said, language)
    if suggestion is not None:
        assert "".join(suggestion.text.split()) in "".join(said.split())


@pytest.mark.parametrize("token", CONTROL_TOKENS)
@pytest.mark.parametrize("said", ["x = 1{}", "x = 1\n{}\ny = 2", "{}x = 1", "f(1{}", "    {}"])
@pytest.mark.parametrize("language", ["python", "rust"])
def test_no_control_token_is_shown(token: str, said: str, language: str) -> None:
    at = place("a = 0\n", "\nz = 9\n", language)
    for split in range(len(token) + 1):
        head, tail = said.split("{}")
        suggestion = completed([head + token[:split], token[split:] + tail], at)
        if isinstance(suggestion, Suggestion):
            assert token not in suggestion.text


@pytest.mark.parametrize("token", [token for token in CONTROL_TOKENS if token not in AMBIGUOUS and len(token) > 5])
def test_no_begun_control_token_is_shown(token: str) -> None:
    at = place("a = 0\n", "\nz = 9\n", "python")
    for length in range(4, len(token)):
        suggestion = completed(["x = 1" + token[:length]], at)
        assert suggestion == Suggestion("x = 1")


STOPS = sorted({stop for record in FORMATS.values() for stop in record.stops if not stop.startswith(("\n", "</"))})


@pytest.mark.parametrize("token", STOPS)
def test_what_a_prompt_format_stops_at_is_never_shown(token: str) -> None:
    suggestion = completed([f"x = 1{token}y = 2"], place("a = 0\n", "\nz = 9\n", "python"))
    assert suggestion == Suggestion("x = 1")


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.id)
def test_every_language_completes(language: object) -> None:
    at = place("one\n", "\ntwo\n", language.id)  # type: ignore[attr-defined]
    assert completed(["three = four"], at) == Suggestion("three = four")


def test_nothing_said_is_nothing_shown() -> None:
    assert completed([], place("x = ", "", "python")) == trim.Dropped(
        "blank", "Nothing but blanks is left of the text."
    )


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.id)
@pytest.mark.parametrize("said", ["x = 1\n", "    x = 1;\n    y = 2;\n", " x", "\n\tx\n}\n"])
def test_nothing_but_blank_lines_near_the_cursor_is_no_reason_to_fail(language: object, said: str) -> None:
    blank = "\n" * 60
    for opener in ("", "f() {", "f(", "if x:"):
        at = place(f"{opener}{blank}", f"{blank}}}\n", language.id)  # type: ignore[attr-defined]
        assert isinstance(completed([said], at), Suggestion | trim.Dropped)
