"""What a caller may send: a request's body to a `Call`, or to the refusal that says what is wrong with it.

Strict as the published schema is: unknown fields are refused, null is no value where the schema does not list it, and
`true` is not a number. JSON knows one kind of number, so 1.0 is an integer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import msgspec

from fim_lsp.gateway import wire
from fim_lsp.providers.base import Sampling

TEMPERATURE = 0.7
"""The schema's default."""
MAX_TOKENS = 1024
"""Where the caller sets no limit; the schema leaves it open, and a model that never ends serves nobody."""
MOST_TOKENS = 1 << 20
MOST_STOPS = 256
_SEEDS = 1 << 31


@dataclass(frozen=True, slots=True)
class Call:
    """One request for a completion."""

    model: str
    prompt: str
    suffix: str
    sampling: Sampling
    stream: bool


class Refusal(Exception):
    """The answer to a request that is not let in."""

    def __init__(self, status: int, body: wire.Json, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status)
        self.status = status
        self.body = body
        self.headers = headers or {}


class Fault(NamedTuple):
    """One thing that is wrong, in the words that Mistral's service has for it."""

    type: str
    message: str
    path: tuple[str | int, ...] = ()


def parse(body: bytes) -> Call:
    """Raises Refusal: 400 for what is not JSON, 422 for what does not fit the schema."""
    try:
        fields = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refusal(400, wire.error(400, "The body is not JSON.")) from None
    faults = list(_faults(fields))
    if faults:
        raise Refusal(422, wire.invalid([(fault.type, ("body", *fault.path), fault.message) for fault in faults]))
    return _call(fields)


def _faults(fields: Any) -> Iterator[Fault]:
    if not isinstance(fields, dict):
        yield Fault("model_type", "Input should be an object")
        return
    for name in REQUIRED:
        if name not in fields:
            yield Fault("missing", "Field required", (name,))
    for name, value in fields.items():
        check = CHECKS.get(name)
        if check is None:
            yield Fault("extra_forbidden", "Extra inputs are not permitted", (name,))
        elif (fault := check(value)) is not None:
            yield Fault(fault.type, fault.message, (name, *fault.path))


def _call(fields: Mapping[str, Any]) -> Call:
    stop = fields.get("stop", ())
    most = min(int(fields.get("max_tokens", MAX_TOKENS)), MOST_TOKENS)
    least, seed = fields.get("min_tokens"), fields.get("random_seed")
    return Call(
        model=fields["model"],
        prompt=fields["prompt"],
        suffix=fields.get("suffix", ""),
        sampling=Sampling(
            max_tokens=most,
            temperature=float(fields.get("temperature", TEMPERATURE)),
            top_p=fields.get("top_p"),
            min_tokens=None if least is None else min(int(least), most),
            random_seed=None if seed is None else int(seed) % _SEEDS,
            stop=(stop,) if isinstance(stop, str) else tuple(dict.fromkeys(stop)),
            cache_key=fields.get("prompt_cache_key"),
        ),
        stream=fields.get("stream", False),
    )


# One check a field


Check = Callable[[Any], Fault | None]


def _text(value: Any) -> Fault | None:
    return None if isinstance(value, str) else Fault("string_type", "Input should be a valid string")


def _flag(value: Any) -> Fault | None:
    return None if isinstance(value, bool) else Fault("bool_type", "Input should be a valid boolean")


def _table_or_null(value: Any) -> Fault | None:
    fits = value is None or isinstance(value, dict)
    return None if fits else Fault("dict_type", "Input should be a valid object")


def _text_or_null(value: Any) -> Fault | None:
    return None if value is None else _text(value)


def _number(least: float, most: float) -> Check:
    def check(value: Any) -> Fault | None:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return Fault("float_type", "Input should be a valid number")
        return _within(value, least, most)

    return check


def _integer(least: float) -> Check:
    def check(value: Any) -> Fault | None:
        if isinstance(value, bool) or not (isinstance(value, int) or (isinstance(value, float) and value.is_integer())):
            return Fault("int_type", "Input should be a valid integer")
        return _within(value, least, float("inf"))

    return check


def _within(value: float, least: float, most: float) -> Fault | None:
    if value < least:
        return Fault("greater_than_equal", f"Input should be greater than or equal to {least:g}")
    if value > most:
        return Fault("less_than_equal", f"Input should be less than or equal to {most:g}")
    return None


def _stops(value: Any) -> Fault | None:
    if isinstance(value, str):
        return None
    if not isinstance(value, list):
        return Fault("string_type", "Input should be a valid string or a list of them")
    if len(set(map(str, value))) > MOST_STOPS:
        return Fault("too_long", f"List should have at most {MOST_STOPS} different items")
    wrong = next((place for place, item in enumerate(value) if not isinstance(item, str)), None)
    return None if wrong is None else Fault("string_type", "Input should be a valid string", (wrong,))


REQUIRED = ("model", "prompt")
CHECKS: dict[str, Check] = {
    "model": _text,
    "prompt": _text,
    "suffix": _text,
    "temperature": _number(0, 2),
    "top_p": _number(0, 1),
    "max_tokens": _integer(1),
    "stream": _flag,
    "stop": _stops,
    "random_seed": _integer(float("-inf")),
    "min_tokens": _integer(0),
    "metadata": _table_or_null,
    "prompt_cache_key": _text_or_null,
}
"""The published fields, and the two that Mistral's service takes besides."""
