"""Named defects of a body, each with the rule that it must break.

A mutation takes a good event and damages one thing. The label says what was meant; what must come
back is worked out from the final bytes by the model, and a test proves that the two agree.
"""

import copy
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from fuzz.dice import Dice, one_of
from fuzz.shop import Body

INVALID = "body-invalid"


@dataclass(frozen=True)
class Mutation:
    """One defect. `apply` gives the damaged body, or None where it has nothing to damage.

    `rule` is the rule that must fire; all but `json-duplicate-key` and `unknown-field` refuse.
    """

    name: str
    rule: str
    apply: Callable[[Body, Dice], Any]

    @property
    def ways(self) -> int:
        """In how many ways it damages: one with more of them is due more often."""
        return self.apply.ways if isinstance(self.apply, _Ways) else 1


@dataclass(frozen=True)
class _Ways:
    """A change that has several forms."""

    apply: Callable[[Body, Dice], Any]
    ways: int

    def __call__(self, body: Body, dice: Dice) -> Any:
        return self.apply(body, dice)


def mutated(mutation: Mutation, body: Body, dice: Dice) -> bytes | None:
    """The damaged event as bytes; None where the event has nothing to damage."""
    made = mutation.apply(copy.deepcopy(body), dice)
    if made is None or isinstance(made, bytes):
        return made
    return json.dumps(made).encode()


def _entries(body: Body) -> list[Body]:
    """The line items or items of an event."""
    found = [one for value in body["payload"].values() if isinstance(value, list) for one in value]
    return [one for one in found if isinstance(one, dict)]


def _stamped(body: Body) -> list[tuple[Body, str]]:
    """Every place where a timestamp stands."""
    names = ("placed_at", "cancelled_at", "fulfilled_at", "refunded_at")
    holders = [body["payload"], *_entries(body)]
    return [(holder, name) for holder in holders for name in names if name in holder]


def _times(*values: Any) -> _Ways:
    def apply(body: Body, dice: Dice) -> Body | None:
        places = _stamped(body)
        if not places:
            return None
        holder, name = one_of(dice, places)
        holder[name] = one_of(dice, values)
        return body

    return _Ways(apply, len(values))


def _in_entry(name: str, *values: Any) -> _Ways:
    """Give a field of one entry another value."""

    def apply(body: Body, dice: Dice) -> Body | None:
        holders = [one for one in _entries(body) if name in one]
        if not holders:
            return None
        one_of(dice, holders)[name] = one_of(dice, values)
        return body

    return _Ways(apply, len(values))


def _at(path: str, *values: Any) -> _Ways:
    """Give a field of the payload another value."""

    def apply(body: Body, dice: Dice) -> Body | None:
        *way, name = path.split("/")
        holder = body["payload"]
        for step in way:
            holder = holder.get(step)
            if not isinstance(holder, dict):
                return None
        if name not in holder:
            return None
        holder[name] = one_of(dice, values)
        return body

    return _Ways(apply, len(values))


def _type(*values: Any) -> _Ways:
    def apply(body: Body, dice: Dice) -> Body:
        body["type"] = one_of(dice, values)
        return body

    return _Ways(apply, len(values))


def _without(names: Sequence[str], *, entry: bool = False) -> Callable[[Body, Dice], Body | None]:
    """Leave a required field out."""

    def apply(body: Body, dice: Dice) -> Body | None:
        holders = _entries(body) if entry else [body["payload"]]
        known = [(holder, name) for holder in holders for name in names if name in holder]
        if not known:
            return None
        holder, name = one_of(dice, known)
        del holder[name]
        return body

    return apply


def _without_top(body: Body, dice: Dice) -> Body:
    del body[one_of(dice, ("payload", "type"))]
    return body


def _empty_list(body: Body, _dice: Dice) -> Body | None:
    for name, value in body["payload"].items():
        if isinstance(value, list):
            body["payload"][name] = []
            return body
    return None


def _list_for_object(body: Body, dice: Dice) -> Any:
    return one_of(dice, ([body], "text", 7, None, True, {**body, "payload": [body["payload"]]}))


