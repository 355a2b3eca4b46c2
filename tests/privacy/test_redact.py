"""No secret leaves, wherever it stands and however it got there; and what is none stays as it is."""

from __future__ import annotations

import random
import string
import time

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from fim_lsp.document import Snapshot
from fim_lsp.privacy.redact import LINE_LIMIT, Redacted, Redactor
from tests.privacy import canaries
from tests.privacy.canaries import Canary

MARKED = [canary for seed in range(4) for canary in canaries.marked(seed)]
NAMED = [canary for seed in range(4) for canary in canaries.named(seed)]
IN_CONFIG = [canary for seed in range(4) for canary in canaries.in_config(seed)]

CODE_BEFORE = "import os\n\n\ndef connect(host, port=5432):\n    client = Client(host)\n    "
CODE_AFTER = "\n    return client\n\n\nif __name__ == '__main__':\n    connect('localhost')\n"


def redacted(before: str, after: str = "", language: str = "python", redactor: Redactor | None = None) -> Redacted:
    return (redactor or Redactor()).snapshot(Snapshot("file:///a", language, 1, before, after))


def sent(found: Redacted) -> str:
    """What a prompt can be made of; nothing is sent while the cursor is at a secret."""
    return "" if found.rule else found.snapshot.before + found.snapshot.after


def leak(secret: str, text: str, least: int = 5) -> str:
    """The longest part of the secret in the text, if it is worth something."""
    best = ""
    for start in range(len(secret)):
        while secret[start : start + len(best) + 1] in text and start + len(best) < len(secret):
            best = secret[start : start + len(best) + 1]
    return best if len(best) >= least else ""


# Pasted


@pytest.mark.parametrize("canary", [*MARKED, *NAMED], ids=str)
def test_a_pasted_secret_does_not_leave(canary: Canary) -> None:
    before, after = f"{CODE_BEFORE}{canary.text}\n    ", f"\n    {canary.text}{CODE_AFTER}"
    found = redacted(before, after)
    assert found.rule == ""
    assert leak(canary.secret, sent(found)) == ""
    assert leak(canary.secret, Redactor().text(before + after, "python")) == ""


@pytest.mark.parametrize("canary", [*IN_CONFIG, *NAMED], ids=str)
@pytest.mark.parametrize("language", ["yaml", "properties", "plaintext", ""])
def test_a_secret_in_a_configuration_does_not_leave(canary: Canary, language: str) -> None:
    found = redacted(f"a: 1\n{canary.text}\nb", "\nc: 2\n", language)
    assert leak(canary.secret, sent(found)) == ""


@pytest.mark.parametrize("canary", [*MARKED, *NAMED], ids=str)
def test_with_the_cursor_anywhere_in_it_nothing_is_sent(canary: Canary) -> None:
    at = canary.text.index(canary.secret)
    for cursor in range(at, at + len(canary.secret) + 1):
        found = redacted(CODE_BEFORE + canary.text[:cursor], canary.text[cursor:] + CODE_AFTER)
        assert found.rule, f"cursor after {cursor - at} characters"


@pytest.mark.parametrize("canary", [*MARKED, *NAMED], ids=str)
def test_typed_letter_by_letter_it_does_not_leave(canary: Canary) -> None:
    redactor = Redactor()
    for end in range(len(canary.text) + 1):
        found = redacted(CODE_BEFORE + canary.text[:end], CODE_AFTER, redactor=redactor)
        assert leak(canary.secret, sent(found), least=8) == ""
    assert leak(canary.secret, sent(redacted(CODE_BEFORE + canary.text + "\n", CODE_AFTER, redactor=redactor))) == ""


