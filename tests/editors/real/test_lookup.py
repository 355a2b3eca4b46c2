"""A fresh install: no key, no model, no network. The text comes from the user's own file."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.editor import Editor, eventually

CODE = """\
def load_settings(path):
    with open(path, encoding="utf-8") as stream:
        return parse_settings(stream.read())


def load_defaults(path):
    with open(path, encoding="utf-8") as stream:
        return parse_settings(stream.read())


def load_overrides(path):
    with open(path, enc"""


@pytest.fixture
def provider() -> str:
    return 'provider = "lookup"\n'


@pytest.mark.needs("ghost")
def test_shows_and_accepts(editor: Editor, work: Path) -> None:
    file = work / "settings.py"
    file.write_text(CODE)
    editor.open(file)
    editor.type("o")
    editor.see_start('ding="utf-8") as stream:')
    editor.press("accept")
    eventually(lambda: _saved(editor, file).startswith(CODE + 'oding="utf-8") as stream:'), "the line is there")


def _saved(editor: Editor, file: Path) -> str:
    editor.save()
    return file.read_text()
