"""Bodies that are no event, and bytes that are nothing at all."""

import json

from fuzz.dice import Dice, chance, one_of
from fuzz.moves.life import an_order
from fuzz.mutations import MUTATIONS, mutated
from fuzz.shop import ITEMS, Body, Shop, items_event, order_cancelled, placement
from fuzz.talk import Step, Talk


def _good_event(shop: Shop, dice: Dice) -> Body:
    """An event of any type to damage."""
    order = an_order(shop, dice)
    if order is None or chance(dice, 3):
        return placement(dice, f"ord-{shop.tag}-0", 0)
    if chance(dice, 4):
        return order_cancelled(order.order_id, order.day)
    lines: dict[str, int | None] = {str(one["id"]): 1 for one in order.lines}
    return items_event(one_of(dice, tuple(ITEMS)), order.order_id, lines, order.day)


def mutation(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """One good event with one or two named defects."""
    body = _good_event(shop, dice)
    first = one_of(dice, MUTATIONS)
    raw = mutated(first, body, dice)
    if raw is None:
        return None
    name = first.name
    if chance(dice, 4):
        second = one_of(dice, MUTATIONS)
        again = mutated(second, body, dice)
        if again is not None:
            raw, name = again, second.name
    return Step(f"mutation: {name}", (talk.post(shop, raw),))


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


MOVES = ((mutation, 14), (two_defects, 2), (noise, 1))
"""Each move with how often it is made."""
