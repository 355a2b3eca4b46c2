from tests.lsp.conftest import editor

__all__ = ["editor"]
