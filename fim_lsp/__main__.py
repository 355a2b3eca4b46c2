"""`python -P -m fim_lsp`; without -P Python would import modules of the folder it is started in."""

from __future__ import annotations

import sys

from fim_lsp.cli import main

if __name__ == "__main__":
    sys.exit(main())
