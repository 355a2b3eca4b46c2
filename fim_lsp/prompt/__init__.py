"""What the model reads: the text around the cursor, and snippets of what lies elsewhere. Pure; 2 ms a prompt."""

from fim_lsp.prompt.layout import build

__all__ = ["build"]
