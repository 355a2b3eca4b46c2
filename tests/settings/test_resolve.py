"""All sources together."""

from __future__ import annotations

from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given

from fim_lsp.settings.layers import Layer, Source, from_editor, from_environment
from fim_lsp.settings.model import Settings
from fim_lsp.settings.resolve import Resolved, resolve

ORDER: tuple[Source, ...] = ("user file", "project file", "environment", "editor")


def layers(**values: Any) -> list[Layer]:
    return [
        Layer("user file", values.get("user", {})),
        Layer("project file", values.get("project", {})),
        from_environment(values.get("environment", {})),
        from_editor(values.get("editor")),
    ]


def resolved(known: list[str] | None = None, **values: Any) -> Resolved:
    return resolve(layers(**values), known_providers=known)


def test_nothing_set_is_the_defaults() -> None:
    assert resolved().settings == Settings()
    assert resolved().source_of("completion.max_tokens") == "default"


def test_later_sources_win() -> None:
    sources: dict[str, Any] = {
        "user": {"completion": {"max_tokens": 1}},
        "project": {"completion": {"max_tokens": 2}},
        "environment": {"FIM_LSP_COMPLETION__MAX_TOKENS": "3"},
        "editor": {"completion": {"max_tokens": 4}},
    }
    for expected, source in zip((4, 3, 2, 1, 128), (*reversed(ORDER), "default"), strict=True):
        found = resolved(**sources)
        assert found.settings.completion.max_tokens == expected
        assert found.source_of("completion.max_tokens") == source
        if sources:
            sources.popitem()


def test_a_bad_value_leaves_the_weaker_source_in_charge() -> None:
    found = resolved(user={"completion": {"max_tokens": 9}}, editor={"completion": {"max_tokens": 0}})
    assert found.settings.completion.max_tokens == 9
    assert found.source_of("completion.max_tokens") == "user file"
    assert len(found.problems) == 1


def in_two_parts(first: Any, later: Any, user: Any = None) -> Resolved:
    """As `initializationOptions` and a later change of configuration."""
    return resolve(
        [Layer("user file", user or {}), from_editor(first), from_editor(later)], known_providers=["mistral"]
    )


@pytest.mark.parametrize(
    ("first", "later", "key", "value"),
    [
        ({"provider": "lookup"}, {"provider": 5}, "provider", "lookup"),
        ({"enabled": False}, {"enabled": "yes"}, "enabled", False),
        ({"completion": {"max_tokens": 77}}, {"completion": {"max_tokens": -1}}, "completion.max_tokens", 77),
        ({"completion": {"max_tokens": 77}}, {"completion": 5}, "completion.max_tokens", 77),
        ({"privacy": {"ignore": ["*.sql"]}}, {"privacy": {"ignore": 5}}, "privacy.ignore", ("*.sql",)),
        ({"provider": "lookup"}, "nonsense", "provider", "lookup"),
    ],
)
def test_a_bad_value_leaves_what_the_editor_sent_before(first: Any, later: Any, key: str, value: Any) -> None:
    found = in_two_parts(first, later)
    assert getattr_path(found.settings, key) == value
    assert found.source_of(key) == "editor"
    assert len(found.problems) == 1


def getattr_path(settings: Any, key: str) -> Any:
    for name in key.split("."):
        settings = getattr(settings, name)
    return settings


def test_later_parts_of_what_the_editor_sent_lie_over_the_earlier() -> None:
    mistral = {"providers": {"mistral": {"api_key": "k", "model": "m"}}}
    found = in_two_parts({"provider": "mistral", **mistral}, {"fim-lsp.providers.mistral.model": "n"})
    assert found.settings.provider == "mistral"
    assert (found.settings.providers["mistral"].api_key, found.settings.providers["mistral"].model) == ("k", "n")
    assert found.problems == ()


def test_the_editor_may_take_back_what_only_the_editor_ignored() -> None:
    def ignoring(*globs: str) -> dict[str, Any]:
        return {"privacy": {"ignore": list(globs)}}

    found = in_two_parts(ignoring("a", "b"), ignoring("c"), user=ignoring("d"))
    assert found.settings.privacy.ignore == ("d", "c")


def test_providers_merge_key_by_key() -> None:
    found = resolved(
        user={"providers": {"own": {"model": "m", "api_key": "k"}}}, editor={"providers": {"own": {"model": "n"}}}
    )
    own = found.settings.providers["own"]
    assert (own.model, own.api_key) == ("n", "k")
    assert found.source_of("providers.own.api_key") == "user file"


