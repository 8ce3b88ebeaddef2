"""What a client does that breaks no rule: it places, ships, refunds and cancels."""

from fuzz.generate.choices import Choices, chance, one_of
from fuzz.generate.client_simulator import (
    ClientSimulator,
    SimulatedOrder,
    good_units,
    items_event,
    new_order,
    order_cancelled,
)
from fuzz.generate.context import Context, Step


def an_order(client: ClientSimulator, choices: Choices) -> SimulatedOrder | None:
    """One of the client's placed orders, most often the latest; None if it has none."""
    placed = [order for order in client.orders if order.sent]
    if not placed:
        return None
    return placed[-1] if not chance(choices, 3) else one_of(choices, placed)


def place(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """Place a new order, or one whose other events were sent first."""
    waiting = [order for order in client.orders if not order.sent]
    if len(client.orders) >= context.max_orders and not waiting:
        return None
    order = waiting[0] if waiting else new_order(client, choices)
    order.sent = True
    return Step("place", (context.request_for(client, order.placement),))


def fulfil(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """Ship units that are left, with or without their plans."""
    order = an_order(client, choices)
    if order is None:
        return None
    left = {
        line: count for line, count in context.unshipped_units(client, order).items() if count > 0
    }
    counts: dict[str, int | None] = {
        line: 1 + choices.pick(count) for line, count in left.items() if not chance(choices, 3)
    }
    if not counts:
        return None
    order.day += choices.pick(2)
    body = items_event("order_fulfillment_added", order.order_id, counts, order.day)
    return Step("fulfil", (context.request_for(client, body),))


def refund(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """Refund products together with the plans that would be too many."""
    return _return_units(context, client, choices, "order_refund_added", "refund")


def cancel(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """Cancel products together with the plans that would be too many."""
    return _return_units(context, client, choices, "order_line_items_cancelled", "cancel")


def _return_units(
    context: Context, client: ClientSimulator, choices: Choices, kind: str, name: str
) -> Step | None:
    order = an_order(client, choices)
    counts = good_units(choices, order, context.active_units(client, order)) if order else {}
    if order is None or not counts:
        return None
    order.day += choices.pick(3)
    return Step(
        name, (context.request_for(client, items_event(kind, order.order_id, counts, order.day)),)
    )


def cancel_order(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """Cancel an order; once it is shipped, that must be declined."""
    order = an_order(client, choices)
    if order is None or not chance(choices, 2):
        return None
    return Step(
        "cancel order", (context.request_for(client, order_cancelled(order.order_id, order.day)),)
    )


ACTIONS = ((place, 10), (fulfil, 10), (refund, 8), (cancel, 5), (cancel_order, 2))
"""The actions with their weights."""
