"""The gatherer as it is used: in a thread, on a real folder."""

from __future__ import annotations

from pathlib import Path

from fim_lsp.context import Gatherer
from fim_lsp.document import Snapshot
from fim_lsp.settings.model import Context


async def test_reads_a_real_workspace_in_a_thread(tmp_path: Path) -> None:
    package = tmp_path / "shop"
    package.mkdir()
    (package / "money.py").write_text("def convert(amount, rate):\n    return amount * rate\n", "utf-8")
    document = package / "cart.py"
    before = "from shop.money import convert\n\nprice = convert("
    document.write_text(before, "utf-8")
    gatherer = Gatherer(clock=lambda: 0.0, may_leave=lambda path: True)
    snapshot = Snapshot(document.as_uri(), "python", 1, before, "\n", path=str(document), line=2)
    found = await gatherer.snippets(snapshot, Context(), folder=str(tmp_path))
    assert [(each.path, each.text) for each in found] == [
        ("shop/money.py", "def convert(amount, rate):\n    return amount * rate")
    ]
