"""The language server: the only part that knows pygls, lsprotocol, UTF-16 columns and CRLF.

It does not know settings, providers or timing: it freezes documents, asks an `Engine` and writes down the answer.
"""

import fim_lsp.lsp.light  # noqa: F401  (before pygls and lsprotocol are imported anywhere)
