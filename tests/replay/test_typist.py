"""One person who types a file, with or without help."""

from __future__ import annotations

from random import Random

import pytest

from fim_lsp.replay import virtual
from fim_lsp.replay.model import Model
from fim_lsp.replay.record import Record
from fim_lsp.replay.session import Play, Source, play
from tests.replay.pages import SOURCES
from tests.replay.servers import Scripted, silent

LONG = 3600.0
BOTH = pytest.mark.parametrize("client", ["vscode", "neovim"])
EACH = pytest.mark.parametrize("source", SOURCES, ids=lambda source: source.path.name)


def typed(source: Source, client: str, server: Scripted, seed: int = 1) -> Record:
    return virtual.run(play(Play([source], client, seed, LONG), server))


@BOTH
@EACH
def test_without_help_every_file_is_typed_as_it_was(source: Source, client: str) -> None:
    record = typed(source, client, silent())
    assert record.differs == []
    assert record.produced > 100
    assert 0.6 * record.produced < record.keys < 1.2 * record.produced
    assert (record.accepted, record.looks) == (0, [])


@BOTH
@EACH
def test_wrong_help_changes_nothing_of_it(source: Source, client: str) -> None:
    """Answers that are right for a while, then wrong, cut anywhere, of any length."""
    model, random = Model([source.text], 5, trap_every=30), Random(5)

    def say(before: str, after: str) -> str:
        said = model.say(before, after)
        return said[: random.randrange(len(said) + 1)] + random.choice(["", "", "\n", "oops", "(", "\n  x = [1"])

    record = typed(source, client, Scripted(say, delay_s=0.05))
    assert record.differs == []
    assert record.accepted > 0


@BOTH
def test_good_help_saves_most_keys(client: str) -> None:
    source = next(source for source in SOURCES if source.path.name == "engine.py")
    model = Model([source.text], 1, trap_every=1e9)
    record = typed(source, client, Scripted(model.say))
    assert record.differs == []
    assert record.keys < 0.25 * record.produced
    assert sum(look.right for look in record.looks) > 0.9 * len(record.looks)


def test_the_person_is_the_same_whatever_the_server_does() -> None:
    """The same pauses in the same places: what differs between two records is the server."""
    one, two = (typed(SOURCES[0], "vscode", silent()) for _ in range(2))
    assert one == two
    assert typed(SOURCES[0], "vscode", silent(), seed=2) != one


def test_time_is_kept() -> None:
    record = virtual.run(play(Play([SOURCES[0]], "vscode", 1, 10.0), silent()))
    assert 10 <= record.seconds < 20
    assert record.differs == []
