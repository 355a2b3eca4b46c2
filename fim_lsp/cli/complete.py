"""`fim-lsp complete FILE:LINE:COL`: what an editor would show there, in the terminal.

It goes the whole way: the real server in a process of its own, asked as an editor asks it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fim_lsp import languages
from fim_lsp.cli.arguments import BadInput, plainly
from fim_lsp.cli.client import Client, ServerError
from fim_lsp.cli.here import check, read, settings_for, stdin, warn, workspace_of
from fim_lsp.reasons import Reason

EPILOG = """\
LINE and COL count from 1, COL in characters: COL 1 is before the first character.
FILE "-" reads the text from stdin; --as says which file it stands for.
Exit code: 0 a suggestion is shown, 1 there is none (the reason is printed), 2 the file, the position
or an option is wrong. What is wrong in your settings is warned of, and the rest holds."""

_INVOKED = 1
_LINE_END = re.compile(r"\r\n|\n|\r")


def add(subparsers: Any) -> None:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "complete",
        help="show the suggestion at a place of a file",
        description="Show in the terminal what an editor would show at a place of a file.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("place", metavar="FILE:LINE:COL", help="where; FILE may be - for stdin")
    parser.add_argument("--provider", metavar="NAME", help="ask this provider; several, parted by commas, in order")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--single", dest="mode", action="store_const", const="single", help="one line at most")
    mode.add_argument("--multi", dest="mode", action="store_const", const="multi", help="a block if there is one")
    parser.add_argument("--as", dest="name", metavar="FILE", help="the file that stdin stands for")
    parser.add_argument("--json", action="store_true", help="print suggestion, range, provider, reason and timings")


def run(args: argparse.Namespace) -> int:
    place = parse_place(args.place, stands_for=args.name)
    editor = {"provider": args.provider, "completion": {"mode": args.mode}}
    resolved = settings_for(place.path, editor=editor)
    check(resolved)
    warn("complete", resolved)
    try:
        found = asyncio.run(_ask(place, editor))
    except (ServerError, OSError) as error:
        print(f"fim-lsp complete: {plainly(error)}", file=sys.stderr)
        return 1
    silence = "" if found.text else _silence(found.decision, args.provider)
    _print_json(found, place, silence) if args.json else _print(found, place, silence)
    return 0 if found.text else 1


# Where


@dataclass(frozen=True, slots=True)
class Place:
    """A cursor in a text."""

    path: Path
    text: str
    line: int
    """From 0, as is `column`, which counts characters."""
    column: int

    @property
    def lines(self) -> list[str]:
        return _LINE_END.split(self.text)


def parse_place(text: str, *, stands_for: str | None = None) -> Place:
    """`FILE:LINE:COL`, where FILE may hold colons of its own (`C:\\x.py:3:4`). Raises BadInput."""
    found = re.fullmatch(r"(.+):(\d{1,9}):(\d{1,9})", text, re.DOTALL)
    if found is None:
        raise BadInput(f'expected FILE:LINE:COL, such as src/main.py:12:5, not "{text}"')
    name, line, column = found[1], int(found[2]), int(found[3])
    if stands_for and name != "-":
        raise BadInput(f"--as says which file stdin stands for: write -:{line}:{column}, not {text}")
    path = Path(os.path.abspath(stands_for or ("stdin.txt" if name == "-" else name)))
    content = stdin().buffer.read() if name == "-" else read(path, str(path))
    called = "stdin" if name == "-" else name
    place = Place(path, _decoded(content, called), line - 1, column - 1)
    _check_position(place, called)
    return place


def _decoded(content: bytes, name: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise BadInput(f"{name} is not UTF-8 text (line {line})") from None


def _check_position(place: Place, name: str) -> None:
    lines = place.lines
    if not 0 <= place.line < len(lines):
        count = "1 line" if len(lines) == 1 else f"{len(lines)} lines"
        raise BadInput(f"{name} has {count}, so there is no line {place.line + 1}")
    longest = len(lines[place.line])
    if not 0 <= place.column <= longest:
        raise BadInput(f"line {place.line + 1} of {name} has columns 1 to {longest + 1}, not {place.column + 1}")


# What the server says


@dataclass(frozen=True, slots=True)
class Found:
    """One answer."""

    text: str
    """What goes in at the cursor; empty: nothing."""
    replaces: int
    """How many characters right of the cursor it takes the place of."""
    others: tuple[str, ...]
    decision: dict[str, Any]
    """The server's own account of it: reason, explanation, provider, timings."""


