"""A fresh install: no key, no model, no network. The text comes from the user's own files, in every editor."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.editor import Editor, becomes, eventually, saved, still
from tests.editors.real.test_scenarios import take_part

FUNCTION = """\
def load_{name}(path):
    with open(path, encoding="utf-8") as stream:
        return parse_settings(stream.read())


"""
ABOVE = FUNCTION.format(name="settings") + FUNCTION.format(name="defaults")
HERE = ABOVE + "def load_overrides(path):\n    with open(path, en"
HERE_TOO = FUNCTION.format(name="overrides").partition("(stream")[0]
TYPED = "c"
REST = 'oding="utf-8") as stream:'


# Accepted by the key that means it anywhere: in VS Code's menu, open for the words of a file, Tab takes the word.


@pytest.fixture
def provider() -> str:
    return 'provider = "lookup"\n'


@pytest.fixture
def file(work: Path) -> Path:
    path = work / "settings.py"
    path.write_text(HERE)  # with the bracket as it is, since editors close the one that is typed
    return path


@pytest.fixture
def shown(editor: Editor, file: Path) -> Editor:
    """An editor that shows the rest of the line behind `enc`."""
    editor.open(file)
    editor.type(TYPED)
    editor.see_start(REST)
    return editor


@pytest.mark.needs("ghost")
def test_shows_and_accepts(shown: Editor, file: Path) -> None:
    shown.press("accept anywhere")
    eventually(lambda: saved(shown, file).startswith(HERE + TYPED + REST), "the line is there")


@pytest.mark.needs("parts", "type-through", "dismiss", "undo")
def test_along_by_word_by_line_back_and_away(shown: Editor, file: Path) -> None:
    shown.type("odi")
    shown.see_start(REST.removeprefix("odi"))
    still(lambda: shown.ghost().startswith(REST.removeprefix("odi")), "the rest is shown")
    shown.press("accept anywhere")
    becomes_start(shown, file, HERE + TYPED + REST)
    shown.press("undo")
    becomes(shown, file, HERE + TYPED + "odi")
    shown.type("n")
    shown.see_start('g="utf-8") as stream:')
    rest = take_part(shown, "word")
    becomes(shown, file, (HERE + TYPED + "odin" + 'g="utf-8") as stream:').removesuffix(rest.partition("\n")[0]))
    shown.dismiss()
    still(lambda: shown.ghost() == "", "it stays gone")


def becomes_start(editor: Editor, file: Path, text: str) -> None:
    eventually(lambda: saved(editor, file).startswith(text), f"the file begins with {text!r}")


@pytest.mark.needs("brackets")
def test_bracket_that_the_editor_closed(editor: Editor, file: Path) -> None:
    text = ABOVE + HERE_TOO
    file.write_text(text)
    editor.open(file)
    editor.type("(")
    editor.see_start("stream.read()")
    editor.press("accept anywhere")
    becomes(editor, file, text + "(stream.read())")


@pytest.mark.needs("ghost")
def test_emoji_and_windows_line_ends(editor: Editor, work: Path) -> None:
    file = work / "faces.py"
    text = 'face = "👩‍👩‍👧 𝄞 é" + smile(teeth=True)\n' * 2 + 'face = "👩‍👩‍👧 𝄞 é" + smi'
    file.write_bytes(text.replace("\n", "\r\n").encode())
    editor.open(file)
    editor.type("l")
    editor.see("e(teeth=True)")
    editor.press("accept anywhere")
    becomes(editor, file, (text + "le(teeth=True)").replace("\n", "\r\n"))


@pytest.mark.needs("ghost")
def test_two_documents(shown: Editor, file: Path, work: Path) -> None:
    other = work / "more.py"
    other.write_text(ABOVE + HERE_TOO + "(str")
    shown.open(other)
    eventually(lambda: shown.ghost() == "", "the other document begins without ghost text")
    shown.type("e")
    shown.see_start("am.read()")
    shown.open(file)
    shown.type("o")
    shown.see_start(REST[1:])


@pytest.mark.needs("revives")
def test_comes_back_when_the_server_has_died(shown: Editor) -> None:
    (dead,) = shown.servers()
    dead.kill()
    eventually(lambda: [server for server in shown.servers() if server.pid != dead.pid], "a new server runs")
    shown.revived()
    shown.type("o")
    shown.see_start(REST[1:])


@pytest.mark.needs("ghost")
@pytest.mark.parametrize("settings", ["[languages.python]\nenabled = false\n"])
def test_language_switched_off_and_no_process_left(editor: Editor, file: Path) -> None:
    editor.open(file)
    editor.type(TYPED)
    still(lambda: editor.ghost() == "", "nothing is shown", for_s=1.5)
    servers = editor.servers()
    assert servers
    editor.quit()
    eventually(lambda: not any(server.is_running() for server in servers), "the server has ended")
