"""Every way in which an event can change the state of an order, as the state model allows it.

`new` and `waiting` are orders before their placement; the others are `contracts.order.Status`.
A test walks all small orders and finds the same table.
"""

from contracts.event_kinds import (
    ORDER_CANCELLED,
    ORDER_FULFILLMENT_ADDED,
    ORDER_LINE_ITEMS_CANCELLED,
    ORDER_PLACED,
    ORDER_REFUND_ADDED,
)
from contracts.orders.events import type_of
from contracts.orders.order import Order, Step

_REACHED = {
    ORDER_PLACED.type: {
        "new": "placed fulfilled",
        "waiting": "placed fulfilled",
        "placed": "placed",
        "partially_fulfilled": "partially_fulfilled",
        "fulfilled": "fulfilled",
        "closed": "closed",
        "cancelled": "cancelled",
    },
    ORDER_FULFILLMENT_ADDED.type: {
        "new": "waiting",
        "waiting": "waiting",
        "placed": "placed partially_fulfilled fulfilled",
        "partially_fulfilled": "partially_fulfilled fulfilled",
        "fulfilled": "fulfilled",
        "closed": "closed",
        "cancelled": "cancelled",
    },
    ORDER_REFUND_ADDED.type: {
        "new": "waiting",
        "waiting": "waiting",
        "placed": "placed fulfilled closed",
        "partially_fulfilled": "partially_fulfilled fulfilled closed",
        "fulfilled": "fulfilled closed",
        "closed": "closed",
        "cancelled": "cancelled",
    },
    ORDER_LINE_ITEMS_CANCELLED.type: {
        "new": "waiting",
        "waiting": "waiting",
        "placed": "placed fulfilled closed",
        "partially_fulfilled": "partially_fulfilled fulfilled closed",
        "fulfilled": "fulfilled closed",
        "closed": "closed",
        "cancelled": "cancelled",
    },
    ORDER_CANCELLED.type: {
        "new": "waiting",
        "waiting": "waiting",
        "placed": "cancelled",
        "partially_fulfilled": "partially_fulfilled",
        "fulfilled": "fulfilled cancelled",
        "closed": "closed cancelled",
        "cancelled": "cancelled",
    },
}


def _named(before: str, after: str, kind: str) -> str:
    return f"{before} -> {after} by {kind}"


TRANSITIONS: tuple[str, ...] = tuple(
    _named(before, after, kind)
    for kind, ways in _REACHED.items()
    for before, afters in ways.items()
    for after in afters.split()
)
"""All of them by name, such as `placed -> fulfilled by order_fulfillment_added`."""


def transition_of(step: Step) -> str:
    """The name of what a step did to its order's state."""
    return _named(_state(step.before), _state(step.after), type_of(step.arrival.event))


def _state(order: Order) -> str:
    if order.is_placed:
        return str(order.status)
    return "waiting" if order.waiting else "new"
