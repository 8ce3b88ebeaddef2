"""What a shop does wrong: well-formed events that break a rule, or nearly do."""

import re
from collections.abc import Iterator, Sequence

from contracts.http.idempotency import KEY_HEADER
from contracts.shorthand.bodies import time_of
from contracts.timing.rfc3339 import SECOND, show
from fuzz.generate.actions.happy_path import an_order
from fuzz.generate.choices import Dice, chance, one_of, some
from fuzz.generate.client_simulator import (
    ITEMS,
    Body,
    Shop,
    ShopOrder,
    items_event,
    new_order,
    order_cancelled,
    placement,
    reference_of,
)
from fuzz.generate.context import Step, Talk
from fuzz.generate.valid_variants import MIDNIGHTS, at_clock
from fuzz.model.bodies import tables
from fuzz.model.oracle import Asked

KINDS = tuple(ITEMS)
FAR_DAYS = (-400, -1, -1, 0, 14, 15, 16, 89, 90, 91, 92, 93, 94, 95, 400, 355_000)
"""Days after an order's last one: both sides of each window, and the year 2996."""


POSTAL_CODES = (
    *("1234567890"[:size] for size in range(3, 11)),
    *("EC1A1BB", "M11AE", "1234AB", "VLT1117", "D02AF30", "SW1A2AA"),
    *("de-12345", "12345-6789", "1234 AB", "EC1A 1BB", "ec1a 1bb", "12 345", "1234567-", "ABCDE"),
)
"""All forms that some country knows, and other ones."""

NEAR_SECONDS = (0, -3600, 200, 420, 2400, 86_400)
"""Seconds from now, none of them within a minute of the five that are tolerated."""


def _line_ids(order: ShopOrder) -> list[str]:
    return [str(one["id"]) for one in order.lines]


def _pairs(order: ShopOrder) -> list[tuple[str, Sequence[str]]]:
    """Product lines that have plans, each with those."""
    return [
        (str(one["id"]), plans)
        for one in order.lines
        if reference_of(one) is None and (plans := order.plans_for(str(one["product_id"])))
    ]


