"""How long after a key ghost text is on the screen, with a model that answers at once: the editor's wait and ours.

Each round departs from what is shown, by a key to which the model has something better to say, and stops the clock when
the editor has drawn that. `pytest -s` prints the figures; they are no test, because they belong to the machine and to
what else it does.
"""

from __future__ import annotations

import statistics
import time
from pathlib import Path

from tests.editors.editor import Editor
from tests.editors.profiles import Profile
from tests.editors.upstream import Upstream

ROUNDS = 15
REST_S = 0.3
"""Longer than any editor's wait, so that what was typed before is done with."""


def test_from_key_to_ghost_text(editor: Editor, upstream: Upstream, work: Path, profile: Profile) -> None:
    file = work / "names.py"
    file.write_text("names = []\n")
    editor.open(file)
    measured = []
    for number in range(ROUNDS):
        upstream.knows = {f"value_{number} = r": f"esult_{number}()", "v": f"alue_{number} = guess_{number}()"}
        editor.type(f"value_{number} = ")
        editor.on_screen(f"guess_{number}()")
        time.sleep(REST_S)
        began = time.perf_counter()
        editor.type("r")
        editor.on_screen(f"result_{number}()")
        measured.append((time.perf_counter() - began) * 1000)
        editor.press("accept")
        time.sleep(REST_S)
        editor.type("\n")
        time.sleep(REST_S)
    p50 = statistics.median(measured)
    added = f"{p50 - profile.wait_ms:.0f} ms added to its own {profile.wait_ms}"
    print(f"\n{profile.name}: key to ghost text p50 {p50:.0f} ms, {added}")
