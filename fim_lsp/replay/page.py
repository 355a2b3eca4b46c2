"""The report as one HTML page that needs nothing else: a table, and curves as inline SVG, by day and by night."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from math import inf

from fim_lsp.replay.figures import Figures, summarise
from fim_lsp.replay.record import Record
from fim_lsp.replay.report import rows

WIDTH, HEIGHT, LEFT, BOTTOM = 460, 220, 40, 30
LONGEST_MS = 2000.0
COLOURS = ("var(--one)", "var(--two)", "var(--three)", "var(--four)")

STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --line: #d5dae1; --soft: #5c6672;
  --one: #0b66c3; --two: #c4560a; --three: #2b8a3e; --four: #8e3cb8; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ee; --paper: #15181c; --line: #343b45; --soft: #9aa5b1;
  --one: #5aa9f5; --two: #f29450; --three: #6fcf83; --four: #c68ae6; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 2rem auto;
  max-width: 62rem; padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .6rem; border-bottom: 1px solid var(--line); text-align: right; }
th:first-child, td:first-child { text-align: left; }
.plots { display: flex; flex-wrap: wrap; gap: 1.5rem; margin-top: 1.5rem; }
figure { margin: 0; } figcaption { color: var(--soft); }
svg text { fill: var(--soft); font-size: 11px; } svg .axis { stroke: var(--line); }
svg path { fill: none; stroke-width: 2; } .note { color: var(--soft); }
"""

Waits = Callable[[Record], list[float | None]]


def page(records: Mapping[str, Sequence[Record]], *, title: str, note: str, with_oracle: bool) -> str:
    """`records` by the name of the server; the first is the one in question."""
    figures = {name: summarise(of) for name, of in records.items()}
    plots = [
        _curves("From the last key to a suggestion, at pauses", records, _after("key", "ghost_ms")),
        _curves("From the last key to a right suggestion", records, _after("key", "right_ms")),
        _curves("From an acceptance to the next suggestion", records, _after("accept", "ghost_ms")),
        _bars("Keystrokes saved, %", figures, lambda of: (of.keystrokes_saved or 0.0) * 100),
    ]
    if with_oracle:
        plots += [
            _bars("Upstream requests per 100 characters", figures, lambda of: of.requests_per_100),
            _bars("US cents per 10,000 accepted characters", figures, lambda of: of.cents_per_10k),
        ]
    return "\n".join(
        [
            '<!doctype html><html lang="en"><head><meta charset="utf-8">',
            '<meta name="viewport" content="width=device-width">',
            f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>",
            f"<h1>{escape(title)}</h1><p class=note>{escape(note)}</p>",
            _table(rows(figures, with_oracle=with_oracle)),
            f'<div class="plots">{"".join(plots)}</div></body></html>',
        ]
    )


def _after(kind: str, attribute: str) -> Waits:
    return lambda record: [getattr(rest, attribute) for rest in record.rests if rest.after == kind]


def _table(lines: Sequence[Sequence[str]]) -> str:
    head, *body = lines
    parts = ["<table><thead><tr>", *[f"<th>{escape(cell)}</th>" for cell in head], "</tr></thead><tbody>"]
    for line in body:
        parts += ["<tr>", *[f"<td>{escape(cell)}</td>" for cell in line], "</tr>"]
    return "".join([*parts, "</tbody></table>"])


def _curves(caption: str, records: Mapping[str, Sequence[Record]], waits: Waits) -> str:
    """How large a share has seen one after so many ms."""
    parts = [_axes([(f"{ms:.0f} ms", ms / LONGEST_MS) for ms in (0, 500, 1000, 1500, 2000)], ("0", "50 %", "100 %"))]
    for number, (name, of) in enumerate(records.items()):
        values = sorted(inf if value is None else value for record in of for value in waits(record))
        points = [(0.0, 0.0)] if values else []
        for rank, value in enumerate(values, 1):
            if value <= LONGEST_MS:
                points += [(value / LONGEST_MS, points[-1][1]), (value / LONGEST_MS, rank / len(values))]
        if points:
            points.append((1.0, points[-1][1]))
        path = "M" + " L".join(f"{_x(x):.1f},{_y(y):.1f}" for x, y in points) if points else ""
        parts += [f'<path d="{path}" style="stroke:{_colour(number)}"/>', _legend(number, name)]
    return _figure(caption, "".join(parts))


def _bars(caption: str, figures: Mapping[str, Figures], value: Callable[[Figures], float | None]) -> str:
    values = {name: value(of) or 0.0 for name, of in figures.items()}
    highest = max(values.values(), default=0.0) or 1.0
    parts = [_axes([], ("0", f"{highest / 2:.3g}", f"{highest:.3g}"))]
    room = 1 / max(1, len(values))
    for number, (name, one) in enumerate(values.items()):
        left, top = _x((number + 0.2) * room), _y(max(0.0, one) / highest)
        parts.append(
            f'<rect x="{left:.1f}" y="{top:.1f}" width="{_x(0.6 * room) - LEFT:.1f}" height="{_y(0) - top:.1f}" '
            f'style="fill:{_colour(number)}"/><text x="{left:.1f}" y="{HEIGHT - 10}">{escape(name)}</text>'
        )
    return _figure(caption, "".join(parts))


def _axes(below: Sequence[tuple[str, float]], beside: Sequence[str]) -> str:
    parts = [
        f'<text x="0" y="{_y(at / (len(beside) - 1)) + 4:.0f}">{escape(label)}</text>'
        f'<line class="axis" x1="{LEFT}" x2="{WIDTH}" y1="{_y(at / (len(beside) - 1)):.0f}" '
        f'y2="{_y(at / (len(beside) - 1)):.0f}"/>'
        for at, label in enumerate(beside)
    ]
    parts += [f'<text x="{_x(share) - 14:.0f}" y="{HEIGHT - 10}">{escape(label)}</text>' for label, share in below]
    return "".join(parts)


def _figure(caption: str, content: str) -> str:
    return (
        f'<figure><svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" role="img" '
        f'aria-label="{escape(caption)}">{content}</svg><figcaption>{escape(caption)}</figcaption></figure>'
    )


def _legend(number: int, name: str) -> str:
    y = HEIGHT - BOTTOM - 12 - 16 * number
    return (
        f'<rect x="{WIDTH - 130}" y="{y - 9}" width="10" height="10" style="fill:{_colour(number)}"/>'
        f'<text x="{WIDTH - 115}" y="{y}">{escape(name)}</text>'
    )


def _colour(number: int) -> str:
    return COLOURS[number % len(COLOURS)]


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - 16)


def _y(share: float) -> float:
    return (HEIGHT - BOTTOM) - share * (HEIGHT - BOTTOM - 12)
