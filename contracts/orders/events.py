"""The five events as values: what the ledger and the rules read instead of raw JSON.

Built only from bodies that the validator accepted, so nothing here can fail.
"""

from collections.abc import Callable
from typing import Any

from contracts.event_kinds import (
    EVENT_TYPES,
    ORDER_CANCELLED,
    ORDER_FULFILLMENT_ADDED,
    ORDER_LINE_ITEMS_CANCELLED,
    ORDER_PLACED,
    ORDER_REFUND_ADDED,
    EventKind,
)
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
    def place(self) -> int:
        """Its place in the list, from 0."""
        return int(self.pointer.rpartition("/")[2])

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


class Refunded(ItemsEvent):
    """Units were refunded."""


class LinesCancelled(ItemsEvent):
    """Units were cancelled."""


@dataclass(frozen=True, slots=True)
class OrderCancelled(_Event):
    """The entire order was cancelled."""

    cancelled_at: Instant


_TimedEvent = Fulfilled | Refunded | LinesCancelled
Event = OrderPlaced | Fulfilled | Refunded | LinesCancelled | OrderCancelled

_Builder = Callable[[dict[str, Any], dict[str, Any]], Event]

_KINDS: dict[type[Event], EventKind] = {
    OrderPlaced: ORDER_PLACED,
    Fulfilled: ORDER_FULFILLMENT_ADDED,
    Refunded: ORDER_REFUND_ADDED,
    LinesCancelled: ORDER_LINE_ITEMS_CANCELLED,
    OrderCancelled: ORDER_CANCELLED,
}

ALL_EVENTS = EVENT_TYPES


def kind_of(event: Event) -> EventKind:
    """The event's row in the table of event types."""
    return _KINDS[type(event)]


def type_of(event: Event) -> str:
    """The event's `type` on the wire."""
    return _KINDS[type(event)].type


def build_event(document: dict[str, Any]) -> Event:
    """The event that an accepted body describes."""
    return _BUILDERS[document["type"]](document, document["payload"])


def _instant(text: str) -> Instant:
    instant = parse_instant(text)
    assert instant is not None, "the validator accepts RFC 3339 timestamps only"  # noqa: S101
    return instant


def _placed(body: dict[str, Any], payload: dict[str, Any]) -> OrderPlaced:
    lines = tuple(
        LineItem(
            pointer=child(ORDER_PLACED.items_pointer, place),
            id=line["id"],
            quantity=int(line["quantity"]),
            price_amount=int(line["price_amount"]),
            product_id=line["product_id"],
            title=line["product_title"],
            brand=line["product_brand"],
            reference=(line.get("custom_properties") or {}).get("product_reference"),
        )
        for place, line in enumerate(ORDER_PLACED.entries(payload))
    )
    return OrderPlaced(
        payload["order_id"],
        body,
        _instant(payload[ORDER_PLACED.time]),
        payload["order_currency"],
        payload["customer_billing_address"]["country"],
        lines,
    )


def _cancelled(body: dict[str, Any], payload: dict[str, Any]) -> OrderCancelled:
    return OrderCancelled(payload["order_id"], body, _instant(payload[ORDER_CANCELLED.time]))


def _builder(event: type[_TimedEvent], kind: EventKind) -> _Builder:
    """How the body of an event with timed entries is read."""
    pointer = kind.items_pointer

    def build(body: dict[str, Any], payload: dict[str, Any]) -> Event:
        items = tuple(
            _item(child(pointer, place), entry, kind)
            for place, entry in enumerate(kind.entries(payload))
        )
        return event(payload["order_id"], body, items)

    return build


def _item(pointer: str, entry: dict[str, Any], kind: EventKind) -> Item:
    time = next(name for name in kind.times if entry.get(name) is not None)
    quantity = entry.get("quantity")
    return Item(
        pointer,
        entry["line_item_id"],
        None if quantity is None else int(quantity),
        _instant(entry[time]),
        child(pointer, time),
    )


_BUILDERS: dict[str, _Builder] = {
    ORDER_PLACED.type: _placed,
    ORDER_CANCELLED.type: _cancelled,
    **{
        kind.type: _builder(event, kind)
        for event, kind in _KINDS.items()
        if issubclass(event, ItemsEvent)
    },
}
