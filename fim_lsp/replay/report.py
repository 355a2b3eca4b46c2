"""The figures as a table for people: one row a figure, one column a server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from fim_lsp.replay.figures import Delay, Figures


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: how it is called and written, the number behind it, and whether only an oracle can know it."""

    name: str
    cell: Callable[[Figures], str]
    number: Callable[[Figures], float | None] | None = None
    """What two servers are compared by; None: not by a ratio."""
    needs_oracle: bool = False


NOTHING = "—"
"""A share of nothing, the waits of nobody."""


def percent(share: float) -> str:
    return f"{share:.1%}" if 0 < share < 0.1 else f"{share:.0%}"


def ms(value: float) -> str:
    return "never" if value == inf else f"{value:.0f}"


def delay(value: Delay) -> str:
    return f"{ms(value.p50)} / {ms(value.p90)} / {percent(value.never)}" if value.count else NOTHING


def _share(name: str, of: Callable[[Figures], float | None], *, needs_oracle: bool = False) -> Row:
    return Row(name, lambda figures: or_nothing(of(figures), percent), of, needs_oracle)


def _number(name: str, of: Callable[[Figures], float | None], digits: int = 2, *, needs_oracle: bool = True) -> Row:
    written = f"{{:.{digits}f}}".format
    return Row(name, lambda figures: or_nothing(of(figures), written), of, needs_oracle)


def or_nothing(value: float | None, written: Callable[[float], str]) -> str:
    return NOTHING if value is None else written(value)


ROWS: tuple[Row, ...] = (
    Row("last key → ghost at pauses, ms: p50 / p90 / never", lambda of: delay(of.ghost)),
    Row("last key → right ghost, ms: p50 / p90 / never", lambda of: delay(of.right_ghost)),
    Row("accept → next ghost, ms: p50 / p90 / never", lambda of: delay(of.after_accept)),
    _share("answered with an item within 5 ms", lambda of: of.answered_instantly),
    _share("ghosts that were right", lambda of: of.right),
    _share("keystrokes saved", lambda of: of.keystrokes_saved),
    _number("upstream requests per 100 characters produced", lambda of: of.requests_per_100),
    _number("tokens generated per accepted character", lambda of: of.tokens_per_accepted),
    _number("US cents per 10,000 accepted characters", lambda of: of.cents_per_10k, 1),
    _share("prompt tokens that were read before", lambda of: of.prompt_reuse, needs_oracle=True),
    _number("seconds of upstream wasted per minute", lambda of: of.wasted_s_per_minute),
    _number("flickers per minute", lambda of: of.flickers_per_minute, needs_oracle=False),
    Row("wrong items", lambda of: str(of.wrong_items)),
    Row("answers to another text", lambda of: str(of.foreign_items), needs_oracle=True),
    Row("unanswered requests / errors", lambda of: f"{of.unanswered} / {of.errors}"),
    Row("CPU of the server per key, ms", lambda of: or_nothing(of.cpu_ms_per_key, "{:.2f}".format)),
    Row("requests of the editor / pauses", lambda of: f"{of.asked} / {of.ghost.count}"),
    Row("characters produced / minutes", lambda of: f"{of.produced} / {of.minutes:.1f}"),
)


def rows(figures: Mapping[str, Figures], *, with_oracle: bool) -> list[list[str]]:
    """A head line and a line for each figure; the name, the first server, then each other one and the ratio to it."""
    first, *others = figures
    lines = [["", first, *(cell for other in others for cell in (other, f"÷ {other}"))]]
    for row in ROWS:
        if with_oracle or not row.needs_oracle:
            cells = [(row.cell(figures[other]), _ratio(row, figures[first], figures[other])) for other in others]
            lines.append([row.name, row.cell(figures[first]), *(cell for pair in cells for cell in pair)])
    return lines


def _ratio(row: Row, one: Figures, other: Figures) -> str:
    ours, theirs = (row.number(one), row.number(other)) if row.number is not None else (None, None)
    return f"{ours / theirs:.2f}" if ours is not None and theirs else ""


def table(lines: Sequence[Sequence[str]]) -> str:
    """Columns in line, for a terminal."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    padded = ([cell.rjust(width) for cell, width in zip(line, widths, strict=True)] for line in lines)
    return "\n".join(
        "  ".join([line[0].ljust(widths[0]), *cells[1:]]) for line, cells in zip(lines, padded, strict=True)
    )


def markdown(lines: Sequence[Sequence[str]]) -> str:
    """The same for a page of documentation."""
    head, *body = lines
    parts = [head, ["---", *["---:" for _ in head[1:]]], *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in parts)
