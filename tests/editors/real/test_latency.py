"""How long after a key ghost text is on the screen, with a model that answers at once: the editor's wait and ours.

Each round departs from what is shown, by a key to which the model has something better to say, and stops the clock when
the editor has drawn that. Terminal editors wait for a time that is known. VS Code also needs its own time to ask and to
draw: that is measured with an extension that has the answer ready.

The figures are printed with `-s`; they are no test, because they belong to the machine and to what else it does.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

import pytest

from tests.editors.editor import Editor
from tests.editors.profiles import CACHE, Profile
from tests.editors.upstream import Upstream
from tests.editors.vscode import VSCode

ROUNDS = 11
REST_S = 0.3
"""Longer than any editor's wait, so that what was typed before is done with."""


def median_ms(editor: Editor, upstream: Upstream, work: Path) -> float:
    file = work / "names.py"
    file.write_text("names = []\n")
    editor.open(file)
    measured = []
    for number in range(ROUNDS):
        upstream.knows = {f"value_{number} = r": f"esult_{number}()", "v": f"alue_{number} = guess_{number}()"}
        editor.type(f"value_{number} = ")
        editor.on_screen(f"guess_{number}()")
        time.sleep(REST_S)
        measured.append(editor.time_key("r", f"esult_{number}()"))
        editor.press("accept")
        time.sleep(REST_S)
        editor.type("\n")
    return statistics.median(measured)


@pytest.fixture
def floor_ms(profile: Profile, home: Path, environment: dict[str, str], upstream: Upstream, work: Path) -> float:
    """What the editor takes without us."""
    if profile.wait_ms is not None:
        return profile.wait_ms
    other_home = home / "bare"
    other_home.mkdir()
    (other_home / "work").symlink_to(work)
    bare = VSCode(CACHE / "vscode", CACHE / "vscode-bare", other_home, environment, status="bare.status")
    try:
        return median_ms(bare, upstream, work)
    finally:
        bare.close()


def test_from_key_to_ghost_text(
    floor_ms: float, editor: Editor, upstream: Upstream, work: Path, profile: Profile
) -> None:
    p50 = median_ms(editor, upstream, work)
    print(f"\n{profile.name}: key to ghost text p50 {p50:.0f} ms, of which {floor_ms:.0f} are the editor's own")
