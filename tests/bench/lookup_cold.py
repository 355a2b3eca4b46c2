"""The embedded engine as an editor meets it: a cold server, asked 100 ms after its documents were opened.

Run with `python -m tests.bench.lookup_cold`. For every place a folder is made with copies of the package, the one file
cut at the place; only then the server is started, so that the removed text is nowhere but in the memory of this process
and in the interpreter's own folders, which the server does not read: they lie outside the workspace.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path
from typing import Any

from tests.bench.lookup import Tally, whole_line
from tests.bench.lookup_corpora import STDLIB, python
from tests.bench.lookup_places import Corpus, Place, places
from tests.bench.server import WHOLE, Client, client

WAIT_S = 0.1
INVOKED, AUTOMATIC = 1, 2


@contextmanager
def workspace(corpus: Corpus, place: Place) -> Iterator[dict[str, Path]]:
    """Copies of all files, by the path of the original; the place's own is cut."""
    with tempfile.TemporaryDirectory() as folder:
        root = os.path.commonpath([os.path.dirname(path) for path, _ in corpus.files])
        copies = {}
        for path, text in corpus.files:
            copy = copies[path] = Path(folder, os.path.relpath(path, root))
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_text("\n".join(place.lines()) if path == place.path else text, encoding="utf-8")
        copies["."] = Path(folder)
        yield copies


def ask(corpus: Corpus, place: Place) -> dict[int, str]:
    """What is shown at the place, by the kind of request."""
    with workspace(corpus, place) as copies, client(WHOLE) as editor:
        _initialize(editor, copies["."])
        for path in (*(path for path, _ in corpus.siblings(place.path)), place.path):
            _open(editor, copies[path], corpus.language.id)
        time.sleep(WAIT_S)
        shown = {kind: _suggestion(editor, copies[place.path], place, kind) for kind in (AUTOMATIC, INVOKED)}
        editor.request("shutdown", None)
        editor.send("exit", None)
    return shown


def _initialize(editor: Client, folder: Path) -> None:
    folders = [{"uri": folder.as_uri(), "name": "package"}]
    options = {"provider": "lookup"}
    params = {"processId": None, "rootUri": folder.as_uri(), "workspaceFolders": folders, "capabilities": {}}
    editor.request("initialize", {**params, "initializationOptions": options})
    editor.send("initialized", {})


def _open(editor: Client, path: Path, language: str) -> None:
    text = path.read_text(encoding="utf-8")
    document = {"uri": path.as_uri(), "languageId": language, "version": 1, "text": text}
    editor.send("textDocument/didOpen", {"textDocument": document})


def _suggestion(editor: Client, path: Path, place: Place, kind: int) -> str:
    line = place.lines()[place.line]
    column = len(line.encode("utf-16-le")) // 2
    params = {
        "textDocument": {"uri": path.as_uri()},
        "position": {"line": place.line, "character": column},
        "context": {"triggerKind": kind},
    }
    answer: Any = editor.request("textDocument/inlineCompletion", params)
    items = answer.get("items", []) if isinstance(answer, dict) else answer or []
    if not items:
        return ""
    start = items[0]["range"]["start"]["character"]
    typed = line.encode("utf-16-le")[2 * start :].decode("utf-16-le")
    return str(items[0]["insertText"]).removeprefix(typed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--places", type=int, default=60, help="for each seed")
    parser.add_argument("--seed", type=int, nargs="+", default=[11], help="one, or several together")
    arguments = parser.parse_args()
    corpora = [corpus for corpus in python() if corpus.files and corpus.files[0][0].startswith(str(STDLIB / ""))]
    automatic, invoked, baseline = Tally(), Tally(), Tally()
    for corpus, seed in product(corpora, arguments.seed):
        for place in places(corpus, arguments.places // len(corpora), seed):
            shown = ask(corpus, place)
            automatic.add(shown[AUTOMATIC], place.removed)
            invoked.add(shown[INVOKED], place.removed)
            baseline.add(whole_line(place), place.removed)
    asked = f"{baseline.asked} places, asked {1000 * WAIT_S:.0f} ms after opening a file and three siblings"
    print(f"cold server, {asked}")
    print(f"  {'':12} coverage precision  perfect    saved right to its end (of shown)")
    for name, tally in (("whole line", baseline), ("automatic", automatic), ("invoked", invoked)):
        ratio = tally.saved_share / max(1e-9, baseline.saved_share)
        print(f"  {name:12} {tally}   saved {ratio:.1f} x whole line")


if __name__ == "__main__":
    main()
