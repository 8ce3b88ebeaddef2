"""Why a body is refused, in words that let people fix it without reading docs."""

import json
import re
import time

import pytest
from hypothesis import given, settings
from mutants import PAGE_EVENTS, dropped, mutants, replaced

from contracts.json_text.pointer import split
from contracts.rules import RULES
from contracts.schemas import validator
from contracts.schemas.schema_errors import MAX_ERRORS, SchemaError, schema_errors, shown

PLACEMENT, FULFILMENT, REFUND, LINE_CANCELLATION, ORDER_CANCELLATION = PAGE_EVENTS
ADDRESS = "/payload/customer_billing_address"
LINE = "/payload/line_items/0"
CANCELLED = "/payload/cancelled_line_items/0"


def the_fault(document) -> SchemaError:
    (fault,) = schema_errors(document)
    return fault


def fault_at(pointer: str, value, event=PLACEMENT) -> SchemaError:
    return the_fault(replaced(event, pointer, value))


@pytest.mark.parametrize("event", PAGE_EVENTS, ids=lambda event: event["type"])
def test_a_good_event_has_no_faults(event):
    assert schema_errors(event) == ()


@pytest.mark.parametrize(
    ("event", "pointer"),
    [
        (PLACEMENT, "/payload"),
        (PLACEMENT, "/payload/customer"),
        (PLACEMENT, f"{ADDRESS}/zip"),
        (PLACEMENT, f"{LINE}/product_id"),
        (REFUND, "/payload/refund_items/1/refunded_at"),
        (LINE_CANCELLATION, f"{CANCELLED}/cancelled_at"),
        (ORDER_CANCELLATION, "/payload/order_id"),
    ],
)
def test_a_missing_field_is_named_by_its_place(event, pointer):
    fault = the_fault(dropped(event, pointer))
    assert fault.rule == "body-invalid"
    assert fault.pointer == pointer
    assert fault.message == "this required field is missing"
    assert fault.fix.startswith(f"add {pointer.rpartition('/')[2]}")


@pytest.mark.parametrize(
    ("event", "old", "new"),
    [
        (PLACEMENT, "zip", "zipp"),
        (PLACEMENT, "zip", "ZIP"),
        (PLACEMENT, "customer", "CUSTOMER"),
        (PLACEMENT, "line_items", "line_item"),
        (PLACEMENT, "order_currency", "orderCurrency"),
        (REFUND, "refunded_at", "refundedAt"),
        (LINE_CANCELLATION, "cancelled_at", "canceled_at"),
    ],
)
def test_a_misspelt_field_is_told_to_be_renamed(event, old, new):
    document = json.loads(json.dumps(event).replace(f'"{old}"', f'"{new}"', 1))
    assert the_fault(document).fix == f"rename {new} to {old}"


@pytest.mark.parametrize(
    ("pointer", "value", "rule", "fix"),
    [
        (f"{LINE}/quantity", "2", "body-invalid", "remove the quotation marks: 2"),
        (f"{LINE}/quantity", "two", "body-invalid", "send a number without quotation marks"),
        (f"{LINE}/quantity", 0, "body-invalid", "send a whole number of at least 1"),
        (f"{LINE}/quantity", None, "body-invalid", "null is only accepted for optional fields"),
        (f"{LINE}/price_amount", "899.00", "body-invalid", "899.00 of the currency is 89900"),
        (f"{LINE}/price_amount", "84.99", "body-invalid", "84.99 of the currency is 8499"),
        (f"{LINE}/price_amount", "84,99", "body-invalid", "84.99 of the currency is 8499"),
        (f"{LINE}/price_amount", "free", "body-invalid", "899.00 becomes 89900"),
        (f"{LINE}/price_amount", 899.99, "body-invalid", "899.99 of the currency is 89999"),
        (f"{LINE}/price_amount", 12345.67, "body-invalid", "12345.67 of the currency is 1234567"),
        (f"{LINE}/price_amount", 1998.9999999999998, "body-invalid", "round them, 1999"),
        (
            f"{LINE}/price_amount",
            8499.5,
            "body-invalid",
            "if it is in cents already, round it: 8500",
        ),
        (f"{LINE}/price_amount", "9" * 20, "body-invalid", "the number is too large"),
        (f"{LINE}/quantity", 1.5, "body-invalid", "without a fraction"),
        (
            f"{LINE}/custom_properties",
            [],
            "body-invalid",
            "PHP encodes an empty array as []: send {}",
        ),
        (
            "/payload/customer",
            [],
            "body-invalid",
            "PHP encodes an empty array as []: send an object",
        ),
        ("/payload/placed_at", "2024-03-01T10:00:00+0200", "timestamp-format", "10:00:00+02:00"),
        (f"{ADDRESS}/zip", 81371, "body-invalid", 'put it in quotation marks: "81371"'),
        (f"{ADDRESS}/country", "DE", "country-format", 'write "de"'),
        (
            f"{ADDRESS}/country",
            "Germany",
            "country-format",
            "the lowercase ISO code with 2 letters",
        ),
        (f"{ADDRESS}/country", "", "country-format", "the lowercase ISO code with 2 letters"),
        (f"{ADDRESS}/country", None, "country-format", "the lowercase ISO code with 2 letters"),
        ("/payload/order_currency", "EUR", "currency-format", 'write "eur"'),
        (
            "/payload/order_currency",
            "€",
            "currency-format",
            "the lowercase ISO code with 3 letters",
        ),
        ("/payload/placed_at", 1645315200000, "timestamp-format", "2022-02-20T00:00:00.000Z"),
        ("/payload/placed_at", "2022-02-20", "timestamp-format", "2022-02-20T00:00:00.000Z"),
        ("/type", "order_place", "unknown-event-type", "did you mean order_placed?"),
        ("/type", "ORDER_PLACED", "unknown-event-type", "did you mean order_placed?"),
        ("/type", "invoice", "unknown-event-type", "use one of the five event types"),
        ("/payload/line_items", {}, "body-invalid", "put the entry into a list"),
        ("/payload/line_items", [], "body-invalid", "send a list of at least one line item"),
        ("", [], "body-invalid", "send events one by one"),
        ("", "order_placed", "body-invalid", "send one event as a JSON object"),
    ],
)
def test_a_wrong_value_is_answered_with_what_to_send(pointer, value, rule, fix):
    fault = fault_at(pointer, value)
    assert (fault.rule, fault.pointer) == (rule, pointer)
    assert fix in fault.fix


