"""From a question to the prompt that may be sent: no part of it holds a secret, wherever the window's edge falls."""

from __future__ import annotations

import random
import string
from dataclasses import dataclass

import pytest

from fim_lsp.document import Snapshot
from fim_lsp.generation import Ask, Refused
from fim_lsp.prompting import Prompter
from fim_lsp.providers.base import Prompt, Snippet
from fim_lsp.reasons import Reason
from fim_lsp.settings.model import Context, Privacy, Settings
from fim_lsp.trim import Place
from tests.engine.bench import Says

LETTERS = string.ascii_letters + string.digits
BUDGET_TOKENS = 320


@dataclass
class Gathered:
    """Has read these elsewhere."""

    found: tuple[Snippet, ...] = ()

    async def snippets(self, snapshot: Snapshot, context: Context, *, folder: str | None) -> tuple[Snippet, ...]:
        return self.found


def _no_place() -> Place:
    raise AssertionError("a prompt needs no place")


async def made(before: str, after: str, *found: Snippet, redact: bool = True) -> Prompt:
    settings = Settings(context=Context(max_tokens=BUDGET_TOKENS), privacy=Privacy(redact=redact))
    prompter = Prompter(
        gatherer=Gathered(found),  # type: ignore[arg-type]
        settings_for=lambda path: settings,
        folder_of=lambda path: None,
    )
    snapshot = Snapshot("file:///m.py", "python", 1, before, after)
    return await prompter.make(Ask(snapshot, "", settings.completion, _no_place, True, Says(reads_context=True)))


def private_key(seed: int, lines: int = 60) -> tuple[str, list[str]]:
    """Text, and the lines of it that are the secret."""
    rng = random.Random(seed)
    body = ["".join(rng.choices(LETTERS, k=64)) for _ in range(lines)]
    return "\n".join(["-----BEGIN RSA PRIVATE KEY-----", *body, "-----END RSA PRIVATE KEY-----"]), body


def parts_of(lines: list[str], text: str) -> list[str]:
    """The pieces of a secret's lines that the text has."""
    pieces = [line[start : start + 8] for line in lines for start in range(0, 64, 8)]
    return [piece for piece in pieces if piece in text]


@pytest.mark.parametrize("lines_between", range(0, 24, 3))
async def test_a_secret_that_the_windows_edge_cuts_is_masked(lines_between: int) -> None:
    """Its first line is outside of the prompt, on the other side its last: nothing that is sent says what it is."""
    between = "count = 1\n" * lines_between
    (above, first), (below, second) = private_key(1), private_key(2)
    before, after = f'KEY = """\n{above}\n"""\n{between}total = ', f'\n{between}OTHER = """\n{below}\n"""\n'
    plain = await made(before, after, redact=False)
    assert parts_of(first, plain.prefix)
    assert "BEGIN" not in plain.prefix
    assert "END" not in plain.suffix
    built = await made(before, after)
    assert built.prefix.endswith(f"{between}total = ")
    assert "x" * 64 in built.prefix
    assert parts_of(first + second, repr(built)) == []


async def test_no_part_of_a_prompt_holds_a_secret() -> None:
    secret = "glpat-" + "".join(random.Random(3).choices(LETTERS, k=20))
    before = f"import os  # {secret}\n" + "x = 1\n" * 2000 + f'token = "{secret}"\ntotal = '
    elsewhere = Snippet("b.py", f'password = "{secret}"\nuser = "anna"', "similar")
    plain = await made(before, f'\nlogin("{secret}")\n', elsewhere, redact=False)
    assert {each.source for each in plain.snippets if secret in each.text} == {"head", "similar"}
    assert secret in plain.prefix
    assert secret in plain.suffix
    built = await made(before, f'\nlogin("{secret}")\n', elsewhere)
    assert {each.source for each in built.snippets} == {"head", "similar"}
    assert secret not in repr(built)


async def test_there_is_no_prompt_in_a_secret() -> None:
    with pytest.raises(Refused) as raised:
        await made('password = "hunter2-correct-', 'horse"\n')
    assert raised.value.reason is Reason.REDACTED
