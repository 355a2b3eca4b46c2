"""The embedded engine: completes from the user's own text, with no model and no network.

It looks for places that are like the one at the cursor, in the document, in the other open ones and in the project,
and says what followed there, with how likely that is to be right. It knows no file system, no clock and no thread:
`feeder` reads the project and hands over an index.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fim_lsp.lookup.engine import Lookup
    from fim_lsp.lookup.search import Guess

__all__ = ["Guess", "Lookup"]


def __getattr__(name: str) -> object:
    """Imported when asked for: the worker process needs neither, and each module costs it time to the first answer."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from fim_lsp.lookup import engine

    return getattr(engine, name)
