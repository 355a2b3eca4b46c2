"""Git's rules, as a table and against git itself."""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

import pytest

from fim_lsp.privacy.ignore import deciding_line, everything, from_globs, parse


def decided(path: str, *ignore_files: str, ignore_case: bool = False) -> str:
    """The deciding line of the ignore files that stand in the top folder, its first subfolder on the path, …"""
    parts = path.split("/")
    levels = [parse(text, f"level {depth}", ignore_case=ignore_case) for depth, text in enumerate(ignore_files)]
    line = deciding_line(parts, levels + [()] * (len(parts) - len(levels)))
    return str(line) if line else ""


def test_the_line_is_named_as_it_stands_in_the_file() -> None:
    assert decided("build/x.py", "# out\n\n  \nbuild/\n") == "level 0 line 4: build/"
    assert decided("a/x.py", "*.pyc\r\n*.py\r\n") == "level 0 line 2: *.py"
    assert decided("a/x.py", "\ufeff*.py") == "level 0 line 1: *.py"


TABLE = [
    # path, ignore files from the top down, ignored
    ("a.log", ["*.log"], True),
    ("deep/er/a.log", ["*.log"], True),
    ("a.log", ["*.log\n!a.log"], False),
    ("a.log", ["!a.log\n*.log"], True),
    ("out/keep.txt", ["out/\n!out/keep.txt"], True),  # what lies under an excluded folder cannot be taken back
    ("out/keep.txt", ["out/*\n!out/keep.txt"], False),
    ("src/a.py", ["*.py\n!src/"], True),  # taking back a folder does not take back what another line excludes
    ("src/a.py", ["*.py", "!a.py"], False),  # the inner file has the last word
    ("src/a.py", ["src/", "!a.py"], True),
    ("build", ["build/"], False),  # a file of that name is not a folder
    ("x/build/a", ["build/"], True),
    ("x/build/a", ["/build/"], False),
    ("x/a.py", ["/*\n!/x"], False),
    ("a b.py", ["a b.py"], True),
    ("#a", ["#a"], False),
    ("#a", ["\\#a"], True),
    ("a/b/c", ["a/**/c"], True),
    ("a/c", ["a/**/c"], True),
    ("a/b", ["a/**"], True),
    ("x\x0cy", ["x\x0cy"], True),  # a form feed is part of a name
    ("a.py", ["[z\n!\n//\n\\"], False),  # what git cannot read covers nothing
    ("A.LOG", ["*.log"], False),
    ("a/b/c", ["a/**/"], True),
    ("a/c", ["a/**/"], False),
]


@pytest.mark.parametrize(("path", "files", "ignored"), TABLE, ids=str)
def test_table(path: str, files: list[str], ignored: bool) -> None:
    assert bool(decided(path, *files)) is ignored


def test_case_is_folded_where_the_file_system_folds_it() -> None:
    assert decided("A.LOG", "*.log", ignore_case=True)


def test_globs_of_the_settings_follow_the_same_rules() -> None:
    rules = from_globs(["*.sql", "!good.sql"], "privacy.ignore")
    assert str(deciding_line(["a", "b.sql"], [rules, ()])) == "privacy.ignore: *.sql"
    assert deciding_line(["good.sql"], [rules]) is None


def test_an_unreadable_ignore_file_covers_everything() -> None:
    rules = everything(".gitignore", "cannot be read: Permission denied")
    assert str(deciding_line(["a", "b.py"], [rules, ()])) == ".gitignore: cannot be read: Permission denied"


# Against git itself

ATOMS = ["a", "b", "ab", "*.py", "*.txt", "build", "src", "*", "**", "a*", "?", "[ab]", "[!a]", "a.py", "[a-c]*"]
FOLDERS = ["a", "b", "build", "src", "ab"]
FILES = ["a.py", "b.txt", "x", "ab.py"]


def some_line(rng: random.Random) -> str:
    text = "/".join(rng.choice(ATOMS) for _ in range(rng.choice([1, 1, 1, 2, 2, 3])))
    lead = rng.choice(["", "", "", "/"])
    return rng.choice(["", "", "!"]) + lead + text + rng.choice(["", "", "/"])


@pytest.mark.parametrize("seed", range(12))
def test_as_git_does(tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    paths = sorted(
        {"/".join([*rng.choices(FOLDERS, k=rng.choice([0, 1, 2, 2, 3])), rng.choice(FILES)]) for _ in range(40)}
    )
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    ignore_files = {}
    for folder in ["", *rng.sample(FOLDERS, 2)]:
        if (tmp_path / folder).is_dir():
            ignore_files[folder] = "\n".join(some_line(rng) for _ in range(rng.randint(1, 5)))
            (tmp_path / folder / ".gitignore").write_text(ignore_files[folder])
    assert [path for path in paths if _ours(path, ignore_files)] == _gits(tmp_path, paths), ignore_files


def _ours(path: str, ignore_files: dict[str, str]) -> bool:
    parts = path.split("/")
    levels = [parse(ignore_files.get("/".join(parts[:depth]), ""), "x") for depth in range(len(parts))]
    return deciding_line(parts, levels) is not None


def _gits(folder: Path, paths: list[str]) -> list[str]:
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    asked = subprocess.run(
        ["git", "-C", str(folder), "check-ignore", "--no-index", "--stdin"],
        input="\n".join(paths),
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.split("\n")[:-1]
