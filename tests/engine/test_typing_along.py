"""While what is typed agrees with what is shown, the suggestion goes on, and nobody is asked.

Random places of real code on virtual time, typed along with an editor's habits of closing brackets and quotes. At each
key, what is shown must be the rest of what was shown first, and accepting it must give the same document.
"""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from fim_lsp.answer import Answer
from fim_lsp.replay.virtual import run
from fim_lsp.trim.rest_of_line import is_subsequence
from tests.engine.bench import Bench, Says
from tests.engine.hands import HABITS, Habits, Hands, hole

FOLDER = Path(__file__).parent.parent / "replay" / "files"
LANGUAGES = {".py": "python", ".ts": "typescript", ".lua": "lua", ".el": "emacs-lisp"}
CODE = [(LANGUAGES[path.suffix], path.read_text("utf-8")) for path in sorted(FOLDER.iterdir()) if path.suffix != ".md"]
SNIPPETS = [
    (
        "python",
        '''def report(x, names):
    """Calls main(x) and doesn't care [much]: see f("a")."""
    print(f"total {x} of {names['all']}")
    names = ['alpha', "be'ta", 'gamma[1]']
    # it doesn't call foo(bar), nor "this one
    pattern = re.compile(r"(\\[[^]]*\\])'?\\"")
    return {"a": [1, 2, (3, 4)], "b": {"c": "d"}, f'{x}': "it's (not)"}
''',
    ),
    (
        "javascript",
        """import { open, close } from "./doors.js";

// don't forget the [brackets] and (parentheses
export const items = (rows) => {
  console.log(`total ${rows.length} of ${rows.map((row) => `<${row.name}>`).join(", ")}`);
  return rows.map((row) => {
    return { name: row.name, price: row["price"], tags: ["a", 'b', `c`] };
  });
};

call({
  a: [1, 2, 3],
  b: "it's {fine}",
  c: /[(]"/.test(x),
}, () => done(`it's ${done}`));
""",
    ),
    (
        "ruby",
        """class Door
  def open(name, how: 'wide')
    # it's the user's (own) door
    puts "opens #{name} #{how.map { |each| "#{each}!" }.join(', ')}"
    names = %w[a b].each { |name| @all[name] << "it's" }
    raise ArgumentError, "can't open '#{name}' (#{how})" unless known?(name)
  end
end
""",
    ),
    (
        "html",
        """<ul class="items" id='all'>
  <!-- don't (ever) say "this -->
  <li><a href="/a?b=[1]" onclick="go('a', {b: 1})">It's (one)</a></li>
  <li><a href="/b">Two</a> and <em>more</em></li>
</ul>
""",
    ),
]
PAIRS = ("()", "[]", "{}")
MAPPED = 'items.map((item) => {\n    return { name: item.name, price: item["price"] };\n  });\n'
RADD = (
    'class C:\n    def __add__(self, other):\n        """self + other"""\n        raise NotImplementedError\n\n'
    "    def __radd__(self, other):\n    "
)
NEG = '\n\n    def __neg__(self):\n        """-self"""\n        raise NotImplementedError\n'


class Session:
    """One text, typed along."""

    def __init__(self, chance: random.Random, bench: Bench, habits: Habits) -> None:
        self.chance = chance
        self.bench = bench
        self.hands = Hands(bench, habits)
        self.goal = ""
        """All that has been shown, with what was typed of it."""
        self.end = 0
        """How far it was shown last."""
        self.keys = 0

    @classmethod
    def somewhere(cls, seed: int, habits: Habits, language: str, code: str) -> Session:
        """At a random place of the code, where the model says what stands there."""
        chance = random.Random(seed)
        start, end = hole(code, chance, lines=chance.choice((1, 1, 2, 6)))
        said = code[start : chance.choice((end, code.index("\n", end)))]  # some repeat what stands behind the cursor
        says = Says(said + "\n", first_ms=20, each_ms=chance.choice((0, 0, 15)))
        return cls(chance, opened(language, code[:start], code[end:], says), habits)

    async def play(self) -> None:
        answer = await self.bench.get()
        if not answer.suggestions:
            return
        self.goal = answer.suggestions[0].text
        self.end = len(self.goal)
        self.hands.pending = self.bench.after[: answer.suggestions[0].replaces]
        asked = len(self.bench.source.streams)
        while self.rest.strip():
            self.key()
            await asyncio.sleep(self.chance.choice((0.001, 0.02, 0.06)))
            if self.rest.strip():
                self.check(await self.bench.get())
                assert len(self.bench.source.streams) == asked, self

    @property
    def rest(self) -> str:
        """What is still to be typed."""
        return self.goal[len(self.hands.typed) :]

    def key(self) -> None:
        self.keys += 1
        if self.hands.typed[-1:].strip() and self.chance.random() < 0.04:
            self.hands.back()
        else:
            self.hands.key(self.rest)

    def check(self, answer: Answer) -> None:
        """What is shown goes on, maybe beyond, and takes the place of what the editor has closed, as far as it can."""
        typed, pending = self.hands.typed, self.hands.pending
        closers, _, below = pending.partition("\n")
        if below and self.has_changed_lines:
            self.end = len(typed)  # it goes on up to the closers that stand below
        if not answer.suggestions:
            stands_below = bool(below) and self.rest.lstrip().startswith(below.lstrip()[0])
            assert pending.startswith(self.rest) or stands_below, (self, answer)
            return
        shown = answer.suggestions[0]
        whole = typed + shown.text
        assert len(whole) >= self.end, (self, shown)
        assert whole.startswith(self.goal) or (below and self.goal.startswith(whole)), (self, shown)
        self.goal, self.end = max(whole, self.goal, key=len), len(whole)
        assert shown.replaces >= len(closers) or not is_subsequence(closers, shown.text), (self, shown)
        if is_subsequence(pending, self.rest) and all(
            self.goal.count(pair[0]) == self.goal.count(pair[1]) for pair in PAIRS
        ):
            assert is_subsequence(whole + pending[shown.replaces :], self.goal), (self, shown)

    @property
    def has_changed_lines(self) -> bool:
        """The last key was Enter, or led over a closer on a line of its own."""
        return self.hands.typed.rpartition("\n")[2].strip() in ("", ")", "]", "}")

    def __repr__(self) -> str:
        bench = self.bench
        return f"{bench.text[max(0, bench.cursor - 60) : bench.cursor]!r} {self.hands.pending!r} wants {self.rest!r}"


