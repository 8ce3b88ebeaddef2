"""Named defects of a body, each with the rule that it must break.

A defect changes one thing in a valid event. Its rule is the intention; the model works out from the
final bytes what must come back, and a test proves that the two agree.
"""

import copy
import json
from collections.abc import Callable
from typing import Any

from contracts.values import dataclass
from fuzz.generate.choices import Choices
from fuzz.generate.client_simulator import Body
from fuzz.generate.malformed import (
    COUNTRY,
    NOT_TEXT,
    OPEN,
    Change,
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
class Defect:
    """One defect. `apply` gives the malformed body; None if the event has no place for it.

    `rule` is the rule that must fire; all but `json-duplicate-key` and `unknown-field` refuse.
    """

    name: str
    rule: str
    apply: Callable[[Body, Choices], Any]

    @property
    def variants(self) -> int:
        """How many variants it has; a defect with more of them comes more often."""
        return self.apply.variants if isinstance(self.apply, Change) else 1


def malformed_body(defect: Defect, body: Body, choices: Choices) -> bytes | None:
    """The event with the defect, as bytes; None if it has no place for it."""
    made = defect.apply(copy.deepcopy(body), choices)
    if made is None or isinstance(made, bytes):
        return made
    return json.dumps(made).encode()


ANY_FIELD = Defect("any field", "", any_field)
"""A defect of any field; which rule it breaks depends on the field, and some break none."""

DEFECTS: tuple[Defect, ...] = (
    Defect("quantity zero", INVALID, in_entry("quantity", 0)),
    Defect("quantity negative", INVALID, in_entry("quantity", -1, -(10**20))),
    Defect("quantity fractional", INVALID, in_entry("quantity", 1.5, 0.1)),
    Defect("quantity as text", INVALID, in_entry("quantity", "1", "")),
    Defect("quantity true", INVALID, in_entry("quantity", True)),
    Defect("quantity a list", INVALID, in_entry("quantity", [1], {})),
    Defect("price negative", INVALID, in_entry("price_amount", -1)),
    Defect("price with decimals", INVALID, in_entry("price_amount", 899.99, 0.5)),
    Defect("price as text", INVALID, in_entry("price_amount", "899.00", "89900")),
    Defect("price null", INVALID, in_entry("price_amount", None)),
    Defect("line id empty", INVALID, in_entry("line_item_id", "")),
    Defect("line id not a text", INVALID, in_entry("line_item_id", *NOT_TEXT)),
    Defect("placed line id empty", INVALID, in_entry("id", "", 7, None)),
    Defect("product id empty", INVALID, in_entry("product_id", "", 7, None)),
    Defect("title not a text", INVALID, in_entry("product_title", *NOT_TEXT)),
    Defect("brand not a text", INVALID, in_entry("product_brand", *NOT_TEXT)),
    Defect(
        "reference empty",
        INVALID,
        in_entry("custom_properties", {"product_reference": ""}, {"product_reference": 7}),
    ),
    Defect("custom properties not an object", INVALID, in_entry("custom_properties", [], "x", 1)),
    Defect("order id empty", INVALID, at_path("order_id", "")),
    Defect("order id not a text", INVALID, at_path("order_id", *NOT_TEXT)),
    Defect("zip a number", INVALID, at_path("customer_billing_address/zip", 81371, None)),
    Defect("city not a text", INVALID, at_path("customer_billing_address/city", *NOT_TEXT)),
    Defect(
        "address line not a text",
        INVALID,
        at_path("customer_billing_address/address_line_2", 1, True, []),
    ),
    Defect("name not a text", INVALID, at_path("customer/first_name", *NOT_TEXT)),
    Defect("email not a text", INVALID, at_path("customer/email", *NOT_TEXT)),
    Defect("customer not an object", INVALID, at_path("customer", None, "Max", [], 7)),
    Defect("address not an object", INVALID, at_path("customer_billing_address", None, "x", [])),
    Defect("cart id not a text", INVALID, at_path("cart_id", 7, [], True)),
    Defect("list not a list", INVALID, at_path("line_items", {}, None, "x")),
    Defect("list without objects", INVALID, at_path("line_items", [1], ["x"], [None], [[]])),
    Defect("country in capitals", "country-format", at_path(COUNTRY, "DE")),
    Defect(
        "country not a code",
        "country-format",
        at_path(COUNTRY, "", "deu", "d", "germany", None, 49, "de "),
    ),
    Defect(
        "country with other characters", "country-format", at_path(COUNTRY, "de\n", "d\u00e9", "d3")
    ),
    Defect("currency in capitals", "currency-format", at_path("order_currency", "EUR")),
    Defect(
        "currency not a code",
        "currency-format",
        at_path("order_currency", "", "eu", "€", None, 978),
    ),
    Defect(
        "currency with other characters",
        "currency-format",
        at_path("order_currency", "eur\n", "e\u00fcr", "eu1"),
    ),
    Defect("epoch milliseconds", "timestamp-format", times(1709283600000)),
    Defect("epoch seconds", "timestamp-format", times(1709283600, 1709283600.5, "1709283600")),
    Defect(
        "time without offset",
        "timestamp-format",
        times("2024-03-01T09:00:00", "2024-03-01T09:00:00.000"),
    ),
    Defect("date only", "timestamp-format", times("2024-03-01", "01.03.2024")),
    Defect("time with a space", "timestamp-format", times("2024-03-01 09:00:00Z")),
    Defect(
        "day that does not exist",
        "timestamp-format",
        times(
            "2024-02-30T09:00:00Z",
            "2024-13-01T09:00:00Z",
            "2024-00-10T09:00:00Z",
            "2024-04-31T09:00:00Z",
        ),
    ),
    Defect(
        "leap day that does not exist",
        "timestamp-format",
        times("2023-02-29T09:00:00Z", "2100-02-29T09:00:00Z"),
    ),
    Defect(
        "hour that does not exist",
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
    Defect(
        "time with other characters",
        "timestamp-format",
        times(
            "2024-03-01T09:00:00Z\n",
            "2024-03-01T09:00:00,000Z",
            "\u0662024-03-01T09:00:00Z",
            "2024-03-01T09:00:00 Z",
            "+2024-03-01T09:00:00Z",
        ),
    ),
    Defect(
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
    Defect("time empty", "timestamp-format", times("", "now", "Z")),
    Defect(
        "type unknown",
        "unknown-event-type",
        of_type("order_paid", "Order_placed", "order_placed ", "", None, 7, []),
    ),
    Defect("top field missing", INVALID, without_top),
    Defect("order id missing", INVALID, without(("order_id",))),
    Defect(
        "payload field missing",
        INVALID,
        without(("order_currency", "customer", "customer_billing_address", "line_items")),
    ),
    Defect("items missing", INVALID, without(("fulfillment_items", "refund_items"))),
    Defect(
        "entry field missing",
        INVALID,
        without(("line_item_id", "id", "product_id", "product_title", "price_amount"), entry=True),
    ),
    Defect("time missing", INVALID, no_time),
    Defect("list empty", INVALID, empty_list),
    Defect("not an event", INVALID, list_for_object),
    Defect("json cut off", INVALID, in_bytes(shorter, half)),
    Defect("json with trailing text", INVALID, in_bytes(longer, doubled)),
    Defect("body empty", INVALID, in_bytes(lambda _raw: b"", lambda _raw: b"  \r\n")),
    Defect("byte order mark", INVALID, in_bytes(lambda raw: b"\xef\xbb\xbf" + raw)),
    Defect("not utf-8", INVALID, in_bytes(lambda raw: raw + b"\xff")),
    Defect(
        "text not utf-8",
        INVALID,
        in_text(
            (OPEN, b'{"x": "M\xfcnchen", "type"'),
            (OPEN, b'{"x": "\xed\xa0\x80", "type"'),
        ),
    ),
    Defect("utf-16", INVALID, in_bytes(lambda raw: raw.decode().encode("utf-16"))),
    Defect("single quotes", INVALID, in_bytes(lambda raw: raw.replace(b'"', b"'"))),
    Defect("trailing comma", INVALID, in_bytes(lambda raw: raw[:-1] + b",}")),
    Defect(
        "not a number",
        INVALID,
        in_text(
            (OPEN, b'{"x": NaN, "type"'),
            (OPEN, b'{"x": -Infinity, "type"'),
            (OPEN, b'{"x": 1e999, "type"'),
        ),
    ),
    Defect(
        "lone surrogate",
        INVALID,
        in_text((OPEN, b'{"x": "\\ud800", "type"'), (OPEN, b'{"\\udfff": 1, "type"')),
    ),
    Defect(
        "deeply nested",
        INVALID,
        in_text((OPEN, b'{"x": ' + b"[" * 200 + b"]" * 200 + b', "type"')),
    ),
    Defect(
        "repeated key",
        "json-duplicate-key",
        in_text(
            (OPEN, b'{"x": 1, "x": 2, "type"'), (b'"payload": {', b'"payload": {"a": 1, "a": 1, ')
        ),
    ),
    Defect("field misspelt", "", misspelt),
    Defect("field unknown", "unknown-field", extra_field),
)
"""All of them; the rule "" means that it depends on the field."""

WEIGHTED_DEFECTS: tuple[Defect, ...] = tuple(
    defect for defect in DEFECTS for _ in range(defect.variants)
)
"""Each as often as it has variants: after one round of shuffled choices every variant came once."""
