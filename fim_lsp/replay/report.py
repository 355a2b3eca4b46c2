"""The figures as a table for people: one row a figure, one column a server."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf

from fim_lsp.replay.figures import Delay, Figures

Cell = Callable[[Figures], str]


@dataclass(frozen=True, slots=True)
class Row:
    """One figure: how it is called, how it is written, and whether only an oracle can know it."""

    name: str
    cell: Cell
    needs_oracle: bool = False


def percent(share: float) -> str:
    return f"{share:.1%}" if 0 < share < 0.1 else f"{share:.0%}"


def ms(value: float) -> str:
    return "never" if value == inf else f"{value:.0f}"


def delay(value: Delay) -> str:
    return f"{ms(value.p50)} / {ms(value.p90)} / {percent(value.never)}" if value.count else "—"


ROWS: tuple[Row, ...] = (
    Row("last key → ghost at pauses, ms: p50 / p90 / never", lambda of: delay(of.ghost)),
    Row("last key → right ghost, ms: p50 / p90 / never", lambda of: delay(of.right_ghost)),
    Row("accept → next ghost, ms: p50 / p90 / never", lambda of: delay(of.after_accept)),
    Row("answered with an item within 5 ms", lambda of: percent(of.answered_instantly)),
    Row("ghosts that were right", lambda of: percent(of.right)),
    Row("keystrokes saved", lambda of: percent(of.keystrokes_saved)),
    Row("upstream requests per 100 characters produced", lambda of: f"{of.requests_per_100:.2f}", True),
    Row("tokens generated per accepted character", lambda of: f"{of.tokens_per_accepted:.2f}", True),
    Row("US cents per 10,000 accepted characters", lambda of: f"{of.cents_per_10k:.1f}", True),
    Row("prompt tokens that were read before", lambda of: percent(of.prompt_reuse), True),
    Row("seconds of upstream wasted per minute", lambda of: f"{of.wasted_s_per_minute:.2f}", True),
    Row("flickers per minute", lambda of: f"{of.flickers_per_minute:.2f}"),
    Row("wrong items", lambda of: str(of.wrong_items)),
    Row("answers to another text", lambda of: str(of.foreign_items), True),
    Row("unanswered requests / errors", lambda of: f"{of.unanswered} / {of.errors}"),
    Row("CPU of the server per key, ms", lambda of: "—" if of.cpu_ms_per_key is None else f"{of.cpu_ms_per_key:.2f}"),
    Row("requests of the editor / pauses", lambda of: f"{of.asked} / {of.ghost.count}"),
    Row("characters produced / minutes", lambda of: f"{of.produced} / {of.minutes:.1f}"),
)


def rows(figures: Mapping[str, Figures], *, with_oracle: bool) -> list[list[str]]:
    """A head line and a line for each figure; first column names, then one column a server."""
    lines = [["", *figures]]
    for row in ROWS:
        if with_oracle or not row.needs_oracle:
            lines.append([row.name, *map(row.cell, figures.values())])
    return lines


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
