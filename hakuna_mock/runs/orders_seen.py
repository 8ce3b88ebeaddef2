"""The orders of a run that its report shows, few enough for bounded memory."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any, overload

from contracts.judging.verdict import Verdict
from contracts.orders.order import Order
from contracts.orders.presentation import describe_order
from contracts.worlds.world import World

MAX_ORDERS = 500
"""So many are kept, those with findings first."""


class OrdersSeen(Sequence[Mapping[str, Any]]):
    """Orders under the key of their world, put into words only when a report asks for them."""

    def __init__(self, orders: Iterable[tuple[str, Order]]) -> None:
        self._orders = tuple(orders)

    def __len__(self) -> int:
        return len(self._orders)

    @overload
    def __getitem__(self, place: int) -> Mapping[str, Any]: ...

    @overload
    def __getitem__(self, place: slice) -> "OrdersSeen": ...

    def __getitem__(self, place: int | slice) -> "Mapping[str, Any] | OrdersSeen":
        if isinstance(place, slice):
            return OrdersSeen(self._orders[place])
        key, order = self._orders[place]
        return {"key": key, **describe_order(order)}


class OrdersNoted:
    """Which orders of a run, named by world and id, are worth showing."""

    def __init__(self) -> None:
        self._troubled: dict[tuple[str, str], None] = {}
        self._first: dict[tuple[str, str], None] = {}

    def note(self, key: str, verdict: Verdict) -> None:
        """Hear of one more verdict in the world of that key."""
        if verdict.order_id is None:
            return
        findings = verdict.findings or verdict.later_findings
        chosen = self._troubled if findings else self._first
        if len(chosen) < MAX_ORDERS:
            chosen[key, verdict.order_id] = None

    def orders(self, worlds: Mapping[str, World]) -> OrdersSeen:
        """The placed ones as the run left them."""
        expected = {**self._troubled, **self._first}
        found = ((key, worlds[key].orders.get(order_id)) for key, order_id in expected)
        placed = ((key, order) for key, order in found if order and order.is_placed)
        return OrdersSeen(islice(placed, MAX_ORDERS))
