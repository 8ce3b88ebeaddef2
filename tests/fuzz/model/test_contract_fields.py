"""The model keeps its own tables; they have the same event types and fields as the contract."""

import pytest

from contracts import schemas
from contracts.event_kinds import EVENT_KINDS, ITEM_LISTS
from contracts.rules import RULES
from contracts.schemas import resolved
from fuzz.model import bodies, event_types
from fuzz.model.findings import SEVERITY

ADDRESS = "customer_billing_address"


def fields(node):
    """Every field of an object schema, and whether it is required."""
    node = resolved(node)
    required = node.get("required", ())
    return {name: name in required for name in node["properties"]}


def properties(node):
    return resolved(node)["properties"]


def payload_of(kind):
    return properties(schemas.schema(kind))["payload"]


def item_of(kind):
    return resolved(properties(payload_of(kind))[EVENT_KINDS[kind].items])["items"]


def required(table):
    """A table of the model in the same form."""
    return {name: needed for name, (needed, _check) in table.items()}


def test_the_event_types_are_the_same_in_the_same_order():
    assert list(event_types.EVENT_TYPES) == list(EVENT_KINDS)


def test_the_lists_and_the_times_are_the_same():
    lists = {kind.type: kind.items for kind in EVENT_KINDS.values() if kind.items is not None}
    assert lists == event_types.ITEM_LISTS
    assert set(event_types.ITEM_LISTS.values()) == ITEM_LISTS
    times = {kind.type: kind.times for kind in EVENT_KINDS.values() if kind.timed_items}
    assert times == {name: kind.times for name, kind in event_types.ITEMS_TYPES.items()}


@pytest.mark.parametrize("kind", EVENT_KINDS)
def test_the_payload_has_the_same_fields(kind):
    assert required(bodies.payload_fields(kind)) == fields(payload_of(kind))


@pytest.mark.parametrize("kind", [kind for kind, row in EVENT_KINDS.items() if row.items])
def test_the_entries_have_the_same_fields(kind):
    assert required(bodies.ITEMS[kind]) == fields(item_of(kind))


def test_customer_address_and_custom_properties_have_the_same_fields():
    payload = properties(payload_of("order_placed"))
    custom = properties(item_of("order_placed"))["custom_properties"]
    assert required(bodies.CUSTOMER) == fields(payload["customer"])
    assert required(bodies.ADDRESS) == fields(payload[ADDRESS])
    assert required(bodies.CUSTOM) == {
        name: False for name in properties(custom) if name == "product_reference"
    }


def test_rules_of_one_severity_have_the_same_severity():
    single = {rule for rule in SEVERITY if not RULES[rule].variants}
    assert {rule: str(RULES[rule].severity) for rule in single} == {
        rule: SEVERITY[rule] for rule in single
    }
