"""The validator lets the contract's events pass and nothing else, and the schema errors agree."""

import copy

import pytest
from hypothesis import given, settings
from mutants import AWKWARD, EVENTS, PAGE_EVENTS, mutants, mutants_of

from contracts.event_kinds import EVENT_TYPES
from contracts.json_text.pointer import at
from contracts.schemas import validator
from contracts.schemas.schema_errors import schema_errors


def with_change(event, pointer: str, value):
    changed = copy.deepcopy(event)
    parent, name = pointer.rsplit("/", 1)
    at(changed, parent)[name] = value
    return changed


PLACEMENT, FULFILMENT, REFUND, LINE_CANCELLATION, ORDER_CANCELLATION = PAGE_EVENTS
ADDRESS = "/payload/customer_billing_address"
FIRST_LINE = "/payload/line_items/0"
FIRST_CANCELLED = "/payload/cancelled_line_items/0"


@pytest.mark.parametrize("event", PAGE_EVENTS, ids=lambda event: event["type"])
def test_the_examples_of_the_page_pass(event):
    assert validator.accepts(event)


@pytest.mark.parametrize("kind", EVENT_TYPES)
def test_each_type_has_a_schema_of_its_own(kind):
    assert validator.schema_name_for({"type": kind}) == kind


@pytest.mark.parametrize("document", [{}, {"type": "order_paid"}, {"type": []}, [], None, "x", 5])
def test_anything_else_is_judged_by_the_envelope_and_refused(document):
    assert validator.schema_name_for(document) == "envelope"
    assert not validator.accepts(document)
    assert schema_errors(document)


@pytest.mark.parametrize("name", ["common", "envelope", "reply", "error", "finding", "scenario"])
def test_the_name_of_another_schema_is_no_event_type(name):
    assert not validator.accepts({"type": name, "payload": {"order_id": "ord-1"}})


@pytest.mark.parametrize(
    ("event", "pointer", "value"),
    [
        pytest.param(PLACEMENT, f"{FIRST_LINE}/quantity", 1.0, id="1.0 as quantity"),
        pytest.param(PLACEMENT, f"{FIRST_LINE}/price_amount", 0, id="price 0"),
        pytest.param(PLACEMENT, f"{FIRST_LINE}/product_title", "", id="empty title"),
        pytest.param(PLACEMENT, f"{FIRST_LINE}/custom_properties", None, id="no properties"),
        pytest.param(PLACEMENT, f"{FIRST_LINE}/custom_properties", {"a": [1]}, id="free keys"),
        pytest.param(
            PLACEMENT,
            f"{FIRST_LINE}/custom_properties",
            {"product_reference": None},
            id="reference null",
        ),
        pytest.param(PLACEMENT, f"{FIRST_LINE}/colour", "red", id="unknown field"),
        pytest.param(PLACEMENT, "/payload/cart_id", "cart-1", id="cart_id"),
        pytest.param(PLACEMENT, "/payload/cart_id", None, id="cart_id null"),
        pytest.param(PLACEMENT, "/payload/customer/email", "", id="empty e-mail"),
        pytest.param(PLACEMENT, "/payload/customer/phone", None, id="phone null"),
        pytest.param(PLACEMENT, f"{ADDRESS}/zip", "", id="empty zip"),
        pytest.param(PLACEMENT, f"{ADDRESS}/address_line_2", None, id="address_line_2 null"),
        pytest.param(PLACEMENT, "/payload/order_id", " ", id="a blank as id"),
        pytest.param(PLACEMENT, "/payload/placed_at", "2022-02-20t00:00:00z", id="lowercase t"),
        pytest.param(LINE_CANCELLATION, f"{FIRST_CANCELLED}/quantity", None, id="quantity null"),
        pytest.param(LINE_CANCELLATION, f"{FIRST_CANCELLED}/refunded_at", None, id="alias null"),
    ],
)
def test_these_values_pass(event, pointer, value):
    assert validator.accepts(with_change(event, pointer, value))


