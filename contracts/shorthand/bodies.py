"""Plays to full, realistic event bodies, as a shop would send them.

Ids follow from the labels, so a later play continues an earlier one. Days count from 1 March 2024,
09:00 UTC: far enough back that no sensible play lies in the future.
"""

from typing import Any

from contracts.event_kinds import KIND_OF_LETTER, ORDER_PLACED
from contracts.shorthand.grammar import Entry, Play, parse, prefixed
from contracts.timing.rfc3339 import DAY, Instant, parse_instant, show

DAY_ZERO = "2024-03-01T09:00:00.000Z"

_WELL_KNOWN = {
    "d": ("iPhone 14", "Apple", 89900),
    "a": ("AirPods (3rd generation)", "Apple", 25500),
}
_PRODUCTS = (
    ("Galaxy S24", "Samsung", 84900),
    ("Pixel 8", "Google", 69900),
    ("MacBook Air 13", "Apple", 129900),
    ("ThinkPad X1", "Lenovo", 164900),
    ("PlayStation 5", "Sony", 54999),
    ("Watch Ultra 2", "Apple", 89900),
    ("QuietComfort 45", "Bose", 32995),
)
_PROTECTION = ("Hakuna.care protection", "hakuna", 8499)


def bodies(text: str) -> list[dict[str, Any]]:
    """The event bodies of a shorthand text; ShorthandError where it is not one."""
    return [body_of(play) for play in parse(text)]


def body_of(play: Play, at: Instant | None = None) -> dict[str, Any]:
    """The full event body of one play, of its own day or with another time."""
    order_id = play.order_id
    when = show(instant_of(play.day) if at is None else at)
    kind = KIND_OF_LETTER[play.letter]
    if kind is ORDER_PLACED:
        return {"type": kind.type, "payload": _placement(order_id, when, play.entries)}
    if kind.items is None:
        return {"type": kind.type, "payload": {"order_id": order_id, kind.time: when}}
    items = [_item(entry, kind.time, when) for entry in play.entries]
    return {"type": kind.type, "payload": {"order_id": order_id, kind.items: items}}


def time_of(day: int) -> str:
    """The timestamp of a day."""
    return show(instant_of(day))


def instant_of(day: int) -> Instant:
    """The time of a day; days before year 0 or after 9999 are clamped there."""
    start = parse_instant(DAY_ZERO)
    assert start is not None  # noqa: S101 - a constant of this file
    return start + min(max(day, -738_000), 2_900_000) * DAY


def _placement(order_id: str, when: str, entries: tuple[Entry, ...]) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "placed_at": when,
        "order_currency": "eur",
        "customer": {
            "first_name": "Max",
            "last_name": "Mustermann",
            "email": "max.mustermann@example.com",
        },
        "customer_billing_address": {
            "address_line_1": "Musterstrasse",
            "address_line_2": "1",
            "city": "München",
            "country": "de",
            "zip": "81371",
        },
        "line_items": [_line(entry) for entry in entries],
    }


def _line(entry: Entry) -> dict[str, Any]:
    title, brand, price = _PROTECTION if entry.protects else _product(entry.product)
    line: dict[str, Any] = {
        "id": prefixed("line-", entry.label),
        "quantity": entry.quantity,
        "price_amount": price,
        "product_id": prefixed("prd-", entry.product),
        "product_title": title,
        "product_brand": brand,
    }
    if entry.protects:
        line["custom_properties"] = {"product_reference": prefixed("prd-", entry.protects)}
    return line


def _product(name: str) -> tuple[str, str, int]:
    return _WELL_KNOWN.get(name) or _PRODUCTS[sum(name.encode()) % len(_PRODUCTS)]


def _item(entry: Entry, stamp: str, when: str) -> dict[str, Any]:
    item: dict[str, Any] = {"line_item_id": prefixed("line-", entry.label)}
    if entry.quantity is not None:
        item["quantity"] = entry.quantity
    item[stamp] = when
    return item
