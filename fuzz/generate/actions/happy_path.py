"""What a good shop does: orders placed, shipped, given back, cancelled, each event well-formed."""

from fuzz.generate.choices import Dice, chance, one_of
from fuzz.generate.client_simulator import (
    Shop,
    ShopOrder,
    good_units,
    items_event,
    new_order,
    order_cancelled,
)
from fuzz.generate.context import Step, Talk


def an_order(shop: Shop, dice: Dice) -> ShopOrder | None:
    """One of the shop's placed orders, the latest most often."""
    placed = [one for one in shop.orders if one.sent]
    if not placed:
        return None
    return placed[-1] if not chance(dice, 3) else one_of(dice, placed)


def place(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """Place a new order, or one whose other events came first."""
    waiting = [one for one in shop.orders if not one.sent]
    if len(shop.orders) >= talk.most_orders and not waiting:
        return None
    order = waiting[0] if waiting else new_order(shop, dice)
    order.sent = True
    return Step("place", (talk.post(shop, order.placement),))


def fulfil(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """Ship units that are left, with or without their plans."""
    order = an_order(shop, dice)
    if order is None:
        return None
    left = {line: count for line, count in talk.unshipped(shop, order).items() if count > 0}
    counts: dict[str, int | None] = {
        line: 1 + dice.pick(count) for line, count in left.items() if not chance(dice, 3)
    }
    if not counts:
        return None
    order.day += dice.pick(2)
    body = items_event("order_fulfillment_added", order.order_id, counts, order.day)
    return Step("fulfil", (talk.post(shop, body),))


def refund(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """Refund products together with the plans that would be too many."""
    return _give_back(talk, shop, dice, "order_refund_added", "refund")


def cancel(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """Cancel products together with the plans that would be too many."""
    return _give_back(talk, shop, dice, "order_line_items_cancelled", "cancel")


def _give_back(talk: Talk, shop: Shop, dice: Dice, kind: str, name: str) -> Step | None:
    order = an_order(shop, dice)
    counts = good_units(dice, order, talk.left(shop, order)) if order else {}
    if order is None or not counts:
        return None
    order.day += dice.pick(3)
    return Step(name, (talk.post(shop, items_event(kind, order.order_id, counts, order.day)),))


def cancel_order(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """Cancel an order, shipped or not: the second is declined."""
    order = an_order(shop, dice)
    if order is None or not chance(dice, 2):
        return None
    return Step("cancel order", (talk.post(shop, order_cancelled(order.order_id, order.day)),))


MOVES = ((place, 10), (fulfil, 10), (refund, 8), (cancel, 5), (cancel_order, 2))
"""Each move with how often it is made."""
