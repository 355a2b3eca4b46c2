"""One source at a time: what is taken, what is refused, and in which words."""

from __future__ import annotations

from typing import Any

import pytest

from fim_lsp.settings.layers import Layer, Taken, from_editor, from_environment, is_for_others, read

SECRET = "sk-very-secret-value"


def user_file(values: dict[str, Any]) -> Taken:
    return read(Layer("user file", values))


def project_file(values: dict[str, Any]) -> Taken:
    return read(Layer("project file", values))


def environment(**variables: str) -> Taken:
    return read(from_environment(variables))


def editor(sent: object) -> Taken:
    return read(from_editor(sent))


def said(taken: Taken) -> str:
    return "\n".join(map(str, taken.problems))


TAKEN = [
    ({"provider": "mistral"}, {("provider",): "mistral"}),
    ({"provider": ["mistral", "lookup"]}, {("provider",): ("mistral", "lookup")}),
    ({"completion": {"stop": "\n\n"}}, {("completion", "stop"): ("\n\n",)}),
    ({"completion": {"stop": ["a", "b"]}}, {("completion", "stop"): ("a", "b")}),
    ({"completion": {"temperature": 1}}, {("completion", "temperature"): 1.0}),
    ({"completion": {"top_p": 0.5}}, {("completion", "top_p"): 0.5}),
    ({"completion": {"max_tokens": 64.0}}, {("completion", "max_tokens"): 64}),
    ({"completion": {"debounce_ms": 250.0}}, {("completion", "debounce_ms"): 250}),
    ({"completion": {"top_p": None}}, {}),
    ({"completion": {"debounce_ms": "auto"}}, {("completion", "debounce_ms"): "auto"}),
    ({"completion": {"debounce_ms": 300}}, {("completion", "debounce_ms"): 300}),
    ({"privacy": {"ignore": "*.sql"}}, {("privacy", "ignore"): ("*.sql",)}),
    ({"providers": {"own": {"api_key_command": "pass m"}}}, {("providers", "own", "api_key_command"): "pass m"}),
    ({"providers": {"own": {"api_key_command": ["a", "b"]}}}, {("providers", "own", "api_key_command"): ("a", "b")}),
    ({"providers": {"own": {"extra": {"n": 1}}}}, {("providers", "own", "extra"): {"n": 1}}),
    ({"languages": {"markdown": {"enabled": False}}}, {("languages", "markdown", "enabled"): False}),
    ({"languages": {"c++": {"max_tokens": 9}}}, {("languages", "c++", "max_tokens"): 9}),
]


@pytest.mark.parametrize(("values", "expected"), TAKEN, ids=lambda value: str(value)[:50])
def test_taken(values: dict[str, Any], expected: dict[tuple[str, ...], Any]) -> None:
    taken = user_file(values)
    assert taken.values == expected
    assert taken.problems == []


