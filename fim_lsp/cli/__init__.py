"""The command line: one file a command; the only place that wires everything."""

from __future__ import annotations


def main() -> int:
    raise SystemExit("not yet")
