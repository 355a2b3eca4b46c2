"""The server's process with the fake engine: `python -m tests.lsp.fake_server [--threads]`."""

from __future__ import annotations

import sys

from fim_lsp.lsp.run import run
from tests.lsp.fake_engine import FakeEngine

if __name__ == "__main__":
    run(FakeEngine, threads="--threads" in sys.argv or None)