@pytest.mark.parametrize(
    ("pointer", "value"),
    [
        (f"{LINE}/price_amount", 899.99),
        (f"{LINE}/price_amount", "84.99"),
        (f"{LINE}/price_amount", 1998.9999999999998),
        (f"{LINE}/price_amount", 8499.5),
        (f"{LINE}/price_amount", 12.345),
        (f"{LINE}/price_amount", -5.0),
        (f"{LINE}/price_amount", -899.99),
        (f"{LINE}/price_amount", -1e308),
        (f"{LINE}/quantity", "3"),
    ],
)
def test_a_number_that_a_fix_tells_to_send_is_accepted(pointer, value):
    fix = fault_at(pointer, value).fix
    for told in re.findall(r"(?:becomes|marks:|is|it:|them,|cents:) (-?\d+)(?![.\d])", fix):
        assert validator.accepts(replaced(PLACEMENT, pointer, int(told))), fix


@pytest.mark.parametrize("number", ["7", "12345", "12345678901234567890123", "0" * 5000 + "1"])
def test_no_other_number_is_told_than_the_one_that_was_sent(number):
    told = re.findall(r"\d+", fault_at(f"{LINE}/quantity", number).fix)
    assert told in ([], [number])


def test_only_the_first_few_misspelt_fields_are_guessed():
    lines = [{"idd": "x", **PLACEMENT["payload"]["line_items"][0]} for _ in range(5)]
    for line in lines:
        del line["id"]
    fixes = [
        fault.fix for fault in schema_errors(replaced(PLACEMENT, "/payload/line_items", lines))
    ]
    assert fixes == ["rename idd to id"] * 3 + ["add id: a non-empty string"] * 2


def test_a_field_with_several_faults_is_named_once():
    assert len(schema_errors(replaced(PLACEMENT, f"{ADDRESS}/country", "GERMANY"))) == 1


def test_faults_stand_in_the_order_of_the_places():
    document = dropped(PLACEMENT, f"{LINE}/product_brand")
    for pointer in ("/payload/placed_at", "/payload/line_items/2/quantity", f"{LINE}/id"):
        document = replaced(document, pointer, None)
    assert [fault.pointer for fault in schema_errors(document)] == [
        f"{LINE}/id",
        f"{LINE}/product_brand",
        "/payload/line_items/2/quantity",
        "/payload/placed_at",
    ]


def test_list_places_are_sorted_as_numbers():
    lines = [{**PLACEMENT["payload"]["line_items"][0], "quantity": 0} for _ in range(12)]
    places = [
        split(fault.pointer)[2]
        for fault in schema_errors(replaced(PLACEMENT, "/payload/line_items", lines))
    ]
    assert places == [str(number) for number in range(12)]


def test_a_body_with_thousands_of_faults_is_told_the_first_hundred_within_a_second_or_two():
    document = replaced(PLACEMENT, "/payload/line_items", [{}] * 20_000)
    start = time.process_time()
    found = schema_errors(document)
    assert time.process_time() - start < 2
    assert len(found) == MAX_ERRORS
    assert found[-1].message == "the body has more mistakes than the 99 that are listed"


@pytest.mark.parametrize(("lines", "listed"), [(99, 99), (100, 100), (101, 100)])
def test_only_a_list_that_is_cut_says_that_there_are_more(lines, listed):
    line = {**PLACEMENT["payload"]["line_items"][0], "quantity": 0}
    found = schema_errors(replaced(PLACEMENT, "/payload/line_items", [line] * lines))
    assert len(found) == listed
    assert ("more mistakes" in found[-1].message) is (lines > 100)


def test_a_body_with_thousands_of_unknown_fields_is_answered_within_a_second_or_two():
    document = {"type": "order_placed", "payload": {f"k{number}": 1 for number in range(40_000)}}
    start = time.process_time()
    assert schema_errors(document)
    assert time.process_time() - start < 2


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"a": 1}, "an object"),
        ([], "an empty list"),
        ([1, 2], "a list of 2"),
        (None, "null"),
        (True, "true"),
        ("é", '"é"'),
        (1.5, "1.5"),
    ],
)
def test_a_value_is_shown_as_json(value, text):
    assert shown(value) == text


def test_a_long_value_is_cut():
    assert len(shown("x" * 1000)) <= 60
    assert shown("x" * 1000).endswith("…")


@settings(deadline=None)
@given(mutants())
def test_every_fault_names_a_rule_a_place_and_what_to_do(document):
    for fault in schema_errors(document):
        assert fault.rule in RULES
        assert RULES[fault.rule].always_refuses
        assert fault.pointer == "" or fault.pointer.startswith("/")
        assert fault.message
        assert fault.fix
        assert "another value" not in fault.fix + fault.message


@settings(deadline=None)
@given(mutants())
def test_a_place_and_its_rule_are_named_once(document):
    named = [(fault.pointer, fault.rule) for fault in schema_errors(document)]
    assert len(named) == len(set(named))
