"""The right text with a model's faults around it: the share of places where it is shown as it is without them.

    python -m tests.bench.trim_faults [DIRECTORY …]

Pieces are cut out of real files as in `trim_quality.py`. What is compared is the document after acceptance. Where a
fault cannot occur (nothing stands left of the cursor that could be said again), a place does not count.
"""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Callable

from fim_lsp import languages, shape, trim
from fim_lsp.document import Snapshot, Suggestion
from tests.bench.trim_quality import Hole, files_by_language, holes

Fault = Callable[[Hole, str], str]
"""(place, the line up to the cursor) → what the model says."""


def again(hole: Hole, line: str) -> str:
    return line + hole.piece if line.strip() else hole.piece


def indent_again(hole: Hole, line: str) -> str:
    return hole.piece if line.strip() else line + hole.piece


def other_marks(hole: Hole, line: str) -> str:
    """Spaces in a document of tabs; tabs in one of four spaces."""
    first, *rest = hole.piece.split("\n")
    if any(each.startswith("\t") for each in (hole.before + hole.after).split("\n")):
        rest = ["    " * (len(each) - len(each.lstrip("\t"))) + each.lstrip("\t") for each in rest]
    elif not any((len(each) - len(each.lstrip(" "))) % 4 for each in rest):
        rest = ["\t" * ((len(each) - len(each.lstrip(" "))) // 4) + each.lstrip(" ") for each in rest]
    return "\n".join([first, *rest])


FAULTS: dict[str, Fault] = {
    "CRLF": lambda hole, line: hole.piece.replace("\n", "\r\n"),
    "a control token, and more": lambda hole, line: hole.piece + "<|endoftext|>junk\nmore",
    "the header of another file": lambda hole, line: hole.piece + "\n+++++ src/other.py\nx = 1\n",
    "a code fence": lambda hole, line: f"```\n{hole.piece}\n```\n",
    "a greeting, a fence, a remark": lambda hole, line: (
        f"Here is the completed code:\n\n```\n{hole.piece}\n```\n\nThis completes it as you have asked."
    ),
    "the line's beginning again": again,
    "the indent again": indent_again,
    "a line break and the indent": lambda hole, line: (
        hole.piece if line.strip() or not line else f"\n{line}{hole.piece}"
    ),
    "a second blank": lambda hole, line: " " + hole.piece if line.endswith(" ") else hole.piece,
    "tabs for spaces, or spaces for tabs": other_marks,
    "the text goes on as the document does": lambda hole, line: hole.piece + hole.after[:400],
}


def result(hole: Hole, language: languages.Language, said: str) -> str:
    """The document with what is shown, or the rule that keeps it back."""
    after = hole.closer + hole.after
    snapshot = Snapshot("file:///x", language.id, 1, hole.before, after, line=hole.before.count("\n"))
    place = trim.Place.of(snapshot, language, shape.decide(snapshot, language, mode="auto", max_lines=0))
    cleaner = trim.Cleaner()
    text = cleaner.feed(said) + cleaner.finish()
    shown = trim.finish(text[: trim.stop(text, place)], place, ended=True)
    return shown.text + after[shown.replaces :] if isinstance(shown, Suggestion) else ""


def main() -> None:
    files = files_by_language(sys.argv[1:])
    same: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for language_id, paths in files.items():
        language = languages.get(language_id)
        for hole in holes(paths, random.Random(12)):
            bare = result(hole, language, hole.piece)
            for name, fault in FAULTS.items() if bare else ():
                said = fault(hole, hole.before[hole.before.rfind("\n") + 1 :])
                if said != hole.piece:
                    places[name] += 1
                    same[name] += result(hole, language, said) == bare
    print(f"{'share of places shown as without it':38} {'places':>6}")
    for name in FAULTS:
        print(f"{name:38} {places[name]:6} {same[name] / max(1, places[name]):7.1%}")


if __name__ == "__main__":
    main()
