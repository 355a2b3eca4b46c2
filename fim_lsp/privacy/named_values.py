"""Secrets told by their name: `password = "…"`, `"api_key": "…"`, `DB_PASS=…`, `--token …`, `postgres://me:…@host`.

Three grades of names. What a password is called is a secret whatever it looks like; what a token or key is called is
one if it does not read like words; what is merely called a key must look random too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache

from fim_lsp.privacy.randomness import is_hex, is_wordy, looks_random


class Grade(IntEnum):
    """How much a name says."""

    KEY = 1
    TOKEN = 2
    PASSWORD = 3


_GRADES = {
    Grade.PASSWORD: r"passw(?:or)?d|passphrase|passcode|pwd|secret|(?<![a-z-])pass(?![a-z])",
    Grade.TOKEN: (
        r"token|credential|authorization|bearer|jwt|webhook|connection_?string|session_?id|cookie|(?<![a-z])dsn"
        r"|(?:api|access|private|auth|account|encryption|signing|master|storage|license|deploy|service|server|client"
        r"|subscription|app|admin|shared|session|primary|secondary|host|functions?)[_-]?key"
    ),
    Grade.KEY: r"key|salt|seed|auth|signature",
}
_GRADED = re.compile("|".join(f"(?P<{grade.name}>{names})" for grade, names in _GRADES.items()))
_CORES = tuple(
    """
    pass pwd secret token credential auth bearer jwt webhook connection session cookie dsn key salt seed signature
    """.split()  # noqa: SIM905 (a page of words)
)
"""Every name above holds one of these; plain strings are found many times faster."""

_NOT_THE_SECRET = re.compile(
    r"[_-]?(?:urls?|uri|endpoint|path|file(?:name)?|dir|folder|name|field|label|type|length|len|size|count|ttl|expiry"
    r"|expires?(?:_?(?:in|at))?|headers?|param(?:eter)?|prefix|suffix|regex|pattern|policy|hint|errors?|message|text|title"
    r"|placeholder|env|var|class|selector|format|version|algorithm|alg|scope|audience|issuer|provider|manager|service"
    r"|board|down|up|words?|code)\b",
    re.IGNORECASE,
)
"""Endings after which a name speaks about a secret instead of holding it: `token_url`, `passwordField`, `keyboard`."""

_SEPARATOR = (
    r"""(?:\\?["'`]\s*,\s*|"""  # get("SECRET", "…")
    r"""(?:\\?["'`])?[\])}]{0,2}"""  # the end of a quoted name, or of an index
    r"""(?:\s*:\s*[A-Za-z_][\w.\[\]| ]*?(?=\s*=))?"""  # a type
    r"""(?:\s*(?:=>|:=|->|={1,3}|!=|:|\|\||\?\?|>|<<)\s*|\s+(?:value|content|default)\s*[:=]\s*|(?P<flag>\s+)))"""
)
_QUOTE = r"""(?P<prefix>[A-Za-z@$]{0,2})(?P<quote>\\?(?:\"{3}|'{3}|["'`]))"""
_BARE = r"""(?P<bare>[^\s"'`<>(){}\[\],;&|]{1,200})"""
_REST_OF_BARE = re.compile(r"""[^\s"'`<>(){}\[\],;&|]+""")
_VALUE = re.compile(rf"{_SEPARATOR}(?:{_QUOTE}(?P<quoted>.*?)(?:(?<!\\)(?P=quote)|(?=\n|\Z))|{_BARE})")
_UNFINISHED = re.compile(rf"{_SEPARATOR}(?:{_QUOTE}(?P<quoted>(?:(?!(?P=quote)).)*)|{_BARE})\Z")
_NOTHING_YET = re.compile(r"""\\?["'`]?[\])}]?[ \t]*(?:=>|:=|[:=]|(?<=["'`]),)[ \t]*[(\[|>\\]?-?[ \t]*(?=\n|\Z)""")
_ENVIRONMENT_ENTRY = re.compile(r"""[ \t{-]*["']?name["']?\s*:\s*["']?[\w.-]+["']?,?[ \t]*""")
_ALONE = re.compile(
    r"""\s*(?:["']?value["']?\s*[:=]\s*)?"""
    r"""(?:[A-Za-z]{0,2}(?P<quote>["'`])(?P<quoted>(?!(?P=quote)).*?)(?:(?P=quote)|$)|(?P<bare>[^\s"'`]\S*))[\s,;)]*$"""
)
_SCHEME = re.compile(r"(?:bearer|basic|token|apikey|digest|key)\s+", re.IGNORECASE)

_IN_URL = re.compile(r"://[^\s/:@\"'`<>]{0,100}:(?!\d{1,5}(?:[/?#\s]|\Z))([^\s\"'`<>]{1,200})@")
_BEARER = re.compile(r"\b[Bb](?:earer|asic) ([A-Za-z0-9._~+/=-]{8,})")


@dataclass(frozen=True, slots=True)
class Name:
    """The name of a secret, and where it stands in a text."""

    start: int
    end: int
    grade: Grade


def names(text: str) -> list[Name]:
    """Every name of a secret, each once."""
    lower = text.lower()
    if len(lower) != len(text):  # a few letters grow when made small
        lower = "".join(char.lower() if len(char.lower()) == 1 else char for char in text)
    found: dict[int, Name] = {}
    for core in _CORES:
        at = lower.find(core)
        while at >= 0:
            start, end = _word_around(lower, at)
            grade = _grade(lower[start:end])
            if grade is not None:
                found[start] = Name(start, end, grade)
            at = lower.find(core, end)
    return list(found.values())


def find(text: str, known_names: Sequence[Name], *, is_config: bool) -> Iterator[tuple[int, int, str]]:
    """Start, end and rule of every secret with a name. `is_config`: values stand without quotes here."""
    for name in known_names:
        yield from _value_of(name, text, is_config=is_config)
    if "://" in text:
        for found in _IN_URL.finditer(text):
            if not is_placeholder(found[1]):
                yield found.start(1), found.end(1), "password in an address"
    if "earer " in text or "asic " in text:
        for found in _BEARER.finditer(text):
            if is_secret(found[1], Grade.TOKEN):
                yield found.start(1), found.end(1), "authorization"


def is_last_in_line(name: Name, text: str) -> bool:
    """Whether its value must be on the next line: `password = (`, `- name: DB_PASSWORD`."""
    rest = _NOTHING_YET.match(text, name.end)
    if rest is not None and ("," not in rest[0] or _is_first_argument(name, text)):
        return True
    start, end = text.rfind("\n", 0, name.start) + 1, text.find("\n", name.end)
    return _ENVIRONMENT_ENTRY.fullmatch(text, start, len(text) if end < 0 else end) is not None


def _is_first_argument(name: Name, text: str) -> bool:
    """`getenv("SECRET", …`, and not one of a list of words."""
    return text[max(0, name.start - 8) : name.start].rstrip(" \n\t")[-2:-1] == "(" and name.end - name.start > 4


def value_alone(line: str, grade: Grade, *, is_config: bool) -> tuple[int, int] | None:
    """The secret on a line that has nothing but a value, the line before having had its name."""
    value = _ALONE.match(line)
    if value is None or (value["bare"] is not None and not is_config):
        return None
    group = "quoted" if value["bare"] is None else "bare"
    return value.span(group) if is_secret(value[group], grade) else None


def unfinished(line_before: str, *, is_config: bool) -> str:
    """The name of a secret whose value is being typed at the end of the text; empty: none is."""
    for name in names(line_before):
        value = _UNFINISHED.match(line_before, name.end)
        if value is None or not _may_be(value, line_before, name, is_config=is_config):
            continue
        so_far = value["quoted"] if value["bare"] is None else value["bare"]
        so_far = _SCHEME.sub("", so_far, count=1)
        if so_far and _may_become_secret(so_far, name.grade):
            return line_before[name.start : name.end]
    return ""


_WORD = re.compile(r"[\w-]*")
_WORD_CHARS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."


def _word_around(text: str, at: int) -> tuple[int, int]:
    """`db_password` around `pass`, `settings.API_KEY` around `key`."""
    before = text[max(0, at - 60) : at]
    word = before[len(before.rstrip(_WORD_CHARS)) :].lstrip("-.")
    after = _WORD.match(text, at)
    return at - len(word), after.end() if after else at


@lru_cache(4096)
def _grade(word: str) -> Grade | None:
    """What a word in small letters says of a value; None: nothing, or it speaks about a secret."""
    found = list(_GRADED.finditer(word))
    if not found or _NOT_THE_SECRET.match(word, found[-1].end()):
        return None
    return max(Grade[match.lastgroup or "KEY"] for match in found)


def _value_of(name: Name, text: str, *, is_config: bool) -> Iterator[tuple[int, int, str]]:
    value = _VALUE.match(text, name.end)
    if value is None or "\n" in value[0] or not _may_be(value, text, name, is_config=is_config):
        return
    first, last = value.span("quoted" if value["bare"] is None else "bare")
    if value["bare"] is not None and (rest := _REST_OF_BARE.match(text, last)):
        last = rest.end()
    scheme = _SCHEME.match(text, first, last)
    first = scheme.end() if scheme else first
    if is_secret(text[first : min(last, first + 200)], name.grade):
        yield first, last, f"value of {text[name.start : name.end][:40]}"


def _may_be(value: re.Match[str], text: str, name: Name, *, is_config: bool) -> bool:
    """Whether a value can stand at this place in this way."""
    if "," in text[name.end : value.start("quoted" if value["bare"] is None else "bare")]:
        return _is_first_argument(name, text)
    if value["flag"] is not None and text[max(0, name.start - 2) : name.start] != "--":
        return False
    return value["bare"] is None or is_config or _is_bare_place(text, name.start, name.end)


def _is_bare_place(text: str, start: int, end: int) -> bool:
    """Whether a value may stand without quotes in code: after an option, in `NAME=value`, between `;`."""
    before = text[max(0, start - 2) : start]
    if before == "--":
        return True
    is_tight = text[end : end + 1] == "=" and text[end + 1 : end + 2] not in ("=", " ", "")
    return is_tight and (before[-1:] in ("", "\n", ";", '"', "'", "&", "?") or text[start:end].isupper())


# Judging a value


def is_secret(value: str, grade: Grade) -> bool:
    """Whether what has a secret's name is one."""
    if not any(map(str.isalnum, value)) or is_placeholder(value):
        return False
    if grade is Grade.PASSWORD:
        return not _is_talk(value)
    if any(map(str.isspace, value)):
        return False
    if grade is Grade.TOKEN:
        return len(value) >= 8 and not _reads_like_words(value)
    return looks_random(value, least=16) or (is_hex(value) and len(value) >= 32)


def _may_become_secret(so_far: str, grade: Grade) -> bool:
    """Of a value of which only the beginning is there."""
    if re.match(r"[{$<%]|[a-z]+://", so_far):
        return False
    if grade is Grade.PASSWORD:
        return True
    if re.fullmatch(r"[A-Z]?[a-z]*(?:[_ .-][A-Za-z]*)*|[A-Z_]*", so_far):
        return len(so_far) >= 12 and not is_wordy(so_far)
    return grade is Grade.TOKEN or (len(so_far) >= 8 and not is_wordy(so_far))


def _reads_like_words(value: str) -> bool:
    """`access_token`, `https://host/path`, `12345678`; but neither hex nor random letters."""
    if is_hex(value):
        return value.isdigit() or len(value) < 16
    if re.match(r"[a-z]+://|[./~]", value):
        return not looks_random(value)
    return is_wordy(value) and sum(map(str.isdigit, value)) <= 3


_PLACEHOLDER = re.compile(
    r"""
      \$\{?[A-Za-z_(][\w.():-]*\}?          # $NAME ${NAME} $(command)
    | \{\{.*\}\} | \{[\w.()\[\]!:'"]*\}     # {{ name }} {name}
    | <[^<>]*> | \[[\w\s-]*\]               # <your key>
    | %\(?\w*\)?[sdr]? | %\w+%              # %s %(name)s %NAME%
    | [*xX.•#_-]+ | …
    | -{1,2}[A-Za-z][\w-]*                  # the next option
    | true | false | null | none | nil | undefined | yes | no | \d{1,3}
    | (?:self|this|os|env|process|config|settings|args|var|local|module|data|secrets|vars|github|steps)\.[\w.\[\]]+
    """,
    re.VERBOSE | re.IGNORECASE,
)
_FILLED_IN = re.compile(r"\$\{[^}]*\}|#\{[^}]*\}|\{[A-Za-z_][\w.()\[\]]*\}|%\(\w+\)s|%s|<[A-Za-z][\w -]*>")


def is_placeholder(value: str) -> bool:
    """Whether something else will stand here when it counts: `$TOKEN`, `{password}`, `<your key>`, `****`."""
    if _PLACEHOLDER.fullmatch(value):
        return True
    rest = _FILLED_IN.sub("", value)
    return rest != value and not any(looks_random(word, least=12) for word in re.split(r"\W+", rest))


_TALK = frozenset(
    """
    a access again an and api app at auth be bearer cannot change characters choose client code confirm contain
    contains cookie create csrf current default do does empty enter error failed field for forgot form generate get
    hash have hidden id in incorrect input invalid is it key keys label least login long match minimum missing must
    name new no not of ok old or pass passphrase passwd password passwords please prompt provide pwd refresh
    remember repeat required reset retype safe secret secrets session set short show sign str string submit text the
    this to token tokens too type update use user username value verify weak with wrong you your
    """.split()  # noqa: SIM905 (a page of words)
)


def _is_talk(value: str) -> bool:
    """Words about passwords, as labels have them; one other word makes it a password, except in a sentence."""
    words = [word.lower() for word in re.findall(r"[A-Za-z][a-z]*|\d+", value)]
    if len(value.split()) >= 3 and any(word in _TALK for word in words):
        return not any(looks_random(word, least=12) for word in value.split())
    return all(word in _TALK for word in words) and re.fullmatch(r"[\w\s.,:;!?()'/-]*", value) is not None
