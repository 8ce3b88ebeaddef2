"""Named defects of a body, each with the rule that it must break.

A mutation takes a good event and damages one thing. The label says what was meant; what must come
back is worked out from the final bytes by the model, and a test proves that the two agree.
"""

import copy
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from fuzz.generate.choices import Dice
from fuzz.generate.client_simulator import Body
from fuzz.generate.malformed import (
    COUNTRY,
    NOT_TEXT,
    OPEN,
    Ways,
    any_field,
    at_path,
    doubled,
    empty_list,
    extra_field,
    half,
    in_bytes,
    in_entry,
    in_text,
    list_for_object,
    longer,
    misspelt,
    no_time,
    of_type,
    shorter,
    times,
    without,
    without_top,
)

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
        return self.apply.ways if isinstance(self.apply, Ways) else 1


def mutated(mutation: Mutation, body: Body, dice: Dice) -> bytes | None:
    """The damaged event as bytes; None where the event has nothing to damage."""
    made = mutation.apply(copy.deepcopy(body), dice)
    if made is None or isinstance(made, bytes):
        return made
    return json.dumps(made).encode()


ANY_FIELD = Mutation("any field", "", any_field)
"""A defect of whichever field; what it breaks depends on the field, and some break nothing."""

MUTATIONS: tuple[Mutation, ...] = (
    Mutation("quantity zero", INVALID, in_entry("quantity", 0)),
    Mutation("quantity negative", INVALID, in_entry("quantity", -1, -(10**20))),
    Mutation("quantity fractional", INVALID, in_entry("quantity", 1.5, 0.1)),
    Mutation("quantity as text", INVALID, in_entry("quantity", "1", "")),
    Mutation("quantity true", INVALID, in_entry("quantity", True)),
    Mutation("quantity a list", INVALID, in_entry("quantity", [1], {})),
    Mutation("price negative", INVALID, in_entry("price_amount", -1)),
    Mutation("price with decimals", INVALID, in_entry("price_amount", 899.99, 0.5)),
    Mutation("price as text", INVALID, in_entry("price_amount", "899.00", "89900")),
    Mutation("price null", INVALID, in_entry("price_amount", None)),
    Mutation("line id empty", INVALID, in_entry("line_item_id", "")),
    Mutation("line id no text", INVALID, in_entry("line_item_id", *NOT_TEXT)),
    Mutation("placed line id empty", INVALID, in_entry("id", "", 7, None)),
    Mutation("product id empty", INVALID, in_entry("product_id", "", 7, None)),
    Mutation("title no text", INVALID, in_entry("product_title", *NOT_TEXT)),
    Mutation("brand no text", INVALID, in_entry("product_brand", *NOT_TEXT)),
    Mutation(
        "reference empty",
        INVALID,
        in_entry("custom_properties", {"product_reference": ""}, {"product_reference": 7}),
    ),
    Mutation("custom properties no object", INVALID, in_entry("custom_properties", [], "x", 1)),
    Mutation("order id empty", INVALID, at_path("order_id", "")),
    Mutation("order id no text", INVALID, at_path("order_id", *NOT_TEXT)),
    Mutation("zip a number", INVALID, at_path("customer_billing_address/zip", 81371, None)),
    Mutation("city no text", INVALID, at_path("customer_billing_address/city", *NOT_TEXT)),
    Mutation(
        "address line no text",
        INVALID,
        at_path("customer_billing_address/address_line_2", 1, True, []),
    ),
    Mutation("name no text", INVALID, at_path("customer/first_name", *NOT_TEXT)),
    Mutation("email no text", INVALID, at_path("customer/email", *NOT_TEXT)),
    Mutation("customer no object", INVALID, at_path("customer", None, "Max", [], 7)),
    Mutation("address no object", INVALID, at_path("customer_billing_address", None, "x", [])),
    Mutation("cart id no text", INVALID, at_path("cart_id", 7, [], True)),
    Mutation("list no list", INVALID, at_path("line_items", {}, None, "x")),
    Mutation("list of no objects", INVALID, at_path("line_items", [1], ["x"], [None], [[]])),
    Mutation("country in capitals", "country-format", at_path(COUNTRY, "DE")),
    Mutation(
        "country no code",
        "country-format",
        at_path(COUNTRY, "", "deu", "d", "germany", None, 49, "de "),
    ),
    Mutation("country of other signs", "country-format", at_path(COUNTRY, "de\n", "d\u00e9", "d3")),
    Mutation("currency in capitals", "currency-format", at_path("order_currency", "EUR")),
    Mutation(
        "currency no code", "currency-format", at_path("order_currency", "", "eu", "€", None, 978)
    ),
    Mutation(
        "currency of other signs",
        "currency-format",
        at_path("order_currency", "eur\n", "e\u00fcr", "eu1"),
    ),
    Mutation("epoch milliseconds", "timestamp-format", times(1709283600000)),
    Mutation("epoch seconds", "timestamp-format", times(1709283600, 1709283600.5, "1709283600")),
    Mutation(
        "time without offset",
        "timestamp-format",
        times("2024-03-01T09:00:00", "2024-03-01T09:00:00.000"),
    ),
    Mutation("date only", "timestamp-format", times("2024-03-01", "01.03.2024")),
    Mutation("time with a blank", "timestamp-format", times("2024-03-01 09:00:00Z")),
    Mutation(
        "no such day",
        "timestamp-format",
        times(
            "2024-02-30T09:00:00Z",
            "2024-13-01T09:00:00Z",
            "2024-00-10T09:00:00Z",
            "2024-04-31T09:00:00Z",
        ),
    ),
    Mutation(
        "no leap day", "timestamp-format", times("2023-02-29T09:00:00Z", "2100-02-29T09:00:00Z")
    ),
    Mutation(
        "no such hour",
        "timestamp-format",
        times(
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
        times(
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
        times(
            "2024-03-01T09:00Z",
            "2024-03-01T09:00:00+0100",
            "2024-03-01T09:00:00+01",
            "2024-3-01T09:00:00Z",
            "20240301T090000Z",
            "2024-03-01T09:00:00.Z",
        ),
    ),
    Mutation("time empty", "timestamp-format", times("", "now", "Z")),
    Mutation(
        "type unknown",
        "unknown-event-type",
        of_type("order_paid", "Order_placed", "order_placed ", "", None, 7, []),
    ),
    Mutation("top field missing", INVALID, without_top),
    Mutation("order id missing", INVALID, without(("order_id",))),
    Mutation(
        "payload field missing",
        INVALID,
        without(("order_currency", "customer", "customer_billing_address", "line_items")),
    ),
    Mutation("items missing", INVALID, without(("fulfillment_items", "refund_items"))),
    Mutation(
        "entry field missing",
        INVALID,
        without(("line_item_id", "id", "product_id", "product_title", "price_amount"), entry=True),
    ),
    Mutation("time missing", INVALID, no_time),
    Mutation("list empty", INVALID, empty_list),
    Mutation("no event at all", INVALID, list_for_object),
    Mutation("json cut off", INVALID, in_bytes(shorter, half)),
    Mutation("json with more behind", INVALID, in_bytes(longer, doubled)),
    Mutation("body empty", INVALID, in_bytes(lambda _raw: b"", lambda _raw: b"  \r\n")),
    Mutation("byte order mark", INVALID, in_bytes(lambda raw: b"\xef\xbb\xbf" + raw)),
    Mutation("not utf-8", INVALID, in_bytes(lambda raw: raw + b"\xff")),
    Mutation(
        "text not utf-8",
        INVALID,
        in_text(
            (OPEN, b'{"x": "M\xfcnchen", "type"'),
            (OPEN, b'{"x": "\xed\xa0\x80", "type"'),
        ),
    ),
    Mutation("utf-16", INVALID, in_bytes(lambda raw: raw.decode().encode("utf-16"))),
    Mutation("single quotes", INVALID, in_bytes(lambda raw: raw.replace(b'"', b"'"))),
    Mutation("trailing comma", INVALID, in_bytes(lambda raw: raw[:-1] + b",}")),
    Mutation(
        "not a number",
        INVALID,
        in_text(
            (OPEN, b'{"x": NaN, "type"'),
            (OPEN, b'{"x": -Infinity, "type"'),
            (OPEN, b'{"x": 1e999, "type"'),
        ),
    ),
    Mutation(
        "lone surrogate",
        INVALID,
        in_text((OPEN, b'{"x": "\\ud800", "type"'), (OPEN, b'{"\\udfff": 1, "type"')),
    ),
    Mutation(
        "nested deeply",
        INVALID,
        in_text((OPEN, b'{"x": ' + b"[" * 200 + b"]" * 200 + b', "type"')),
    ),
    Mutation(
        "key twice",
        "json-duplicate-key",
        in_text(
            (OPEN, b'{"x": 1, "x": 2, "type"'), (b'"payload": {', b'"payload": {"a": 1, "a": 1, ')
        ),
    ),
    Mutation("field misspelt", "", misspelt),
    Mutation("field unknown", "unknown-field", extra_field),
)
"""All of them; a rule of "" means that it depends on the field."""

DUE: tuple[Mutation, ...] = tuple(one for one in MUTATIONS for _ in range(one.ways))
"""Each as often as it has ways: dealt to the end, every way came once."""
