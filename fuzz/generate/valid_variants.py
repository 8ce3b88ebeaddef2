"""Good events in other words: what the contract allows and few shops send.

Nothing here is a defect: each changed event must be taken like the plain one. A server that
refuses one, or reads it otherwise, is wrong.
"""

import copy
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.shorthand.bodies import time_of
from fuzz.generate.choices import Dice, one_of
from fuzz.generate.client_simulator import ITEMS, Body

CLOCKS = (
    "T09:00:00.000Z",
    "T09:00:00Z",
    "T00:00:00.000Z",
    "T23:59:59.999Z",
    "T23:30:00.000Z",
    "T00:30:00.000+02:00",
    "T23:30:00.000-05:00",
    "T08:59:59.999Z",
    "T09:00:00.001Z",
    "T09:00:00.000000001Z",
    "T09:00:00.123456789123456789Z",
    "t09:00:00z",
    "T09:00:00-00:00",
    "T10:30:00+01:30",
    "T23:59:60Z",
    "T00:59:60+01:00",
    "T00:00:00+23:59",
)
"""Times of a day: both sides of midnight and of the usual time, in every spelling."""


MIDNIGHTS = (
    "T00:00:00.000Z",
    "T23:59:59.999Z",
    "T23:30:00.000Z",
    "T00:30:00.000+02:00",
    "T23:30:00.000-05:00",
)
"""Times close to the change of the day, in UTC or on a wall."""


def at_clock(day: int, dice: Dice, clocks: Sequence[str] = CLOCKS) -> str:
    """A time on that day (of the wall clock that the text shows)."""
    return time_of(day)[:10] + one_of(dice, clocks)


@dataclass(frozen=True)
class Dialect:
    """One way of saying the same. `apply` gives the event or its bytes, None where it does not fit.

    The event may be changed in place.
    """

    name: str
    apply: Callable[[Body, Dice], Body | bytes | None]


def said(dialect: Dialect, body: Body, dice: Dice) -> bytes | None:
    """The event in that dialect as bytes; None where it does not fit. `body` stays as it is."""
    made = dialect.apply(copy.deepcopy(body), dice)
    return made if made is None or isinstance(made, bytes) else json.dumps(made).encode()


def _in(path: str, *values: Any) -> Callable[[Body, Dice], Body | None]:
    """Give an optional field of the payload, or of one entry (`[]`), a value."""
    *way, name = path.split("/")

    def apply(body: Body, dice: Dice) -> Body | None:
        holder: Any = body["payload"]
        for step in way:
            holder = holder.get(step) if isinstance(holder, dict) else None
            if isinstance(holder, list):
                holder = one_of(dice, holder)
        if not isinstance(holder, dict):
            return None
        value = one_of(dice, values)
        if value is _ABSENT:
            holder.pop(name, None)
        else:
            holder[name] = value
        return body

    return apply


_ABSENT = object()
_ADDRESS = "customer_billing_address"
_TEXTS = (
    "",
    "x" * 300,
    "x" * 5000,
    "\u202eabc",
    "\u0000\u001f",
    "\U0001f4e6",
    "<script>",
    "null",
    "' OR 1=1",
)


def _in_cancelled(change: Callable[[Body], object]) -> Callable[[Body, Dice], Body | None]:
    """Change one entry of a cancellation."""

    def apply(body: Body, dice: Dice) -> Body | None:
        items = body["payload"].get("cancelled_line_items")
        if not items:
            return None
        change(one_of(dice, items))
        return body

    return apply


def _null_beside_the_other(item: Body) -> None:
    item["refunded_at"], item["cancelled_at"] = item["cancelled_at"], None


def _renamed(item: Body) -> None:
    """The time as the page has it once."""
    item["refunded_at"] = item.pop("cancelled_at")


def _both_times(body: Body, dice: Dice) -> Body | None:
    items = body["payload"].get("cancelled_line_items")
    if not items:
        return None
    when = one_of(dice, ("2020-01-01T00:00:00Z", "2025-01-01T00:00:00Z"))
    one_of(dice, items)["refunded_at"] = when
    return body