def _no_time(body: Body, dice: Dice) -> Body | None:
    places = _stamped(body)
    if not places:
        return None
    holder, name = one_of(dice, places)
    del holder[name]
    return body


def _text(*changes: tuple[bytes, bytes]) -> _Ways:
    """Change the bytes: the first occurrence of a text becomes another one."""

    def apply(body: Body, dice: Dice) -> bytes:
        old, new = one_of(dice, changes)
        return json.dumps(body).encode().replace(old, new, 1)

    return _Ways(apply, len(changes))


def _bytes(*makers: Callable[[bytes], bytes]) -> _Ways:
    def apply(body: Body, dice: Dice) -> bytes:
        return one_of(dice, makers)(json.dumps(body).encode())

    return _Ways(apply, len(makers))


def _misspelt(body: Body, dice: Dice) -> Body:
    holder = one_of(dice, [one for one in (body, body["payload"], *_entries(body)) if one])
    name = one_of(dice, list(holder))
    holder[f"{name}s"] = holder.pop(name)
    return body


def _extra_field(body: Body, dice: Dice) -> Body:
    holder = one_of(dice, [body, body["payload"], *_entries(body)])
    holder[one_of(dice, ("note", "meta", "Quantity"))] = one_of(dice, (1, "x", None, {}, []))
    return body


def _fields(body: Body) -> list[tuple[tuple[str, ...], Body, str]]:
    """Every field of the event: the way to it, the object that holds it, its name."""
    found: list[tuple[tuple[str, ...], Body, str]] = []
    waiting: list[tuple[tuple[str, ...], Any]] = [((), body)]
    while waiting:
        way, holder = waiting.pop()
        if isinstance(holder, list):
            waiting += [(way, one) for one in holder]
        elif isinstance(holder, dict):
            found += [((*way, name), holder, name) for name in holder]
            waiting += [((*way, name), one) for name, one in holder.items()]
    return found


def _any_field(body: Body, dice: Dice) -> Body:
    """Some field left out, or of another type."""
    known = _fields(body)
    # One entry of a list stands for all: a name of the way is chosen, then who holds it.
    names = list(dict.fromkeys(way for way, _, _ in known))
    chosen = dice.pick(len(names) * (len(_OTHERS) + 2))
    way, what = names[chosen % len(names)], chosen // len(names)
    holder, name = one_of(dice, [(holder, name) for one, holder, name in known if one == way])
    if what < len(_OTHERS):
        holder[name] = _OTHERS[what]
    elif what == len(_OTHERS):
        holder[name] = [holder[name]]
    else:
        del holder[name]
    return body


_OTHERS: tuple[Any, ...] = (None, 7, "x", "", True, [], {}, 0, -1, 1.5)


_NOT_TEXT: tuple[Any, ...] = (7, None, True, [], {})
_COUNTRY = "customer_billing_address/country"
_OPEN = b'{"type"'
_INSIDE = b'"payload": {'


def _shorter(raw: bytes) -> bytes:
    return raw[:-1]


