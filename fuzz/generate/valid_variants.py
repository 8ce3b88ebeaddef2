"""Valid events in unusual forms: what the contract allows, and few clients send.

None of these is a defect: a server must take the event like the plain one. One that refuses it, or
reads it differently, is wrong.
"""

import copy
import json
from collections.abc import Callable, Sequence
from typing import Any

from contracts.shorthand.bodies import time_of
from contracts.values import dataclass
from fuzz.generate.choices import Choices, one_of
from fuzz.generate.client_simulator import TIMED_EVENTS, Body

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
"""Times of a day: on both sides of midnight and of the usual time, in every spelling."""


MIDNIGHTS = (
    "T00:00:00.000Z",
    "T23:59:59.999Z",
    "T23:30:00.000Z",
    "T00:30:00.000+02:00",
    "T23:30:00.000-05:00",
)
"""Times close to midnight, in UTC or in their own offset."""


def at_clock(day: int, choices: Choices, clocks: Sequence[str] = CLOCKS) -> str:
    """A time on that day, by the offset in the text."""
    return time_of(day)[:10] + one_of(choices, clocks)


@dataclass(frozen=True)
class Variant:
    """Another form of an event. `apply` gives the event or its bytes; None if it does not fit.

    The event may be changed in place.
    """

    name: str
    apply: Callable[[Body, Choices], Body | bytes | None]


def variant_body(variant: Variant, body: Body, choices: Choices) -> bytes | None:
    """The event in that form, as bytes; None if it does not fit. `body` stays as it is."""
    made = variant.apply(copy.deepcopy(body), choices)
    return made if made is None or isinstance(made, bytes) else json.dumps(made).encode()


def _in(path: str, *values: Any) -> Callable[[Body, Choices], Body | None]:
    """Give an optional field of the payload, or of one entry (`[]`), a value."""
    *parents, name = path.split("/")

    def apply(body: Body, choices: Choices) -> Body | None:
        holder: Any = body["payload"]
        for parent in parents:
            holder = holder.get(parent) if isinstance(holder, dict) else None
            if isinstance(holder, list):
                holder = one_of(choices, holder)
        if not isinstance(holder, dict):
            return None
        value = one_of(choices, values)
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


def _in_cancelled(change: Callable[[Body], object]) -> Callable[[Body, Choices], Body | None]:
    """Change one entry of a cancellation."""

    def apply(body: Body, choices: Choices) -> Body | None:
        items = body["payload"].get("cancelled_line_items")
        if not items:
            return None
        change(one_of(choices, items))
        return body

    return apply


def _null_and_alias(item: Body) -> None:
    item["refunded_at"], item["cancelled_at"] = item["cancelled_at"], None


def _alias_only(item: Body) -> None:
    """The time in the field that the provider's page uses once."""
    item["refunded_at"] = item.pop("cancelled_at")


def _both_times(body: Body, choices: Choices) -> Body | None:
    items = body["payload"].get("cancelled_line_items")
    if not items:
        return None
    when = one_of(choices, ("2020-01-01T00:00:00Z", "2025-01-01T00:00:00Z"))
    one_of(choices, items)["refunded_at"] = when
    return body


def _times(body: Body, choices: Choices) -> Body:
    """Every time in another spelling."""
    payload = body["payload"]
    holders = [payload]
    for value in payload.values():
        holders += value if isinstance(value, list) else []
    for holder in holders:
        for name in ("placed_at", "cancelled_at", *(stamp for _, stamp in TIMED_EVENTS.values())):
            if isinstance(holder.get(name), str):
                holder[name] = holder[name][:10] + one_of(choices, CLOCKS)
    return body


def _in_text(change: Callable[[str, Choices], str]) -> Callable[[Body, Choices], bytes]:
    def apply(body: Body, choices: Choices) -> bytes:
        return change(json.dumps(body), choices).encode()

    return apply


def _numbers(text: str, choices: Choices) -> str:
    for digit in "123456":
        form = one_of(choices, ("{}.0", "{}e0", "{}0e-1", "{}E+0"))
        text = text.replace(f'"quantity": {digit},', f'"quantity": {form.format(digit)},')
    return text


def _whitespace(text: str, _dice: Choices) -> str:
    return "\r\n\t " + text.replace(", ", " ,\n\t").replace(": ", " :\r ") + " \n"


def _escaped(text: str, _dice: Choices) -> str:
    return text.replace('"order', '"\\u006frder').replace("/", "\\/")


def _order_id_twice(text: str, _dice: Choices) -> str:
    return text.replace('"payload": {', '"payload": {"order_id": "ord-other", ', 1)


def _leap_day(body: Body, _dice: Choices) -> Body | None:
    """A placement on a day that wrong calendars do not have."""
    if "placed_at" not in body["payload"]:
        return None
    body["payload"]["placed_at"] = "2000-02-29T09:00:00Z"
    return body


def _many_entries(body: Body, choices: Choices) -> Body | None:
    """A placement with a dozen more lines, or an event with up to a dozen entries."""
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
            payload[name] = [dict(one_of(choices, items)) for _ in range(3 + 9 * choices.pick(2))]
            return body
    return None


VARIANTS: tuple[Variant, ...] = (
    Variant("leap day", _leap_day),
    Variant("many entries", _many_entries),
    Variant("cart id", _in("cart_id", None, "", "cart-9")),
    Variant("phone", _in("customer/phone", None, "", "+49 89 123")),
    Variant("second address line", _in(f"{_ADDRESS}/address_line_2", None, _ABSENT, "")),
    Variant("first address line", _in(f"{_ADDRESS}/address_line_1", *_TEXTS)),
    Variant("city", _in(f"{_ADDRESS}/city", *_TEXTS)),
    Variant("first name", _in("customer/first_name", *_TEXTS)),
    Variant("last name", _in("customer/last_name", *_TEXTS)),
    Variant("title", _in("line_items/product_title", *_TEXTS)),
    Variant("brand", _in("line_items/product_brand", *_TEXTS)),
    Variant("price", _in("line_items/price_amount", 0, 1, 10**12)),
    Variant(
        "custom properties",
        _in(
            "line_items/custom_properties",
            None,
            {},
            {"colour": "black"},
            {"product_reference": None, "size": [1, {"x": None}]},
        ),
    ),
    Variant("quantity left out", _in("cancelled_line_items/quantity", None, _ABSENT)),
    Variant("refunded_at", _in_cancelled(_alias_only)),
    Variant("refunded_at null", _in_cancelled(lambda item: item.update(refunded_at=None))),
    Variant("cancelled_at null", _in_cancelled(_null_and_alias)),
    Variant("two times", _both_times),
    Variant("times in other spellings", _times),
    Variant("numbers in other spellings", _in_text(_numbers)),
    Variant("extra whitespace", _in_text(_whitespace)),
    Variant("escaped letters", _in_text(_escaped)),
    Variant("repeated order id, the last one counts", _in_text(_order_id_twice)),
)
"""All of them."""