def _times(body: Body, dice: Dice) -> Body:
    """Every time in another spelling."""
    payload = body["payload"]
    holders = [payload]
    for value in payload.values():
        holders += value if isinstance(value, list) else []
    for holder in holders:
        for name in ("placed_at", "cancelled_at", *(stamp for _, stamp in ITEMS.values())):
            if isinstance(holder.get(name), str):
                holder[name] = holder[name][:10] + one_of(dice, CLOCKS)
    return body


def _as_text(change: Callable[[str, Dice], str]) -> Callable[[Body, Dice], bytes]:
    def apply(body: Body, dice: Dice) -> bytes:
        return change(json.dumps(body), dice).encode()

    return apply


def _numbers(text: str, dice: Dice) -> str:
    for digit in "123456":
        form = one_of(dice, ("{}.0", "{}e0", "{}0e-1", "{}E+0"))
        text = text.replace(f'"quantity": {digit},', f'"quantity": {form.format(digit)},')
    return text


def _blanks(text: str, _dice: Dice) -> str:
    return "\r\n\t " + text.replace(", ", " ,\n\t").replace(": ", " :\r ") + " \n"


def _escaped(text: str, _dice: Dice) -> str:
    return text.replace('"order', '"\\u006frder').replace("/", "\\/")


def _order_id_twice(text: str, _dice: Dice) -> str:
    return text.replace('"payload": {', '"payload": {"order_id": "ord-other", ', 1)


def _leap_day(body: Body, _dice: Dice) -> Body | None:
    """A placement on a day that only some calendars know."""
    if "placed_at" not in body["payload"]:
        return None
    body["payload"]["placed_at"] = "2000-02-29T09:00:00Z"
    return body


def _many_entries(body: Body, dice: Dice) -> Body | None:
    """A placement of a dozen lines more, or an event of few lines with up to a dozen entries."""
    payload = body["payload"]
    lines = payload.get("line_items")
    if lines:
        payload["line_items"] = [
            *({**lines[0], "id": f"line-x{number}", "product_id": "prd-x"} for number in range(12)),
            *lines,
        ]
        return body
    for name, items in payload.items():
        if isinstance(items, list):
            payload[name] = [dict(one_of(dice, items)) for _ in range(3 + 9 * dice.pick(2))]
            return body
    return None


DIALECTS: tuple[Dialect, ...] = (
    Dialect("leap day", _leap_day),
    Dialect("many entries", _many_entries),
    Dialect("cart id", _in("cart_id", None, "", "cart-9")),
    Dialect("phone", _in("customer/phone", None, "", "+49 89 123")),
    Dialect("second address line", _in(f"{_ADDRESS}/address_line_2", None, _ABSENT, "")),
    Dialect("first address line", _in(f"{_ADDRESS}/address_line_1", *_TEXTS)),
    Dialect("city", _in(f"{_ADDRESS}/city", *_TEXTS)),
    Dialect("first name", _in("customer/first_name", *_TEXTS)),
    Dialect("last name", _in("customer/last_name", *_TEXTS)),
    Dialect("title", _in("line_items/product_title", *_TEXTS)),
    Dialect("brand", _in("line_items/product_brand", *_TEXTS)),
    Dialect("price", _in("line_items/price_amount", 0, 1, 10**12)),
    Dialect(
        "own properties",
        _in(
            "line_items/custom_properties",
            None,
            {},
            {"colour": "black"},
            {"product_reference": None, "size": [1, {"x": None}]},
        ),
    ),
    Dialect("quantity left out", _in("cancelled_line_items/quantity", None, _ABSENT)),
    Dialect("refunded_at", _in_cancelled(_renamed)),
    Dialect("refunded_at null", _in_cancelled(lambda item: item.update(refunded_at=None))),
    Dialect("cancelled_at null", _in_cancelled(_null_beside_the_other)),
    Dialect("two times", _both_times),
    Dialect("times in other spellings", _times),
    Dialect("numbers in other spellings", _as_text(_numbers)),
    Dialect("blanks between", _as_text(_blanks)),
    Dialect("escaped letters", _as_text(_escaped)),
    Dialect("order id twice, the last one counts", _as_text(_order_id_twice)),
)
"""All of them."""
