"""A simulated client of the API: its orders, and the well-formed events that it would send.

Names are short and few, so that they collide: rules need collisions, not entropy. All names of a
conversation carry its tag, a text of fixed length; to play it again under fresh names, the tag is
replaced.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.event_kinds import EVENT_KINDS
from contracts.shorthand.bodies import time_of
from fuzz.generate.choices import Choices, Shuffler, chance, one_of, shuffled, some

Body = dict[str, Any]

CUSTOMERS: tuple[tuple[str, str, str], ...] = (
    ("Max", "Mustermann", "max.mustermann@example.com"),
    ("", "", ""),
    ("Zoë", "O’Neill-Müller", "zoe+shop@example.co.uk"),
    ("李", "小龍", "li@xn--fsqu00a.example"),
    ("Ümit", "Şahin", "UMIT@EXAMPLE.COM"),
    ("Robert'); DROP TABLE orders;--", "<b>Tables</b>", '"quoted name"@example.com'),
    ("👩🏽‍🚀", "\u202egnirts", "a@b"),
    ("A" * 300, " ", "x@" + "y" * 200),
)
"""First name, last name, e-mail: all of them valid, some nasty."""

ADDRESSES: tuple[tuple[str, str, str, str], ...] = (
    ("München", "de", "81371", "eur"),
    ("Wien", "at", "1010", "eur"),
    ("Malmö", "se", "211 20", "sek"),
    ("Zürich", "ch", "8001", "chf"),
    ("London", "gb", "EC1A 1BB", "gbp"),
    ("", "de", "", "eur"),
)
"""City, country, postal code, currency that belong together."""

LARGE_QUANTITIES = (40, 1_000, 70_000, 2**31, 10**12, 2**53 + 1, 2**63)
"""Quantities with more digits, or more bits, than usual ones."""

PRODUCTS = (
    ("iPhone 14", "Apple", 89900),
    ("Galaxy S24", "Samsung", 84900),
    ("AirPods (3rd generation)", "Apple", 25500),
)

SIMILAR_ORDER_IDS: tuple[tuple[str, str], ...] = (
    ("ord-{0}-1", "ord-{0}-1 "),
    ("ord-{0}-1", " ord-{0}-1"),
    ("ord-{0}-1", "ORD-{0}-1"),
    ("ord-{0}-1", "ord-{0}-01"),
    ("ord-{0}-1", "ord-{0}-1\u0301"),
    ("ord-{0}-\u00e9", "ord-{0}-e\u0301"),
    ("ord-{0}-1", "ord-{0}-\u0661"),
    ("ord-{0}-1", "ord-{0}-1\u200b"),
    ("ord-{0}-a", "ord-{0}-a/2?a=b#c%20d;+\"'&<"),
    ("ord-{0}-\U0001f4e6", "ord-{0}-\U0001f4e7"),
    ("ord-{0}-" + "x" * 200 + "1", "ord-{0}-" + "x" * 200 + "2"),
    ("{0}", "{0}0"),
)
"""Order ids that look alike, and name different orders."""

MONTH_ENDS = (30, 183, 274, 305, -1)
"""31 March, 31 August, 30 November, 31 December, 29 February: later months may be shorter."""

TIMED_EVENTS = {
    kind.type: (kind.items or "", kind.time) for kind in EVENT_KINDS.values() if kind.timed_items
}
"""The list and the time of each type of event whose entries have times."""


@dataclass
class SimulatedOrder:
    """An order as the client remembers it; `placement` may not have been sent yet.

    `day` is that of its latest event.
    """

    placement: Body
    day: int
    sent: bool = False

    @property
    def order_id(self) -> str:
        """Its id."""
        return str(self.placement["payload"]["order_id"])

    @property
    def lines(self) -> Sequence[Mapping[str, Any]]:
        """Its line items as they were placed."""
        lines: Sequence[Mapping[str, Any]] = self.placement["payload"]["line_items"]
        return lines

    def plans_for(self, product_id: str) -> list[str]:
        """The line ids of the protections that point at a product."""
        return [str(line["id"]) for line in self.lines if reference_of(line) == product_id]

    @property
    def line_ids(self) -> list[str]:
        """The ids of its lines."""
        return [str(line["id"]) for line in self.lines]


@dataclass
class ClientSimulator:
    """The orders of one API key."""

    key: str
    tag: str
    orders: list[SimulatedOrder] = field(default_factory=list)
    shuffler: Shuffler | None = None
    _similar_id: str | None = None

    def new_order_id(self, choices: Choices) -> str:
        """The id of the next order: `ord-TAG-1`, `ord-TAG-2`, …, the same for every client.

        Some ids differ only in case, blanks, Unicode form or at the end: they name other orders.
        """
        if self._similar_id is not None and not chance(choices, 3):
            similar, self._similar_id = self._similar_id, None
            return similar
        if chance(choices, 4):
            pair = one_of(shuffled(self.shuffler, choices, "alike ids"), SIMILAR_ORDER_IDS)
            first, self._similar_id = (form.format(self.tag) for form in pair)
            if all(order.order_id != first for order in self.orders):
                return first
        return f"ord-{self.tag}-{len(self.orders) + 1}"


def reference_of(line: Mapping[str, Any]) -> str | None:
    """The product that a line protects; None if the line is not a protection."""
    reference: str | None = (line.get("custom_properties") or {}).get("product_reference")
    return reference


def new_order(client: ClientSimulator, choices: Choices) -> SimulatedOrder:
    """A new order of the client; its placement is not sent yet."""
    day = one_of(choices, MONTH_ENDS) if chance(choices, 5) else choices.pick(3)
    order_id = client.new_order_id(choices)
    while any(order.order_id == order_id for order in client.orders):
        order_id = f"{order_id}0"
    order = SimulatedOrder(placement(choices, order_id, day), day)
    client.orders.append(order)
    return order


def placement(choices: Choices, order_id: str, day: int) -> Body:
    """A valid order_placed: one to three products on one line or two, with and without plans."""
    lines: list[Body] = []
    shared_sku = chance(choices, 3)
    for place in range(1 + choices.pick(3)):
        product = f"prd-{'dab'[place]}"
        quantities = [
            1 + choices.pick(3) if not chance(choices, 12) else one_of(choices, LARGE_QUANTITIES)
        ]
        if chance(choices, 6):
            quantities.append(1 + choices.pick(2))
        for copy, quantity in enumerate(quantities):
            lines.append(
                _product_line(f"line-{'dab'[place]}{copy or ''}", product, place, quantity)
            )
        left = min(sum(quantities), 6)
        for plan in ("p", "q"):
            units = min(left, choices.pick(left + 2))
            if not units or (plan == "q" and not chance(choices, 3)):
                break
            name = f"{plan}{'dab'[place]}"
            sku = "prd-plan" if shared_sku else f"prd-{name}"
            lines.append(_plan_line(f"line-{name}", sku, product, units))
            left -= units
    if chance(choices, 3):
        lines.reverse()
    first, last, email = one_of(choices, CUSTOMERS) if chance(choices, 3) else CUSTOMERS[0]
    city, country, zip_code, currency = one_of(choices, ADDRESSES)
    address = {
        "address_line_1": "Musterstrasse",
        "address_line_2": "1",
        "city": city,
        "country": country,
        "zip": zip_code,
    }
    payload: Body = {
        "order_id": order_id,
        "placed_at": time_of(day),
        "order_currency": currency,
        "customer": {"first_name": first, "last_name": last, "email": email},
        "customer_billing_address": address,
        "line_items": lines,
    }
    if chance(choices, 8):
        payload["cart_id"] = "cart-1"
    return {"type": "order_placed", "payload": payload}


def _product_line(line_id: str, product: str, place: int, quantity: int) -> Body:
    title, brand, price = PRODUCTS[place]
    return {
        "id": line_id,
        "quantity": quantity,
        "price_amount": price,
        "product_id": product,
        "product_title": title,
        "product_brand": brand,
    }


def _plan_line(line_id: str, sku: str, product: str, quantity: int) -> Body:
    return {
        "id": line_id,
        "quantity": quantity,
        "price_amount": 8499,
        "product_id": sku,
        "product_title": "Hakuna.care protection",
        "product_brand": "hakuna",
        "custom_properties": {"product_reference": product},
    }


def items_event(kind: str, order_id: str, counts: Mapping[str, int | None], day: int) -> Body:
    """A fulfilment, refund or cancellation; a count of None leaves the quantity out."""
    name, stamp = TIMED_EVENTS[kind]
    when = time_of(day)
    items = []
    for line_id, count in counts.items():
        item: Body = {"line_item_id": line_id}
        if count is not None:
            item["quantity"] = count
        item[stamp] = when
        items.append(item)
    return {"type": kind, "payload": {"order_id": order_id, name: items}}


def order_cancelled(order_id: str, day: int) -> Body:
    """The cancellation of a whole order."""
    payload = {"order_id": order_id, "cancelled_at": time_of(day)}
    return {"type": "order_cancelled", "payload": payload}


def good_units(choices: Choices, order: SimulatedOrder, left: Mapping[str, int]) -> dict[str, int]:
    """Some of the units that are left, each product with as many of its plans as must go with it.

    Empty if nothing is left. A plan goes along if it would have no product otherwise.
    """
    products = [
        line
        for line in order.lines
        if reference_of(line) is None and left.get(str(line["id"]), 0) > 0
    ]
    if not products:
        return {}
    counts: dict[str, int] = {}
    for line in some(choices, products):
        counts[str(line["id"])] = 1 + choices.pick(left[str(line["id"])])
    for product in {str(line["product_id"]) for line in order.lines if reference_of(line) is None}:
        own = [str(line["id"]) for line in order.lines if _is_product(line, product)]
        remaining = sum(left.get(line, 0) - counts.get(line, 0) for line in own)
        plans = order.plans_for(product)
        surplus = sum(left.get(plan, 0) for plan in plans) - remaining
        for plan in plans:
            taken = min(max(0, surplus), left.get(plan, 0))
            if taken and any(line in counts for line in own):
                counts[plan] = taken
                surplus -= taken
    return counts


def _is_product(line: Mapping[str, Any], product: str) -> bool:
    return reference_of(line) is None and line["product_id"] == product
