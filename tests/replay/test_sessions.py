"""The figures of docs/performance.md in virtual time, exact to the last digit, held against regressions.

Each row: what is aimed at, and what is held. The aim is the project's; what is held is what has been reached, be it
better or worse, with no room but for rounding, so that a change for the worse is seen at once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import pytest

from fim_lsp.replay.figures import Figures, summarise
from fim_lsp.replay.rehearsal import Rehearsal
from fim_lsp.replay.session import Play
from tests.replay.pages import SOURCES

SECONDS = 40.0
PEOPLE = 4
"""Who type each of the files."""


@cache
def figures(engine: str, client: str) -> Figures:
    """What `python tests/bench/replay.py --seeds 56` prints."""
    plays = [Play([source], client, seed, SECONDS) for seed, source in enumerate(SOURCES * PEOPLE)]
    return summarise([Rehearsal(engine).record(play) for play in plays])


BOTH = pytest.mark.parametrize("client", ["vscode", "neovim"])
Measure = Callable[[Figures], float]

AT_MOST: dict[str, tuple[Measure, dict[str, tuple[float, float]]]] = {
    "last key → ghost, p50": (lambda of: of.ghost.p50, {"vscode": (5, 0), "neovim": (5, 0)}),
    "last key → ghost, p90": (lambda of: of.ghost.p90, {"vscode": (300, 248), "neovim": (210, 201)}),
    "last key → ghost, never": (lambda of: of.ghost.never, {"vscode": (0.01, 0.009), "neovim": (0.02, 0.003)}),
    "accept → next ghost, p90": (lambda of: of.after_accept.p90, {"vscode": (80, 51), "neovim": (210, 201)}),
    "accept → next ghost, never": (lambda of: of.after_accept.never, {"vscode": (0.1, 0.036), "neovim": (0.1, 0.075)}),
    "requests per 100 characters": (lambda of: of.requests_per_100, {"vscode": (1.05, 0.89), "neovim": (1.15, 0.9)}),
    "tokens per accepted": (lambda of: of.tokens_per_accepted, {"vscode": (0.49, 0.52), "neovim": (0.56, 0.58)}),
    "wasted per minute": (lambda of: of.wasted_s_per_minute, {"vscode": (0.15, 0.005), "neovim": (0.3, 0.005)}),
    "flickers per minute": (lambda of: of.flickers_per_minute, {"vscode": (0.2, 0), "neovim": (0.2, 0)}),
}
AT_LEAST: dict[str, tuple[Measure, dict[str, tuple[float, float]]]] = {
    "answered in 5 ms": (lambda of: of.answered_instantly, {"vscode": (0.85, 0.85), "neovim": (0.73, 0.867)}),
    "right": (lambda of: of.right, {"vscode": (0.7, 0.8), "neovim": (0.7, 0.893)}),
    "keystrokes saved": (lambda of: of.keystrokes_saved, {"vscode": (0.77, 0.802), "neovim": (0.75, 0.775)}),
}
COMPARED: dict[str, tuple[str, Measure, dict[str, tuple[float, float]]]] = {
    "saved ÷ textbook": ("textbook", lambda of: of.keystrokes_saved, {"vscode": (1.3, 1.31), "neovim": (1.04, 1.03)}),
    "saved ÷ direct": ("direct", lambda of: of.keystrokes_saved, {"vscode": (1.25, 1.31), "neovim": (1.15, 1.11)}),
    "cost of textbook ÷ ours": (
        "textbook",
        lambda of: 1 / of.cents_per_10k,
        {"vscode": (7.7, 14.1), "neovim": (5, 9.1)},
    ),
}


@BOTH
@pytest.mark.parametrize("name", AT_MOST)
def test_at_most(name: str, client: str) -> None:
    measure, bounds = AT_MOST[name]
    _aim, held = bounds[client]
    assert measure(figures("engine", client)) <= held


@BOTH
@pytest.mark.parametrize("name", AT_LEAST)
def test_at_least(name: str, client: str) -> None:
    measure, bounds = AT_LEAST[name]
    _aim, held = bounds[client]
    assert measure(figures("engine", client)) >= held


@BOTH
@pytest.mark.parametrize("name", COMPARED)
def test_against_a_comparison_server(name: str, client: str) -> None:
    peer, measure, bounds = COMPARED[name]
    _aim, held = bounds[client]
    assert measure(figures("engine", client)) / measure(figures(peer, client)) >= held


@BOTH
@pytest.mark.parametrize("engine", ["engine", "textbook", "direct"])
def test_nothing_wrong_is_ever_sent(engine: str, client: str) -> None:
    of = figures(engine, client)
    assert (of.wrong_items, of.foreign_items, of.unanswered, of.errors, of.differs) == (0, 0, 0, 0, 0)


def test_the_simulation_gives_what_is_known_of_the_comparison_servers() -> None:
    """An independent prototype has measured them; docs/performance.md has its figures."""
    textbook, direct = figures("textbook", "vscode"), figures("direct", "vscode")
    assert 0.5 < textbook.keystrokes_saved < 0.65
    assert 0.5 < direct.keystrokes_saved < 0.65
    assert 30 < direct.requests_per_100 < 40
    assert 8 < textbook.requests_per_100 < 10
    assert 0.35 < textbook.ghost.never < 0.55
    assert direct.ghost.never < 0.05
    textbook, direct = figures("textbook", "neovim"), figures("direct", "neovim")
    assert 5 < textbook.requests_per_100 < 9
    assert 8 < direct.requests_per_100 < 11
    assert textbook.ghost.never < 0.15
    assert direct.ghost.never < 0.05


def test_a_session_is_the_same_each_time() -> None:
    session = Play([SOURCES[0]], "vscode", 7, 20.0)
    assert Rehearsal().record(session) == Rehearsal().record(session)
