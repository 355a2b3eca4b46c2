"""Settings, folders and files on their way to the engine."""

from __future__ import annotations

from typing import Any

import pytest

from tests.lsp.editor import NEVER, Editor, settle
from tests.lsp.fake_engine import FakeEngine


def configured(editor: Editor) -> Any:
    """What the engine was given last: `initializationOptions`, and what came later."""
    return editor.engine.configured[-1][0]


def changed(editor: Editor, settings: Any) -> None:
    editor.notify("workspace/didChangeConfiguration", {"settings": settings})


@pytest.mark.parametrize("options", [{"enabled": False}, {"fim-lsp": {"enabled": False}}])
async def test_initialization_options_come_with_and_without_the_wrapper(options: Any) -> None:
    editor = Editor()

    await editor.initialize(initializationOptions=options)

    assert editor.engine.configured == [([{"enabled": False}, {}], [])]


async def test_the_engine_starts_when_initialize_is_answered() -> None:
    editor = Editor()

    await editor.initialize()
    await settle()

    assert ("start",) in editor.engine.events


@pytest.mark.parametrize("settings", [{"enabled": False}, {"fim-lsp": {"enabled": False}}])
async def test_did_change_configuration_comes_with_and_without_the_wrapper(editor: Editor, settings: Any) -> None:
    changed(editor, settings)

    assert configured(editor) == [{}, {"enabled": False}]


async def test_initialize_is_answered_before_there_is_an_engine() -> None:
    """Making it imports most of the program."""
    editor = Editor()
    made = []

    def make(host: Any) -> FakeEngine:
        made.append(host)
        return FakeEngine(host)

    editor.server._make_engine = make
    editor.send({"id": 1, "method": "initialize", "params": {"capabilities": {}}})
    assert [message["id"] for message in editor.received] == [1]
    assert made == []

    await settle()
    assert len(made) == 1


@pytest.mark.parametrize("settings", [{}, {"a": 2}, {"fim-lsp.a": 2}])
async def test_they_lie_over_the_initialization_options(settings: Any) -> None:
    editor = Editor()
    await editor.initialize(initializationOptions={"a": 1})

    changed(editor, settings)

    assert configured(editor) == [{"a": 1}, {"a": 2} if settings else {}]


async def test_they_take_the_place_of_earlier_ones(editor: Editor) -> None:
    changed(editor, {"a": 1})
    changed(editor, {"b": 2})

    assert configured(editor) == [{}, {"b": 2}]


NULLS = [{"settings": None}, {}, {"settings": {"fim-lsp": None}}, {"settings": {"fim-lsp": None, "python": {"a": 1}}}]


@pytest.mark.parametrize("params", NULLS)
async def test_null_means_ask_me(params: Any) -> None:
    editor = Editor(workspace={"configuration": True})
    editor.answers["workspace/configuration"] = [{"a": 1}]
    await editor.initialize()
    await settle()
    editor.answers["workspace/configuration"] = [{"a": 2}]

    editor.notify("workspace/didChangeConfiguration", params)
    await settle()

    assert [later for (_, later), _ in editor.engine.configured] == [{}, {"a": 1}, {"a": 2}]
    assert editor.notified("workspace/configuration") == [{"items": [{"section": "fim-lsp"}]}] * 2


@pytest.mark.parametrize("answer", [NEVER, None, [], [None], {"a": 1}, 7])
async def test_an_editor_that_has_nothing_to_say(answer: Any) -> None:
    editor = Editor(workspace={"configuration": True})
    editor.answers["workspace/configuration"] = answer
    await editor.initialize(initializationOptions={"a": 1})

    changed(editor, None)
    await settle()

    assert configured(editor) == [{"a": 1}, {}]
    await editor.close()


@pytest.mark.parametrize(
    ("answer", "left"), [([None], {}), ([{}], {}), (NEVER, {"a": 1}), (None, {"a": 1}), ([], {"a": 1})]
)
async def test_what_was_pulled_holds_until_the_user_removes_it(answer: Any, left: Any) -> None:
    editor = Editor(workspace={"configuration": True})
    editor.answers["workspace/configuration"] = [{"a": 1}]
    await editor.initialize()
    await settle()
    editor.answers["workspace/configuration"] = answer

    changed(editor, None)
    await settle()

    assert configured(editor) == [{}, left]
    await editor.close()


