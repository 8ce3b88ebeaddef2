"""Well-formed events that break a rule, or nearly do: quantities, plans, entries."""

from collections.abc import Sequence

from contracts.event_kinds import ORDER_LINE_ITEMS_CANCELLED
from contracts.shorthand.bodies import time_of
from fuzz.generate.actions.happy_path import an_order
from fuzz.generate.choices import Choices, chance, one_of, some
from fuzz.generate.client_simulator import (
    TIMED_EVENTS,
    ClientSimulator,
    SimulatedOrder,
    items_event,
    reference_of,
)
from fuzz.generate.context import Context, Step

TIMED_TYPES = tuple(TIMED_EVENTS)
FAR_DAYS = (-400, -1, -1, 0, 14, 15, 16, 89, 90, 91, 92, 93, 94, 95, 400, 355_000)
"""Days after an order's last one: both sides of each window, and the year 2996."""


def _pairs(order: SimulatedOrder) -> list[tuple[str, Sequence[str]]]:
    """The product lines that have plans, each with its plans."""
    return [
        (str(line["id"]), plans)
        for line in order.lines
        if reference_of(line) is None and (plans := order.plans_for(str(line["product_id"])))
    ]


def any_units(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """Any event with any lines and quantities: forgets plans, exceeds, repeats what is gone."""
    order = an_order(client, choices)
    if order is None:
        return None
    kind = one_of(choices, TIMED_TYPES)
    counts: dict[str, int | None] = {
        line: 1 + choices.pick(3) for line in some(choices, order.line_ids)
    }
    if kind == ORDER_LINE_ITEMS_CANCELLED.type and chance(choices, 2):
        for line in some(choices, list(counts)):
            counts[line] = None
    order.day += choices.pick(2)
    body = items_event(kind, order.order_id, counts, order.day)
    return Step("any units", (context.request_for(client, body),))


def forget_plan(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """Return a protected product without its plan."""
    return _half_of_pair(context, client, choices, "forget plan", plan=False)


def plan_alone(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """Return a plan, or ship it, without its product."""
    return _half_of_pair(context, client, choices, "plan alone", plan=True)


def _half_of_pair(
    context: Context, client: ClientSimulator, choices: Choices, action: str, *, plan: bool
) -> Step | None:
    order = an_order(client, choices)
    pairs = _pairs(order) if order else []
    if order is None or not pairs:
        return None
    product, plans = one_of(choices, pairs)
    line = one_of(choices, plans) if plan else product
    left = context.active_units(client, order).get(line, 0)
    kind = one_of(choices, TIMED_TYPES if plan else TIMED_TYPES[1:])
    count = left if left and chance(choices, 2) else 1 + choices.pick(2)
    order.day += choices.pick(2)
    body = items_event(kind, order.order_id, {line: count}, order.day)
    return Step(action, (context.request_for(client, body),))


def swap_plan(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """Return a product with the plan of another one."""
    order = an_order(client, choices)
    pairs = _pairs(order) if order else []
    if order is None or len(pairs) < 2:
        return None
    first = choices.pick(len(pairs))
    other = pairs[(first + 1) % len(pairs)]
    counts: dict[str, int | None] = {pairs[first][0]: 1, other[1][0]: 1}
    body = items_event(one_of(choices, TIMED_TYPES[1:]), order.order_id, counts, order.day)
    return Step("swap plan", (context.request_for(client, body),))


def odd_entries(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """An event with an odd entry: a line twice, a product id for a line id, a time of its own."""
    order = an_order(client, choices)
    if order is None:
        return None
    kind = one_of(choices, TIMED_TYPES)
    lines = some(choices, order.line_ids)
    body = items_event(kind, order.order_id, dict.fromkeys(lines, 1), order.day)
    name, stamp = TIMED_EVENTS[kind]
    items = body["payload"][name]
    which = context.shuffled(choices, "odd entries").pick(7)
    if which == 6:
        # Entries without a quantity beside others: those with one count first.
        items += [dict(item) for item in items]
        for item in some(choices, items) if kind == ORDER_LINE_ITEMS_CANCELLED.type else ():
            del item["quantity"]
    elif which == 0:
        items.append(dict(items[0]))
    elif which == 1:
        items.append({**items[0], "quantity": 2})
    elif which == 2:
        items.append({**items[0], "line_item_id": str(order.lines[0]["product_id"])})
    elif which == 3:
        items[-1][stamp] = time_of(order.day + one_of(choices, FAR_DAYS))
    elif which == 4:
        similar = (f"{lines[0]} ", lines[0].upper(), f"{lines[0]}\u0301", "line-zz")
        other = one_of(context.shuffled(choices, "similar lines"), similar)
        items.append({**items[0], "line_item_id": other})
    elif kind == ORDER_LINE_ITEMS_CANCELLED.type:
        when = items[0].pop(stamp) if chance(choices, 2) else time_of(order.day - 500)
        items[0]["refunded_at"] = when  # instead of the usual field, or beside it
    else:
        items[0]["note"] = "an extra field"
    return Step("odd entries", (context.request_for(client, body),))


def foreign_order(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """An event for an order of another world, which this one does not know, or knows otherwise."""
    others = [other for other in context.clients if other is not client and other.orders]
    order = an_order(one_of(choices, others), choices) if others else None
    if order is None:
        return None
    counts: dict[str, int | None] = dict.fromkeys(some(choices, order.line_ids), 1)
    body = items_event(one_of(choices, TIMED_TYPES), order.order_id, counts, order.day)
    return Step("foreign order", (context.request_for(client, body),))


ACTIONS = (
    (any_units, 12),
    (forget_plan, 6),
    (plan_alone, 4),
    (swap_plan, 2),
    (odd_entries, 7),
    (foreign_order, 3),
)
"""The actions with their weights."""
