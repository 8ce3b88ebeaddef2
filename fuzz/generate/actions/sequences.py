"""Whole stories in one step: several events in a row that single moves would rarely make."""

from collections.abc import Mapping

from fuzz.generate.choices import Dice, chance, one_of
from fuzz.generate.client_simulator import ITEMS, Shop, items_event, new_order, reference_of
from fuzz.generate.context import Step, Talk


def pair(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """A product and its plan, of which units are shipped and ended alone and together.

    What is missing, what settles it, and what counts as alone follows from the whole history.
    """
    if len(shop.orders) >= talk.most_orders:
        return None
    order = new_order(shop, dice)
    products = [
        one
        for one in order.lines
        if reference_of(one) is None and order.plans_for(str(one["product_id"]))
    ]
    order.sent = True
    if not products:
        return Step("pair", (talk.post(shop, order.placement),))
    product = one_of(dice, products)
    plans = order.plans_for(str(product["product_id"]))
    line, plan = str(product["id"]), one_of(dice, plans)
    if chance(dice, 3):  # more plans than products, from the start
        for one in order.placement["payload"]["line_items"]:
            if one["id"] == plan:
                one["quantity"] = int(product["quantity"]) % 7 + 1 + dice.pick(2)
    events = [order.placement]
    choices: tuple[Mapping[str, int | None], ...] = ({line: 1}, {plan: 1}, {line: 1, plan: 1})
    for one in products if chance(dice, 3) else ():  # another pair of the order, in between
        if one is not product:
            their_plan = order.plans_for(str(one["product_id"]))[0]
            choices += ({str(one["id"]): 1}, {their_plan: 1})
    chosen = choices[0]
    for _ in range(3 + dice.pick(4)):
        order.day += dice.pick(2)
        kind = one_of(dice, (*ITEMS, *tuple(ITEMS)[1:]))
        # What was ended alone is often completed by the next event.
        late = chosen is choices[0] and chance(dice, 2)
        chosen = choices[1] if late else one_of(dice, choices)
        events.append(items_event(kind, order.order_id, chosen, order.day))
    return Step("pair", tuple(talk.post(shop, one) for one in events))


MOVES = ((pair, 9),)
"""Each move with how often it is made."""
