"""`fim-lsp replay FILES…`: types files through the real server as a person would, and measures."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tomllib
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fim_lsp.cli.arguments import BadInput, plainly
from fim_lsp.cli.client import ServerError
from fim_lsp.cli.here import check, read, settings_for, warn, workspace_of

if TYPE_CHECKING:
    from fim_lsp.replay.places import Result
    from fim_lsp.replay.record import Record
    from fim_lsp.replay.session import Play, Source
    from fim_lsp.replay.stage import Contender

EPILOG = """\
A person is simulated who takes parts of each file out and types them again, with pauses, slips and acceptances, in an
editor that asks as VS Code or Neovim does. Each file is typed for --seconds, in real time.

--oracle asks a simulated model on this machine that knows the files: nothing leaves it, and the bill is exact.
Without it the provider of your settings is asked, which may cost money; what upstream cost is then not known here.
--compare plays the same keys to another server: "textbook" or "direct" (with --oracle), or this server with the
settings of a TOML file. It may be given several times.

Exit code: 0 measured, 1 the server failed, 2 a file or an option is wrong, or no file is long enough."""

LARGEST = 2_000_000


def add(subparsers: Any) -> None:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "replay",
        help="type files as a person would and measure what was felt and what it cost",
        description="Type files through the real server as a person would; measure what was felt and what it cost.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="what is typed")
    parser.add_argument("--client", choices=("vscode", "neovim"), default="vscode", help="whose requests (vscode)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the person and of the oracle (1)")
    parser.add_argument("--seeds", type=_count, default=1, metavar="N", help="play each file with so many seeds (1)")
    parser.add_argument("--seconds", type=_seconds, default=40.0, metavar="S", help="for each file and seed (40)")
    parser.add_argument("--jobs", type=_count, default=1, metavar="N", help="sessions side by side (1)")
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--oracle", action="store_true", help="ask a simulated model that knows the files")
    source.add_argument("--provider", metavar="NAME", help="ask this provider; several, parted by commas, in order")
    parser.add_argument(
        "--compare", action="append", default=[], metavar="WHAT", help="textbook, direct or a TOML file"
    )
    parser.add_argument("--at", type=_count, metavar="N", help="complete at N places instead of typing")
    parser.add_argument("--html", type=Path, metavar="FILE", help="write a report with plots")
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print the figures as JSON")
    form.add_argument("--markdown", action="store_true", help="print the table as Markdown")


def run(args: argparse.Namespace) -> int:
    sources = [_source(Path(name)) for name in args.files]
    contenders = [_this_server(args, sources), *[_other(what, args) for what in args.compare]]
    _check_names(contenders)
    _check_page(args.html, typing=not args.at)
    try:
        if args.at:
            return _at_places(args, sources, contenders)
        records = asyncio.run(_play_all(args, _sessions(args, sources), contenders))
    except (ServerError, OSError) as error:
        print(f"fim-lsp replay: {plainly(error)}", file=sys.stderr)
        return 1
    _print_figures(args, records)
    return 0


# What is asked for


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number, at least 1, not {text}")
    return int(text)


def _seconds(text: str) -> float:
    with suppress(ValueError):
        if 1 <= (value := float(text)) <= 86_400:
            return value
    raise argparse.ArgumentTypeError(f"must be a number between 1 and 86400, not {text}")


def _source(path: Path) -> Source:
    from fim_lsp.replay.session import Source

    try:
        text = read(path, str(path)).decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError:
        raise BadInput(f"{path} is not UTF-8 text") from None
    if not text.strip():
        raise BadInput(f"{path} is empty: there is nothing to type")
    if len(text) > LARGEST:
        raise BadInput(f"{path} is too large to be typed ({len(text):,} characters; at most {LARGEST:,})")
    return Source(path.resolve(), text)


def _this_server(args: argparse.Namespace, sources: Sequence[Source]) -> Contender:
    from fim_lsp.replay.stage import Contender

    settings = {"provider": args.provider.split(",")} if args.provider else {}
    resolved = [settings_for(source.path, editor=settings) for source in sources]
    check(*resolved)
    warn("replay", *resolved)
    return Contender("fim-lsp", settings=settings)


def _other(what: str, args: argparse.Namespace) -> Contender:
    from fim_lsp.replay.peers import PEERS
    from fim_lsp.replay.stage import Contender

    if what in PEERS:
        if not args.oracle:
            raise BadInput(f"--compare {what} needs --oracle: it knows no other provider")
        if args.at:
            raise BadInput(f"--compare {what} types; it cannot be used with --at")
        return Contender.peer(what)
    path = Path(what)
    if not path.exists():
        raise BadInput(f"--compare {what}: there is no such file; peers are {' and '.join(PEERS)}")
    try:
        settings = tomllib.loads(read(path, f"--compare {what}").decode("utf-8"))
    except UnicodeDecodeError:
        raise BadInput(f"--compare {what} is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"--compare {what} is not TOML: {error}") from None
    check(settings_for(Path.cwd(), editor=settings), named=f"{what}: ")
    return Contender(path.stem, settings=settings)


def _check_names(contenders: Sequence[Contender]) -> None:
    """Figures are kept by name: two of one name would become one."""
    names = [contender.name for contender in contenders]
    for name in names:
        if names.count(name) > 1:
            raise BadInput(f"two servers would be called {name}: give the files of --compare different names")


def _check_page(page: Path | None, *, typing: bool) -> None:
    if page is None:
        return
    if not typing:
        raise BadInput("--html shows what typing felt like; with --at use --json or --markdown")
    if not page.resolve().parent.is_dir():
        raise BadInput(f"--html: there is no folder {page.resolve().parent}")
    if page.is_dir():
        raise BadInput(f"--html: {page} is a folder; name a file in it")


# Typing


def _sessions(args: argparse.Namespace, sources: Sequence[Source]) -> list[Play]:
    """One for each file and seed. Raises BadInput where there is nothing to type in any; else says in which."""
    from fim_lsp.replay.session import Play

    seeds = range(args.seed, args.seed + args.seeds)
    sessions = [Play([source], args.client, seed, args.seconds) for seed in seeds for source in sources]
    sessions = [session for session in sessions if session.holes_in(session.sources[0])]
    typed = {session.sources[0].path for session in sessions}
    idle = ", ".join(str(source.path) for source in sources if source.path not in typed)
    if not sessions:
        raise BadInput(f"{idle}: {TOO_SHORT}")
    if idle:
        print(f"fim-lsp replay: {idle}: {TOO_SHORT}", file=sys.stderr)
    return sessions


TOO_SHORT = "too short for a part to be taken out and typed again; some 30 lines of code will do"


async def _play_all(
    args: argparse.Namespace, sessions: Sequence[Play], contenders: Sequence[Contender]
) -> dict[str, list[Record]]:
    from fim_lsp.replay.stage import perform

    records: dict[str, list[Record]] = {contender.name: [] for contender in contenders}
    free = asyncio.Semaphore(args.jobs)
    progress = _Progress(len(sessions) * len(contenders), args.seconds, args.jobs)

    async def one(contender: Contender, session: Play) -> None:
        async with free:
            folder = workspace_of(session.sources[0].path)
            record = await perform(contender, session, folder, with_oracle=args.oracle)
            records[contender.name].append(record)
            progress.step(f"{contender.name}, {session.sources[0].path.name}, seed {session.seed}")

    await asyncio.gather(*(one(contender, session) for session in sessions for contender in contenders))
    return records


class _Progress:
    """One line a session, on stderr."""

    def __init__(self, steps: int, seconds: float, jobs: int) -> None:
        self._steps = steps
        self._done = 0
        minutes = steps * seconds / jobs / 60
        print(f"sessions: {steps}, {seconds:.0f} s each, about {minutes:.1f} minutes", file=sys.stderr)

    def step(self, what: str) -> None:
        self._done += 1
        print(f"[{self._done}/{self._steps}] {what}", file=sys.stderr)


def _print_figures(args: argparse.Namespace, records: dict[str, list[Record]]) -> None:
    from fim_lsp.replay.figures import flat, summarise
    from fim_lsp.replay.report import markdown, rows, table

    figures = {name: summarise(of) for name, of in records.items()}
    if args.json:
        print(json.dumps({name: flat(of) for name, of in figures.items()}, indent=2))
    else:
        lines = rows(figures, with_oracle=args.oracle)
        print(markdown(lines) if args.markdown else table(lines))
    if args.html:
        from fim_lsp.replay.page import page

        asked = "a simulated model" if args.oracle else "the configured provider"
        note = f"{len(args.files)} files, {args.client}, seed {args.seed}, {args.seconds:.0f} s each, {asked}"
        text = page(records, title="fim-lsp replay", note=note, with_oracle=args.oracle)
        args.html.write_text(text, encoding="utf-8")
        print(f"report: {args.html}", file=sys.stderr)


# Places


def _at_places(args: argparse.Namespace, sources: Sequence[Source], contenders: Sequence[Contender]) -> int:
    from fim_lsp.replay import places

    if not places.choose(sources, args.at, args.seed):
        raise BadInput(f"{', '.join(args.files)}: {TOO_SHORT}")
    results: dict[str, list[Result]] = {}
    for contender in contenders:
        visit = places.visit(contender, sources, args.at, args.seed, with_oracle=args.oracle)
        results[contender.name] = asyncio.run(visit)
    summaries = {name: places.summarise(of) for name, of in results.items()}
    if args.json:
        print(json.dumps(summaries, indent=2))
    else:
        from fim_lsp.replay.report import markdown, table

        lines = places.rows(summaries)
        print(markdown(lines) if args.markdown else table(lines))
    return 0
