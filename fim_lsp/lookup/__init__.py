"""The embedded engine: completes from the user's own text, with no model and no network.

It looks for places that are like the one at the cursor, in the document, in the other open ones and in the project,
and says what followed there, with how likely that is to be right. It knows no file system, no clock and no thread:
`feeder` reads the project and hands over an index.
"""

from __future__ import annotations

from fim_lsp.lookup.engine import Lookup
from fim_lsp.lookup.search import Guess

__all__ = ["Guess", "Lookup"]