async def _ask(place: Place, editor: dict[str, Any]) -> Found:
    uri = place.path.as_uri()
    async with Client(workspace_of(place.path), settings=editor) as client:
        language = languages.from_path(str(place.path)).id
        document = {"uri": uri, "languageId": language, "version": 1, "text": place.text}
        client.notify("textDocument/didOpen", {"textDocument": document})
        position = {"line": place.line, "character": place.column}
        context = {"triggerKind": _INVOKED}
        asked = {"textDocument": {"uri": uri}, "position": position, "context": context}
        answer = await client.request("textDocument/inlineCompletion", asked)
        decisions = await client.request("workspace/executeCommand", {"command": "fim-lsp.why"})
    items = answer["items"] if isinstance(answer, dict) else answer or []
    texts = [clean(_inserted(item, place)) for item in items]
    replaces = items[0]["range"]["end"]["character"] - place.column if items else 0
    return Found(texts[0] if texts else "", replaces, tuple(texts[1:]), decisions[0] if decisions else {})


def _inserted(item: dict[str, Any], place: Place) -> str:
    """The item's text from the cursor on; what stands before it is repeated in the item."""
    text: str = item["insertText"]
    return text[place.column - item["range"]["start"]["character"] :]


_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[PX^_][^\x1b]*(?:\x1b\\)?|\x1b.?"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f]|[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def clean(text: str) -> str:
    """A model's words without what would move the cursor, colour the terminal or turn the reading direction."""
    return _ESCAPES.sub("", text)


# Showing it


CONTEXT_LINES = 8


def _print_json(found: Found, place: Place, silence: str) -> None:
    why = found.decision
    cursor = {"line": place.line + 1, "column": place.column + 1}
    end = {"line": place.line + 1, "column": place.column + 1 + found.replaces}
    shown = {
        "suggestion": found.text or None,
        "range": {"start": cursor, "end": end} if found.text else None,
        "others": list(found.others),
        "provider": why.get("provider") or None,
        "reason": None if found.text else why.get("reason"),
        "explanation": silence or None,
        "timings_ms": why.get("timings_ms") or {},
    }
    print(json.dumps(shown, indent=2, ensure_ascii=False))


def _silence(why: dict[str, Any], provider: str | None) -> str:
    """Why nothing is shown, and what to do. A provider's error says it by itself; a rule is merely named."""
    reason, detail = why.get("reason"), why.get("detail") or ""
    said: str = why.get("explanation") or "The server gave no reason."
    if detail and reason != detail:
        said = detail if reason in _SAID_BY_PROVIDERS else f"{said} ({detail})"
    if reason in _THE_DOCTOR_KNOWS:
        which = f" --provider {shlex.quote(provider)}" if provider else ""
        said += f" `fim-lsp doctor{which}` says more."
    return clean(said)


_THE_DOCTOR_KNOWS = frozenset(
    {Reason.KEY_MISSING, Reason.AUTH, Reason.CONFIGURATION, Reason.UNREACHABLE, Reason.PROVIDER_ERROR}
)
_SAID_BY_PROVIDERS = _THE_DOCTOR_KNOWS | {Reason.RATE_LIMITED, Reason.BUDGET, Reason.BACKING_OFF, Reason.DEADLINE}


def _print(found: Found, place: Place, silence: str) -> None:
    if silence:
        print(f"No suggestion: {silence}", file=sys.stderr)
        return
    before, after = _around(place, found.replaces)
    from rich.console import Console
    from rich.text import Text

    console = Console(soft_wrap=True, highlight=False, markup=False, emoji=False)
    is_dimmed = console.color_system is not None
    ghost = (found.text, "dim") if is_dimmed else f"⟦{found.text}⟧"
    console.print(Text.assemble(before, ghost, after))
    print(f"— {found.decision.get('provider') or 'fim-lsp'}", file=sys.stderr)


def _around(place: Place, replaces: int) -> tuple[str, str]:
    """The lines around the cursor, before and after it."""
    lines = place.lines
    first, last = max(0, place.line - CONTEXT_LINES), place.line + CONTEXT_LINES // 2
    before = [*lines[first : place.line], lines[place.line][: place.column]]
    after = [lines[place.line][place.column + replaces :], *lines[place.line + 1 : last + 1]]
    return clean("\n".join(before)), clean("\n".join(after))