def opened(language: str, before: str, after: str, says: Says) -> Bench:
    bench = Bench(says)
    bench.language = language
    bench.open(f"{before}│{after}")
    return bench


@pytest.mark.parametrize("habits", HABITS, ids=lambda habits: habits.name)
@pytest.mark.parametrize("seed", range(4))
def test_what_is_typed_along_goes_on(seed: int, habits: Habits) -> None:
    async def play(number: int, language: str, code: str) -> int:
        session = Session.somewhere(seed * 1000 + number, habits, language, code)
        await session.play()
        return session.keys

    assert sum(run(play(number, *code)) for number, code in enumerate(CODE + SNIPPETS * 6)) > 1000


AT_PLACES = [
    # what                            language, before the cursor, the model's words, after the cursor
    ("a field in a string", "python", "x = 1\n", 'print(f"total {x} of {y}")', "\ny = 2\n"),
    ("a block in brackets", "javascript", "x = ", "call({\n    a: 1,\n    b: 2,\n});", "\nfoo();\n"),
    ("a block in a block", "javascript", "x = ", "{\n  a: {\n    b: [\n      1,\n    ],\n  },\n  c: 1,\n};", "\ny;\n"),
    ("a call over lines", "python", "def f():\n    return ", "g(\n        a,\n        b,\n    )", "\n\nx = 1\n"),
    ("over what stood there before", "python", "names = ['al", "pha', 'beta', 'gamma']", "']\nx = 1\n"),
    ("a field in a template", "javascript", "let x = 1;\n", "console.log(`total ${x} of ${y}`);", "\nlet y;\n"),
    ("a call in a docstring", "python", "def f(x):\n    ", '"""Calls main() and doesn\'t care."""', "\n    return x\n"),
    ("an apostrophe in a comment", "python", "# it", " doesn't call foo(bar)", "\nx = 1\n"),
    ("from inside a string", "python", "names = ['al", "pha', 'beta', 'gamma']", "\nx = 1\n"),
    ("from inside a string to a call", "python", "print('a", "b', len(x))", "\nx = 1\n"),
    ("from inside a string in a call", "javascript", 'const names = ["al', 'pha", "beta"];', "\nlet x = 1;\n"),
]
GROWING = [
    ("a bracket closed further below", "javascript", "function f(items) {\n  return ", MAPPED, "\n}\n"),
    ("the last quote of three", "python", RADD, '    """other + self"""\n        raise NotImplementedError\n', NEG),
]


@pytest.mark.parametrize("habits", HABITS, ids=lambda habits: habits.name)
@pytest.mark.parametrize(("what", "language", "before", "said", "after"), AT_PLACES, ids=[row[0] for row in AT_PLACES])
def test_closers_go_on(what: str, language: str, before: str, said: str, after: str, habits: Habits) -> None:
    async def play() -> None:
        await Session(random.Random(1), opened(language, before, after, Says(said, each_ms=0)), habits).play()

    run(play())


@pytest.mark.parametrize("habits", HABITS, ids=lambda habits: habits.name)
@pytest.mark.parametrize(("what", "language", "before", "said", "after"), GROWING, ids=[row[0] for row in GROWING])
def test_what_grows_goes_on(what: str, language: str, before: str, said: str, after: str, habits: Habits) -> None:
    async def play(seed: int) -> None:
        await Session(random.Random(seed), opened(language, before, after, Says(said, each_ms=20)), habits).play()

    for seed in range(5):
        run(play(seed))


def test_what_was_asked_for_by_hand_goes_on_and_its_alternatives_are_asked_for_once() -> None:
    async def play() -> None:
        bench = opened("python", "x = ", "\ny = 1\n", Says('foo("a", [1])\n', each_ms=0))
        assert await bench.shown(invoked=True) == 'foo("a", [1])'
        await asyncio.sleep(0.05)
        session = Session(random.Random(1), bench, HABITS[0])
        await session.play()
        assert session.keys > 10
        assert len(bench.source.streams) == bench.setup.completion.candidates

    run(play())