def any_units(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """Any event with any lines and any quantities: forgets plans, exceeds, repeats what is gone."""
    order = an_order(shop, dice)
    if order is None:
        return None
    kind = one_of(dice, KINDS)
    counts: dict[str, int | None] = {
        line: 1 + dice.pick(3) for line in some(dice, _line_ids(order))
    }
    if kind == "order_line_items_cancelled" and chance(dice, 2):
        for line in some(dice, list(counts)):
            counts[line] = None
    order.day += dice.pick(2)
    body = items_event(kind, order.order_id, counts, order.day)
    return Step("any units", (talk.post(shop, body),))


def forget_plan(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """Give an insured product back without its plan."""
    return _half(talk, shop, dice, "forget plan", plan=False)


def plan_alone(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """Give a plan back, or ship it, without its product."""
    return _half(talk, shop, dice, "plan alone", plan=True)


def _half(talk: Talk, shop: Shop, dice: Dice, move: str, *, plan: bool) -> Step | None:
    order = an_order(shop, dice)
    pairs = _pairs(order) if order else []
    if order is None or not pairs:
        return None
    product, plans = one_of(dice, pairs)
    line = one_of(dice, plans) if plan else product
    left = talk.left(shop, order).get(line, 0)
    kind = one_of(dice, KINDS if plan else KINDS[1:])
    count = left if left and chance(dice, 2) else 1 + dice.pick(2)
    order.day += dice.pick(2)
    body = items_event(kind, order.order_id, {line: count}, order.day)
    return Step(move, (talk.post(shop, body),))


def swap_plan(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """Give a product back with the plan of another one."""
    order = an_order(shop, dice)
    pairs = _pairs(order) if order else []
    if order is None or len(pairs) < 2:
        return None
    first = dice.pick(len(pairs))
    other = pairs[(first + 1) % len(pairs)]
    counts: dict[str, int | None] = {pairs[first][0]: 1, other[1][0]: 1}
    body = items_event(one_of(dice, KINDS[1:]), order.order_id, counts, order.day)
    return Step("swap plan", (talk.post(shop, body),))


def odd_entries(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """An event whose list is odd: a line twice, a product's id for its line's, times of its own."""
    order = an_order(shop, dice)
    if order is None:
        return None
    kind = one_of(dice, KINDS)
    lines = some(dice, _line_ids(order))
    body = items_event(kind, order.order_id, dict.fromkeys(lines, 1), order.day)
    name, stamp = ITEMS[kind]
    items = body["payload"][name]
    what = talk.dealt(dice, "odd entries").pick(7)
    if what == 6:
        # Entries without quantity among others: those with one go first.
        items += [dict(one) for one in items]
        for one in some(dice, items) if kind == "order_line_items_cancelled" else ():
            del one["quantity"]
    elif what == 0:
        items.append(dict(items[0]))
    elif what == 1:
        items.append({**items[0], "quantity": 2})
    elif what == 2:
        items.append({**items[0], "line_item_id": str(order.lines[0]["product_id"])})
    elif what == 3:
        items[-1][stamp] = time_of(order.day + one_of(dice, FAR_DAYS))
    elif what == 4:
        alike = (f"{lines[0]} ", lines[0].upper(), f"{lines[0]}\u0301", "line-zz")
        other = one_of(talk.dealt(dice, "alike lines"), alike)
        items.append({**items[0], "line_item_id": other})
    elif kind == "order_line_items_cancelled":
        when = items[0].pop(stamp) if chance(dice, 2) else time_of(order.day - 500)
        items[0]["refunded_at"] = when  # the other name alone, or beside the usual one
    else:
        items[0]["note"] = "a field of the shop's own"
    return Step("odd entries", (talk.post(shop, body),))


def odd_time(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """A good event far from the others in time, at an odd time of the day, or just now."""
    order = an_order(shop, dice)
    if order is None:
        return None
    days = talk.dealt(dice, "far days")
    day = order.day + one_of(days, FAR_DAYS)
    if chance(dice, 4):
        body = order_cancelled(order.order_id, day)
        holders, stamp = [body["payload"]], "cancelled_at"
    else:
        kind = one_of(dice, KINDS)
        counts: dict[str, int | None] = dict.fromkeys(some(dice, _line_ids(order)), 1)
        body = items_event(kind, order.order_id, counts, day)
        name, stamp = ITEMS[kind]
        holders = body["payload"][name]
    for holder in holders:
        if chance(dice, 2):
            day = order.day + one_of(talk.dealt(dice, "far days"), FAR_DAYS)
        holder[stamp] = _when(talk, day, dice)
        if kind_of(body) == "order_line_items_cancelled" and chance(dice, 2):
            holder["refunded_at"] = holder.pop(stamp)
    return Step("odd time", (talk.post(shop, body),))


def kind_of(body: Body) -> str:
    """The type of an event."""
    return str(body["type"])


def _when(talk: Talk, day: int, dice: Dice) -> str:
    """That day at some time; now and then a time around the present, as far as clocks agree."""
    if chance(dice, 8):
        near = one_of(talk.dealt(dice, "near now"), NEAR_SECONDS)
        return show(talk.model.now + near * SECOND)
    return at_clock(day, talk.dealt(dice, "clock"))


SHIPPED_ON = (3, 30, 183, 274, 274, 275)
"""Days: 4 and 31 March, 31 August, 30 November (no 30 February three months later), 1 December."""


_CLOCKS = (*MIDNIGHTS, time_of(0)[10:])
ALONE = tuple((days, clock) for days in (14, 15) for clock in _CLOCKS)
TOGETHER = tuple((days, clock) for days in (89, 90, 91, 92, 93) for clock in _CLOCKS)
"""Days after the shipment, and times of the day, at which plans alone and products come back."""


def window(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """A new order is shipped, and comes back on the last days of a window or the first after it."""
    if len(shop.orders) >= talk.most_orders:
        return None
    order = new_order(shop, dice)
    order.sent = True
    product = one_of(dice, [one for one in order.lines if reference_of(one) is None])
    line, left = str(product["id"]), int(product["quantity"])
    plans = order.plans_for(str(product["product_id"]))
    day = one_of(talk.dealt(dice, "shipped on"), SHIPPED_ON)
    bodies = [order.placement, items_event(KINDS[0], order.order_id, {line: 1}, day)]
    if left > 1:  # the latest shipment counts, whichever arrives last
        other = day + 1 + dice.pick(5)
        bodies.insert(1 + dice.pick(2), items_event(KINDS[0], order.order_id, {line: 1}, other))
        day = one_of(dice, (other, day))
    alone = bool(plans) and chance(dice, 2)
    counts: dict[str, int | None] = dict.fromkeys(plans if alone else [line, *plans], 1)
    after, clock = one_of(talk.dealt(dice, ("window", alone)), ALONE if alone else TOGETHER)
    refund = items_event("order_refund_added", order.order_id, counts, day + after)
    for item in refund["payload"]["refund_items"]:
        item["refunded_at"] = time_of(day + after)[:10] + clock
    return Step("window", tuple(talk.post(shop, body) for body in (*bodies, refund)))


def before_placement(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """Events of an order that is placed later, or never: one to four, not in the order of time."""
    if len(shop.orders) >= talk.most_orders:
        return None
    waiting = [one for one in shop.orders if not one.sent]
    order = waiting[0] if waiting else new_order(shop, dice)
    asked = []
    for _ in range(1 + dice.pick(4)):
        day = order.day + dice.pick(4)
        counts: dict[str, int | None] = dict.fromkeys(some(dice, _line_ids(order)), 1)
        if chance(dice, 8):
            body = order_cancelled(order.order_id, day)
        else:
            body = items_event(one_of(dice, KINDS), order.order_id, counts, day)
        asked.append(talk.post(shop, body))
    return Step("before placement", tuple(asked))


def place_again(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """The same placement again, or another one under its id."""
    order = an_order(shop, dice)
    if order is None:
        return None
    payload = dict(order.placement["payload"])
    if chance(dice, 2):
        payload["line_items"] = [
            {**one, "quantity": one["quantity"] + 1} for one in payload["line_items"]
        ]
    return Step("place again", (talk.post(shop, {"type": "order_placed", "payload": payload}),))


def _odd_links(dice: Dice, lines: list[Body]) -> None:
    """Change one thing about the lines of a placement that a rule of placements looks at."""
    plans = [one for one in lines if reference_of(one) is not None]
    products = [one for one in lines if reference_of(one) is None]
    line = one_of(dice, products)
    plan = one_of(dice, plans) if plans else None
    what = dice.pick(11)
    if what == 10:
        twice = line if plan is None or chance(dice, 2) else plan
        lines.append({**twice, "product_id": "prd-x", "quantity": int(twice["quantity"]) + 1})
    elif what <= 1:
        if chance(dice, 2):  # also where no line looks like a protection otherwise
            lines[:] = products
        line["product_brand"] = one_of(dice, ("hakuna", "Hakuna", "HAKUNA"))
    elif what == 2:
        line["custom_properties"] = {"protection_line_item_id": "line-pd"}
    elif what == 3:
        line["custom_properties"] = {"product_refrence": "prd-d", "colour": "black"}
    elif plan is None:
        line["custom_properties"] = {"product_reference": str(line["product_id"])}
    elif what == 4:
        plan["custom_properties"] = {"product_reference": one_of(dice, ("prd-zz", "line-d"))}
    elif what == 5:
        plan["custom_properties"] = {"product_reference": str(plan["product_id"])}
    elif what == 6:
        lines.append(
            {
                **plan,
                "id": "line-s",
                "product_id": "prd-s",
                "quantity": 1,
                "custom_properties": {"product_reference": str(plan["product_id"])},
            }
        )
    elif what == 7:
        plan["quantity"] += 1 + dice.pick(3)
    elif what == 8:
        plan["price_amount"] = 0
    else:
        plan["product_brand"] = "Hakuna"


def _elsewhere(talk: Talk, dice: Dice, payload: Body) -> None:
    """Some country of the tables, its currency or another one's, a postal code of some form."""
    known = tables()["country_currencies"]
    country = one_of(talk.dealt(dice, "country"), list(known))
    address = payload["customer_billing_address"]
    address["country"] = country
    own, fitting = divmod(talk.dealt(dice, ("elsewhere", country)).pick(4), 2)
    payload["order_currency"] = one_of(dice, known[country if own else one_of(dice, list(known))])
    forms = [one for one in POSTAL_CODES if re.fullmatch(_form_of(country), one)]
    choices = forms if forms and fitting else POSTAL_CODES
    address["zip"] = one_of(talk.dealt(dice, ("zip", country)), choices)


def _form_of(country: str) -> str:
    """What that country's postal codes look like."""
    return str(tables()["postal_codes"].get(country, {"pattern": "x"})["pattern"])


NO_COUNTRIES = ("zz", "us", "pl", "uk", "xk", "eu", "en", "an")
"""Codes of no country, or of one that the order's currency does not fit."""


def odd_placement(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """A new order with links or values that a rule of placements looks at."""
    if len(shop.orders) >= talk.most_orders:
        return None
    order = new_order(shop, dice)
    order.sent = True
    payload = order.placement["payload"]
    address = payload["customer_billing_address"]
    what = talk.dealt(dice, "odd placement").pick(12)
    if what >= 9:  # the first one is placed, of the others only the values are judged
        asked = []
        for _ in range(8):
            _elsewhere(talk, dice, payload)
            asked.append(talk.post(shop, order.placement))
        return Step("odd placement", tuple(asked))
    if what == 0:
        address["country"] = one_of(talk.dealt(dice, "no country"), NO_COUNTRIES)
    elif what == 1:
        payload["order_currency"] = one_of(talk.dealt(dice, "no currency"), ("xyz", "usd", "sek"))
    elif what == 2:
        payload["customer"]["email"] = "n/a"
        payload["placed_at"] = one_of(dice, (payload["placed_at"], "1970-01-01T00:00:00Z"))
    elif what == 3:
        address["zip"] = one_of(dice, ("123456", "8137", "x", "1 2 3"))
    elif what == 4:
        payload[one_of(dice, ("shop", "cart_ids", "fulfillment_items"))] = "x"
    else:
        return Step("odd links", tuple(_odd_orders(talk, shop, dice, order)))
    return Step("odd placement", (talk.post(shop, order.placement),))


def _odd_orders(talk: Talk, shop: Shop, dice: Dice, order: ShopOrder) -> Iterator[Asked]:
    """The order and two more, each with something odd about its lines; those two end there."""
    _odd_links(talk.dealt(dice, "odd links"), order.placement["payload"]["line_items"])
    yield talk.post(shop, order.placement)
    for place in range(2):
        placed = placement(dice, f"{order.order_id}-{place}", order.day)
        _odd_links(talk.dealt(dice, "odd links"), placed["payload"]["line_items"])
        yield talk.post(shop, placed)


def everything_odd(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """A new order about which a dozen rules have something to say, sent with poor headers."""
    if len(shop.orders) >= talk.most_orders:
        return None
    order = new_order(shop, dice)
    order.sent = True
    payload = order.placement["payload"]
    payload["shop"] = "berlin"
    payload["customer"]["email"] = "n/a"
    payload["customer_billing_address"] |= {"country": "de", "zip": "123456"}
    payload["order_currency"] = "sek"
    line = payload["line_items"][0]
    plan = {"id": "line-s", "product_id": "prd-s", "price_amount": 0, "product_brand": "Hakuna"}
    reference = {"product_reference": "prd-zz", "protection_line_item_id": "line-d"}
    payload["line_items"].append({**line, **plan, "custom_properties": reference})
    headers = {"Authorization": None, "Bearer": shop.key, "Content-Type": "text/plain"}
    poor: dict[str, str | None] = {**headers, "Hakuna-Version": None, KEY_HEADER: None}
    return Step("everything odd", (talk.post(shop, order.placement, poor),))


def other_shop_s_order(talk: Talk, shop: Shop, dice: Dice) -> Step | None:
    """An event for an order that only another key's world knows, or knows otherwise."""
    others = [one for one in talk.shops if one is not shop and one.orders]
    order = an_order(one_of(dice, others), dice) if others else None
    if order is None:
        return None
    counts: dict[str, int | None] = dict.fromkeys(some(dice, _line_ids(order)), 1)
    body = items_event(one_of(dice, KINDS), order.order_id, counts, order.day)
    return Step("other shop's order", (talk.post(shop, body),))


MOVES = (
    (any_units, 12),
    (forget_plan, 6),
    (plan_alone, 4),
    (swap_plan, 2),
    (odd_entries, 7),
    (odd_time, 8),
    (window, 6),
    (before_placement, 3),
    (place_again, 3),
    (odd_placement, 10),
    (other_shop_s_order, 3),
    (everything_odd, 1),
)
"""Each move with how often it is made."""
