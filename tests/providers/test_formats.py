"""The table of prompt formats: what holds for every family, and what each writes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fim_lsp.errors import NoInfill
from fim_lsp.prompt import formats
from fim_lsp.prompt.formats import FORMATS, Format
from fim_lsp.providers.base import Endpoint, Prompt, Snippet

code = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=80)
snippets = st.lists(st.builds(Snippet, path=st.just("lib/x.py"), text=code, source=st.just("edit")), max_size=3)
prompts = st.builds(
    Prompt,
    prefix=code,
    suffix=code,
    path=st.just("src/{path}.py"),
    language=st.just("python"),
    project=st.just("shop"),
    snippets=snippets.map(tuple),
)
every_format = pytest.mark.parametrize("record", FORMATS.values(), ids=FORMATS)


@every_format
@given(prompt=prompts)
def test_the_text_around_the_cursor_is_written_as_it_is(record: Format, prompt: Prompt) -> None:
    written = record.write(prompt)
    first, second = record.prefix + prompt.prefix, record.suffix + prompt.suffix
    if record.suffix_first:
        assert written.endswith(prompt.prefix + record.middle)
        assert second in written
    else:
        assert written.endswith(second + record.middle)
        assert first in written or (record.files_in_prefix and prompt.prefix in written)


@every_format
@given(prompt=prompts)
def test_a_key_more_changes_only_what_comes_after_it(record: Format, prompt: Prompt) -> None:
    """So that servers find the head of the prompt in their cache."""
    longer = Prompt(**{name: getattr(prompt, name) for name in Prompt.__slots__} | {"prefix": prompt.prefix + "x"})
    before, after = record.write(prompt), record.write(longer)
    tail = record.middle if record.suffix_first else record.suffix + prompt.suffix + record.middle
    assert after.startswith(before.removesuffix(tail))


@every_format
def test_the_model_stops_where_its_own_tokens_would_come(record: Format) -> None:
    tokens = {token.strip() for token in (record.prefix, record.suffix)}
    assert tokens <= set(record.stops)
    middle = record.middle.split(">")[0] + ">" if record.middle else ""
    assert not middle or middle.strip() in record.stops
    assert len(record.stops) <= 16, "some services take no more"


@every_format
def test_snippets_come_before_the_current_text_or_not_at_all(record: Format) -> None:
    prompt = Prompt("before", "after", "now.py", "python", "shop", (Snippet("old.py", "x = 1\n", "edit"),))
    written = record.write(prompt)
    assert ("x = 1" in written) == bool(record.file)
    if record.file:
        assert written.index("x = 1") < written.index("before")
        assert ("old.py" in written) == ("{path}" in record.file)


WRITTEN = {
    "codestral": "[SUFFIX]after[PREFIX]before",
    "qwen": "<|fim_prefix|>before<|fim_suffix|>after<|fim_middle|>",
    "starcoder2": "<fim_prefix>before<fim_suffix>after<fim_middle>",
    "stable-code": "<fim_prefix>before<fim_suffix>after<fim_middle>",
    "codellama": "<PRE> before <SUF>after <MID>",
    "deepseek": "<｜fim▁begin｜>before<｜fim▁hole｜>after<｜fim▁end｜>",
    "codegemma": "<|fim_prefix|>before<|fim_suffix|>after<|fim_middle|>",
    "granite": "<|fim_prefix|>before<|fim_suffix|>after<|fim_middle|>",
    "granite-code": "<fim_prefix>before<fim_suffix>after<fim_middle>",
    "seed-coder": "<[fim-suffix]>after<[fim-prefix]>before<[fim-middle]>",
    "mellum": "<filename>now.py\n<fim_suffix>after<fim_prefix>before<fim_middle>",
    "codegeex": (
        "<|user|>\n###PATH:now.py\n###LANGUAGE:python\n###MODE:BLOCK\n"
        "<|code_suffix|>after<|code_prefix|>before<|code_middle|><|assistant|>\n"
    ),
}


@every_format
def test_each_writes_what_its_family_was_trained_on(record: Format) -> None:
    assert record.write(Prompt("before", "after", "now.py", "python")) == WRITTEN[record.name]


def test_deepseeks_bars_are_not_ascii() -> None:
    assert "|" not in FORMATS["deepseek"].prefix


MODELS = {
    "codestral-latest": "codestral",
    "Codestral-22B-v0.1.Q4_K_M.gguf": "codestral",
    "mamba-codestral-7B": "codestral",
    "Qwen/Qwen2.5-Coder-7B": "qwen",
    "qwen2.5-coder:1.5b-base": "qwen",
    "Qwen3-Coder-30B-A3B-Instruct": "qwen",
    "bigcode/starcoder2-15b": "starcoder2",
    "starcoderbase-1b": "starcoder2",
    "stabilityai/stable-code-3b": "stable-code",
    "codellama/CodeLlama-7b-hf": "codellama",
    "codellama:7b-code": "codellama",
    "deepseek-ai/deepseek-coder-6.7b-base": "deepseek",
    "google/codegemma-7b": "codegemma",
    "ibm-granite/granite-4.0-h-small": "granite",
    "granite-3b-code-base": "granite-code",
    "ByteDance-Seed/Seed-Coder-8B-Base": "seed-coder",
    "JetBrains/Mellum-4b-base": "mellum",
    "codegeex4-all-9b": "codegeex",
    "deepseek-coder-6.7b-instruct": None,
    "Seed-Coder-8B-Instruct": None,
    "codestral-mamba-latest": None,
    "gpt-4o": None,
    "qwen2.5-7b-instruct": None,
    "llama-3.1-8b": None,
    "granite-3.1-8b-instruct": None,
    "qwen-coder-fans/llama-3": None,
    "": None,
}


@pytest.mark.parametrize(("model", "name"), MODELS.items())
def test_models_are_known_by_name_only_where_that_is_certain(model: str, name: str | None) -> None:
    found = formats.format_of_model(model)
    assert (found.name if found else None) == name


def endpoint(model: str, template: str = "") -> Endpoint:
    return Endpoint("mine", "openai", "http://127.0.0.1", model, template=template)


def test_a_named_template_beats_the_models_name() -> None:
    text, _ = formats.written(Prompt("before", "after"), endpoint("Qwen2.5-Coder-7B", "starcoder2"))
    assert text == "<fim_prefix>before<fim_suffix>after<fim_middle>"


def test_template_none_sends_what_stands_before_the_cursor() -> None:
    assert formats.written(Prompt("before", "after"), endpoint("gpt-4o", "none")) == ("before", ())


@pytest.mark.parametrize(("model", "template"), [("gpt-4o", ""), ("gpt-4o", "by-model"), ("qwen2.5-coder", "qwenn")])
def test_what_is_not_known_is_refused_with_the_list(model: str, template: str) -> None:
    with pytest.raises(NoInfill) as caught:
        formats.written(Prompt("before", "after"), endpoint(model, template))
    assert all(name in caught.value.message for name in FORMATS)


def test_snippets_as_comments() -> None:
    snippet = Snippet("lib.py", "x = 1\n\ny = 2", "edit")
    assert formats.commented_prefix(Prompt("now", "", language="python", snippets=(snippet,))) == (
        "# Path: lib.py\n# x = 1\n#\n# y = 2\n#\nnow"
    )
    css = formats.commented_prefix(Prompt("now", "", language="css", snippets=(snippet,)))
    assert css.startswith("/* Path: lib.py */\n/* x = 1 */\n")
    breaks_out = Snippet("a.css", "a {} */ b {}", "edit")
    assert formats.commented_prefix(Prompt("now", "", language="css", snippets=(breaks_out,))) == "now"
