"""Released Helix, which has no ghost text: the same scenarios in its completion menu, as far as a menu goes.

Words and lines cannot be taken from a menu. What is typed along narrows it; a blank closes it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.editors.editor import becomes, eventually, still
from tests.editors.helix import Helix
from tests.editors.menu import ask_for
from tests.editors.profiles import helix as start
from tests.editors.real.conftest import START, looked_after
from tests.editors.real.test_lookup import ABOVE, HERE_TOO
from tests.editors.upstream import Upstream


@pytest.fixture
def helix(home: Path, environment: dict[str, str], request: pytest.FixtureRequest) -> Iterator[Helix]:
    with looked_after(start(home, environment), request.node.name) as editor:
        yield editor


@pytest.fixture
def shown(helix: Helix, upstream: Upstream, file: Path) -> Helix:
    """Helix with `return a + b` in the menu behind `retu`."""
    upstream.knows["retu"] = "rn a + b"
    helix.open(file)
    helix.type("retu")
    ask_for(helix, "return a + b")
    return helix


def test_shows_and_accepts(shown: Helix, file: Path) -> None:
    shown.press("accept")
    becomes(shown, file, START + "return a + b")


def test_typing_along_narrows_the_menu_and_asks_nobody(shown: Helix, upstream: Upstream, file: Path) -> None:
    asked = upstream.requests
    for key in "rn":
        shown.type(key)
        still(lambda: "return a + b" in shown.screen(), "the rest is shown")
    assert upstream.requests == asked
    shown.press("accept")
    becomes(shown, file, START + "return a + b")


def test_dismisses(shown: Helix, file: Path) -> None:
    shown.press("dismiss")
    shown.terminal.wait(lambda: "a + b" not in shown.screen(), "the menu is gone")
    becomes(shown, file, START + "retu")


def test_undo_takes_back_what_was_accepted_only(shown: Helix, file: Path) -> None:
    shown.press("accept")
    becomes(shown, file, START + "return a + b")
    shown.undo()
    becomes(shown, file, START + "retu")


def test_bracket_that_helix_closed(helix: Helix, upstream: Upstream, file: Path) -> None:
    upstream.knows["print("] = '"hello")'
    helix.open(file)
    helix.type("print(")
    helix.on_screen("print()")
    ask_for(helix, '"hello"')
    helix.press("accept")
    becomes(helix, file, START + 'print("hello")')


BLOCK = "s:\n        print(x)\n        total += x"


def accept_block(editor: Helix, upstream: Upstream, file: Path) -> None:
    """Accept what the menu has at the end of `for x in x`, and the rest where only the first line was there yet."""
    upstream.knows["for x in x"] = BLOCK
    editor.open(file)
    ask_for(editor, "xs:")
    editor.type("\t")
    whole = "total += x" in editor.screen()
    editor.type("\n")
    if not whole:
        editor.on_screen("for x in xs:")
    if "total += x" not in editor.screen():
        ask_for(editor, "print(x)")
        editor.press("accept")


def test_block_of_lines(helix: Helix, upstream: Upstream, file: Path) -> None:
    file.write_text(START + "for x in x")
    accept_block(helix, upstream, file)
    becomes(helix, file, START + "for x in x" + BLOCK)


def test_a_block_is_shown_beside_the_menu(helix: Helix, upstream: Upstream, file: Path) -> None:
    file.write_text(START + "for x in x")
    upstream.knows["for x in x"] = BLOCK
    helix.open(file)
    ask_for(helix, "xs:")
    helix.type("s:")
    ask_for(helix, "print(x)")
    helix.type("\t")
    helix.on_screen("total += x")


def test_emoji_before_the_cursor(helix: Helix, upstream: Upstream, work: Path) -> None:
    file = work / "faces.py"
    file.write_text('face = "👩‍👩‍👧 𝄞 é" + ')
    upstream.knows['é" + sm'] = "ile()"
    helix.open(file)
    helix.type("sm")
    ask_for(helix, "smile()")
    helix.press("accept")
    becomes(helix, file, 'face = "👩‍👩‍👧 𝄞 é" + smile()')


def test_file_with_windows_line_ends(helix: Helix, upstream: Upstream, file: Path) -> None:
    file.write_bytes(b"def f(xs):\r\n    for x in x")
    accept_block(helix, upstream, file)
    becomes(helix, file, "def f(xs):\r\n    for x in xs:\r\n        print(x)\r\n        total += x")
    assert all("\r" not in str(request.body) for request in upstream.server.requests)


def test_two_documents(shown: Helix, upstream: Upstream, file: Path, work: Path) -> None:
    other = work / "products.py"
    other.write_text("def multiply(a, b):\n    ")
    upstream.knows["giv"] = "en(a * b)"
    shown.save()
    shown.open(other)
    shown.type("giv")
    ask_for(shown, "given(a * b)")
    shown.press("accept")
    becomes(shown, other, "def multiply(a, b):\n    given(a * b)")
    shown.open(file)
    ask_for(shown, "return a + b")


def test_a_dead_server_is_told_of_and_comes_back(shown: Helix, file: Path) -> None:
    (dead,) = shown.servers()
    dead.kill()
    shown.on_screen("Language server exited: fim-lsp")
    shown.restart_server()
    shown.type("r")
    ask_for(shown, "return a + b")
    assert [server.pid for server in shown.servers()] != [dead.pid]


@pytest.mark.parametrize("settings", ["[languages.python]\nenabled = false\n"])
def test_language_switched_off(helix: Helix, upstream: Upstream, file: Path) -> None:
    upstream.knows["retu"] = "rn a + b"
    helix.open(file)
    helix.type("retu")
    still(lambda: upstream.requests == 0, "nothing is sent", for_s=1.5)


def test_leaving_leaves_no_process(helix: Helix, file: Path) -> None:
    helix.open(file)
    servers: list[psutil.Process] = helix.servers()
    assert servers
    helix.quit()
    eventually(lambda: not any(server.is_running() for server in servers), "the server has ended")


class TestLookup:
    """A fresh install: no key, no model, no network."""

    @pytest.fixture
    def provider(self) -> str:
        return 'provider = "lookup"\n'

    def test_shows_accepts_and_undoes(self, helix: Helix, work: Path) -> None:
        code = ABOVE + HERE_TOO.removesuffix("_settings")
        in_the_menu = "parse_settings(stream.read()) text"
        file = work / "settings.py"
        file.write_text(code)
        helix.open(file)
        helix.type("_")
        ask_for(helix, in_the_menu)
        helix.press("accept")
        becomes(helix, file, code + "_settings(stream.read())")
        helix.undo()
        becomes(helix, file, code + "_")
