"""Real editors run when asked for by path, as `tests/editors/run` does, and not with a plain `pytest`.

Here, and not beside them: what drives them is not installed with the other tests' needs.
Some need a compiler or Java to fetch, and run only when their own file is named:

    python -m tests.editors.install kakoune && python -m pytest tests/editors/real/test_kakoune.py
    python -m tests.editors.install lsp4j && python -m pytest tests/editors/real/test_lsp4ij.py
"""

from __future__ import annotations

from pathlib import Path

import pytest

HERE = Path(__file__).parent
BY_HAND = ("test_kakoune.py", "test_lsp4ij.py")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    if not collection_path.is_relative_to(HERE / "real"):
        return None
    asked_for = [config.invocation_params.dir / argument.split("::")[0] for argument in config.args]
    if collection_path.name in BY_HAND:
        return None if collection_path in [path.resolve() for path in asked_for] else True
    return None if any(path.resolve().is_relative_to(HERE) for path in asked_for) else True
