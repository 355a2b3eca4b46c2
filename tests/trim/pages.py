"""Reads the pages of `tests/cases`: the specification of what is shown, in the notation of the project.

A case is a heading, a document and what the model says:

    ⟦text⟧       the cursor, and the suggestion shown there
    ⟦⟧           the cursor, and nothing shown
    ⟦text⟧⟨x⟩    the suggestion takes the place of x

The document's fence names the language; words after it are settings (`mode=single`, `max_lines=2`, `invoked`).
The model's fence is `model`; `model cut` was ended by a limit, not by the model; `model escaped` is written with the
escapes of a Python string. Visible marks in both: ␠ a blank, ⇥ a tab, ␤ a line break that does not end the line here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

CASES = Path(__file__).parent.parent / "cases"
_BLOCK = re.compile(
    r"^(?P<fence>`{3,})(?P<info>[^\n`]*)\n(?P<body>.*?)(?:\n)?^(?P=fence)[ \t]*$", re.MULTILINE | re.DOTALL
)
_HEADING = re.compile(r"^##+ +(?P<title>.+)$", re.MULTILINE)
_MARKS = {"␠": " ", "⇥": "\t", "␤": "\n"}


@dataclass(frozen=True)
class Case:
    """One case of a page."""

    page: str
    title: str
    language: str
    settings: dict[str, str]
    before: str
    after: str
    shown: str
    replaced: str
    model: str
    ended: bool = True
    survives: bool = field(default=False)
    """The model's text is shown as it is, byte for byte."""

    @property
    def id(self) -> str:
        return f"{self.page}: {self.title}"

    @property
    def result(self) -> str:
        return self.before + self.shown + self.after[len(self.replaced) :]


def main() -> None:
    """Prints how much the pages say: `python -m tests.trim.pages`."""
    every = cases()
    print(f"cases      {len(every)}")
    print(f"languages  {len({case.language for case in every})}")
    print(f"survive    {sum(case.survives for case in every)}")


def cases() -> list[Case]:
    return [case for path in sorted(CASES.glob("*.md")) for case in read(path)]


def read(path: Path) -> Iterator[Case]:
    """The cases of a page. A document without a model's text, or the other way round, is an error."""
    text = path.read_text(encoding="utf-8")
    document: re.Match[str] | None = None
    for block in _BLOCK.finditer(text):
        info = block["info"].split()
        if info[:1] != ["model"]:
            assert document is None, f"{path.name}: no model text for the document before line {_line(text, block)}"
            document = block
            continue
        assert document is not None, f"{path.name}: no document for the model text in line {_line(text, block)}"
        yield _case(path.stem, _title(text, document), document, block)
        document = None
    assert document is None, f"{path.name}: the last document has no model text"


def _case(page: str, title: str, document: re.Match[str], model: re.Match[str]) -> Case:
    language, *settings = document["info"].split()
    match = re.fullmatch(r"(.*)⟦(.*)⟧(?:⟨(.*?)⟩)?(.*)", _visible(document["body"]), re.DOTALL)
    assert match is not None, f"{page}: {title}: one ⟦⟧ is needed"
    before, shown, replaced, rest = match[1], match[2], match[3] or "", match[4]
    flags = model["info"].split()[1:]
    said = _visible(model["body"])
    if "escaped" in flags:
        said = said.encode("latin-1", "backslashreplace").decode("unicode_escape")
    return Case(
        page=page,
        title=title,
        language=language,
        settings=dict(part.partition("=")[::2] for part in settings),
        before=before,
        after=replaced + rest,
        shown=shown,
        replaced=replaced,
        model=said,
        ended="cut" not in flags,
        survives=bool(shown) and shown == said,
    )


def _title(text: str, block: re.Match[str]) -> str:
    titles = [match["title"] for match in _HEADING.finditer(text, 0, block.start())]
    return titles[-1] if titles else "?"


def _line(text: str, block: re.Match[str]) -> int:
    return text.count("\n", 0, block.start()) + 1


def _visible(text: str) -> str:
    for mark, char in _MARKS.items():
        text = text.replace(mark, char)
    return text


if __name__ == "__main__":
    main()
