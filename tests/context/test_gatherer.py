"""What is gathered at a place, how long it stays, and what is never read."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

import pytest

from fim_lsp.document import Snapshot
from fim_lsp.settings.model import Context
from tests.context.workspace import FOLDER, Workspace, only

T = TypeVar("T")
SHOP = {
    "shop/cart.py": """
        from shop.money import Amount, convert
        from .items import Item
        import shop.rates as rates


        class Cart(Basket):
            def add(self, item: Item) -> Amount:
                price = convert(item.price, rates.today())
                ⟦⟧
                return price

            def empty(self):
                return not self.items
        """,
    "shop/money.py": '''
        class Amount:
            """An amount in one currency."""

            def __init__(self, cents, currency):
                self.cents = cents
                self.currency = currency

            def plus(self, other):
                assert self.currency == other.currency
                total = self.cents + other.cents
                return Amount(total, self.currency)


        def convert(amount, rate, *, rounding="half-even"):
            """Into another currency."""
            first = amount.cents
            second = first * rate
            third = round(second, rounding)
            fourth = Amount(third, rate.currency)
            return fourth
        ''',
    "shop/items/__init__.py": "from .item import Item\n",
    "shop/items/item.py": "class Item:\n    price: Amount\n    weight_grams: int\n",
    "shop/rates.py": "def today():\n    return load()\n\ndef yesterday():\n    return load(-1)\n",
    "shop/stock.py": """
        def add_to_stock(self, item):
            price = convert(item.price, rates.today())
            self.changed(price)
            return price
        """,
    "other/far.py": "def convert(item, rates):\n    price = item.price\n    return price\n",
}


async def texts(workspace: Workspace, name: str, settings: Context) -> str:
    return "\n".join(snippet.text for snippet in await workspace.snippets(name, settings))


async def test_definitions_of_imported_names_are_signatures_without_bodies() -> None:
    found = await texts(Workspace(SHOP), "shop/cart.py", only("definitions"))
    assert "def convert(amount, rate, *, rounding=" in found
    assert '"""Into another currency."""' in found
    assert "third = round" not in found
    assert "class Amount:" in found
    assert "    def plus(self, other):" in found
    assert "self.cents = cents" in found


async def test_a_package_passes_on_what_its_files_define() -> None:
    found = await texts(Workspace(SHOP), "shop/cart.py", only("definitions"))
    assert "weight_grams: int" in found


async def test_a_module_under_another_name_is_found() -> None:
    assert "def yesterday():" in await texts(Workspace(SHOP), "shop/cart.py", only("definitions"))


async def test_similar_code_of_the_folder_is_found_and_files_far_away_are_not_read() -> None:
    workspace = Workspace(SHOP)
    found = await texts(workspace, "shop/cart.py", Context())
    assert "def add_to_stock(self, item):" in found
    assert "other/far.py" not in workspace.read


async def test_paths_are_relative_to_the_workspace_with_slashes() -> None:
    paths = {snippet.path for snippet in await Workspace(SHOP).snippets("shop/cart.py")}
    assert {"shop/money.py", "shop/items/item.py"} <= paths


async def test_what_the_window_shows_is_not_offered_again() -> None:
    for snippet in await Workspace(SHOP).snippets("shop/cart.py"):
        assert "class Cart" not in snippet.text
        assert "def empty" not in snippet.text


async def test_nothing_is_offered_twice() -> None:
    offered = [snippet.text for snippet in await Workspace(SHOP).snippets("shop/cart.py")]
    assert len(set(offered)) == len(offered)
    assert sum("def plus" in text for text in offered) == 1


async def test_a_copy_of_the_code_at_the_cursor_is_not_offered() -> None:
    function = "def total(cart, rates):\n    amount = sum_of(cart)\n    for rate in rates:\n        amount += rate\n"
    copy = function.replace("amount += rate", "amount = amount + rate").replace("    ", "  ")
    workspace = Workspace({"a.py": function + "    ⟦⟧", "b.py": copy, "c.py": "def other(cart):\n    return cart\n"})
    assert [snippet.path for snippet in await workspace.snippets("a.py")] == ["c.py"]


async def test_members_of_the_class_that_the_window_cuts_off_are_offered() -> None:
    methods = "".join(f"    def step_{number}(self):\n" + "        work()\n" * 20 for number in range(60))
    workspace = Workspace({"a.py": f"class Long:\n{methods}\n    def last(self):\n        ⟦⟧\n"})
    found = await texts(workspace, "a.py", only("definitions"))
    assert "def step_0(self):" in found
    assert "def step_59(self):" not in found


async def test_go_reads_the_whole_package_without_imports() -> None:
    workspace = Workspace(
        {
            "go.mod": "module example.org/shop\n",
            "cart/cart.go": 'package cart\n\nimport "example.org/shop/money"\n\n'
            "func Total(c *Cart) money.Amount {\n\t⟦⟧\n}\n",
            "cart/types.go": "package cart\n\ntype Cart struct {\n\tlines []Line\n}\n",
            "money/money.go": "package money\n\ntype Amount struct {\n\tcents int\n}\n",
        }
    )
    found = await texts(workspace, "cart/cart.go", only("definitions"))
    assert "lines []Line" in found
    assert "cents int" in found


async def test_a_name_that_others_import_and_nobody_defines_is_about_to_be_written() -> None:
    workspace = Workspace(
        {
            "shop/tax.py": "RATE = 0.2\n\n⟦⟧\n",
            "shop/bill.py": "from shop.tax import RATE, with_tax\n\ntotal = with_tax(cart.total, RATE)\n",
        }
    )
    assert "total = with_tax(cart.total, RATE)" in await texts(workspace, "shop/tax.py", only("definitions"))


async def test_recent_edits_are_offered_where_they_are_now() -> None:
    workspace = Workspace({"a.py": "⟦⟧\n", "b.py": "\n".join(f"line_number_{number} = 1" for number in range(60))})
    document = workspace.open("b.py")
    document.lines[40] = "edited_here = compute()"
    workspace.gatherer.edited(document, 40, 1, 1)
    document.lines[0:0] = ["inserted = above"] * 3
    workspace.gatherer.edited(document, 0, 0, 3)
    (latest, *_) = await workspace.snippets("a.py", only("edits"))
    assert latest.source == "edit"
    found = await texts(workspace, "a.py", only("edits"))
    assert "edited_here = compute()" in found
    assert "line_number_10 " not in found


async def test_an_edit_far_up_in_a_huge_document_is_found_at_its_line() -> None:
    lines = [f"line_number_{number} = compute()" for number in range(5000)]
    workspace = Workspace({"a.py": "\n".join([*lines, "⟦⟧"])})
    document = workspace.open("a.py")
    workspace.gatherer.edited(document, 4000, 1, 1)
    found = await texts(workspace, "a.py", only("edits"))
    assert "line_number_4000 " in found
    assert "line_number_3900 " not in found


async def test_visited_places_are_offered() -> None:
    workspace = Workspace({"a.py": "⟦⟧\n", "b.py": "x = 1\n" * 30 + "visited_here = ⟦⟧compute()\n" + "y = 2\n" * 30})
    workspace.gatherer.visited(workspace.snapshot("b.py"))
    assert "visited_here = compute()" in await texts(workspace, "a.py", only("visits"))


@pytest.mark.parametrize("source", ["definitions", "similar"])
async def test_each_source_can_be_switched_off(source: str) -> None:
    names = {"definitions": "definition", "similar": "similar"}
    workspace = Workspace(SHOP)
    everything = {each.source for each in await workspace.snippets("shop/cart.py")}
    rest = {each.source for each in await workspace.snippets("shop/cart.py", Context(**{source: False}))}
    assert everything - rest == {names[source]}
    assert await workspace.snippets("shop/cart.py", Context(enabled=False)) == ()


async def test_open_documents_are_read_as_they_stand_not_as_they_were_saved() -> None:
    workspace = Workspace(SHOP)
    document = workspace.open("shop/money.py")
    document.lines[:] = ["class Amount:", "    unsaved_attribute: int"]
    workspace.gatherer.edited(document, 0, 20, 2)
    assert "unsaved_attribute" in await texts(workspace, "shop/cart.py", only("definitions"))
    assert "shop/money.py" not in workspace.read


async def test_closing_a_document_goes_back_to_the_file() -> None:
    workspace = Workspace(SHOP)
    document = workspace.open("shop/money.py")
    document.lines[:] = ["class Amount:", "    unsaved_attribute: int"]
    workspace.gatherer.edited(document, 0, 20, 2)
    workspace.gatherer.closed(document.uri)
    assert "unsaved_attribute" not in await texts(workspace, "shop/cart.py", only("definitions"))


# How long a choice holds


async def test_typing_on_keeps_the_choice_without_reading_anything() -> None:
    workspace = Workspace(SHOP)
    text = workspace.files["shop/cart.py"]
    first = await workspace.snippets("shop/cart.py")
    workspace.read.clear()
    for typed in ("a", "al", "all = [", "all = [\n            1,\n"):
        assert await workspace.snippets("shop/cart.py", text=text.replace("⟦⟧", typed + "⟦⟧")) == first
    assert workspace.read == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("                ⟦⟧\n", ""),
        ("⟦⟧", ""),
    ],
    ids=["blank line", "cursor only"],
)
async def test_going_elsewhere_and_coming_back_gives_the_same_choice(before: str, after: str) -> None:
    workspace = Workspace(SHOP)
    text = workspace.files["shop/cart.py"]
    first = await workspace.snippets("shop/cart.py")
    elsewhere = text.replace(before, after).replace("⟦⟧", "").replace("not self.items", "not ⟦⟧")
    await workspace.snippets("shop/cart.py", text=elsewhere)
    assert await workspace.snippets("shop/cart.py") == first


async def test_a_new_import_is_a_new_place() -> None:
    workspace = Workspace({**SHOP, "shop/coupon.py": "class Coupon:\n    percent_off: int\n"})
    text = workspace.files["shop/cart.py"]
    await workspace.snippets("shop/cart.py")
    text = "from .coupon import Coupon\n" + text.replace("⟦⟧", "Coupon⟦⟧")
    assert any("percent_off" in snippet.text for snippet in await workspace.snippets("shop/cart.py", text=text))


async def test_another_function_is_a_new_place() -> None:
    workspace = Workspace(SHOP)
    await workspace.snippets("shop/cart.py")
    workspace.files["shop/stock.py"] = "def fresh_neighbour(self, items):\n    return not self.items\n"
    text = workspace.files["shop/cart.py"].replace("⟦⟧", "").replace("return not", "return ⟦⟧not")
    assert any("fresh_neighbour" in snippet.text for snippet in await workspace.snippets("shop/cart.py", text=text))


async def test_the_choice_is_the_same_every_time() -> None:
    assert await Workspace(SHOP).snippets("shop/cart.py") == await Workspace(SHOP).snippets("shop/cart.py")


# What is never read


async def test_files_that_may_not_leave_are_neither_read_nor_offered() -> None:
    canary = "canary_4711"
    files = {
        **SHOP,
        "shop/secret.py": f"def convert(item, {canary}):\n    price = item.price\n    return price\n",
        "shop/money.py": f"class Amount:\n    {canary} = 1\n",
    }
    workspace = Workspace(files, may_leave=lambda name: name not in ("shop/secret.py", "shop/money.py"))
    workspace.open("shop/money.py")
    workspace.gatherer.visited(workspace.snapshot("shop/secret.py", mark="price"))
    for settings in (Context(), only("definitions"), only("similar"), only("edits", "visits")):
        assert canary not in await texts(workspace, "shop/cart.py", settings)
    assert not {"shop/secret.py", "shop/money.py"} & set(workspace.read)


async def test_an_ignore_rule_holds_from_the_next_request_on() -> None:
    workspace = Workspace(SHOP)
    assert "class Amount" in await texts(workspace, "shop/cart.py", Context())
    workspace.may_leave = lambda name: name != "shop/money.py"
    assert "class Amount" not in await texts(workspace, "shop/cart.py", Context())


async def test_without_a_workspace_folder_nothing_is_read_from_disk() -> None:
    workspace = Workspace(SHOP)
    workspace.open("shop/stock.py")
    found = await workspace.gatherer.snippets(workspace.snapshot("shop/cart.py"), Context(), folder=None)
    assert workspace.read == []
    assert [snippet.path for snippet in found] == ["stock.py"]


async def test_a_document_without_a_file_gets_what_is_open() -> None:
    workspace = Workspace(SHOP)
    workspace.open("shop/stock.py")
    snapshot = Snapshot("untitled:1", "python", 1, "def add(item):\n    price = convert(item.price)\n", "")
    found = await workspace.gatherer.snippets(snapshot, Context(), folder=FOLDER)
    assert [snippet.path for snippet in found] == ["shop/stock.py"]


async def test_a_huge_repository_is_not_scanned() -> None:
    many = {f"shop/many_{number}.py": "def f(item): return item.price\n" for number in range(2000)}
    workspace = Workspace({**SHOP, **many})
    await workspace.snippets("shop/cart.py")
    assert len(workspace.read) <= 40
    workspace.read.clear()
    await workspace.snippets("shop/stock.py", text=workspace.files["shop/stock.py"] + "⟦⟧")
    assert len(workspace.read) <= 40


# Time


async def test_stops_at_the_deadline_with_what_it_has() -> None:
    quick, slow = Workspace(SHOP, step_s=0.0), Workspace(SHOP, step_s=0.002)
    everything = await quick.snippets("shop/cart.py")
    some = await slow.snippets("shop/cart.py")
    assert 0 < len(some) < len(everything)
    assert slow.now_s <= 0.03


async def test_a_choice_made_without_any_time_is_not_kept() -> None:
    workspace = Workspace(SHOP, step_s=1.0)
    settings = only("similar")
    assert await workspace.snippets("shop/cart.py", settings) == ()
    workspace.step_s = 0.0
    assert await workspace.snippets("shop/cart.py", settings) != ()


async def test_reading_ahead_leaves_nothing_to_read() -> None:
    workspace = Workspace(SHOP)
    await workspace.gatherer.warm(workspace.open("shop/cart.py"), folder=FOLDER)
    assert {"shop/money.py", "shop/rates.py", "shop/stock.py"} <= set(workspace.read)
    workspace.read.clear()
    await workspace.snippets("shop/cart.py")
    assert set(workspace.read) <= {"shop/items/item.py"}


async def test_a_changed_file_is_read_again() -> None:
    workspace = Workspace(SHOP)
    await workspace.snippets("shop/cart.py")
    workspace.files["shop/money.py"] = "class Amount:\n    changed_on_disk = 1\n"
    assert "changed_on_disk" in await texts(workspace, "shop/cart.py", only("definitions"))


async def test_requests_at_once_do_not_disturb_each_other() -> None:
    workspace = Workspace(SHOP)
    one, other = await asyncio.gather(workspace.snippets("shop/cart.py"), workspace.snippets("shop/cart.py"))
    assert one == other


async def test_work_that_nobody_waits_for_any_more_still_has_the_worker_for_itself() -> None:
    """A cancelled request cannot stop its thread; what the threads share is made for one at a time."""
    running, most = 0, 0

    async def thread(work: Callable[[], T]) -> T:
        nonlocal running, most
        running += 1
        most = max(most, running)
        for _ in range(10):
            await asyncio.sleep(0)
        running -= 1
        return work()

    async def to_thread(work: Callable[[], T], /) -> T:
        return await asyncio.shield(asyncio.ensure_future(thread(work)))

    workspace = Workspace(SHOP)
    workspace.gatherer._run = to_thread
    left = asyncio.create_task(workspace.snippets("shop/cart.py"))
    for _ in range(4):
        await asyncio.sleep(0)
    left.cancel()
    assert await workspace.snippets("shop/cart.py")
    assert most == 1
