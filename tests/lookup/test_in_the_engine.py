"""The embedded engine as the server asks it: by itself, and while a model is asked."""

from __future__ import annotations

from dataclasses import replace

from fim_lsp.lookup import Lookup
from fim_lsp.lookup.source import LookupSource
from fim_lsp.settings import model as settings
from tests.engine.bench import Bench, Says
from tests.engine.test_engine import sleep_ms, timed, virtual

CONFIG = """\
config.timeout_seconds = 1
config.retries = 2
print(config.timeout_seconds)
print(config.retries)
log(config.timeout_seconds)
"""


def _source(**gates: float) -> LookupSource:
    return LookupSource(Lookup(), lambda: settings.Lookup(**gates))


async def test_asked_by_hand_it_says_more_than_was_shown_unasked() -> None:
    bench = Bench(_source())  # type: ignore[arg-type]
    bench.open(CONFIG + "warn(con│")
    assert await bench.shown() == "fig."
    assert await bench.shown(invoked=True) == "fig.retries"
    assert await bench.shown() == "fig.retries"


async def test_it_does_not_say_the_line_above_again_but_what_is_true_of_many() -> None:
    bench = Bench(_source())  # type: ignore[arg-type]
    bench.open("registry.lookup(name)\nregistry.lookup(other)\nregistry.lookup(third)\nregistry.loo│")
    assert await bench.shown(invoked=True) == "kup("


def _guessing(said: str) -> Bench:
    """A model that takes its time, and a guess until then."""
    bench = Bench(Says(said))
    bench.setup = replace(bench.setup, guess=lambda snapshot: "kup(" if snapshot.before.endswith("loo") else "")
    bench.open("x = registry.loo│\n")
    return bench


@virtual
async def test_while_the_model_is_asked_a_guess_is_shown_at_once_and_the_model_goes_on_from_there() -> None:
    bench = _guessing("kup(name)")
    assert await timed(bench.shown()) == ("kup(", 0)
    await sleep_ms(1000)
    assert await timed(bench.shown()) == ("kup(name)", 0)
    assert len(bench.source.streams) == 1


@virtual
async def test_a_model_that_disagrees_does_not_take_away_what_is_shown() -> None:
    bench = _guessing("ked_up")
    assert await bench.shown() == "kup("
    await sleep_ms(1000)
    assert await bench.shown() == "kup("
    bench.type("ke")
    assert await timed(bench.shown()) == ("d_up", 0)


@virtual
async def test_asked_by_hand_the_model_answers_whatever_was_guessed() -> None:
    bench = _guessing("ked_up")
    assert await bench.shown() == "kup("
    assert await bench.shown(invoked=True) == "ked_up"


@virtual
async def test_without_a_guess_the_model_is_waited_for() -> None:
    bench = _guessing("gether")
    bench.type("k")
    assert await bench.shown() == "gether"
