"""The event types as one table: what each is called, and where its entries and times are.

Everything else in `contracts` takes these names from here. A sixth type begins with a row here; its
JSON Schema, its class in `orders/events.py` and its effect in `orders/order.py` follow.
"""

from collections.abc import Mapping
from typing import Any

from contracts.values import dataclass


@dataclass(frozen=True, slots=True)
class EventKind:
    """One row of the table."""

    type: str
    """The value of the field `type`."""

    letter: str
    """Its letter in the shorthand."""

    verb: str
    """What the event does, as messages about the shorthand put it."""

    items: str | None
    """The field of the payload that lists lines or entries; None if it has no list."""

    time: str
    """The field that says when it happened."""

    timed_items: bool = False
    """Whether each entry has its own time; else the payload has one for the whole event."""

    time_alias: str | None = None
    """A second field for the time, read where the first is missing."""

    @property
    def times(self) -> tuple[str, ...]:
        """The fields that may hold a time; the first one that is present counts."""
        return (self.time,) if self.time_alias is None else (self.time, self.time_alias)

    @property
    def items_pointer(self) -> str:
        """Where the list is, as a JSON pointer into the body."""
        return f"/payload/{self.items}"

    @property
    def time_pointer(self) -> str:
        """Where the time of the whole event is, as a JSON pointer into the body."""
        return f"/payload/{self.time}"

    def entries(self, payload: Mapping[str, Any]) -> list[Any]:
        """The lines or entries of a payload that fits the contract."""
        return [] if self.items is None else payload[self.items]


ORDER_PLACED = EventKind("order_placed", "P", "places", "line_items", "placed_at")
ORDER_FULFILLMENT_ADDED = EventKind(
    "order_fulfillment_added",
    "F",
    "fulfils",
    "fulfillment_items",
    "fulfilled_at",
    timed_items=True,
)
ORDER_REFUND_ADDED = EventKind(
    "order_refund_added", "R", "refunds", "refund_items", "refunded_at", timed_items=True
)
ORDER_LINE_ITEMS_CANCELLED = EventKind(
    "order_line_items_cancelled",
    "C",
    "cancels lines",
    "cancelled_line_items",
    "cancelled_at",
    timed_items=True,
    time_alias="refunded_at",
)
ORDER_CANCELLED = EventKind("order_cancelled", "X", "cancels the order", None, "cancelled_at")

EVENT_KINDS: Mapping[str, EventKind] = {
    kind.type: kind
    for kind in (
        ORDER_PLACED,
        ORDER_FULFILLMENT_ADDED,
        ORDER_REFUND_ADDED,
        ORDER_LINE_ITEMS_CANCELLED,
        ORDER_CANCELLED,
    )
}
"""All types, in the order of the provider's page."""

EVENT_TYPES = tuple(EVENT_KINDS)

KIND_OF_LETTER: Mapping[str, EventKind] = {kind.letter: kind for kind in EVENT_KINDS.values()}

ITEM_LISTS = frozenset(kind.items for kind in EVENT_KINDS.values() if kind.items is not None)
"""The fields of payloads that list lines or entries."""

TIME_FIELDS = tuple(dict.fromkeys(name for kind in EVENT_KINDS.values() for name in kind.times))
"""The fields that hold times."""
