"""The five events as values: what the ledger and the rules read instead of raw JSON.

Built only from bodies that the gate accepted, so nothing here can fail.
"""

from collections.abc import Callable
from typing import Any

from contracts.json_text.pointer import child
from contracts.timing.rfc3339 import Instant, parse_instant
from contracts.values import dataclass


@dataclass(frozen=True, slots=True)
class LineItem:
    """One line of a placed order. `price_amount` is in cents; `reference` makes it a protection."""

    pointer: str
    id: str
    quantity: int
    price_amount: int
    product_id: str
    title: str
    brand: str
    reference: str | None

    @property
    def is_protection(self) -> bool:
        """Whether the line insures another product (it has a product_reference)."""
        return self.reference is not None

    @property
    def protects_another(self) -> bool:
        """Whether the line is a protection of another product than its own."""
        return self.reference not in (None, self.product_id)

    @property
    def name(self) -> str:
        """The line as messages call it: title and id."""
        return f"{self.title} ({self.id})" if self.title else self.id


@dataclass(frozen=True, slots=True)
class Item:
    """One entry of a fulfilment, refund or cancellation. `quantity` None: it was left out."""

    pointer: str
    line_id: str
    quantity: int | None
    at: Instant
    at_pointer: str


@dataclass(frozen=True, slots=True)
class _Event:
    order_id: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class OrderPlaced(_Event):
    """An order with all its lines."""

    placed_at: Instant
    currency: str
    country: str
    lines: tuple[LineItem, ...]


@dataclass(frozen=True, slots=True)
class ItemsEvent(_Event):
    """What fulfilments, refunds and line cancellations share: a list of entries."""

    items: tuple[Item, ...]


class Fulfilled(ItemsEvent):
    """Units were shipped."""

    __slots__ = ()


class Refunded(ItemsEvent):
    """Units were refunded."""

    __slots__ = ()


class LinesCancelled(ItemsEvent):
    """Units were cancelled."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class OrderCancelled(_Event):
    """The entire order was cancelled."""

    cancelled_at: Instant


Event = OrderPlaced | Fulfilled | Refunded | LinesCancelled | OrderCancelled

_TYPES: dict[type[Event], str] = {
    OrderPlaced: "order_placed",
    Fulfilled: "order_fulfillment_added",
    Refunded: "order_refund_added",
    LinesCancelled: "order_line_items_cancelled",
    OrderCancelled: "order_cancelled",
}

ALL_EVENTS = tuple(_TYPES.values())
"""The five types, in the page's order."""


def type_of(event: Event) -> str:
    """The event's `type` on the wire."""
    return _TYPES[type(event)]


def build_event(document: dict[str, Any]) -> Event:
    """The event that an accepted body describes."""
    return _BUILDERS[document["type"]](document, document["payload"])


def _instant(text: str) -> Instant:
    instant = parse_instant(text)
    assert instant is not None, "the gate accepts RFC 3339 timestamps only"  # noqa: S101
    return instant


def _placed(body: dict[str, Any], payload: dict[str, Any]) -> OrderPlaced:
    lines = tuple(
        LineItem(
            pointer=child("/payload/line_items", place),
            id=line["id"],
            quantity=int(line["quantity"]),
            price_amount=int(line["price_amount"]),
            product_id=line["product_id"],
            title=line["product_title"],
            brand=line["product_brand"],
            reference=(line.get("custom_properties") or {}).get("product_reference"),
        )
        for place, line in enumerate(payload["line_items"])
    )
    return OrderPlaced(
        payload["order_id"],
        body,
        _instant(payload["placed_at"]),
        payload["order_currency"],
        payload["customer_billing_address"]["country"],
        lines,
    )


def _items(payload: dict[str, Any], name: str, *stamps: str) -> tuple[Item, ...]:
    found = []
    for place, entry in enumerate(payload[name]):
        pointer = child(child("/payload", name), place)
        # Of two timestamps the first named wins (cancelled_at before refunded_at).
        stamp = next(one for one in stamps if entry.get(one) is not None)
        quantity = entry.get("quantity")
        found.append(
            Item(
                pointer,
                entry["line_item_id"],
                None if quantity is None else int(quantity),
                _instant(entry[stamp]),
                child(pointer, stamp),
            )
        )
    return tuple(found)


_BUILDERS: dict[str, Callable[[dict[str, Any], dict[str, Any]], Event]] = {
    "order_placed": _placed,
    "order_fulfillment_added": lambda body, payload: Fulfilled(
        payload["order_id"], body, _items(payload, "fulfillment_items", "fulfilled_at")
    ),
    "order_refund_added": lambda body, payload: Refunded(
        payload["order_id"], body, _items(payload, "refund_items", "refunded_at")
    ),
    "order_line_items_cancelled": lambda body, payload: LinesCancelled(
        payload["order_id"],
        body,
        _items(payload, "cancelled_line_items", "cancelled_at", "refunded_at"),
    ),
    "order_cancelled": lambda body, payload: OrderCancelled(
        payload["order_id"], body, _instant(payload["cancelled_at"])
    ),
}
