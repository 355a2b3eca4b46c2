"""The embedded engine as the server asks it: by itself, and while a model is asked."""

from __future__ import annotations

from fim_lsp.lookup import Lookup
from fim_lsp.lookup.source import LookupSource
from fim_lsp.settings import model as settings
from tests.engine.bench import Bench

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
