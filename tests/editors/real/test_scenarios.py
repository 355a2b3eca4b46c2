"""What a user does with ghost text, in every editor that can do it, against the test FIM server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.editors.editor import Editor, becomes, eventually, saved, still
from tests.editors.real.conftest import START
from tests.editors.upstream import Upstream


@pytest.fixture
def shown(editor: Editor, upstream: Upstream, file: Path) -> Editor:
    """An editor that shows `a + b` behind `return `."""
    upstream.knows["return "] = "a + b"
    editor.open(file)
    editor.type("return ")
    editor.see("a + b")
    return editor


@pytest.mark.needs("ghost")
def test_shows(shown: Editor, file: Path) -> None:
    shown.on_screen("return a + b")
    becomes(shown, file, START + "return ")


@pytest.mark.needs("ghost")
def test_accepts_all(shown: Editor, file: Path) -> None:
    shown.press("accept")
    becomes(shown, file, START + "return a + b")
    assert shown.ghost() == ""


def take_part(editor: Editor, action: str) -> str:
    """Accept a word or a line; what is left of the ghost text. Editors differ in whether blanks count as a word."""
    before = editor.ghost()
    editor.press(action)
    eventually(lambda: editor.ghost() not in ("", before), f"less is shown after {action}")
    rest = editor.ghost()
    assert before.endswith(rest)
    return rest


@pytest.mark.needs("parts")
def test_accepts_word_by_word(shown: Editor, file: Path, upstream: Upstream) -> None:
    asked = upstream.requests
    assert take_part(shown, "word").strip() == "+ b"
    rest = take_part(shown, "word")
    becomes(shown, file, START + "return " + "a + b".removesuffix(rest))
    assert shown.ghost() == rest
    assert upstream.requests == asked


BLOCK = ":\n        print(x)\n        total += x"


def show_block(editor: Editor, upstream: Upstream, file: Path) -> None:
    """Have the editor show the block behind `for x in xs:`, after the rest of that line.

    A block's first line is shown as soon as it is said; editors that do not ask again show the others after it.
    """
    upstream.knows["for x in xs"] = BLOCK
    editor.open(file)
    editor.type("for x in xs")
    editor.see_start(":")
    editor.type(":")
    editor.see_start("\n        print(x)")


def next_line(editor: Editor) -> str:
    """Accept a line; the next one. Editors differ in whether a line end alone counts as a line."""
    before = editor.ghost()
    editor.press("line")

    def rest() -> str:
        ghost = editor.ghost()  # in the middle of a change it may be neither the old rest nor the new one
        return ghost if ghost != before and BLOCK.endswith(ghost) else ""

    return eventually(rest, "the next line is shown")


@pytest.mark.needs("parts", "multi-line")
def test_accepts_line_by_line(editor: Editor, upstream: Upstream, file: Path) -> None:
    show_block(editor, upstream, file)
    rest = next_line(editor)
    if "print" in rest:
        rest = next_line(editor)
    assert rest.strip() == "total += x"
    becomes(editor, file, START + "for x in xs" + BLOCK.removesuffix(rest))


def accept_block(editor: Editor, file: Path, text: str) -> None:
    """Accept what is shown, and what is shown next, until the file holds `text`."""
    editor.press("accept anywhere")
    rest = "\n        total += x"
    eventually(
        lambda: editor.ghost() == rest or saved(editor, file).rstrip("\r\n") == text, "the first line is accepted"
    )
    if editor.ghost() == rest:
        editor.press("accept anywhere")
    becomes(editor, file, text)


@pytest.mark.needs("undo")
def test_undo_takes_back_what_was_accepted_only(shown: Editor, file: Path) -> None:
    shown.press("accept")
    becomes(shown, file, START + "return a + b")
    shown.press("undo")
    becomes(shown, file, START + "return ")


@pytest.mark.needs("type-through")
def test_typing_along_neither_flickers_nor_asks(shown: Editor, upstream: Upstream) -> None:
    asked = upstream.requests
    for key in "a + ":
        shown.type(key)
        still(lambda: shown.ghost() and "a + b".endswith(shown.ghost()), "the rest is shown", for_s=0.4)
    shown.see("b")
    assert upstream.requests == asked


@pytest.mark.needs("dismiss")
def test_dismisses(shown: Editor, file: Path) -> None:
    shown.dismiss()
    still(lambda: shown.ghost() == "", "it stays gone")
    becomes(shown, file, START + "return ")


@pytest.mark.needs("brackets")
def test_bracket_that_the_editor_closed(editor: Editor, upstream: Upstream, file: Path) -> None:
    upstream.knows["print("] = '"hello")'
    editor.open(file)
    editor.type("print(")
    editor.see_start('"hello"')
    editor.press("accept")
    becomes(editor, file, START + 'print("hello")')


@pytest.mark.needs("multi-line")
def test_block_of_lines(editor: Editor, upstream: Upstream, file: Path) -> None:
    show_block(editor, upstream, file)
    accept_block(editor, file, START + "for x in xs" + BLOCK)


@pytest.mark.needs("ghost")
def test_emoji_before_the_cursor(editor: Editor, upstream: Upstream, work: Path) -> None:
    file = work / "faces.py"
    file.write_text('face = "👩‍👩‍👧 𝄞 é" + ')
    upstream.knows['é" + '] = "smile()"
    editor.open(file)
    editor.type("smi")
    editor.see("le()")
    editor.press("accept")
    becomes(editor, file, 'face = "👩‍👩‍👧 𝄞 é" + smile()')


@pytest.mark.needs("multi-line")
def test_file_with_windows_line_ends(editor: Editor, upstream: Upstream, file: Path) -> None:
    file.write_bytes(b"def f(xs):\r\n    ")
    show_block(editor, upstream, file)
    accept_block(editor, file, "def f(xs):\r\n    for x in xs:\r\n        print(x)\r\n        total += x")
    assert all("\r" not in str(request.body) for request in upstream.server.requests)


@pytest.mark.needs("ghost")
def test_two_documents(shown: Editor, upstream: Upstream, file: Path, work: Path) -> None:
    other = work / "products.py"
    other.write_text("def multiply(a, b):\n    ")
    upstream.knows["give "] = "a * b"
    shown.open(other)
    eventually(lambda: shown.ghost() == "", "the other document begins without ghost text")
    shown.type("give ")
    shown.see("a * b")
    shown.press("accept")
    becomes(shown, other, "def multiply(a, b):\n    give a * b")
    shown.open(file)
    shown.type("a")
    shown.see(" + b")


@pytest.mark.needs("says it died")
def test_says_that_the_server_has_died(shown: Editor) -> None:
    for server in shown.servers():
        server.kill()
    eventually(lambda: "fim" in shown.messages() and any(word in shown.messages() for word in DEATHS), "it says so")


DEATHS = ("ended", "exited", "quit", "stopped", "crashed")


@pytest.mark.needs("revives")
def test_comes_back_when_the_server_has_died(shown: Editor) -> None:
    dead = {server.pid for server in shown.servers()}
    assert len(dead) == 1
    for server in shown.servers():
        server.kill()
    eventually(lambda: {server.pid for server in shown.servers()} - dead, "a new server runs", deadline_s=20)
    shown.revived()
    shown.type("a")
    shown.see(" + b")


@pytest.mark.needs("ghost")
@pytest.mark.parametrize("settings", ["[languages.ruby]\nenabled = false\n"])
def test_language_switched_off(editor: Editor, upstream: Upstream, file: Path, work: Path) -> None:
    ruby = work / "sums.rb"
    ruby.write_text("def add(a, b)\n  ")
    upstream.knows["return "] = "a + b"
    editor.open(ruby)
    editor.type("return ")
    still(lambda: upstream.requests == 0 and editor.ghost() == "", "nothing is sent, nothing is shown", for_s=1.5)
    editor.open(file)
    editor.type("return ")
    editor.see("a + b")


@pytest.mark.needs("next")
def test_asking_by_hand_and_the_next(shown: Editor) -> None:
    shown.press("next")
    shown.see("a + b")


def test_leaving_leaves_no_process(editor: Editor, file: Path) -> None:
    editor.open(file)
    servers = editor.servers()
    assert servers
    editor.quit()
    eventually(lambda: not any(server.is_running() for server in servers), "the server has ended")
