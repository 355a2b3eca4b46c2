"""What whoever runs the tests has set up for their own editor, keys and settings, is not the tests' business."""

from __future__ import annotations

import os

for name in list(os.environ):
    if name.upper().startswith("FIM_LSP_") or name.upper().endswith("_API_KEY"):
        del os.environ[name]
