"""`fim-lsp doctor`: examines settings, keys, network and model, and says for each fault what to do about it."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from fim_lsp.checkup import examine
from fim_lsp.cli.here import check, settings_for
from fim_lsp.discovery import by_key, by_search, tried
from fim_lsp.finding import Finding
from fim_lsp.keys import Keys, from_keyring
from fim_lsp.settings.layers import Problem
from fim_lsp.settings.model import Settings
from fim_lsp.settings.resolve import Resolved
from fim_lsp.settings.sources import user_file
from fim_lsp.settings.tree import flat, masked
from fim_lsp.transport import Transport

EPILOG = """\
A completion of one fixed line of code is asked for; none of your code is sent.
An editor that was started from the desktop does not see what the shell's profile sets.
Exit code: 0 no fault, 1 a fault, 2 bad input."""
MARKS = {"ok": ("✓", "green"), "warning": ("!", "yellow"), "fault": ("✗", "red")}


def add(subparsers: Any) -> None:
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "doctor",
        help="check settings, key, network and model",
        description="Check settings, key, network and model, step by step, down to one real completion.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--provider", metavar="NAME", help="examine this one; several, parted by commas")
    parser.add_argument(
        "--sent",
        metavar="FILE:LINE:COL",
        help="show what a completion there would send with only this file open, but for keys, and send nothing; "
        "FILE may be - for stdin",
    )
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")


def run(args: argparse.Namespace) -> int:
    resolved = settings_for(Path.cwd(), editor={"provider": args.provider})
    check(resolved)
    if args.sent:
        return asyncio.run(_show_sent(args, resolved))
    show = _Collector() if args.json else _Printer()
    asyncio.run(_examine_all(resolved, show))
    show.end()
    return 1 if show.faults else 0


async def _show_sent(args: argparse.Namespace, resolved: Resolved) -> int:
    from fim_lsp.cli import sent

    transport = Transport(resolved.settings.network)
    try:
        settings, names = await _providers(resolved.settings, transport, _Collector())
    finally:
        await transport.aclose()
    return await sent.show(args.sent, names[0], settings, as_json=args.json)


async def _examine_all(resolved: Resolved, show: _Printer | _Collector) -> None:
    show.section("settings")
    for finding in settings_findings(resolved):
        show.finding(finding)
    transport = Transport(resolved.settings.network)
    keys = Keys(os.environ, set_in=resolved.source_of)
    try:
        settings, names = await _providers(resolved.settings, transport, show)
        for name in names:
            show.section(name)
            async for finding in examine(name, settings, transport, keys):
                show.finding(finding)
    finally:
        await transport.aclose()


def settings_findings(resolved: Resolved) -> list[Finding]:
    """What is set where, and what is wrong with it. Keys are masked."""
    path = user_file()
    file = str(path) if path.is_file() else f"{path} (none: the defaults hold)"
    own = [
        Finding("ok", _shown(resolved.source_of(key)), f"{key} = {json.dumps(value, ensure_ascii=False)}")
        for key, value in flat(masked(resolved.settings))
        if resolved.source_of(key) != "default"
    ]
    return [Finding("ok", "file", file), *own, *map(_mended, resolved.problems), *_switched_off(resolved)]


def _shown(source: str) -> str:
    """The command line stands where an editor's settings would."""
    return "command line" if source == "editor" else source


def _mended(problem: Problem) -> Finding:
    if problem.is_warning:
        return Finding("warning", "settings", str(problem))
    if not problem.key:
        return Finding("fault", "settings", str(problem), "Correct it; until then nothing in that file holds.")
    return Finding("warning", "settings", str(problem), "Correct it there; all the rest holds.")


def _switched_off(resolved: Resolved) -> list[Finding]:
    if resolved.settings.enabled:
        return []
    where = resolved.source_of("enabled")
    return [Finding("warning", "settings", "fim-lsp is switched off here", f"Take `enabled` out of the {where}.")]


async def _providers(
    settings: Settings, transport: Transport, show: _Printer | _Collector
) -> tuple[Settings, tuple[str, ...]]:
    """The providers that are tried, in order; those that `auto` finds are shown with what it found."""
    if settings.provider != "auto":
        return tried(settings, None)
    found = by_key(settings, os.environ) or await by_search(settings, transport, from_keyring)
    if found is None:
        advice = "Set MISTRAL_API_KEY, or start llama-server or Ollama, to complete with a model."
        show.finding(Finding("warning", "auto", "no key and no local model was found; lookup answers", advice))
    else:
        show.finding(Finding("ok", "auto", f"chose {found.name}"))
    return tried(settings, found)


class _Collector:
    """Everything at the end, as JSON."""

    def __init__(self) -> None:
        self.faults = 0
        self._sections: dict[str, list[dict[str, Any]]] = {}
        self._current: list[dict[str, Any]] = []

    def section(self, name: str) -> None:
        self._current = self._sections.setdefault(name, [])

    def finding(self, finding: Finding) -> None:
        self.faults += finding.verdict == "fault"
        self._current.append(asdict(finding))

    def end(self) -> None:
        print(json.dumps({"faults": self.faults, "findings": self._sections}, indent=2, ensure_ascii=False))


class _Printer:
    """Line by line, as the findings come."""

    def __init__(self) -> None:
        from rich.console import Console

        self.faults = 0
        self._console = Console(file=sys.stdout, highlight=False, soft_wrap=True)

    def section(self, name: str) -> None:
        self._console.print(f"\n{name}", style="bold", markup=False)

    def finding(self, finding: Finding) -> None:
        self.faults += finding.verdict == "fault"
        mark, style = MARKS[finding.verdict]
        self._console.print(f"  {mark} ", style=style, end="", markup=False)
        self._console.print(f"{finding.step:13}{finding.detail}", markup=False)
        if finding.next_step:
            self._console.print(f"{'':17}→ {finding.next_step}", style="dim", markup=False)

    def end(self) -> None:
        self._console.print(f"\n{'No fault found.' if not self.faults else f'{self.faults} to mend.'}", markup=False)
