"""lsprotocol, imported in a fifth of the time: its classes are built when they are first used.

Importing `lsprotocol.types` compiles an `__init__`, an `__eq__` and a `__repr__` for each of more than 500 attrs
classes, which is most of what an editor waits for before `initialize` is answered; a session uses about thirty.
So while the module is being imported `attrs.define` only marks a class, and the mark builds it on first contact:
an instance made, or its fields asked for (which is what cattrs does).

To be imported before anything that imports lsprotocol or pygls, so the package does it first of all.
Where lsprotocol is loaded already, nothing changes.
"""

from __future__ import annotations

import sys
from typing import Any, TypeVar

import attrs

C = TypeVar("C", bound=type)


class _Mark:
    """Stands in for `__attrs_attrs__` until somebody looks."""

    def __get__(self, instance: object, owner: type) -> Any:
        _build(owner)
        return owner.__attrs_attrs__  # type: ignore[attr-defined]


def _define(cls: C) -> C:
    """What `attrs.define` is while lsprotocol is being imported."""

    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:
        _build(cls)
        self.__init__(*args, **kwargs)

    cls.__init__ = __init__  # type: ignore[misc]
    cls.__attrs_attrs__ = _Mark()  # type: ignore[attr-defined]
    return cls


def _build(cls: type) -> None:
    # Slotted classes are made anew, and others hold references to this one already: hence slots=False.
    del cls.__init__, cls.__attrs_attrs__  # type: ignore[misc,attr-defined]
    attrs.define(cls, slots=False, eq=False, repr=False)
    attrs.resolve_types(cls, sys.modules["lsprotocol.types"].ALL_TYPES_MAP, {})


def _import_lightly() -> None:
    define = attrs.define
    attrs.define = _define  # type: ignore[assignment]
    try:
        import lsprotocol.types  # noqa: F401
    finally:
        attrs.define = define

    from lsprotocol import _hooks

    # The converter would resolve the annotations of all classes, and so build them; ours are resolved one by one.
    _hooks._resolved_forward_references = True


if "lsprotocol.types" not in sys.modules:
    _import_lightly()
