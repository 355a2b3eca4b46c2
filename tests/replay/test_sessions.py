"""The engine's figures in virtual time: two dozen sessions, exact to the last digit, held against regressions.

Each row: what is aimed at, and what is held. The aim is the project's; what is held is what has been reached, be it
better or worse, with a little room, so that a change for the worse is seen at once.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from math import inf

import pytest

from fim_lsp.replay.figures import Figures, summarise
from fim_lsp.replay.rehearsal import Rehearsal
from fim_lsp.replay.session import Play
from tests.replay.pages import SOURCES

SECONDS = 40.0


@cache
def figures(engine: str, client: str) -> Figures:
    """Each file typed once, each by a person of its own."""
    plays = [Play([source], client, seed, SECONDS) for seed, source in enumerate(SOURCES)]
    return summarise([Rehearsal(engine).record(play) for play in plays])


BOTH = pytest.mark.parametrize("client", ["vscode", "neovim"])
Measure = Callable[[Figures], float]

AT_MOST: dict[str, tuple[Measure, dict[str, tuple[float, float]]]] = {
    "last key → ghost, p50": (lambda of: of.ghost.p50, {"vscode": (5, 5), "neovim": (5, 5)}),
    "last key → ghost, p90": (lambda of: of.ghost.p90, {"vscode": (300, 300), "neovim": (210, 210)}),
    "last key → ghost, never": (lambda of: of.ghost.never, {"vscode": (0.01, 0.012), "neovim": (0.02, 0.01)}),
    "accept → next ghost, p90": (lambda of: of.after_accept.p90, {"vscode": (80, 80), "neovim": (210, inf)}),
    "accept → next ghost, never": (lambda of: of.after_accept.never, {"vscode": (0.1, 0.04), "neovim": (0.1, 0.15)}),
    "requests per 100 characters": (lambda of: of.requests_per_100, {"vscode": (1.05, 0.85), "neovim": (1.15, 0.85)}),
    "tokens per accepted": (lambda of: of.tokens_per_accepted, {"vscode": (0.49, 0.55), "neovim": (0.56, 0.62)}),
    "wasted per minute": (lambda of: of.wasted_s_per_minute, {"vscode": (0.15, 0.1), "neovim": (0.3, 0.1)}),
    "flickers per minute": (lambda of: of.flickers_per_minute, {"vscode": (0.2, 0.1), "neovim": (0.2, 0.2)}),
}
AT_LEAST: dict[str, tuple[Measure, dict[str, tuple[float, float]]]] = {
    "answered in 5 ms": (lambda of: of.answered_instantly, {"vscode": (0.85, 0.83), "neovim": (0.73, 0.85)}),
    "right": (lambda of: of.right, {"vscode": (0.7, 0.8), "neovim": (0.7, 0.92)}),
    "keystrokes saved": (lambda of: of.keystrokes_saved, {"vscode": (0.77, 0.81), "neovim": (0.75, 0.78)}),
}
COMPARED: dict[str, tuple[str, Measure, dict[str, tuple[float, float]]]] = {
    "saved ÷ textbook": ("textbook", lambda of: of.keystrokes_saved, {"vscode": (1.3, 1.26), "neovim": (1.04, 0.99)}),
    "saved ÷ direct": ("direct", lambda of: of.keystrokes_saved, {"vscode": (1.25, 1.28), "neovim": (1.15, 1.16)}),
    "cost of textbook ÷ ours": ("textbook", lambda of: 1 / of.cents_per_10k, {"vscode": (7.7, 12), "neovim": (5, 7)}),
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
