"""A shop as the fuzzer plays it: its orders, and the events it would send, well-formed each.

Names are short and few, so that they collide: rules need collisions, not entropy. All names of a
conversation carry its tag, a text of fixed length, so that a conversation can be played again
under another tag by replacing it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from contracts.shorthand.bodies import time_of
from fuzz.generate.choices import Deck, Dice, chance, dealt, one_of, some

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
"""First name, last name, e-mail: all legal, some nasty."""

ADDRESSES: tuple[tuple[str, str, str, str], ...] = (
    ("München", "de", "81371", "eur"),
    ("Wien", "at", "1010", "eur"),
    ("Malmö", "se", "211 20", "sek"),
    ("Zürich", "ch", "8001", "chf"),
    ("London", "gb", "EC1A 1BB", "gbp"),
    ("", "de", "", "eur"),
)
"""City, country, postal code, currency that belong together."""

MANY = (40, 1_000, 70_000, 2**31, 10**12, 2**53 + 1, 2**63)
"""Quantities that need more digits, or more bits, than usual ones."""

PRODUCTS = (
    ("iPhone 14", "Apple", 89900),
    ("Galaxy S24", "Samsung", 84900),
    ("AirPods (3rd generation)", "Apple", 25500),
)

ALIKE: tuple[tuple[str, str], ...] = (
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
"""Order ids that are alike, and name two orders."""

MONTH_ENDS = (30, 183, 274, 305, -1)
"""31 March, 31 August, 30 November, 31 December, 29 February: months later are shorter ones."""

ITEMS = {
    "order_fulfillment_added": ("fulfillment_items", "fulfilled_at"),
    "order_refund_added": ("refund_items", "refunded_at"),
    "order_line_items_cancelled": ("cancelled_line_items", "cancelled_at"),
}
"""Name of the list and of the time of each event with items."""


@dataclass
class ShopOrder:
    """An order as the shop remembers it; `placement` may not have been sent yet.

    `shipped` is the day of its latest good shipment.
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
        return [str(one["id"]) for one in self.lines if reference_of(one) == product_id]


@dataclass
class Shop:
    """The orders of one API key."""

    key: str
    tag: str
    orders: list[ShopOrder] = field(default_factory=list)
    deck: Deck | None = None
    _mate: str | None = None

    def new_order_id(self, dice: Dice) -> str:
        """The next order's id: `ord-TAG-1`, `ord-TAG-2`, … the same ones in every shop.

        Some are alike but for their case, blanks, Unicode form or end: they name other orders.
        """
        if self._mate is not None and not chance(dice, 3):
            mate, self._mate = self._mate, None
            return mate
        if chance(dice, 4):
            pair = one_of(dealt(self.deck, dice, "alike ids"), ALIKE)
            first, self._mate = (one.format(self.tag) for one in pair)
            if all(one.order_id != first for one in self.orders):
                return first
        return f"ord-{self.tag}-{len(self.orders) + 1}"


def reference_of(line: Mapping[str, Any]) -> str | None:
    """The product that a line protects, None for a product line."""
    reference: str | None = (line.get("custom_properties") or {}).get("product_reference")
    return reference


def new_order(shop: Shop, dice: Dice) -> ShopOrder:
    """An order of the shop, its placement not sent yet."""
    day = one_of(dice, MONTH_ENDS) if chance(dice, 5) else dice.pick(3)
    order_id = shop.new_order_id(dice)
    while any(one.order_id == order_id for one in shop.orders):
        order_id = f"{order_id}0"
    order = ShopOrder(placement(dice, order_id, day), day)
    shop.orders.append(order)
    return order


def placement(dice: Dice, order_id: str, day: int) -> Body:
    """A good order_placed: one to three products, on one line or two, with and without plans."""
    lines: list[Body] = []
    shared_sku = chance(dice, 3)
    for place in range(1 + dice.pick(3)):
        product = f"prd-{'dab'[place]}"
        quantities = [1 + dice.pick(3) if not chance(dice, 12) else one_of(dice, MANY)]
        if chance(dice, 6):
            quantities.append(1 + dice.pick(2))
        for copy, quantity in enumerate(quantities):
            lines.append(
                _product_line(f"line-{'dab'[place]}{copy or ''}", product, place, quantity)
            )
        left = min(sum(quantities), 6)
        for plan in ("p", "q"):
            wanted = min(left, dice.pick(left + 2))
            if not wanted or (plan == "q" and not chance(dice, 3)):
                break
            name = f"{plan}{'dab'[place]}"
            sku = "prd-plan" if shared_sku else f"prd-{name}"
            lines.append(_plan_line(f"line-{name}", sku, product, wanted))
            left -= wanted
    if chance(dice, 3):
        lines.reverse()
    first, last, email = one_of(dice, CUSTOMERS) if chance(dice, 3) else CUSTOMERS[0]
    city, country, zip_code, currency = one_of(dice, ADDRESSES)
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
    if chance(dice, 8):
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
    name, stamp = ITEMS[kind]
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


def good_units(dice: Dice, order: ShopOrder, left: Mapping[str, int]) -> dict[str, int]:
    """Units of some lines that are left, each product with as many of its plans.

    Empty where nothing is left. The plans that go along are those that would be too many after.
    """
    products = [
        line
        for line in order.lines
        if reference_of(line) is None and left.get(str(line["id"]), 0) > 0
    ]
    if not products:
        return {}
    counts: dict[str, int] = {}
    for line in some(dice, products):
        counts[str(line["id"])] = 1 + dice.pick(left[str(line["id"])])
    for product in {str(line["product_id"]) for line in order.lines if reference_of(line) is None}:
        mine = [str(one["id"]) for one in order.lines if _is_product(one, product)]
        remaining = sum(left.get(one, 0) - counts.get(one, 0) for one in mine)
        plans = order.plans_for(product)
        surplus = sum(left.get(one, 0) for one in plans) - remaining
        for plan in plans:
            taken = min(max(0, surplus), left.get(plan, 0))
            if taken and any(one in counts for one in mine):
                counts[plan] = taken
                surplus -= taken
    return counts


def _is_product(line: Mapping[str, Any], product: str) -> bool:
    return reference_of(line) is None and line["product_id"] == product
