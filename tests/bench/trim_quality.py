"""What trimming makes of real code: pieces are cut out of files, and a model says them again, and goes on.

Run with `python tests/bench/trim_quality.py DIRECTORY…` (by default, Python's standard library). At seeded places a
piece is cut out: the rest of a line, some lines, a part of a line, or what follows an opening bracket or quote, whose
closer the editor has put right of the cursor. The model says the piece, and every other time what follows it, too, as
models do. What is shown is then held against what stood there:

    exact   the piece, to the byte but for blanks at line ends
    less    a beginning of it, because its block ended earlier
    more    the piece and something that stands there already, or should not
    other   something else
    none    nothing
"""

from __future__ import annotations

import random
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fim_lsp import languages, shape, trim
from fim_lsp.document import Snapshot, Suggestion

PLACES = 500
RUN_ON = 250
CLOSER_OF = {"(": ")", "[": "]", "{": "}", '"': '"', "'": "'"}
OUTCOMES = ("exact", "less", "more", "other", "none")
ROW = "{:<18} {:>7} " + "{:>7} " * len(OUTCOMES)


@dataclass(frozen=True)
class Hole:
    """A file with a piece cut out, and what the model says there."""

    before: str
    piece: str
    after: str
    said: str
    closer: str = ""
    """What an editor has put right of the cursor."""


def main() -> None:
    files = files_by_language(sys.argv[1:])
    print(ROW.format("share of places", "places", *OUTCOMES))
    for language_id, paths in sorted(files.items(), key=lambda item: -len(item[1])):
        outcomes = Counter(outcome(hole, language_id) for hole in holes(paths, random.Random(11)))
        total = outcomes.total()
        if total >= PLACES // 5:
            shares = (f"{outcomes[name] / total:.1%}" for name in OUTCOMES)
            print(ROW.format(language_id, total, *shares))


def files_by_language(folders: Sequence[str]) -> dict[str, list[Path]]:
    """The files of code in the folders, or in Python's standard library if there are none, by language id."""
    roots = [Path(folder) for folder in folders] or [Path(sysconfig.get_path("stdlib"))]
    files: dict[str, list[Path]] = {}
    for path in sorted(path for root in roots for path in root.rglob("*") if path.is_file()):
        language = languages.from_path(path.name)
        if language is not languages.PLAIN and not language.prose:
            files.setdefault(language.id, []).append(path)
    return files


def holes(paths: list[Path], rng: random.Random) -> Iterator[Hole]:
    """Up to `PLACES` holes, at most four in a file."""
    rng.shuffle(paths)
    found = 0
    for path in paths:
        text = read(path)
        for _ in range(4 if text else 0):
            hole = cut(text, rng)
            if hole is not None:
                found += 1
                yield hole
            if found == PLACES:
                return


def read(path: Path) -> str:
    """A file's text; empty where it is no ordinary file of lines."""
    try:
        text = path.read_text(encoding="utf-8")
    except (UnicodeDecodeError, OSError):
        return ""
    ordinary = 3_000 < len(text) < 150_000 and text.count("\n") > 30 and max(map(len, text.split("\n"))) < 400
    return text if ordinary else ""


def cut(text: str, rng: random.Random) -> Hole | None:
    """A hole at a random place: at an indent's end or anywhere in a line."""
    lines = text.split("\n")
    number = rng.randrange(5, len(lines) - 8)
    line = lines[number]
    start = sum(len(above) + 1 for above in lines[:number])
    indent = len(line) - len(line.lstrip())
    begin = start + rng.choice([indent, rng.randrange(indent, len(line) + 1)])
    end = start + len(line)
    kind = rng.choice(["line", "lines", "part", "closed"])
    if kind == "closed":
        return cut_behind_opener(text, start, line, rng)
    if kind == "lines":
        end += sum(len(below) + 1 for below in lines[number + 1 : number + rng.randrange(2, 7)])
    elif kind == "part" and end - begin > 4:
        stop = rng.randrange(begin + 2, end)
        while stop < end and (text[stop].isalnum() or text[stop] == "_"):
            stop += 1
        end = stop
    piece, after = text[begin:end], text[end:]
    if not piece.strip():
        return None
    return Hole(text[:begin], piece, after, piece + rng.choice(["", after[:RUN_ON]]))


def cut_behind_opener(text: str, start: int, line: str, rng: random.Random) -> Hole | None:
    """A hole from an opening bracket or quote to the end of its line, with the closer that an editor adds."""
    openers = [at for at, char in enumerate(line) if char in CLOSER_OF and CLOSER_OF[char] in line[at + 1 :]]
    if not openers:
        return None
    opener = rng.choice(openers)
    begin, end = start + opener + 1, start + len(line)
    closer, piece = CLOSER_OF[line[opener]], text[begin:end]
    if line[opener] in "\"'" and line[:opener].count(line[opener]) % 2:
        return None  # it is the end of a string
    if piece.strip() == closer:
        return None
    return Hole(text[:begin], piece, text[end:], piece + rng.choice(["", text[end : end + RUN_ON]]), closer)


def outcome(hole: Hole, language_id: str) -> str:
    language = languages.get(language_id)
    snapshot = Snapshot(
        "file:///x", language_id, 1, hole.before, hole.closer + hole.after, line=hole.before.count("\n")
    )
    decided = shape.decide(snapshot, language, mode="auto", max_lines=0)
    place = trim.Place.of(snapshot, language, decided)
    end = trim.stop(hole.said, place)
    shown = trim.finish(hole.said[:end], place, ended=True)
    if not isinstance(shown, Suggestion):
        return "none"
    beyond = max(0, shown.replaces - len(hole.closer))
    text = bare(shown.text + hole.closer[shown.replaces :])
    wanted = bare(hole.piece + hole.after[:beyond])
    if text == wanted:
        return "exact"
    return "less" if wanted.startswith(text) else "more" if text.startswith(wanted) else "other"


def bare(text: str) -> str:
    """The text without blanks at the ends of its lines."""
    return "\n".join(line.rstrip() for line in text.split("\n")).rstrip()


if __name__ == "__main__":
    main()
