"""Bodies that are not valid events, valid events in unusual forms, and random bytes."""

import json

from contracts.event_kinds import EVENT_TYPES, ORDER_CANCELLED, ORDER_PLACED
from fuzz.generate.actions.happy_path import an_order
from fuzz.generate.choices import Choices, chance, one_of, some
from fuzz.generate.client_simulator import (
    TIMED_EVENTS,
    Body,
    ClientSimulator,
    items_event,
    new_order,
    order_cancelled,
    placement,
)
from fuzz.generate.context import Context, Step
from fuzz.generate.defects import ANY_FIELD, DEFECTS, WEIGHTED_DEFECTS, malformed_body
from fuzz.generate.valid_variants import VARIANTS, variant_body
from fuzz.model.json_text import MAX_DEPTH

WEIGHTED_TYPES = (*(ORDER_PLACED.type,) * 5, *TIMED_EVENTS, ORDER_CANCELLED.type)
"""The types of events; the one with the most fields comes most often."""


def valid_event(client: ClientSimulator, choices: Choices, kind: str) -> Body:
    """A valid event of that type, about an order of the client if there is one."""
    if kind == ORDER_PLACED.type:
        return placement(choices, f"ord-{client.tag}-0", 0)
    order = an_order(client, choices)
    order_id, day = (order.order_id, order.day) if order else (f"ord-{client.tag}-0", 0)
    if kind == ORDER_CANCELLED.type:
        return order_cancelled(order_id, day)
    known = order.line_ids if order else ["line-d"]
    lines: dict[str, int | None] = dict.fromkeys(some(choices, known), 1)
    return items_event(kind, order_id, lines, day)


def with_every_field(event: Body) -> Body:
    """The event with all optional fields, so that they can be malformed, too."""
    payload = event["payload"]
    if event["type"] == ORDER_PLACED.type:
        payload["cart_id"] = "cart-1"
        payload["customer"]["phone"] = "+49 89 123"
        payload["line_items"][0].setdefault("custom_properties", {"product_reference": "prd-d"})
    for item in payload.get("cancelled_line_items", ()):
        item["refunded_at"] = item["cancelled_at"]
    return event


def _rotated_types(context: Context, choices: Choices, name: str) -> tuple[str, ...]:
    """All types of events, each time with another one first."""
    first = context.shuffled(choices, ("type", name)).pick(len(EVENT_TYPES))
    return EVENT_TYPES[first:] + EVENT_TYPES[:first]


def defects(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """Named defects, each in an event that has a place for it."""
    requests = []
    for _ in range(3):
        defect = one_of(context.shuffled(choices, "defect"), WEIGHTED_DEFECTS)
        for kind in _rotated_types(context, choices, defect.name):
            body = valid_event(client, choices, kind)
            if not chance(choices, 3):
                body = with_every_field(body)
            raw = malformed_body(defect, body, context.shuffled(choices, defect.name))
            if raw is not None:
                requests.append(context.request_for(client, raw))
                break
    return Step("defects", tuple(requests)) if requests else None


def any_field(context: Context, client: ClientSimulator, choices: Choices) -> Step:
    """A valid event eight times, each time with some field left out or of another type."""
    kind = one_of(context.shuffled(choices, "any field"), WEIGHTED_TYPES)
    body = with_every_field(valid_event(client, choices, kind))
    made = [
        malformed_body(ANY_FIELD, body, context.shuffled(choices, ("any field", kind)))
        for _ in range(8)
    ]
    return Step(
        "any field", tuple(context.request_for(client, raw) for raw in made if raw is not None)
    )


def variant(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """A valid event in an unusual form, which counts like any other."""
    chosen = one_of(context.shuffled(choices, "variant"), VARIANTS)
    for kind in _rotated_types(context, choices, chosen.name):
        new = kind == ORDER_PLACED.type and len(client.orders) < context.max_orders
        order = new_order(client, choices) if new else None
        body = order.placement if order else valid_event(client, choices, kind)
        raw = variant_body(chosen, body, context.shuffled(choices, chosen.name))
        if raw is not None:
            if order is not None:
                order.sent, order.placement = True, json.loads(raw)
            return Step(f"variant: {chosen.name}", (context.request_for(client, raw),))
        if order is not None:
            client.orders.remove(order)
    return None


def depth(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """Nested lists, at the limit of a hakuna-mock and one beyond it (others have other limits)."""
    if not context.controllable:
        return None
    levels = MAX_DEPTH - 1 + choices.pick(2)
    nested = b"[" * levels + b"]" * levels
    raw = json.dumps(valid_event(client, choices, one_of(choices, EVENT_TYPES))).encode()
    return Step("depth", (context.request_for(client, raw[:-1] + b', "x": ' + nested + b"}"),))


def two_defects(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """Two defects in one body: one reply must name both."""
    body = valid_event(client, choices, one_of(choices, EVENT_TYPES))
    for _ in range(2):
        made = one_of(choices, DEFECTS).apply(json.loads(json.dumps(body)), choices)
        if not isinstance(made, dict) or not isinstance(made.get("payload"), dict):
            return None
        body = made
    return Step("two defects", (context.request_for(client, json.dumps(body).encode()),))


def noise(context: Context, client: ClientSimulator, choices: Choices) -> Step:
    """Random bytes."""
    raw = bytes(choices.pick(256) for _ in range(choices.pick(60)))
    return Step("noise", (context.request_for(client, raw),))


ACTIONS = ((defects, 14), (any_field, 10), (variant, 9), (two_defects, 2), (noise, 1), (depth, 1))
"""The actions with their weights."""
