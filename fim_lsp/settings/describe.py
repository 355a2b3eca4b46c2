"""What a setting accepts, in words, from its type: for problems and for the settings reference."""

from __future__ import annotations

from typing import Any

from msgspec import inspect


def allowed(expected: Any) -> str:
    """`Annotated[float, Meta(ge=0, le=2)]` → "a number from 0 to 2"."""
    return _words(inspect.type_info(expected))


def _words(info: inspect.Type) -> str:
    match info:
        case inspect.Metadata():
            return _words(info.type)
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return "a whole number" + _range(info.ge, info.le)
        case inspect.FloatType():
            return "a number" + _range(info.ge, info.le)
        case inspect.StrType():
            return "a string"
        case inspect.LiteralType():
            return " or ".join(f'"{value}"' for value in info.values)
        case inspect.ListType() | inspect.VarTupleType():
            return "a list of " + _words(info.item_type).removeprefix("a ") + "s"
        case inspect.DictType():
            return "a table"
        case inspect.UnionType():
            return " or ".join(_words(part) for part in info.types if not isinstance(part, inspect.NoneType))
        case _:
            return "any value"


def _range(low: float | None, high: float | None) -> str:
    if low is not None and high is not None:
        return f" from {low} to {high}"
    return "" if low is None else f", at least {low}"