def _half(raw: bytes) -> bytes:
    return raw[: len(raw) // 2]


def _longer(raw: bytes) -> bytes:
    return raw + b"x"


def _doubled(raw: bytes) -> bytes:
    return raw + raw


ANY_FIELD = Mutation("any field", "", _any_field)
"""A defect of whichever field; what it breaks depends on the field, and some break nothing."""

MUTATIONS: tuple[Mutation, ...] = (
    Mutation("quantity zero", INVALID, _in_entry("quantity", 0)),
    Mutation("quantity negative", INVALID, _in_entry("quantity", -1, -(10**20))),
    Mutation("quantity fractional", INVALID, _in_entry("quantity", 1.5, 0.1)),
    Mutation("quantity as text", INVALID, _in_entry("quantity", "1", "")),
    Mutation("quantity true", INVALID, _in_entry("quantity", True)),
    Mutation("quantity a list", INVALID, _in_entry("quantity", [1], {})),
    Mutation("price negative", INVALID, _in_entry("price_amount", -1)),
    Mutation("price with decimals", INVALID, _in_entry("price_amount", 899.99, 0.5)),
    Mutation("price as text", INVALID, _in_entry("price_amount", "899.00", "89900")),
    Mutation("price null", INVALID, _in_entry("price_amount", None)),
    Mutation("line id empty", INVALID, _in_entry("line_item_id", "")),
    Mutation("line id no text", INVALID, _in_entry("line_item_id", *_NOT_TEXT)),
    Mutation("placed line id empty", INVALID, _in_entry("id", "", 7, None)),
    Mutation("product id empty", INVALID, _in_entry("product_id", "", 7, None)),
    Mutation("title no text", INVALID, _in_entry("product_title", *_NOT_TEXT)),
    Mutation("brand no text", INVALID, _in_entry("product_brand", *_NOT_TEXT)),
    Mutation(
        "reference empty",
        INVALID,
        _in_entry("custom_properties", {"product_reference": ""}, {"product_reference": 7}),
    ),
    Mutation("custom properties no object", INVALID, _in_entry("custom_properties", [], "x", 1)),
    Mutation("order id empty", INVALID, _at("order_id", "")),
    Mutation("order id no text", INVALID, _at("order_id", *_NOT_TEXT)),
    Mutation("zip a number", INVALID, _at("customer_billing_address/zip", 81371, None)),
    Mutation("city no text", INVALID, _at("customer_billing_address/city", *_NOT_TEXT)),
    Mutation(
        "address line no text", INVALID, _at("customer_billing_address/address_line_2", 1, True, [])
    ),
    Mutation("name no text", INVALID, _at("customer/first_name", *_NOT_TEXT)),
    Mutation("email no text", INVALID, _at("customer/email", *_NOT_TEXT)),
    Mutation("customer no object", INVALID, _at("customer", None, "Max", [], 7)),
    Mutation("address no object", INVALID, _at("customer_billing_address", None, "x", [])),
    Mutation("cart id no text", INVALID, _at("cart_id", 7, [], True)),
    Mutation("list no list", INVALID, _at("line_items", {}, None, "x")),
    Mutation("list of no objects", INVALID, _at("line_items", [1], ["x"], [None], [[]])),
    Mutation("country in capitals", "country-format", _at(_COUNTRY, "DE")),
    Mutation(
        "country no code",
        "country-format",
        _at(_COUNTRY, "", "deu", "d", "germany", None, 49, "de "),
    ),
    Mutation("country of other signs", "country-format", _at(_COUNTRY, "de\n", "d\u00e9", "d3")),
    Mutation("currency in capitals", "currency-format", _at("order_currency", "EUR")),
    Mutation(
        "currency no code", "currency-format", _at("order_currency", "", "eu", "€", None, 978)
    ),
    Mutation(
        "currency of other signs",
        "currency-format",
        _at("order_currency", "eur\n", "e\u00fcr", "eu1"),
    ),
    Mutation("epoch milliseconds", "timestamp-format", _times(1709283600000)),
    Mutation("epoch seconds", "timestamp-format", _times(1709283600, 1709283600.5, "1709283600")),
    Mutation(
        "time without offset",
        "timestamp-format",
        _times("2024-03-01T09:00:00", "2024-03-01T09:00:00.000"),
    ),
    Mutation("date only", "timestamp-format", _times("2024-03-01", "01.03.2024")),
    Mutation("time with a blank", "timestamp-format", _times("2024-03-01 09:00:00Z")),
    Mutation(
        "no such day",
        "timestamp-format",
        _times(
            "2024-02-30T09:00:00Z",
            "2024-13-01T09:00:00Z",
            "2024-00-10T09:00:00Z",
            "2024-04-31T09:00:00Z",
        ),
    ),
    Mutation(
        "no leap day", "timestamp-format", _times("2023-02-29T09:00:00Z", "2100-02-29T09:00:00Z")
    ),
    Mutation(
        "no such hour",
        "timestamp-format",
        _times(
            "2024-03-01T24:00:00Z",
            "2024-03-01T09:60:00Z",
            "2024-03-01T09:00:60Z",
            "2024-03-01T09:00:61Z",
            "2024-03-01T09:00:00+24:00",
            "2024-03-01T09:00:00+01:60",
        ),
    ),
    Mutation(
        "time of other signs",
        "timestamp-format",
        _times(
            "2024-03-01T09:00:00Z\n",
            "2024-03-01T09:00:00,000Z",
            "\u0662024-03-01T09:00:00Z",
            "2024-03-01T09:00:00 Z",
            "+2024-03-01T09:00:00Z",
        ),
    ),
    Mutation(
        "time with parts left out",
        "timestamp-format",
        _times(
            "2024-03-01T09:00Z",
            "2024-03-01T09:00:00+0100",
            "2024-03-01T09:00:00+01",
            "2024-3-01T09:00:00Z",
            "20240301T090000Z",
            "2024-03-01T09:00:00.Z",
        ),
    ),
    Mutation("time empty", "timestamp-format", _times("", "now", "Z")),
    Mutation(
        "type unknown",
        "unknown-event-type",
        _type("order_paid", "Order_placed", "order_placed ", "", None, 7, []),
    ),
    Mutation("top field missing", INVALID, _without_top),
    Mutation("order id missing", INVALID, _without(("order_id",))),
    Mutation(
        "payload field missing",
        INVALID,
        _without(("order_currency", "customer", "customer_billing_address", "line_items")),
    ),
    Mutation("items missing", INVALID, _without(("fulfillment_items", "refund_items"))),
    Mutation(
        "entry field missing",
        INVALID,
        _without(("line_item_id", "id", "product_id", "product_title", "price_amount"), entry=True),
    ),
    Mutation("time missing", INVALID, _no_time),
    Mutation("list empty", INVALID, _empty_list),
    Mutation("no event at all", INVALID, _list_for_object),
    Mutation("json cut off", INVALID, _bytes(_shorter, _half)),
    Mutation("json with more behind", INVALID, _bytes(_longer, _doubled)),
    Mutation("body empty", INVALID, _bytes(lambda _raw: b"", lambda _raw: b"  \r\n")),
    Mutation("byte order mark", INVALID, _bytes(lambda raw: b"\xef\xbb\xbf" + raw)),
    Mutation("not utf-8", INVALID, _bytes(lambda raw: raw + b"\xff")),
    Mutation(
        "text not utf-8",
        INVALID,
        _text(
            (_OPEN, b'{"x": "M\xfcnchen", "type"'),
            (_OPEN, b'{"x": "\xed\xa0\x80", "type"'),
        ),
    ),
    Mutation("utf-16", INVALID, _bytes(lambda raw: raw.decode().encode("utf-16"))),
    Mutation("single quotes", INVALID, _bytes(lambda raw: raw.replace(b'"', b"'"))),
    Mutation("trailing comma", INVALID, _bytes(lambda raw: raw[:-1] + b",}")),
    Mutation(
        "not a number",
        INVALID,
        _text(
            (_OPEN, b'{"x": NaN, "type"'),
            (_OPEN, b'{"x": -Infinity, "type"'),
            (_OPEN, b'{"x": 1e999, "type"'),
        ),
    ),
    Mutation(
        "lone surrogate",
        INVALID,
        _text((_OPEN, b'{"x": "\\ud800", "type"'), (_OPEN, b'{"\\udfff": 1, "type"')),
    ),
    Mutation(
        "nested deeply",
        INVALID,
        _text((_OPEN, b'{"x": ' + b"[" * 200 + b"]" * 200 + b', "type"')),
    ),
    Mutation(
        "key twice",
        "json-duplicate-key",
        _text(
            (_OPEN, b'{"x": 1, "x": 2, "type"'), (b'"payload": {', b'"payload": {"a": 1, "a": 1, ')
        ),
    ),
    Mutation("field misspelt", "", _misspelt),
    Mutation("field unknown", "unknown-field", _extra_field),
)
"""All of them; a rule of "" means that it depends on the field."""

DUE: tuple[Mutation, ...] = tuple(one for one in MUTATIONS for _ in range(one.ways))
"""Each as often as it has ways: dealt to the end, every way came once."""
