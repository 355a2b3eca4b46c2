"""Kakoune, which has no ghost text: what its completion menu does with our suggestions, set up as on the page.

Not among the tests that always run: kakoune-lsp has to be compiled. `tests/editors/conftest.py` says how to run it.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.editors.editor import becomes, eventually, still
from tests.editors.kakoune import Kakoune
from tests.editors.menu import ask_for
from tests.editors.profiles import CACHE, EDITORS
from tests.editors.real.conftest import START, looked_after
from tests.editors.real.test_lookup import ABOVE, HERE_TOO
from tests.editors.upstream import Upstream

PYLSP = """\
    [pylsp]
    root_globs = ["pyproject.toml", ".git"]
"""


@pytest.fixture
def kakrc() -> str:
    return (EDITORS / "others/kakrc").read_text()


@pytest.fixture
def kakoune(home: Path, environment: dict[str, str], kakrc: str, request: pytest.FixtureRequest) -> Iterator[Kakoune]:
    editor = Kakoune(CACHE / "kakoune", CACHE / "kakoune-lsp/bin", home, environment, kakrc)
    with looked_after(editor, request.node.name):
        yield editor


@pytest.fixture
def shown(kakoune: Kakoune, upstream: Upstream, file: Path) -> Kakoune:
    """Kakoune with `give a + b` in the menu behind `giv`, alone."""
    upstream.knows["giv"] = "e a + b"
    kakoune.open(file)
    kakoune.type("giv")
    ask_for(kakoune, "give a + b")
    return kakoune


def test_shows_and_accepts(shown: Kakoune, file: Path) -> None:
    shown.press("accept")
    becomes(shown, file, START + "give a + b")


def test_beside_the_languages_own_server(kakoune: Kakoune, upstream: Upstream, file: Path) -> None:
    upstream.knows["retu"] = "rn a + b"
    kakoune.open(file)
    kakoune.type("retu")
    ask_for(kakoune, "return a + b")
    kakoune.on_screen("returned_by_the_other_server")
    kakoune.press("accept last")
    becomes(kakoune, file, START + "return a + b")


def test_typing_along_narrows_the_menu(shown: Kakoune, upstream: Upstream, file: Path) -> None:
    asked = upstream.requests
    for key in "e a":
        shown.type(key)
        shown.on_screen("give a + b")
    assert upstream.requests == asked
    shown.press("accept")
    becomes(shown, file, START + "give a + b")


def test_after_a_blank_it_does_not_ask(kakoune: Kakoune, upstream: Upstream, file: Path) -> None:
    upstream.knows["return "] = "a + b"
    kakoune.open(file)
    kakoune.type("return ")
    still(lambda: "a + b" not in kakoune.screen(), "nothing is shown", for_s=1.5)


def test_in_front_of_a_bracket(kakoune: Kakoune, upstream: Upstream, file: Path) -> None:
    file.write_text(START + "print()")
    upstream.knows["print(gi"] = "ve)"
    kakoune.open(file)
    kakoune.to(2, 11)
    kakoune.type("gi")
    ask_for(kakoune, "give")
    kakoune.press("accept")
    becomes(kakoune, file, START + "print(give)")


BLOCK = "s:\n        print(x)\n        total += x"


def accept_block(editor: Kakoune, upstream: Upstream, file: Path) -> None:
    """Its first line goes in as it is typed: the menu has it before the others are there."""
    upstream.knows["for x in x"] = BLOCK
    editor.open(file)
    editor.type("s:")
    ask_for(editor, "print(x)")
    editor.press("accept last")


def test_block_of_lines(kakoune: Kakoune, upstream: Upstream, file: Path) -> None:
    file.write_text(START + "for x in x")
    accept_block(kakoune, upstream, file)
    becomes(kakoune, file, START + "for x in x" + BLOCK)


def test_file_with_windows_line_ends(kakoune: Kakoune, upstream: Upstream, file: Path) -> None:
    file.write_bytes(b"def f(xs):\r\n    for x in x")
    accept_block(kakoune, upstream, file)
    becomes(kakoune, file, "def f(xs):\r\n    for x in xs:\r\n        print(x)\r\n        total += x")
    assert all("\r" not in str(request.body) for request in upstream.server.requests)


def test_tabs(kakoune: Kakoune, upstream: Upstream, file: Path) -> None:
    file.write_text("def f(xs):\n\tfor x in x")
    upstream.knows["for x in xs:"] = "\n\t\tprint(x)\n\t\ttotal += x"
    kakoune.open(file)
    kakoune.type("s:")
    ask_for(kakoune, "print(x)")
    kakoune.press("accept last")
    becomes(kakoune, file, "def f(xs):\n\tfor x in xs:\n\t\tprint(x)\n\t\ttotal += x")


def test_text_that_looks_like_a_snippet(kakoune: Kakoune, upstream: Upstream, file: Path) -> None:
    rest = "r name in xs:\n        run(f'$1 ${2:-a} \\\\$ {name}')"
    upstream.knows["    fo"] = rest
    kakoune.open(file)
    kakoune.type("fo")
    ask_for(kakoune, "for name in")
    kakoune.press("accept")
    becomes(kakoune, file, START + "fo" + rest)


def test_emoji_before_the_cursor(kakoune: Kakoune, upstream: Upstream, work: Path) -> None:
    file = work / "faces.py"
    file.write_text('face = "👩‍👩‍👧 𝄞 é" + ')
    upstream.knows['é" + gi'] = "ve()"
    kakoune.open(file)
    kakoune.type("gi")
    ask_for(kakoune, "give()")
    kakoune.press("accept")
    becomes(kakoune, file, 'face = "👩‍👩‍👧 𝄞 é" + give()')


def test_two_documents(shown: Kakoune, upstream: Upstream, file: Path, work: Path) -> None:
    other = work / "products.py"
    other.write_text("def multiply(a, b):\n    ")
    upstream.knows["fo"] = "und(a * b)"
    shown.save()
    shown.open(other)
    shown.type("fo")
    ask_for(shown, "found(a * b)")
    shown.press("accept")
    becomes(shown, other, "def multiply(a, b):\n    found(a * b)")
    shown.open(file)
    ask_for(shown, "give a + b")


@pytest.mark.parametrize("settings", ["[languages.python]\nenabled = false\n"])
def test_language_switched_off(kakoune: Kakoune, upstream: Upstream, file: Path) -> None:
    upstream.knows["giv"] = "e a + b"
    kakoune.open(file)
    kakoune.type("giv")
    kakoune.on_screen("giv")
    still(lambda: upstream.requests == 0, "nothing is sent", for_s=1.5)


def test_leaving_leaves_no_process(kakoune: Kakoune, file: Path) -> None:
    kakoune.open(file)
    kakoune.type("x")
    servers = eventually(kakoune.servers, "the server runs")
    kakoune.quit()
    eventually(lambda: not any(server.is_running() for server in servers), "the server has ended")


def test_a_dead_server_comes_back(shown: Kakoune, upstream: Upstream) -> None:
    (dead,) = shown.servers()
    asked = upstream.requests
    dead.kill()
    eventually(lambda: not dead.is_running(), "it is dead")
    shown.type("e")
    eventually(lambda: {server.pid for server in shown.servers()} - {dead.pid}, "a new server runs")
    ask_for(shown, "give a + b")
    eventually(lambda: upstream.requests > asked, "the new one has asked")


def test_without_the_languages_own_server_there_is_no_menu(kakoune: Kakoune, upstream: Upstream, file: Path) -> None:
    kakoune.uninstall("pylsp")
    upstream.knows["giv"] = "e a + b"
    kakoune.edit(file)
    kakoune.type("giv")
    eventually(lambda: "kak-lsp server starting" in kakoune.messages(), "kakoune-lsp runs")
    still(lambda: "give" not in kakoune.screen(), "nothing is shown", for_s=2)
    kakoune.ask_anew()
    still(lambda: "give" not in kakoune.screen(), "nothing is shown", for_s=2)


@pytest.mark.parametrize("kakrc", [(EDITORS / "others/kakrc").read_text().replace(PYLSP, "")])
def test_alone(kakoune: Kakoune, upstream: Upstream, file: Path) -> None:
    kakoune.uninstall("pylsp")
    upstream.knows["retu"] = "rn a + b"
    kakoune.open(file)
    kakoune.type("retu")
    ask_for(kakoune, "return a + b")


class TestLookup:
    """A fresh install: no key, no model, no network."""

    @pytest.fixture
    def provider(self) -> str:
        return 'provider = "lookup"\n'

    def test_shows_and_accepts(self, kakoune: Kakoune, work: Path) -> None:
        code = ABOVE + HERE_TOO.removesuffix("_settings")
        file = work / "settings.py"
        file.write_text(code)
        kakoune.open(file)
        kakoune.type("_")
        ask_for(kakoune, "parse_settings(stream.read()) Text")
        kakoune.press("accept last")
        becomes(kakoune, file, code + "_settings(stream.read())")
