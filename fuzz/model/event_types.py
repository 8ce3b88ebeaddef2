"""The event types as the naive model knows them: which have items, and what an item has."""

from contracts.values import dataclass


@dataclass(frozen=True, slots=True)
class ItemsType:
    """An event with a list of items. `times` are the fields of an item of which one is needed."""

    items: str
    times: tuple[str, ...]
    needs_quantity: bool = True


ITEMS_TYPES = {
    "order_fulfillment_added": ItemsType("fulfillment_items", ("fulfilled_at",)),
    "order_refund_added": ItemsType("refund_items", ("refunded_at",)),
    "order_line_items_cancelled": ItemsType(
        "cancelled_line_items", ("cancelled_at", "refunded_at"), needs_quantity=False
    ),
}

ITEM_LISTS = {
    "order_placed": "line_items",
    **{name: kind.items for name, kind in ITEMS_TYPES.items()},
}

EVENT_TYPES = (*ITEM_LISTS, "order_cancelled")
