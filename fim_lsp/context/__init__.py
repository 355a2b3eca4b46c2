"""What the model reads besides the text around the cursor, gathered from what is open and from the workspace."""

from fim_lsp.context.gatherer import Gatherer

__all__ = ["Gatherer"]