REFUSED = [
    # The ranges of Mistral's request schema
    ({"completion": {"temperature": 2.1}}, "completion.temperature: 2.1 ", "a number from 0 to 2"),
    ({"completion": {"temperature": -1}}, "completion.temperature: -1 ", "a number from 0 to 2"),
    ({"completion": {"temperature": float("nan")}}, "completion.temperature: NaN ", "a number from 0 to 2"),
    ({"completion": {"top_p": 1.5}}, "completion.top_p: 1.5 ", "a number from 0 to 1"),
    ({"completion": {"max_tokens": 0}}, "completion.max_tokens: 0 ", "a whole number, at least 1"),
    ({"completion": {"min_tokens": -1}}, "completion.min_tokens: -1 ", "a whole number, at least 0"),
    ({"completion": {"random_seed": -1}}, "completion.random_seed: -1 ", "a whole number, at least 0"),
    ({"completion": {"stop": [1]}}, "completion.stop: [1] ", "a list of strings"),
    # Types
    ({"completion": {"max_tokens": True}}, "completion.max_tokens: true ", "a whole number"),
    ({"completion": {"max_tokens": 64.5}}, "completion.max_tokens: 64.5 ", "a whole number"),
    ({"completion": {"max_tokens": -64.0}}, "completion.max_tokens: -64.0 ", "a whole number"),
    ({"completion": {"debounce_ms": float("inf")}}, "completion.debounce_ms: Infinity ", "a whole number"),
    ({"enabled": 1.0}, "enabled: 1.0 ", "true or false"),
    ({"completion": {"max_tokens": "64"}}, 'completion.max_tokens: "64" ', "a whole number"),
    ({"completion": {"mode": "word"}}, 'completion.mode: "word" ', '"auto" or "multi" or "single"'),
    ({"completion": {"debounce_ms": "slow"}}, 'completion.debounce_ms: "slow" ', '"auto" or a whole number from 0 to'),
    ({"completion": 5}, "completion: ", "expected a table, got a number"),
    ({"enabled": "no"}, 'enabled: "no" ', "true or false"),
    ({"providers": ["mistral"]}, "providers: ", "expected a table, got a list"),
    ({"providers": {"own": "mistral"}}, "providers.own: ", "expected a table, got a string"),
    ({"languages": {"markdown": False}}, "languages.markdown: ", "expected a table, got true or false"),
    ({"languages": {"markdown": {"mode": "x"}}}, 'languages.markdown.mode: "x" ', '"auto"'),
    # Unknown keys
    ({"completions": {}}, "completions: no such setting; did you mean completion?", ""),
    ({"max_tokens": 5}, "max_tokens: no such setting; did you mean completion.max_tokens or context.max_tokens?", ""),
    (
        {"completion": {"max_token": 5}},
        "completion.max_token: no such setting; did you mean completion.max_tokens?",
        "",
    ),
    ({"languages": {"go": {"maxlines": 5}}}, "languages.go.maxlines: no such setting; did you mean", "go.max_lines?"),
    ({"zzz": 1}, "zzz: no such setting", "allowed: provider, enabled, "),
]


@pytest.mark.parametrize(("values", "key_and_value", "allowed"), REFUSED, ids=lambda value: str(value)[:50])
def test_refused_with_key_value_and_what_is_allowed(values: dict[str, Any], key_and_value: str, allowed: str) -> None:
    taken = user_file(values)
    assert taken.values == {}
    assert len(taken.problems) == 1
    assert said(taken).startswith(f"user file: {key_and_value}")
    assert allowed in said(taken)


def test_the_good_part_is_kept() -> None:
    taken = user_file({"completion": {"mode": "single", "max_tokens": -5, "nonsense": 1}, "enabled": False})
    assert taken.values == {("completion", "mode"): "single", ("enabled",): False}
    assert [problem.key for problem in taken.problems] == ["completion.max_tokens", "completion.nonsense"]


@pytest.mark.parametrize(
    "values",
    [
        {"providers": {"mistral": {"api_key": [SECRET]}}},
        {"providers": {"mistral": {"apikey": SECRET}}},
        {"providers": {"mistral": {"headers": {"Authorization": [SECRET]}}}},
        {"providers": {"mistral": {"api_key_command": {"x": SECRET}}}},
        {"providers": {"mistral": {"extra": SECRET}}},
        {"provider": {"api_key": SECRET}},
        {"api_key": SECRET},
        {"network": {"proxy": [f"http://user:{SECRET}@host"]}},
    ],
)
def test_a_problem_never_repeats_a_secret(values: dict[str, Any]) -> None:
    taken = user_file(values)
    assert taken.problems
    assert SECRET not in said(taken)


# The project file


PROJECT_MAY = [
    {"enabled": False},
    {"completion": {"mode": "multi"}},
    {"completion": {"max_lines": 3}},
    {"completion": {"max_tokens": 64}},
    {"completion": {"trigger": "manual"}},
    {"languages": {"markdown": {"enabled": False, "max_tokens": 9}}},
    {"context": {"enabled": False}},
    {"privacy": {"ignore": ["secret/"]}},
]

