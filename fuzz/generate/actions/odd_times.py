"""Events at odd times: far from the others, at the ends of windows, before their placement."""

from contracts.event_kinds import (
    EVENT_KINDS,
    ORDER_CANCELLED,
    ORDER_FULFILLMENT_ADDED,
    ORDER_LINE_ITEMS_CANCELLED,
    ORDER_REFUND_ADDED,
)
from contracts.shorthand.bodies import time_of
from contracts.timing.rfc3339 import SECOND, parse_instant, show
from fuzz.generate.actions.happy_path import an_order
from fuzz.generate.actions.rule_breaking import FAR_DAYS, TIMED_TYPES
from fuzz.generate.choices import Choices, chance, one_of, some
from fuzz.generate.client_simulator import (
    TIMED_EVENTS,
    Body,
    ClientSimulator,
    SimulatedOrder,
    items_event,
    new_order,
    order_cancelled,
    reference_of,
)
from fuzz.generate.context import Context, Step
from fuzz.generate.valid_variants import MIDNIGHTS, at_clock
from fuzz.model.world_settings import USUAL_TOLERANCE

NEAR_SECONDS = (0, -3600, 200, 420, 2400, 86_400)
"""Seconds from now, none of them within a minute of the five that are tolerated."""

EDGES = (0, -1, 1, -SECOND // 1000, SECOND // 1000, SECOND)
"""Nanoseconds from the earliest time that may still count as not before another."""

SHIPPED_ON = (3, 30, 183, 274, 274, 275)
"""Days: 4 and 31 March, 31 August, 30 November (no 30 February three months later), 1 December."""

_CLOCKS = (*MIDNIGHTS, time_of(0)[10:])
PLANS_ALONE = tuple((days, clock) for days in (14, 15) for clock in _CLOCKS)
WITH_PRODUCT = tuple((days, clock) for days in (89, 90, 91, 92, 93) for clock in _CLOCKS)
"""Days after the shipment, and times of the day, at which units are returned."""


def odd_time(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """A valid event far from the others in time, at an odd time of the day, or just now."""
    order = an_order(client, choices)
    if order is None:
        return None
    days = context.shuffled(choices, "far days")
    day = order.day + one_of(days, FAR_DAYS)
    if chance(choices, 4):
        body = order_cancelled(order.order_id, day)
        holders, stamp = [body["payload"]], ORDER_CANCELLED.time
    else:
        kind = one_of(choices, TIMED_TYPES)
        counts: dict[str, int | None] = dict.fromkeys(some(choices, order.line_ids), 1)
        body = items_event(kind, order.order_id, counts, day)
        name, stamp = TIMED_EVENTS[kind]
        holders = body["payload"][name]
    for holder in holders:
        if chance(choices, 2):
            day = order.day + one_of(context.shuffled(choices, "far days"), FAR_DAYS)
        holder[stamp] = _when(context, day, choices)
        if body["type"] == ORDER_LINE_ITEMS_CANCELLED.type and chance(choices, 2):
            holder["refunded_at"] = holder.pop(stamp)
    return Step("odd time", (context.request_for(client, body),))


def _when(context: Context, day: int, choices: Choices) -> str:
    """Some time of that day; now and then a time near the present."""
    if chance(choices, 8):
        near = one_of(context.shuffled(choices, "near now"), NEAR_SECONDS)
        return show(context.model.now + near * SECOND)
    return at_clock(day, context.shuffled(choices, "clock"))


def window(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """A new order is shipped, and returned on the last days of a window or the first after it."""
    if len(client.orders) >= context.max_orders:
        return None
    order = new_order(client, choices)
    order.sent = True
    product = one_of(choices, [item for item in order.lines if reference_of(item) is None])
    line, left = str(product["id"]), int(product["quantity"])
    plans = order.plans_for(str(product["product_id"]))
    day = one_of(context.shuffled(choices, "shipped on"), SHIPPED_ON)
    bodies = [order.placement, _shipment(order, line, day)]
    if left > 1:  # the latest shipment counts, whichever arrives last
        other = day + 1 + choices.pick(5)
        bodies.insert(1 + choices.pick(2), _shipment(order, line, other))
        day = one_of(choices, (other, day))
    alone = bool(plans) and chance(choices, 2)
    counts: dict[str, int | None] = dict.fromkeys(plans if alone else [line, *plans], 1)
    after, clock = one_of(
        context.shuffled(choices, ("window", alone)), PLANS_ALONE if alone else WITH_PRODUCT
    )
    refund = items_event(ORDER_REFUND_ADDED.type, order.order_id, counts, day + after)
    for item in refund["payload"]["refund_items"]:
        item["refunded_at"] = time_of(day + after)[:10] + clock
    return Step("window", tuple(context.request_for(client, body) for body in (*bodies, refund)))


def at_the_tolerance(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """Times that are as much before another as is allowed, or a little more or less."""
    if len(client.orders) >= context.max_orders:
        return None
    order = new_order(client, choices)
    order.sent = True
    line = one_of(choices, order.line_ids)
    shipment = _shipment(order, line, order.day)
    refund = items_event(ORDER_REFUND_ADDED.type, order.order_id, {line: 1}, order.day)
    bodies = one_of(
        choices,
        (
            (order.placement, shipment),
            (order.placement, shipment, refund),
            (order.placement, order_cancelled(order.order_id, order.day)),
        ),
    )
    late, early = bodies[-2:]
    at = _time(late) + one_of(choices, (0, SECOND // 2))
    edge = one_of(context.shuffled(choices, "edges"), EDGES)
    _set_time(late, at)
    _set_time(early, at - USUAL_TOLERANCE * SECOND + edge)
    return Step("at the tolerance", tuple(context.request_for(client, body) for body in bodies))


def _holder(body: Body) -> Body:
    """Where the first time of an event is."""
    kind = EVENT_KINDS[body["type"]]
    payload: Body = body["payload"]
    return payload[kind.items][0] if kind.items and kind.timed_items else payload


def _time(body: Body) -> int:
    time = parse_instant(_holder(body)[EVENT_KINDS[body["type"]].time])
    assert time is not None  # noqa: S101 - the events are valid
    return time


def _set_time(body: Body, at: int) -> None:
    text = f"{show(at)[:19]}.{at % SECOND:09d}Z"
    _holder(body)[EVENT_KINDS[body["type"]].time] = text


def _shipment(order: SimulatedOrder, line: str, day: int) -> Body:
    return items_event(ORDER_FULFILLMENT_ADDED.type, order.order_id, {line: 1}, day)


def before_placement(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """One to four events of an order that is placed later or never, not in the order of time."""
    if len(client.orders) >= context.max_orders:
        return None
    waiting = [order for order in client.orders if not order.sent]
    order = waiting[0] if waiting else new_order(client, choices)
    requests = []
    for _ in range(1 + choices.pick(4)):
        day = order.day + choices.pick(4)
        counts: dict[str, int | None] = dict.fromkeys(some(choices, order.line_ids), 1)
        if chance(choices, 8):
            body = order_cancelled(order.order_id, day)
        else:
            body = items_event(one_of(choices, TIMED_TYPES), order.order_id, counts, day)
        requests.append(context.request_for(client, body))
    return Step("before placement", tuple(requests))


ACTIONS = ((odd_time, 8), (window, 6), (before_placement, 3), (at_the_tolerance, 3))
"""The actions with their weights."""