@pytest.mark.parametrize(
    ("event", "pointer", "value"),
    [
        pytest.param(PLACEMENT, f"{FIRST_LINE}/quantity", True, id="true as quantity"),
        pytest.param(PLACEMENT, f"{FIRST_LINE}/quantity", 0, id="quantity 0"),
        pytest.param(PLACEMENT, f"{FIRST_LINE}/quantity", 1.5, id="quantity 1.5"),
        pytest.param(PLACEMENT, f"{FIRST_LINE}/quantity", None, id="quantity null"),
        pytest.param(PLACEMENT, f"{FIRST_LINE}/price_amount", -1, id="negative price"),
        pytest.param(PLACEMENT, f"{FIRST_LINE}/price_amount", 899.99, id="fractional cents"),
        pytest.param(PLACEMENT, f"{FIRST_LINE}/id", "", id="empty id"),
        pytest.param(PLACEMENT, f"{FIRST_LINE}/product_id", 5, id="numeric product id"),
        pytest.param(
            PLACEMENT,
            f"{FIRST_LINE}/custom_properties",
            {"product_reference": ""},
            id="empty reference",
        ),
        pytest.param(PLACEMENT, f"{FIRST_LINE}/custom_properties", [], id="list of properties"),
        pytest.param(PLACEMENT, "/payload/line_items", [], id="no lines"),
        pytest.param(PLACEMENT, "/payload/order_id", "", id="empty order id"),
        pytest.param(PLACEMENT, "/payload/order_id", 5, id="numeric order id"),
        pytest.param(PLACEMENT, "/payload/customer", None, id="customer null"),
        pytest.param(PLACEMENT, "/payload/order_currency", "EUR", id="EUR"),
        pytest.param(PLACEMENT, "/payload/order_currency", "eur\n", id="eur and a newline"),
        pytest.param(PLACEMENT, f"{ADDRESS}/country", "DE", id="DE"),
        pytest.param(PLACEMENT, f"{ADDRESS}/country", "", id="empty country"),
        pytest.param(PLACEMENT, f"{ADDRESS}/country", "de\n", id="de and a newline"),
        pytest.param(PLACEMENT, f"{ADDRESS}/country", "dé", id="a letter beyond ASCII"),
        pytest.param(PLACEMENT, f"{ADDRESS}/zip", 81371, id="numeric zip"),
        pytest.param(PLACEMENT, f"{ADDRESS}/address_line_2", 1, id="numeric address"),
        pytest.param(PLACEMENT, "/payload/placed_at", 1645315200000, id="epoch milliseconds"),
        pytest.param(PLACEMENT, "/payload/placed_at", "2022-02-20", id="date only"),
        pytest.param(FULFILMENT, "/payload/fulfillment_items", [], id="no fulfilled items"),
        pytest.param(REFUND, "/payload/refund_items", {}, id="an object of refunds"),
        pytest.param(REFUND, "/payload/refund_items", [None], id="null as an entry"),
        pytest.param(LINE_CANCELLATION, f"{FIRST_CANCELLED}/quantity", 0, id="cancel 0"),
        pytest.param(LINE_CANCELLATION, f"{FIRST_CANCELLED}/cancelled_at", None, id="no time"),
        pytest.param(LINE_CANCELLATION, f"{FIRST_CANCELLED}/refunded_at", "soon", id="bad alias"),
        pytest.param(ORDER_CANCELLATION, "/payload/cancelled_at", None, id="cancelled never"),
        pytest.param(ORDER_CANCELLATION, "/type", "ORDER_CANCELLED", id="type in capitals"),
        pytest.param(ORDER_CANCELLATION, "/type", "order_cancelled ", id="type with a blank"),
    ],
)
def test_these_values_are_refused(event, pointer, value):
    assert not validator.accepts(with_change(event, pointer, value))


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event["type"])
def test_gate_and_explainer_agree_on_every_event_with_one_wrong_place(event):
    for document in mutants_of(event):
        assert validator.accepts(document) == (schema_errors(document) == ()), document


@pytest.mark.parametrize("value", AWKWARD, ids=repr)
def test_gate_and_explainer_agree_on_a_bare_value(value):
    assert not validator.accepts(value)
    assert schema_errors(value)


@settings(deadline=None)
@given(mutants())
def test_gate_and_explainer_agree_on_events_with_several_wrong_places(document):
    assert validator.accepts(document) == (schema_errors(document) == ())


@settings(deadline=None)
@given(mutants())
def test_looking_at_a_document_leaves_it_as_it_was(document):
    before = copy.deepcopy(document)
    validator.accepts(document)
    schema_errors(document)
    assert repr(document) == repr(before)
