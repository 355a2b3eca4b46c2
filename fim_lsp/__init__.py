"""fim-lsp: inline code completion for every editor, over any fill-in-the-middle model."""

__version__ = "0.1.0"
