"""Bodies that are no event, and bytes that are nothing at all."""

import json

from fuzz.dialects import DIALECTS, said
from fuzz.dice import Dice, chance, one_of, some
from fuzz.model_json import MAX_DEPTH
from fuzz.moves.life import an_order
from fuzz.mutations import ANY_FIELD, MUTATIONS, mutated
from fuzz.shop import ITEMS, Body, Shop, items_event, new_order, order_cancelled, placement
from fuzz.talk import Step, Talk


def _good_event(shop: Shop, dice: Dice) -> Body:
    """An event of any type to damage."""
    order = an_order(shop, dice)
    if order is None or chance(dice, 2):
        placed = placement(dice, f"ord-{shop.tag}-0", 0)
        if chance(dice, 2):  # the optional fields can be damaged, too
            placed["payload"]["cart_id"] = "cart-1"
            placed["payload"]["customer"]["phone"] = "+49 89 123"
        return placed
    if chance(dice, 4):
        return order_cancelled(order.order_id, order.day)
    lines: dict[str, int | None] = {str(one["id"]): 1 for one in order.lines}
    event = items_event(one_of(dice, tuple(ITEMS)), order.order_id, lines, order.day)
    for item in event["payload"].get("cancelled_line_items", ()):
        if chance(dice, 2):
            item["refunded_at"] = item["cancelled_at"]
    return event


def mutation(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """A good event with a named defect, and once more with the same or another one."""
    body = _good_event(shop, dice)
    first = one_of(dice, MUTATIONS)
    chosen = (first, first if chance(dice, 2) else one_of(dice, MUTATIONS))
    made = [raw for one in chosen if (raw := mutated(one, body, dice)) is not None]
    if not made:
        return None
    return Step(f"mutation: {first.name}", tuple(talk.post(shop, raw) for raw in made))


def any_field(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """A good event three times, each time with some field left out, or of another type."""
    body = _good_event(shop, dice)
    made = (mutated(one_of(dice, ANY_FIELD), body, dice) for _ in range(3))
    return Step("any field", tuple(talk.post(shop, raw) for raw in made if raw is not None))


def dialect(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """A good event as few shops say it; the order is placed, shipped or ended by it."""
    order = an_order(shop, dice)
    chosen = one_of(dice, DIALECTS)
    if order is None or (len(shop.orders) < talk.most_orders and chance(dice, 2)):
        placed = new_order(shop, dice)
        raw = said(chosen, placed.placement, dice)
        if raw is None:
            shop.orders.remove(placed)
            return None
        placed.sent, placed.placement = True, json.loads(raw)
    elif chance(dice, 6):
        raw = said(chosen, order_cancelled(order.order_id, order.day), dice)
    else:
        lines: dict[str, int | None] = {
            str(one["id"]): 1 + dice.pick(2) for one in some(dice, order.lines)
        }
        kind = one_of(dice, ("order_line_items_cancelled",) * 2 + tuple(ITEMS))
        raw = said(chosen, items_event(kind, order.order_id, lines, order.day), dice)
    return None if raw is None else Step(f"dialect: {chosen.name}", (talk.post(shop, raw),))


def depth(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """Lists within lists, at the limit of a hakuna-mock and one beyond (others have another)."""
    if not talk.controllable:
        return None
    levels = MAX_DEPTH - 1 + dice.pick(2)
    nested = b"[" * levels + b"]" * levels
    raw = json.dumps(_good_event(shop, dice)).encode()
    return Step("depth", (talk.post(shop, raw[:-1] + b', "x": ' + nested + b"}"),))


def two_defects(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """Two defects in one body: every fault is named in one reply."""
    body = _good_event(shop, dice)
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


MOVES = ((mutation, 14), (any_field, 8), (dialect, 9), (two_defects, 2), (noise, 1), (depth, 1))
"""Each move with how often it is made."""
