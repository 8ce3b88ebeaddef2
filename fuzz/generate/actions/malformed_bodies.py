"""Bodies that are no event, and bytes that are nothing at all."""

import json

from fuzz.generate.actions.happy_path import an_order
from fuzz.generate.choices import Dice, chance, one_of, some
from fuzz.generate.client_simulator import (
    ITEMS,
    Body,
    Shop,
    items_event,
    new_order,
    order_cancelled,
    placement,
)
from fuzz.generate.context import Step, Talk
from fuzz.generate.defects import ANY_FIELD, DUE, MUTATIONS, mutated
from fuzz.generate.valid_variants import DIALECTS, said
from fuzz.model.json_text import MAX_DEPTH

EVENT_TYPES = ("order_placed", *ITEMS, "order_cancelled")
KINDS_TO_DAMAGE = (*("order_placed",) * 5, *ITEMS, "order_cancelled")
"""Types of events, those more often that have more fields."""


def _good_event(shop: Shop, dice: Dice, kind: str) -> Body:
    """An event of that type to damage, about an order of the shop where there is one."""
    if kind == "order_placed":
        return placement(dice, f"ord-{shop.tag}-0", 0)
    order = an_order(shop, dice)
    order_id, day = (order.order_id, order.day) if order else (f"ord-{shop.tag}-0", 0)
    if kind == "order_cancelled":
        return order_cancelled(order_id, day)
    known = [str(one["id"]) for one in order.lines] if order else ["line-d"]
    lines: dict[str, int | None] = dict.fromkeys(some(dice, known), 1)
    return items_event(kind, order_id, lines, day)


def _with_every_field(event: Body) -> Body:
    """The event with the optional fields, for they can be damaged, too."""
    payload = event["payload"]
    if event["type"] == "order_placed":
        payload["cart_id"] = "cart-1"
        payload["customer"]["phone"] = "+49 89 123"
        payload["line_items"][0].setdefault("custom_properties", {"product_reference": "prd-d"})
    for item in payload.get("cancelled_line_items", ()):
        item["refunded_at"] = item["cancelled_at"]
    return event


def _turns(talk: Talk, dice: Dice, name: str) -> tuple[str, ...]:
    """All types of events, another one first each time."""
    first = talk.dealt(dice, ("kind", name)).pick(len(EVENT_TYPES))
    return EVENT_TYPES[first:] + EVENT_TYPES[:first]


def mutation(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """Named defects, each in an event that has something of the kind."""
    requests = []
    for _ in range(3):
        chosen = one_of(talk.dealt(dice, "mutation"), DUE)
        for kind in _turns(talk, dice, chosen.name):
            body = _good_event(shop, dice, kind)
            if not chance(dice, 3):
                body = _with_every_field(body)
            raw = mutated(chosen, body, talk.dealt(dice, chosen.name))
            if raw is not None:
                requests.append(talk.post(shop, raw))
                break
    return Step("mutations", tuple(requests)) if requests else None


def any_field(talk: Talk, shop: Shop, dice: Dice) -> Step:
    """A good event eight times, each time with some field left out, or of another type."""
    kind = one_of(talk.dealt(dice, "any field"), KINDS_TO_DAMAGE)
    body = _with_every_field(_good_event(shop, dice, kind))
    made = [mutated(ANY_FIELD, body, talk.dealt(dice, ("any field", kind))) for _ in range(8)]
    return Step("any field", tuple(talk.post(shop, raw) for raw in made if raw is not None))


def dialect(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """A good event as few shops say it; an order is placed, shipped or ended by it."""
    chosen = one_of(talk.dealt(dice, "dialect"), DIALECTS)
    for kind in _turns(talk, dice, chosen.name):
        new = kind == "order_placed" and len(shop.orders) < talk.most_orders
        order = new_order(shop, dice) if new else None
        body = order.placement if order else _good_event(shop, dice, kind)
        raw = said(chosen, body, talk.dealt(dice, chosen.name))
        if raw is not None:
            if order is not None:
                order.sent, order.placement = True, json.loads(raw)
            return Step(f"dialect: {chosen.name}", (talk.post(shop, raw),))
        if order is not None:
            shop.orders.remove(order)
    return None


def depth(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """Lists within lists, at the limit of a hakuna-mock and one beyond (others have another)."""
    if not talk.controllable:
        return None
    levels = MAX_DEPTH - 1 + dice.pick(2)
    nested = b"[" * levels + b"]" * levels
    raw = json.dumps(_good_event(shop, dice, one_of(dice, EVENT_TYPES))).encode()
    return Step("depth", (talk.post(shop, raw[:-1] + b', "x": ' + nested + b"}"),))


def two_defects(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """Two defects in one body: every fault is named in one reply."""
    body = _good_event(shop, dice, one_of(dice, EVENT_TYPES))
    for _ in range(2):
        made = one_of(dice, MUTATIONS).apply(json.loads(json.dumps(body)), dice)
        if not isinstance(made, dict) or not isinstance(made.get("payload"), dict):
            return None
        body = made
    return Step("two defects", (talk.post(shop, json.dumps(body).encode()),))


def noise(talk: Talk, shop: Shop, dice: Dice) -> Step:
    """Bytes that nobody meant."""
    raw = bytes(dice.pick(256) for _ in range(dice.pick(60)))
    return Step("noise", (talk.post(shop, raw),))


MOVES = ((mutation, 14), (any_field, 10), (dialect, 9), (two_defects, 2), (noise, 1), (depth, 1))
"""Each move with how often it is made."""