@pytest.mark.parametrize("canary", MARKED, ids=str)
def test_a_token_that_is_only_half_there_does_not_leave(canary: Canary) -> None:
    """As recent edits hold it, or as it stands where the user has stopped to type."""
    at = canary.text.index(canary.secret)
    half = canary.text[: at + len(canary.secret) * 2 // 3]
    assert leak(canary.secret, Redactor().text(f"{CODE_BEFORE}{half}\n{CODE_AFTER}", "python"), least=8) == ""


def test_web_tokens() -> None:
    for seed in range(20):
        token = canaries.jwt(seed)
        for text in (f'x = "{token}"', f"# {token}", f"Authorization: Bearer {token}", f"?jwt={token}&x"):
            assert leak(token[10:], sent(redacted(f"{text}\n")), least=8) == ""


def test_random_text_without_any_name() -> None:
    rng = random.Random(1)
    tokens = [
        "".join(rng.choices(string.ascii_letters + string.digits, k=k))
        for k in (20, 24, 32, 40, 64)
        for _ in range(100)
    ]
    kept = [token for token in tokens if token in sent(redacted(f'x = "{token}"\n'))]
    assert len(kept) <= 0.06 * len(tokens)


# Blocks of keys

KINDS = [
    "RSA PRIVATE KEY",
    "PRIVATE KEY",
    "OPENSSH PRIVATE KEY",
    "EC PRIVATE KEY",
    "PGP PRIVATE KEY BLOCK",
    "CERTIFICATE",
]


def body_of(block: str) -> list[str]:
    return block.split("\n")[1:-1]


def as_python(block: str) -> str:
    return "KEY = (\n" + "\n".join(f'    "{line}\\n"' for line in block.split("\n")) + "\n)"


SHAPES = {
    "plain": lambda block: block,
    "triple quotes": lambda block: f'KEY = """{block}"""',
    "indented": lambda block: "key: |\n" + "\n".join(f"    {line}" for line in block.split("\n")),
    "a string a line": as_python,
    "one line": lambda block: '{"private_key": "' + block.replace("\n", "\\n") + '\\n"}',
    "comment": lambda block: "\n".join(f"# {line}" for line in block.split("\n")),
    "added": lambda block: "\n".join(f"+{line}" for line in block.split("\n")),
    "windows": lambda block: block.replace("\n", "\\r\\n"),
    "with headers": lambda block: block.replace("-----\n", "-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES,00\n\n", 1),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("last", [1, 10, 36, 47])
def test_a_block_does_not_leave(kind: str, shape: str, last: int) -> None:
    block = canaries.pem(last, kind, last=last)
    text = SHAPES[shape](block)
    for found in (sent(redacted(f"x = 1\n{text}\ny = ", "\nz\n")), sent(redacted("x = ", f"\n{text}\nz\n"))):
        assert found
        assert [line for line in body_of(block) if leak(line, found, least=8)] == []


@pytest.mark.parametrize("shape", ["plain", "indented", "a string a line", "comment"])
def test_half_a_block_does_not_leave(shape: str) -> None:
    """A snippet that begins or ends within a block: neither BEGIN nor END are in sight."""
    block = canaries.pem(3)
    lines = SHAPES[shape](block).split("\n")
    for first in range(len(lines)):
        for last in range(first + 2, len(lines) + 1):
            text = Redactor().text("\n".join(["x = 1", *lines[first:last], "y = 2"]), "python")
            assert [line for line in body_of(block) if leak(line, text, least=40)] == [], (first, last)


def test_a_block_typed_letter_by_letter_does_not_leave() -> None:
    block, redactor = canaries.pem(5, lines=4), Redactor()
    for end in range(len(block) + 1):
        text = sent(redacted(f"x = 1\n{block[:end]}", "\n", redactor=redactor))
        assert [line for line in body_of(block) if leak(line, text, least=8)] == []


def test_a_block_ends() -> None:
    text = f"a = 1\n{canaries.pem(1)}\nb = 2\nreturn\n"
    assert Redactor().text(text).endswith("\n-----END RSA PRIVATE KEY-----\nb = 2\nreturn\n")
    code = 'if text.startswith("-----BEGIN RSA PRIVATE KEY-----"):\n    return\nHEAD = "-----BEGIN X-----"\n\npass\n'
    assert Redactor().text(code, "python") == code


def test_values_below_their_names() -> None:
    for before, value in [
        ("password = (", '    "hunter22"'),
        ("const apiKey =", "  'k9XwQ2vLmB7tR4';"),
        ("- name: DB_PASSWORD", "  value: hunter22"),
        ('{"name": "DB_PASSWORD",', ' "value": "hunter22"'),
        ("password: >-", "  hunter22"),
        ('os.environ.setdefault("SECRET_KEY",', '    "hunter22")'),
    ]:
        language = "yaml" if before.endswith(("PASSWORD", ">-")) else "python"
        text = Redactor().text(f"{before}\n{value}\nnext = 1", language)
        assert "xxxx" in text, before
        assert "hunter" not in text
        assert text.endswith("\nnext = 1")


# The edges of large documents


@pytest.mark.parametrize("cut", range(1, 60, 3))
def test_a_secret_at_the_edge_of_what_is_held_of_a_document(cut: int) -> None:
    secret = canaries.MARKED["OpenAI"][0] + next(c.secret for c in MARKED if c.kind == "OpenAI")
    before = secret[cut:] + '"\nx = 1\ny = '
    after = '\nz = "' + secret[: len(secret) - cut]
    found = Redactor().snapshot(
        Snapshot("file:///a", "python", 1, before, after, before_is_cut=True, after_is_cut=True)
    )
    assert leak(secret, sent(found), least=12) == ""
    assert found.snapshot.before.endswith("x = 1\ny = ")


@pytest.mark.parametrize("cut", range(1, 60, 3))
def test_of_a_very_long_line_only_what_is_near_the_cursor_is_kept(cut: int) -> None:
    secret = canaries.MARKED["OpenAI"][0] + next(c.secret for c in MARKED if c.kind == "OpenAI")
    around = f'f("a");g("{secret}");' + "h(1);" * 100
    far = "k(2);" * 4000
    before = far[: LINE_LIMIT // 2 - len(around) - cut] + around
    found = redacted(f'x="{secret}";' + far + secret + before[cut:], around + far + secret)
    assert found.rule == ""
    assert leak(secret, sent(found), least=12) == ""
    assert found.snapshot.before.endswith("h(1);" * 100)
    assert found.snapshot.after.startswith('f("a");g("')


def test_another_very_long_line_is_masked() -> None:
    long = '"hunter22";' * (LINE_LIMIT // 10)
    assert redacted(f"a\n{long}\nb\n").snapshot.before == f"a\n{'x' * len(long)}\nb\n"


def test_time_grows_as_the_text_does() -> None:
    """A hostile file cannot hang the server: no rule takes time with the square of the text."""
    for piece in HOSTILE:
        short, long = ((piece * size)[:size] for size in (4_000, 16_000))
        assert _seconds(long) < 10 * max(_seconds(short), 0.001), piece


HOSTILE = [
    "://a:b",
    "key=",
    "password='",
    "-----BEGIN A-----",
    "key: a b c ",
    "eyJabcdefghij.",
    "{a.b}",
    "?sig=",
    "a=",
    "QUJD1x+/",
]
HOSTILE += [
    "-----BEGIN A-----" + "abcdefghijklmno ",
    "name: ",
    "Bearer ",
    'get("SECRET", ',
    "--password ",
    "<password>",
    "\\",
    '"',
]


def _seconds(text: str) -> float:
    best = 1.0
    for _ in range(3):
        began = time.process_time()
        Redactor().snapshot(Snapshot("file:///a", "yaml", 1, text, text))
        best = min(best, time.process_time() - began)
    return best


# What stays

HARMLESS = r"""
password = getpass("Your password: ")
password = ""
password: str
password = os.environ["DB_PASSWORD"]
password = "${DB_PASSWORD}"
password = f"{user}-{token}"
password: "{{ vault_password }}"
{"password": "Please enter your password", "confirm": "Confirm new password"}
<input type="password" name="password" placeholder="Enter your password">
label.text = "Wrong password, try again"
api_key = "<your api key>"
API_KEY=$OTHER_KEY
token = "IDENTIFIER"
token = next(tokens)
if token == "function":
tokens = ["return", "while", "function_definition"]
token_url = "https://auth.example.com/oauth/token"
self.secret_name = "projects/one/secrets/two"
cache_key = f"user:{user_id}:profile"
primary_key = "customer_id"
keyboard = "qwertyuiop"
id = "550e8400-e29b-41d4-a716-446655440000"
commit = "da39a3ee5e6b4b0d3255bfef95601890afd80709"
"integrity": "sha512-v2kDEe57lecTulaDIuNTPy3Ry4gLGJ6Z1O3vE1krgXZNrsQ+LFTGHVxVjcXPs17LhbZVGedAJv8XZ1tvj5FvSg=="
golang.org/x/net v0.1.0 h1:hZ/3BUoy5aId7sCpA/Tc5lt8DkFgdVS2onTpJsZ/fl0=
checksum = "8a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9"
class AbstractSingletonProxyFactoryBean2Test(unittest.TestCase):
def test_getUserByIdWithHttp2AndUtf8Encoding(self): ...
src = "src/components/Dashboard/UserProfileCard2.module.css"
url = "http://localhost:8080/path?email=a@example.com"
url = "https://example.com:443/@scope/package"
ALPHABET = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
sk_sp<SkSurface> surface = SkSurface::Make();
.sk-fading-circle .sk-circle { margin: 0 }
x = task-list-item-checkbox-1
x = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJ=="
import { useAuth0ContextProviderWithRedirectCallbacks } from "auth0"
0x7fffffffffffffffffffffffffffffff
"""


@pytest.mark.parametrize("line", HARMLESS.strip().split("\n"))
def test_what_is_no_secret_stays(line: str) -> None:
    for language in ("python", "typescript"):
        assert Redactor().text(f"a\n{line}\nb", language) == f"a\n{line}\nb"


def test_a_picture_stays() -> None:
    body = canaries.pem(1, last=9).split("\n")[1:-1]
    picture = "\n".join(["iVBORw0KGgo" + body[0][11:], *body[1:]])
    assert Redactor().text(f'ICON = """\n{picture}\n"""', "python") == f'ICON = """\n{picture}\n"""'


def test_nothing_to_hide_is_the_same_snapshot() -> None:
    snapshot = Snapshot("file:///a", "python", 1, CODE_BEFORE, CODE_AFTER)
    assert Redactor().snapshot(snapshot).snapshot is snapshot


def test_what_comes_before_and_after_a_secret_is_completed() -> None:
    assert redacted('password = "hunter22"').rule == ""
    assert redacted('password = "hunter22"\n').rule == ""
    assert redacted("", 'password = "hunter22"').rule == ""
    assert redacted("password = ").rule == ""
    assert redacted('name = "hunt').rule == ""
    assert redacted('token = "ident').rule == ""
    assert redacted('url = "http://localhost').rule == ""


# Properties

_PIECES = st.sampled_from(
    [
        *(c.text for c in (*MARKED, *NAMED)[::5]),
        *(
            "\n",
            "\n",
            " ",
            '"',
            "'",
            "password = ",
            "token: ",
            "x",
            "A1",
            "-----BEGIN PRIVATE KEY-----",
            "-----END",
            "://a:",
        ),
        *(
            "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj",
            "b@c",
            "\\n",
            "İ",
            "😀",
            "\t",
            "(",
            "value: ",
        ),
    ]
)
_TEXTS = st.lists(_PIECES, max_size=14).map("".join)


@given(_TEXTS, _TEXTS, st.sampled_from(["python", "yaml"]))
@settings(max_examples=300, deadline=None)
def test_every_offset_stays_what_it_was(before: str, after: str, language: str) -> None:
    clean = redacted(before, after, language).snapshot
    for was, now in ((before, clean.before), (after, clean.after)):
        assert len(now) == len(was)
        assert all(new in (old, "x") for old, new in zip(was, now, strict=True))
        assert [at for at, char in enumerate(was) if char.isspace()] == [at for at, c in enumerate(now) if c.isspace()]


@given(st.lists(_TEXTS, min_size=2, max_size=6), st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_same_text_is_redacted_alike_however_it_came_about(texts: list[str], rng: random.Random) -> None:
    redactor = Redactor()
    for text in texts:
        at = rng.randint(0, len(text))
        assert redacted(text[:at], text[at:], redactor=redactor) == redacted(text[:at], text[at:])
        assert redactor.text(text) == Redactor().text(text)
