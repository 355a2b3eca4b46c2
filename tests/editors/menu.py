"""Editors in a terminal that have no ghost text: what is suggested is in their completion menu, seen on the screen."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

from tests.editors.editor import eventually
from tests.editors.in_terminal import TerminalEditor


class MenuEditor(TerminalEditor):
    keys: Mapping[str, str]
    """What to press for each action."""

    @abstractmethod
    def ask_anew(self) -> None:
        """Have the menu asked for again: an open one is not."""

    def shows_soon(self, text: str) -> bool:
        """Whether `text` is on the screen, now or within what a menu takes."""
        return self.terminal.comes(lambda: text in self.screen(), within_s=2.0)

    def press(self, action: str) -> None:
        self.terminal.press(self.keys[action])

    def ghost(self) -> str:
        return ""


def ask_for(editor: MenuEditor, text: str) -> None:
    """Ask anew until the menu shows `text`: a menu is not kept waiting for a model, the next one is."""

    def asked() -> bool:
        editor.ask_anew()
        return editor.shows_soon(text)

    if editor.shows_soon(text):
        return
    try:
        eventually(asked, "")
    except AssertionError:
        raise AssertionError(f"the menu does not show {text!r}:\n{editor.messages()}\n{editor.why()}") from None
