"""Why each request of the engine was made in virtual time, and how much of what the model said was of use.

python tests/bench/causes.py --client neovim --seeds 28

A request is held against what the model had said before in the same hole, and against what the person is to write.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from unittest import mock

from fim_lsp.replay import rehearsal
from fim_lsp.replay.editors import EDITORS
from fim_lsp.replay.figures import summarise
from fim_lsp.replay.holes import Hole
from fim_lsp.replay.judge import agreement
from fim_lsp.replay.oracle import Oracle, Speech
from fim_lsp.replay.session import Play, Source
from fim_lsp.replay.typist import Typist
from tests.bench.replay import FILES, line


@dataclass(slots=True)
class Request:
    """One request, and what was written of its hole by then."""

    speech: Speech
    hole: Hole
    written: str
    wanted: str
    asked: str
    """What of the hole stands in the prompt; more than was written where a text is continued ahead."""

    @property
    def on_the_way(self) -> bool:
        return self.wanted.startswith(self.asked)

    @property
    def right(self) -> int:
        """How many characters of the answer are what is to be written."""
        return agreement(self.speech.text, self.wanted[len(self.asked) :]) if self.on_the_way else 0


def cause(request: Request, before: list[Request]) -> str:
    """`before`: the requests in the same hole, oldest first."""
    if len(request.asked) > len(request.written):
        return "ahead of the cursor" if request.on_the_way else "ahead of the cursor, from a wrong text"
    if not request.on_the_way:
        return _of_a_mistake(request)
    if not before:
        return "first in the hole"
    return next(filter(None, (_after(request, said) for said in reversed(before))), "after a mistake")


def _of_a_mistake(request: Request) -> str:
    line = request.written[request.written.rfind("\n") + 1 :]
    return "mistake: an indent" if not line.strip() else "mistake: a slip"


def _after(request: Request, said: Request) -> str | None:
    """How the request follows from what an earlier one had brought; None: it has nothing to do with it."""
    if not said.on_the_way or not request.written.startswith(said.asked):
        return None
    typed, text = request.written[len(said.asked) :], said.speech.text
    if text.startswith(typed) and text[len(typed) :].strip():
        return "the text went on, but not to be seen"
    if typed.startswith(text.rstrip()):
        return "the text had ended" if text else None
    return f"the model erred, key {min(4, len(typed) - agreement(typed, text))}"


@contextmanager
def followed() -> Iterator[list[Request]]:
    """Notes each request of the sessions that are played meanwhile."""
    requests: list[Request] = []
    at_work: list[tuple[Typist, Hole, str]] = []
    fill, begin = Typist.fill, Oracle._begin

    async def filling(typist: Typist, hole: Hole, whole: str) -> None:
        at_work[:] = [(typist, hole, whole)]
        await fill(typist, hole, whole)

    def beginning(oracle: Oracle, prompt: str, suffix: str) -> Speech:
        speech = begin(oracle, prompt, suffix)
        typist, hole, whole = at_work[0]
        above = whole[max(0, hole.start - 60) : hole.start]
        at = prompt.rfind(above)
        asked = prompt[at + len(above) :] if at >= 0 else typist._written
        requests.append(Request(speech, hole, typist._written, typist._wanted, asked))
        return speech

    with mock.patch.object(Typist, "fill", filling), mock.patch.object(Oracle, "_begin", beginning):
        yield requests


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--client", choices=sorted(EDITORS), default="vscode")
    parser.add_argument("--seeds", type=int, default=28)
    arguments = parser.parse_args()
    sources = [Source(path, path.read_text("utf-8")) for path in FILES]
    records, counts, tokens, right = [], Counter[str](), Counter[str](), Counter[str]()
    for seed in range(arguments.seeds):
        with followed() as requests:
            session = Play([sources[seed % len(sources)]], arguments.client, seed, 40.0)
            records.append(rehearsal.Rehearsal().record(session))
        in_hole: dict[Hole, list[Request]] = defaultdict(list)
        for request in requests:
            why = cause(request, in_hole[request.hole])
            in_hole[request.hole].append(request)
            counts[why] += 1
            tokens[why] += request.speech.stream.generated_tokens
            right[why] += request.right
    figures = summarise(records)
    print(arguments.client, line(figures))
    print(f"{'of the requests':>15} {'of the tokens':>15} {'tokens each':>13} {'characters right each':>23}")
    for why, count in counts.most_common():
        share, of_tokens = count / counts.total(), tokens[why] / tokens.total()
        print(f"{share:15.1%} {of_tokens:15.1%} {tokens[why] / count:13.0f} {right[why] / count:23.0f}   {why}")


if __name__ == "__main__":
    main()
