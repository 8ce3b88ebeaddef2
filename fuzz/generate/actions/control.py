"""Words to the control API of a hakuna-mock, and requests that arrive at the same moment."""

import json

from fuzz.generate.actions.happy_path import an_order
from fuzz.generate.choices import Dice, chance, one_of
from fuzz.generate.client_simulator import ITEMS, Shop, items_event, new_order
from fuzz.generate.context import AT_ONCE, CHECK, RESET, SETTINGS, Step, Talk
from fuzz.model.json_text import parse
from fuzz.model.oracle import Asked

ITEMS_TYPES = frozenset(ITEMS)

LEVELS: tuple[dict[str, str | None], ...] = (
    {"over-refund": "violation", "over-fulfillment": "off"},
    {"idempotency-key-missing": "violation", "zip-format": "off"},
    {"unknown-line-item": "off", "order-id-reused": "advice"},
    {"item-entry-repeated": "violation", "over-refund": None, "idempotency-key-missing": None},
    {"duplicate-event": "violation", "unknown-line-item": None},
    {"event-after-order-cancelled": "warning", "item-entry-repeated": "advice"},
    {"item-entry-repeated": "refuse", "over-refund": "accept"},
)
AT_FIRST: tuple[dict[str, str | None], ...] = (
    {"refund-missing-protection": "off"},
    {"refund-missing-protection": "advice", "cancel-missing-protection": "warning"},
    {"unknown-order": "warning", "out-of-order-arrival": "off"},
)
"""Levels of rules with a sequel: what a change between the two should mean is not settled."""


def reset(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """Clear the shop's world; what was sent before is sent again, and nobody knows it."""
    mine = [asked for owner, asked in talk.sent if owner is shop]
    if not talk.controllable or not mine:
        return None
    shop.orders.clear()
    first = dice.pick(len(mine))
    talk.later.append(Step("after a reset", tuple(mine[first : first + AFTER_RESET])))
    return Step("reset", how=RESET, key=shop.key)


AFTER_RESET = 8
"""So many requests are sent again."""


def settings(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """Another enforcement or other severities for one world only."""
    if not talk.controllable:
        return None
    told: dict[str, object] = {}
    what = dice.pick(3)  # what is not named must stay as it is
    if what != 1:
        told["enforcement"] = one_of(dice, ("flag", "reject"))
    if what != 0:
        levels = LEVELS if shop.orders else (*AT_FIRST, *LEVELS)
        told["rules"] = one_of(talk.dealt(dice, "levels"), levels)
    return Step("settings", how=SETTINGS, key=shop.key, settings=told)


def check(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """Ask what would become of some events; nothing may come of it."""
    order = an_order(shop, dice)
    if not talk.controllable or order is None:
        return None
    kind = one_of(dice, tuple(ITEMS))
    lines = [str(one["id"]) for one in order.lines]
    asked = []
    earlier = [one for owner, one in talk.sent if owner is shop and _checkable(one.body)]
    for _ in range(1 + dice.pick(2)):
        if earlier and chance(dice, 4):
            again = one_of(dice, earlier)
            asked.append(Asked(again.headers, json.dumps(json.loads(again.body)).encode()))
            continue
        body = items_event(kind, order.order_id, {one_of(dice, lines): 1 + dice.pick(2)}, order.day)
        asked.append(Asked(talk.headers(shop), json.dumps(body).encode()))
    return Step("check", tuple(asked), how=CHECK, key=shop.key)


def _checkable(raw: bytes) -> bool:
    """Whether the body can stand in a question: JSON that means the same when it is written anew.

    Placements tell there what they cause to events that wait, so they are left out.
    """
    parsed = parse(raw)
    return (
        parsed is not None
        and not parsed.repeated_keys
        and isinstance(parsed.value, dict)
        and str(parsed.value.get("type")) in ITEMS_TYPES
        and b"[[" not in raw
    )


def twins(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """One new event sent several times at the same moment, under one key: it counts once."""
    order = an_order(shop, dice)
    if order is None:
        return None
    line = str(one_of(dice, order.lines)["id"])
    kind = one_of(dice, tuple(ITEMS))
    asked = talk.post(shop, items_event(kind, order.order_id, {line: 1}, order.day))
    if chance(dice, 3):  # two events under one key: either may be the first, the other is refused
        body = json.dumps(items_event(kind, order.order_id, {line: 2}, order.day)).encode()
        return Step("rivals", (asked, Asked(asked.headers, body)), how=AT_ONCE)
    return Step("twins", (asked,) * (2 + dice.pick(3)), how=AT_ONCE)


def births(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """New orders, one of them twice or with its first event, placed at the same moment."""
    if len(shop.orders) >= talk.most_orders:
        return None
    asked = []
    for _ in range(1 + dice.pick(2)):
        order = new_order(shop, dice)
        order.sent = True
        asked.append(talk.post(shop, order.placement))
    if chance(dice, 2):
        asked.append(asked[-1])
    else:
        line = str(one_of(dice, order.lines)["id"])
        body = items_event(one_of(dice, tuple(ITEMS)), order.order_id, {line: 1}, order.day)
        asked.append(talk.post(shop, body))
    return Step("births", tuple(asked), how=AT_ONCE)


def crowd(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """Several events of one order, or of one in each world, at the same moment."""
    asked = []
    mixed = chance(dice, 2)
    for number in range(2 + dice.pick(2)):
        owner = talk.shops[number % len(talk.shops)] if mixed else shop
        order = an_order(owner, dice)
        if order is None:
            return None
        line = str(one_of(dice, order.lines)["id"])
        body = items_event(
            one_of(dice, tuple(ITEMS)), order.order_id, {line: 1}, order.day + number
        )
        asked.append(talk.post(owner, body))
    return Step("crowd", tuple(asked), how=AT_ONCE)


MOVES = ((reset, 2), (settings, 5), (check, 4), (twins, 3), (crowd, 3), (births, 2))
"""Each move with how often it is made."""