PROJECT_MAY_NOT = [
    {"enabled": True},
    {"provider": "evil"},
    {"log_level": "debug"},
    {"providers": {"mistral": {"base_url": "https://evil.example"}}},
    {"providers": {"mistral": {"api_key_command": "rm -rf ~"}}},
    {"completion": {"temperature": 1.0}},
    {"completion": {"speculate": True}},
    {"context": {"enabled": True}},
    {"context": {"max_tokens": 9000}},
    {"languages": {"markdown": {"enabled": True}}},
    {"privacy": {"redact": False}},
    {"privacy": {"outside": "open"}},
    {"network": {"proxy": "http://evil.example"}},
    {"limits": {"tokens_per_day": 0}},
    {"lookup": {"max_memory_mb": 4096}},
    {"menu": {"completion": "on"}},
]


@pytest.mark.parametrize("values", PROJECT_MAY, ids=str)
def test_a_project_file_may_say(values: dict[str, Any]) -> None:
    taken = project_file(values)
    assert taken.values == user_file(values).values
    assert taken.problems == []


@pytest.mark.parametrize("values", PROJECT_MAY_NOT, ids=str)
def test_a_project_file_may_not_say(values: dict[str, Any]) -> None:
    taken = project_file(values)
    assert taken.values == {}
    assert len(taken.problems) == 1
    assert "ignored" in said(taken)


def test_a_project_file_cannot_take_an_ignore_rule_back() -> None:
    taken = project_file({"privacy": {"ignore": ["a", "!b", "c"]}})
    assert taken.values == {("privacy", "ignore"): ("a", "c")}
    assert '"!b" is ignored' in said(taken)


# The environment


ENVIRONMENT = [
    ({"FIM_LSP_PROVIDER": "lookup"}, {("provider",): "lookup"}),
    ({"FIM_LSP_PROVIDER": "mistral, lookup"}, {("provider",): ("mistral", "lookup")}),
    ({"FIM_LSP_COMPLETION__MAX_TOKENS": "64"}, {("completion", "max_tokens"): 64}),
    ({"FIM_LSP_COMPLETION__TEMPERATURE": "0.5"}, {("completion", "temperature"): 0.5}),
    ({"FIM_LSP_COMPLETION__DEBOUNCE_MS": "250"}, {("completion", "debounce_ms"): 250}),
    ({"FIM_LSP_COMPLETION__DEBOUNCE_MS": "auto"}, {("completion", "debounce_ms"): "auto"}),
    ({"FIM_LSP_COMPLETION__STOP": "x,y"}, {("completion", "stop"): ("x,y",)}),
    ({"FIM_LSP_COMPLETION__STOP": '["x", "y"]'}, {("completion", "stop"): ("x", "y")}),
    ({"FIM_LSP_COMPLETION__STOP": "["}, {("completion", "stop"): ("[",)}),
    ({"FIM_LSP_COMPLETION": '{"mode": "single"}'}, {("completion", "mode"): "single"}),
    ({"FIM_LSP_ENABLED": "false"}, {("enabled",): False}),
    ({"FIM_LSP_ENABLED": "0"}, {("enabled",): False}),
    ({"FIM_LSP_PROVIDERS__OWN__BASE_URL": "http://h"}, {("providers", "own", "base_url"): "http://h"}),
    ({"FIM_LSP_ENABLED": ""}, {}),
    ({"PATH": "/bin", "FIM_LSPX": "1"}, {}),
]


@pytest.mark.parametrize(("variables", "expected"), ENVIRONMENT, ids=lambda value: str(value)[:50])
def test_a_variable_is_typed_by_the_model(variables: dict[str, str], expected: dict[tuple[str, ...], Any]) -> None:
    taken = environment(**variables)
    assert taken.values == expected
    assert taken.problems == []


