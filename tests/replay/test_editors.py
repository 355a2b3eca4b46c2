"""How the editors ask, keep, drop and accept. A letter is typed at each of its times, in ms."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from fim_lsp.document import Edit
from fim_lsp.replay import virtual
from fim_lsp.replay.buffer import Buffer
from fim_lsp.replay.checks import ItemChecks
from fim_lsp.replay.editors import EDITORS, Editor, Reply
from fim_lsp.replay.figures import FOREIGN
from fim_lsp.replay.ghost import Item
from fim_lsp.replay.record import Record
from tests.replay.pages import SOURCES
from tests.replay.servers import Scripted


def session(
    client: str, server: Scripted, keys: dict[int, str], until_ms: int, then: Callable[[Editor], None] | None = None
) -> tuple[Editor, Record]:
    """Type in an empty document; a key is a letter, or `<` for backspace."""

    async def main() -> tuple[Editor, Record]:
        record = Record(client, 1)
        editor = EDITORS[client](server, Buffer(SOURCES[0].path, "python", ""), record, ItemChecks())
        for at_ms, key in keys.items():
            await asyncio.sleep(at_ms / 1000 - editor.now_ms / 1000)
            cursor = editor.buffer.cursor
            edit = Edit(cursor - 1, editor.buffer.text[cursor - 1], "") if key == "<" else Edit(cursor, "", key)
            editor.edit(edit, cursor + (-1 if key == "<" else len(key)))
        await asyncio.sleep((until_ms - editor.now_ms) / 1000)
        if then:
            then(editor)
        return editor, record

    return virtual.run(main())


def hello(before: str, after: str) -> str:
    """Knows one word."""
    return "hello world"[len(before) :] if "hello world".startswith(before) else ""


def text(editor: Editor) -> str | None:
    return editor.ghost.text if editor.ghost else None


def test_vscode_asks_50_ms_after_a_change() -> None:
    editor, record = session("vscode", Scripted(hello), {100: "h"}, until_ms=149)
    assert (record.asked, text(editor)) == ([], None)
    editor, record = session("vscode", Scripted(hello), {100: "h"}, until_ms=151)
    assert ([round(one.at_ms) for one in record.asked], text(editor)) == ([150], "ello world")


def test_vscode_cancels_at_each_change() -> None:
    server = Scripted(hello, delay_s=0.2)
    _, record = session("vscode", server, {100: "h", 250: "e"}, until_ms=600)
    assert [one.outcome for one in record.asked] == ["cancelled", "item"]
    assert server.heard == ["open", "'' → 'h'", "ask", "'' → 'e'", "cancel", "ask"]


def test_vscode_keeps_what_is_typed_along() -> None:
    editor, _ = session("vscode", Scripted(hello, delay_s=0.1), {0: "h", 300: "e", 310: "l"}, until_ms=311)
    assert text(editor) == "lo world"


@pytest.mark.parametrize("key", ["x", "<"])
def test_vscode_drops_it_on_another_key(key: str) -> None:
    editor, _ = session("vscode", Scripted(hello), {0: "h", 300: key}, until_ms=301)
    assert text(editor) is None


def test_neovim_asks_200_ms_after_the_last_change_and_never_cancels() -> None:
    server = Scripted(hello, delay_s=1.0)
    _, record = session("neovim", server, {0: "h", 100: "e", 400: "l"}, until_ms=3000)
    assert [round(one.at_ms) for one in record.asked] == [300, 600]
    assert [one.outcome for one in record.asked] == ["item", "item"]
    assert "cancel" not in server.heard


def test_neovim_shows_an_old_answer_if_it_still_agrees() -> None:
    editor, _ = session("neovim", Scripted(hello, delay_s=0.3), {0: "h", 300: "e"}, until_ms=501)
    assert text(editor) == "llo world"


def test_neovim_shows_it_again_after_a_slip() -> None:
    editor, _ = session("neovim", Scripted(hello), {0: "h", 300: "x", 350: "<"}, until_ms=351)
    assert text(editor) == "ello world"


@pytest.mark.parametrize(("client", "null", "empty"), [("vscode", None, None), ("neovim", "lo world", None)])
def test_null_and_an_empty_list(client: str, null: str | None, empty: str | None) -> None:
    def only_at_first(reply: Reply) -> Scripted:
        return Scripted(lambda before, after: hello(before, after) if len(before) < 3 else reply)

    keys = {0: "h", 300: "e", 600: "l"}
    assert text(session(client, only_at_first(Reply()), keys, until_ms=900)[0]) == null
    assert text(session(client, only_at_first(Reply(())), keys, until_ms=900)[0]) == empty


def test_accepting_all() -> None:
    server = Scripted(lambda before, after: Reply((Item("hello()", len(before), len(before), "7"),)))
    editor, _ = session("vscode", server, {0: "x"}, until_ms=100, then=Editor.accept)
    assert (editor.buffer.text, editor.buffer.cursor) == ("xhello()", 8)
    assert server.heard[-2:] == ["'' → 'hello()'", "accepted"]


def test_accepting_a_part_leaves_the_rest() -> None:
    editor, _ = session("vscode", Scripted(hello), {0: "h"}, 100, then=lambda editor: editor.accept_part(4))
    assert (editor.buffer.text, text(editor)) == ("hello", " world")


def test_a_suggestion_that_changes_for_no_reason_is_a_flicker() -> None:
    def fickle(before: str, after: str) -> str:
        return hello(before, after) if len(before) < 2 else "something else"

    assert session("vscode", Scripted(fickle), {0: "h", 300: "e"}, until_ms=600)[1].flickers == 1
    assert session("vscode", Scripted(hello), {0: "h", 300: "e"}, until_ms=600)[1].flickers == 0


FAULTS = {  # text with the cursor, the item's range around it and its text
    "": ("ab▏)", 0, 1, "x)"),
    "its range does not hold the cursor": ("ab▏", 1, 0, "x"),
    "its range has several lines": ("a\nb▏", -2, 0, "\nbc"),
    "it does not begin with what stands there": ("ab▏", -1, 0, "xc"),
    "it changes nothing": ("ab▏)", -1, 1, "b)"),
    "it takes away what stands right of the cursor": ("ab▏)", 0, 1, "x"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_items_that_may_not_be_sent(fault: str) -> None:
    page, start, end, said = FAULTS[fault]
    cursor = page.index("▏")
    item = Item(said, cursor + start, cursor + end)
    assert ItemChecks().fault(item, page.replace("▏", ""), cursor) == fault


def test_an_answer_to_another_text_is_told_from_what_the_model_said() -> None:
    class Memory:
        def said(self, before: str, line: str) -> bool:
            return (before + line) == "hello world"

        def departed(self, before: str) -> None: ...

    checks = ItemChecks(Memory())
    assert checks.fault(Item("lo world", 3, 3), "hel", 3) == ""
    assert checks.fault(Item("lo world", 3, 3), "hex", 3) == FOREIGN
