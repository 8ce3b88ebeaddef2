"""Placements with links or values that a rule looks at, and placements that are repeated."""

import re
from collections.abc import Iterator

from contracts.event_kinds import ORDER_PLACED
from contracts.http.idempotency import KEY_HEADER
from fuzz.generate.actions.happy_path import an_order
from fuzz.generate.choices import Choices, chance, one_of
from fuzz.generate.client_simulator import (
    Body,
    ClientSimulator,
    SimulatedOrder,
    new_order,
    placement,
    reference_of,
)
from fuzz.generate.context import Context, Step
from fuzz.model.bodies import tables
from fuzz.model.oracle import HttpRequest

POSTAL_CODES = (
    *("1234567890"[:size] for size in range(3, 11)),
    *("EC1A1BB", "M11AE", "1234AB", "VLT1117", "D02AF30", "SW1A2AA"),
    *("de-12345", "12345-6789", "1234 AB", "EC1A 1BB", "ec1a 1bb", "12 345", "1234567-", "ABCDE"),
)
"""All forms that some country uses, and others."""


def place_again(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """The same placement again, or another one under its order id."""
    order = an_order(client, choices)
    if order is None:
        return None
    payload = dict(order.placement["payload"])
    if chance(choices, 2):
        payload["line_items"] = [
            {**line, "quantity": line["quantity"] + 1} for line in payload["line_items"]
        ]
    body = {"type": ORDER_PLACED.type, "payload": payload}
    return Step("place again", (context.request_for(client, body),))


def _odd_links(choices: Choices, lines: list[Body]) -> None:
    """Change one thing about the lines of a placement that a rule looks at."""
    plans = [line for line in lines if reference_of(line) is not None]
    products = [line for line in lines if reference_of(line) is None]
    line = one_of(choices, products)
    plan = one_of(choices, plans) if plans else None
    which = choices.pick(11)
    if which == 10:
        repeated = line if plan is None or chance(choices, 2) else plan
        lines.append({**repeated, "product_id": "prd-x", "quantity": int(repeated["quantity"]) + 1})
    elif which <= 1:
        if chance(choices, 2):  # also in an order that has no other protection
            lines[:] = products
        line["product_brand"] = one_of(choices, ("hakuna", "Hakuna", "HAKUNA"))
    elif which == 2:
        line["custom_properties"] = {"protection_line_item_id": "line-pd"}
    elif which == 3:
        line["custom_properties"] = {"product_refrence": "prd-d", "colour": "black"}
    elif plan is None:
        line["custom_properties"] = {"product_reference": str(line["product_id"])}
    elif which == 4:
        plan["custom_properties"] = {"product_reference": one_of(choices, ("prd-zz", "line-d"))}
    elif which == 5:
        plan["custom_properties"] = {"product_reference": str(plan["product_id"])}
    elif which == 6:
        lines.append(
            {
                **plan,
                "id": "line-s",
                "product_id": "prd-s",
                "quantity": 1,
                "custom_properties": {"product_reference": str(plan["product_id"])},
            }
        )
    elif which == 7:
        plan["quantity"] += 1 + choices.pick(3)
    elif which == 8:
        plan["price_amount"] = 0
    else:
        plan["product_brand"] = "Hakuna"


def _use_country(context: Context, choices: Choices, payload: Body) -> None:
    """A country of the tables, its currency or that of another one, a postal code of some form."""
    known = tables()["country_currencies"]
    country = one_of(context.shuffled(choices, "country"), list(known))
    address = payload["customer_billing_address"]
    address["country"] = country
    own, fitting = divmod(context.shuffled(choices, ("currency", country)).pick(4), 2)
    payload["order_currency"] = one_of(
        choices, known[country if own else one_of(choices, list(known))]
    )
    forms = [code for code in POSTAL_CODES if re.fullmatch(_pattern_of(country), code)]
    codes = forms if forms and fitting else POSTAL_CODES
    address["zip"] = one_of(context.shuffled(choices, ("zip", country)), codes)


def _pattern_of(country: str) -> str:
    """The pattern of that country's postal codes."""
    pattern: str = tables()["postal_codes"].get(country, {"pattern": "x"})["pattern"]
    return pattern


ODD_COUNTRIES = ("zz", "us", "pl", "uk", "xk", "eu", "en", "an")
"""Codes that no country has, or whose currency is not that of the order."""


def odd_placement(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """A new order with links or values that a rule looks at."""
    if len(client.orders) >= context.max_orders:
        return None
    order = new_order(client, choices)
    order.sent = True
    payload = order.placement["payload"]
    address = payload["customer_billing_address"]
    which = context.shuffled(choices, "odd placement").pick(12)
    if which >= 9:  # the first is placed; of the others only the values are judged
        requests = []
        for _ in range(8):
            _use_country(context, choices, payload)
            requests.append(context.request_for(client, order.placement))
        return Step("odd placement", tuple(requests))
    if which == 0:
        address["country"] = one_of(context.shuffled(choices, "odd country"), ODD_COUNTRIES)
    elif which == 1:
        payload["order_currency"] = one_of(
            context.shuffled(choices, "odd currency"), ("xyz", "usd", "sek")
        )
    elif which == 2:
        payload["customer"]["email"] = "n/a"
    elif which == 3:
        address["zip"] = one_of(choices, ("123456", "8137", "x", "1 2 3"))
    elif which == 4:
        payload[one_of(choices, ("shop", "cart_ids", "fulfillment_items"))] = "x"
    else:
        return Step("odd links", tuple(_odd_orders(context, client, choices, order)))
    return Step("odd placement", (context.request_for(client, order.placement),))


def _odd_orders(
    context: Context, client: ClientSimulator, choices: Choices, order: SimulatedOrder
) -> Iterator[HttpRequest]:
    """The order and two more, each with odd lines; the other two get no further events."""
    _odd_links(context.shuffled(choices, "odd links"), order.placement["payload"]["line_items"])
    yield context.request_for(client, order.placement)
    for place in range(2):
        placed = placement(choices, f"{order.order_id}-{place}", order.day)
        _odd_links(context.shuffled(choices, "odd links"), placed["payload"]["line_items"])
        yield context.request_for(client, placed)


def everything_odd(context: Context, client: ClientSimulator, choices: Choices) -> Step | None:
    """A new order that breaks a dozen rules, sent with poor headers."""
    if len(client.orders) >= context.max_orders:
        return None
    order = new_order(client, choices)
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
    headers = {"Authorization": None, "Bearer": client.key, "Content-Type": "text/plain"}
    poor: dict[str, str | None] = {**headers, "Hakuna-Version": None, KEY_HEADER: None}
    return Step("everything odd", (context.request_for(client, order.placement, poor),))


ACTIONS = ((place_again, 3), (odd_placement, 10), (everything_odd, 1))
"""The actions with their weights."""