async def test_what_was_sent_bare_is_not_what_a_null_answer_speaks_of() -> None:
    """Neovim sends settings as they are, and when asked looks for a section in them that is not there."""
    editor = Editor(workspace={"configuration": True})
    editor.answers["workspace/configuration"] = [None]
    await editor.initialize()

    changed(editor, {"enabled": False})
    await settle()

    assert editor.notified("workspace/configuration")
    assert configured(editor) == [{}, {"enabled": False}]
    await editor.close()


async def test_what_is_all_for_other_servers_changes_nothing(editor: Editor) -> None:
    changed(editor, {"enabled": False})
    changed(editor, {"python": {"analysis": {}}, "editor.tabSize": 2})

    assert configured(editor) == [{}, {"enabled": False}]


async def test_null_from_an_editor_that_cannot_be_asked(editor: Editor) -> None:
    changed(editor, None)

    assert len(editor.engine.configured) == 1
    assert editor.notified("workspace/configuration") == []


FOLDERS = [
    ({"workspaceFolders": [{"uri": "file:///a", "name": "a"}, {"uri": "file:///b%20c", "name": "b"}]}, ["/a", "/b c"]),
    ({"workspaceFolders": [{"uri": "untitled:x", "name": "x"}], "rootUri": "file:///r"}, []),
    ({"workspaceFolders": None, "rootUri": "file:///r"}, ["/r"]),
    ({"workspaceFolders": [], "rootUri": "file:///r"}, ["/r"]),
    ({"rootUri": None, "rootPath": "/p"}, ["/p"]),
    ({"rootUri": None, "rootPath": None}, []),
    ({"workspaceFolders": "nonsense"}, []),
    ({"workspaceFolders": [7, {"uri": None}, {"uri": "file:///a"}]}, ["/a"]),
]


@pytest.mark.parametrize(("params", "folders"), FOLDERS)
async def test_folders(params: dict[str, Any], folders: list[str]) -> None:
    editor = Editor()

    await editor.initialize(**params)

    assert editor.engine.configured[0][1] == folders


async def test_folders_come_and_go() -> None:
    editor = Editor()
    result = await editor.initialize(workspaceFolders=[{"uri": "file:///a", "name": "a"}])

    for added, removed, folders in [
        (["b"], [], ["/a", "/b"]),
        (["c", "b"], ["a"], ["/c", "/b"]),
        ([], ["x", "b"], ["/c"]),
    ]:
        event = {
            "added": [{"uri": f"file:///{name}", "name": name} for name in added],
            "removed": [{"uri": f"file:///{name}", "name": name} for name in removed],
        }
        editor.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        assert editor.engine.configured[-1][1] == folders

    offered = result["capabilities"]["workspace"]["workspaceFolders"]
    assert offered == {"supported": True, "changeNotifications": True}


async def test_registers_for_settings_and_files() -> None:
    dynamic = {"dynamicRegistration": True}
    editor = Editor(workspace={"didChangeConfiguration": dynamic, "didChangeWatchedFiles": dynamic})

    await editor.initialize()
    await settle()

    [params] = editor.notified("client/registerCapability")
    assert [(one["method"], one["registerOptions"]) for one in params["registrations"]] == [
        ("workspace/didChangeConfiguration", {"section": "fim-lsp"}),
        (
            "workspace/didChangeWatchedFiles",
            {
                "watchers": [
                    {"globPattern": "**/.gitignore"},
                    {"globPattern": "**/.fimignore"},
                    {"globPattern": "**/.fim-lsp.toml"},
                ]
            },
        ),
    ]


async def test_registers_nothing_that_the_client_cannot_do(editor: Editor) -> None:
    await settle()

    assert [message for message in editor.received if "method" in message] == []


async def test_changed_files(editor: Editor) -> None:
    changes = [{"uri": "file:///a/.gitignore", "type": 1}, {"uri": "untitled:x", "type": 2}]

    editor.notify("workspace/didChangeWatchedFiles", {"changes": changes})
    editor.notify("workspace/didChangeWatchedFiles", {"changes": changes[1:]})

    assert [event for event in editor.engine.events if event[0] == "files"] == [("files", "/a/.gitignore")]


async def test_saving_such_a_file_in_the_editor_is_enough(editor: Editor) -> None:
    for uri in ("file:///a/.fimignore", "file:///a/b.py"):
        editor.notify("textDocument/didSave", {"textDocument": {"uri": uri}})

    assert [event for event in editor.engine.events if event[0] == "files"] == [("files", "/a/.fimignore")]