@pytest.mark.parametrize(
    ("name", "value", "problem"),
    [
        ("FIM_LSP_NONSENSE", "1", "FIM_LSP_NONSENSE: no such setting"),
        ("FIM_LSP_COMPLETION_MAX_TOKENS", "1", "did you mean FIM_LSP_COMPLETION__MAX_TOKENS?"),
        (
            "FIM_LSP_COMPLETION__MAX_TOKENS",
            "many",
            'FIM_LSP_COMPLETION__MAX_TOKENS: "many" is not taken; allowed: a whole',
        ),
        ("FIM_LSP_COMPLETION__TOP_P", "7", "a number from 0 to 1"),
        ("FIM_LSP_COMPLETION", "x", "expected a table, got a string"),
        ("FIM_LSP_PROVIDERS__OWN__ALLOW_HTTP", "true", "set it in the user file or the editor"),
    ],
)
def test_a_bad_variable_is_reported_by_its_name(name: str, value: str, problem: str) -> None:
    taken = environment(**{name: value})
    assert taken.values == {}
    assert problem in said(taken)


# The editor


@pytest.mark.parametrize(
    "sent",
    [
        {"completion": {"max_tokens": 7}},
        {"fim-lsp": {"completion": {"max_tokens": 7}}},
        {"fim-lsp": {"completion": {"max_tokens": 7}}, "python": {"analysis": True}},
        {"fim-lsp": {"completion.max_tokens": 7}},
        {"completion.max_tokens": 7},
        {"fim-lsp.completion.max_tokens": 7},
        {"fim-lsp.completion": {"max_tokens": 7}, "editor.tabSize": 2},
        {"completion": {"max_tokens": 7, "mode": None}, "provider": None, "languages": None},
        {"fim-lsp": None, "fim-lsp.completion.max_tokens": 7},
        {"fim-lsp": {"completion": {"max_tokens": None}}, "completion.max_tokens": 7},
        {"fim-lsp": [], "completion": {"max_tokens": 7}},
    ],
    ids=str,
)
def test_an_editor_may_send_it_in_any_usual_shape(sent: object) -> None:
    taken = editor(sent)
    assert taken.values == {("completion", "max_tokens"): 7}
    assert taken.problems == []


@pytest.mark.parametrize("sent", [None, {}, [], {"fim-lsp": None}, {"fim-lsp": {}}, {"fim-lsp": []}])
def test_an_editor_may_send_nothing(sent: object) -> None:
    assert editor(sent) == Taken("editor")


def test_a_prefix_before_one_key_takes_nothing_from_the_others() -> None:
    taken = editor({"provider": "lookup", "fim-lsp.completion.mode": "single", "fim-lsp": {"enabled": False}})
    assert taken.values == {("provider",): "lookup", ("completion", "mode"): "single", ("enabled",): False}


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"python": {"analysis": True}}, True),
        ({"rust-analyzer": {"completion": {}}, "editor.tabSize": 2}, True),
        ({"python": {}, "fim-lsp": {}}, False),
        ({"python": {}, "fim-lsp.enabled": False}, False),
        ({"python": {}, "enabled": False}, False),
        ({"enabledd": False}, False),
        ({"nonsense": 1}, False),
        ({"complete": {"max_tokens": 5}}, False),
        ({"fim_lsp": {"enabled": False}}, False),
        ({"provider.name": "x"}, False),
        ({}, False),
        ("python", False),
    ],
    ids=str,
)
def test_what_is_all_for_other_servers(sent: object, expected: bool) -> None:
    assert is_for_others(sent) is expected


def test_nested_and_dotted_keys_add_up() -> None:
    taken = editor({"completion.mode": "single", "completion": {"max_tokens": 7}, "completion.max_lines": 2})
    assert set(taken.values) == {("completion", name) for name in ("mode", "max_tokens", "max_lines")}


@pytest.mark.parametrize("sent", [[1], "x", 5, {"fim-lsp": ["x"]}])
def test_what_is_not_an_object_is_reported(sent: object) -> None:
    assert "expected an object" in said(editor(sent))