def test_ignore_rules_of_all_sources_add_up() -> None:
    found = resolved(
        user={"privacy": {"ignore": ["a"]}}, project={"privacy": {"ignore": ["b"]}}, editor={"privacy": {"ignore": []}}
    )
    assert found.settings.privacy.ignore == ("a", "b")


# Languages


def test_a_language_has_its_own_completion() -> None:
    settings = resolved(
        user={
            "completion": {"max_tokens": 5},
            "languages": {"go": {"max_lines": 1, "stop": "x"}, "text": {"enabled": False}},
        }
    ).settings
    assert settings.completion_for("go").max_lines == 1
    assert settings.completion_for("go").max_tokens == 5
    assert settings.completion_for("go").stop == ("x",)
    assert settings.completion_for("rust") == settings.completion
    assert settings.completion_for("Go") == settings.completion_for("go")
    assert settings.enabled_for("go")
    assert not settings.enabled_for("text")
    assert not settings.enabled_for("Text")


def test_no_language_is_on_while_the_server_is_off() -> None:
    assert not resolved(editor={"enabled": False}).settings.enabled_for("python")


# What can only be seen with all sources together


def test_min_tokens_above_max_tokens_is_not_sent() -> None:
    found = resolved(user={"completion": {"min_tokens": 50}}, editor={"completion": {"max_tokens": 10}})
    assert found.settings.completion.min_tokens is None
    assert found.settings.completion.max_tokens == 10
    assert "50 is more than completion.max_tokens = 10" in str(found.problems[0])


def test_min_tokens_above_one_languages_max_tokens_is_not_sent_there() -> None:
    found = resolved(user={"completion": {"min_tokens": 50}, "languages": {"go": {"max_tokens": 10}}})
    assert found.settings.completion.min_tokens == 50
    assert found.settings.completion_for("go").min_tokens is None
    assert "languages.go.max_tokens = 10" in str(found.problems[0])


KNOWN = ["mistral", "ollama"]


@pytest.mark.parametrize(
    ("provider", "kept", "problems"),
    [
        ("mistral", "mistral", 0),
        ("auto", "auto", 0),
        ("lookup", "lookup", 0),
        ("own", "own", 0),
        (["ollama", "own"], ("ollama", "own"), 0),
        (["mistrl", "lookup"], ("lookup",), 1),
        ("mistrl", "lookup", 1),
        ([], "lookup", 1),
    ],
)
def test_an_unknown_provider_is_never_replaced_by_one_that_sends(provider: Any, kept: Any, problems: int) -> None:
    found = resolved(
        KNOWN, user={"provider": "mistral", "providers": {"own": {"kind": "mistral"}}}, editor={"provider": provider}
    )
    assert found.settings.provider == kept
    assert len(found.problems) == problems


@pytest.mark.parametrize(
    ("provider", "consequence"),
    [
        ("mistrl", "Until then lookup answers and nothing is sent anywhere."),
        (["mistrl", "ollama"], "The others are tried."),
    ],
)
def test_what_an_unknown_provider_leads_to_is_said_apart(provider: Any, consequence: str) -> None:
    (problem,) = resolved(KNOWN, editor={"provider": provider}).problems
    assert problem.consequence == consequence
    assert problem.message.startswith('"mistrl" is not known; allowed: auto, ')
    assert str(problem) == f"editor: provider: {problem.message}. {consequence}"


def test_an_unknown_wire_format_is_reported() -> None:
    found = resolved(KNOWN, user={"providers": {"own": {"kind": "mistrall", "model": "m"}}})
    assert found.settings.providers["own"].kind == ""
    assert 'providers.own.kind: "mistrall" is not known; allowed: mistral, ollama' in str(found.problems[0])


def test_a_table_with_a_name_of_its_own_needs_a_wire_format() -> None:
    found = resolved(KNOWN, user={"providers": {"own": {"model": "m"}, "ollama": {"model": "m"}}})
    assert [str(problem) for problem in found.problems] == [
        "user file: providers.own.kind: is needed; allowed: mistral, ollama"
    ]


# Whatever is sent


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_NAMES = st.sampled_from(
    ["provider", "completion", "providers", "languages", "privacy", "max_tokens", "stop", "own", "fim-lsp"]
)
_SETTINGS_LIKE = st.recursive(_JSON, lambda inner: st.dictionaries(_NAMES, inner, max_size=4), max_leaves=12)


@given(_SETTINGS_LIKE, _SETTINGS_LIKE)
def test_nothing_that_can_be_sent_is_an_error(user: Any, sent: Any) -> None:
    found = resolve(
        [Layer("user file", user if isinstance(user, dict) else {}), from_editor(sent)], known_providers=KNOWN
    )
    assert isinstance(found.settings, Settings)
    assert all(str(problem) for problem in found.problems)
