"""What is in stock, and what it is worth."""

from dataclasses import dataclass


@dataclass
class Item:
    name: str
    price: float
    amount: int = 0


class Inventory:
    def __init__(self) -> None:
        self.items: dict[str, Item] = {}

    def add(self, item: Item) -> None:
        if item.name in self.items:
            raise KeyError(item.name)
        self.items[item.name] = item

    def replace(self, item: Item) -> None:
        if item.name not in self.items:
            
