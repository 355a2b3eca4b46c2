"""Properties of the whole table, so that a new record is checked by being there."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from fim_lsp.languages import LANGUAGES, PLAIN, Language, from_path, get


def test_the_table_holds_more_languages_than_the_service_promises() -> None:
    assert len(LANGUAGES) >= 80


def test_no_name_extension_or_file_name_belongs_to_two_languages() -> None:
    claims = Counter(
        claim
        for language in LANGUAGES
        for claim in {language.id, *language.aliases} | set(language.extensions) | set(language.filenames)
    )
    assert [claim for claim, count in claims.items() if count > 1] == []


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.id)
def test_a_record_is_well_formed(language: Language) -> None:
    assert language.name
    for name in (language.id, *language.aliases, *language.filenames):
        assert name == name.lower()
        assert name == name.strip() != ""
    for extension in language.extensions:
        assert re.fullmatch(r"(\.[a-z0-9+_-]+)+", extension)
    for mark in (*language.line_comment, *language.strings):
        assert mark
        assert mark == mark.strip()
    for start, end in (*language.block_comment, *language.long_strings):
        assert start
        assert end
    assert all(len(start) == len(end) == 1 for start, end in language.brackets)
    assert language.tree_sitter is None or re.fullmatch(r"tree_sitter_\w+:language\w*", language.tree_sitter)
    assert get(language.id) is language


@pytest.mark.parametrize(
    ("language_id", "expected"),
    [
        ("python", "python"),
        ("Python", "python"),
        ("sh", "shellscript"),
        ("zsh", "shellscript"),
        ("cs", "csharp"),
        ("c++", "cpp"),
        ("yaml.ansible", "yaml"),
        ("javascript.jsx", "javascript"),
        ("typescript.tsx", "typescript"),
        ("tsx", "typescriptreact"),
        ("plaintex", "latex"),
        ("gitcommit", "git-commit"),
        ("plaintext", "plaintext"),
        ("ps1", "powershell"),
    ],
)
def test_names_that_editors_send(language_id: str, expected: str) -> None:
    assert get(language_id).id == expected


@pytest.mark.parametrize("language_id", ["", "no-such-language", "brainfuck.derived", "."])
def test_an_unknown_language_gets_the_plain_record(language_id: str) -> None:
    assert get(language_id) is PLAIN


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b/main.py", "python"),
        ("MAIN.PY", "python"),
        ("Makefile", "makefile"),
        ("src/x.test.ts", "typescript"),
        ("C:/x/y.tsx", "typescriptreact"),
        ("go.mod", "go.mod"),
        ("CMakeLists.txt", "cmake"),
        ("notes.txt", "plaintext"),
        ("Dockerfile", "dockerfile"),
        ("tsconfig.json", "jsonc"),
        (".gitignore", "ignore"),
        ("noextension", "unknown"),
        ("archive.unknown", "unknown"),
    ],
)
def test_a_file_name_tells_the_language(path: str, expected: str) -> None:
    assert from_path(path).id == expected
