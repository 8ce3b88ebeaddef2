"""Which orders of a world hold a product: what the rules ask about products of other orders."""

from collections.abc import Sequence
from itertools import islice
from typing import Protocol

from contracts.orders.order import Order

MAX_ORDERS_NAMED = 3


class ProductHistory(Protocol):
    """What a world knows of the products in its placed orders. The cost of an answer is bounded."""

    def orders_with_product(self, product_id: str) -> Sequence[str]:
        """Up to three orders that have a line of this product (plans aside), the latest last."""

    def order_with_protection(self, product_id: str) -> str | None:
        """The latest order in which a line of this product protected another product."""


class ProductIndex:
    """The order ids by product id, of the orders that are kept.

    It holds as many entries as these orders have products; `remove` keeps it so.
    """

    def __init__(self) -> None:
        # Dictionaries are ordered sets here, in the order of the placements.
        self._products: dict[str, dict[str, None]] = {}
        self._protections: dict[str, dict[str, None]] = {}

    def add(self, order: Order) -> None:
        """Take in an order that was just placed."""
        for index, product_id in self._entries(order):
            index.setdefault(product_id, {})[order.order_id] = None

    def remove(self, order: Order) -> None:
        """Drop an order that is no longer kept."""
        for index, product_id in self._entries(order):
            orders = index.get(product_id, {})
            orders.pop(order.order_id, None)
            if not orders:
                index.pop(product_id, None)

    def orders_with_product(self, product_id: str) -> list[str]:
        """As `ProductHistory` describes it."""
        return _latest(self._products.get(product_id, {}), MAX_ORDERS_NAMED)

    def order_with_protection(self, product_id: str) -> str | None:
        """As `ProductHistory` describes it."""
        return next(reversed(self._protections.get(product_id, {})), None)

    def _entries(self, order: Order) -> list[tuple[dict[str, dict[str, None]], str]]:
        items = [line.item for line in order.lines.values()]
        products = [(self._products, item.product_id) for item in items if not item.is_protection]
        plans = [(self._protections, item.product_id) for item in items if item.protects_another]
        return [*products, *plans]


def _latest(orders: dict[str, None], count: int) -> list[str]:
    return list(islice(reversed(orders), count))[::-1]
