"""The public strategies: valid by construction, realistic, small, and reaching what they should."""

from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from contracts.scenarios.format import Scenario, Step
from contracts.scenarios.runner import dry_run
from contracts.schemas import validator
from contracts.shorthand import show
from fuzz.strategies import conversations, events, orders

NOW = 1_767_225_600_000_000_000


def caused(bodies: list[dict]) -> list[tuple[int, set[str]]]:
    """Status, and violations and warnings, of each event that is sent to an empty world."""
    played = dry_run(Scenario("x", tuple(Step(body=body) for body in bodies)), NOW)
    return [(actual.status, set(actual.findings or ())) for _, actual in played.requests]


@given(orders())
def test_an_order_is_accepted_and_breaks_no_rule(order):
    assert caused([order]) == [(200, set())]


@given(st.data())
def test_an_event_of_an_order_fits_the_contract(data):
    order = data.draw(orders())
    event = data.draw(events(order))
    assert validator.accepts(event)
    assert event["payload"]["order_id"] == order["payload"]["order_id"]


@given(events())
def test_an_event_needs_no_order(event):
    assert validator.accepts(event)


@given(conversations())
def test_a_valid_conversation_breaks_no_rule(bodies):
    assert bodies
    assert set(map(str, caused(bodies))) == {str((200, set()))}


@given(conversations(valid=False))
def test_any_conversation_is_accepted_event_by_event(bodies):
    assert {status for status, _ in caused(bodies)} <= {200}


def test_conversations_that_need_not_be_valid_forget_protections():
    found = find(
        conversations(valid=False),
        lambda bodies: any("refund-missing-protection" in rules for _, rules in caused(bodies)),
        settings=settings(max_examples=5_000, database=None, phases=[Phase.generate]),
    )
    assert "order_refund_added" in [body["type"] for body in found]


def test_what_shrinks_becomes_small():
    smallest = find(
        conversations(),
        lambda bodies: bodies[-1]["type"] == "order_refund_added",
        settings=settings(max_examples=5_000, database=None, derandomize=True),
    )
    # One order would do; the shrinker may leave the others that were placed before.
    assert len(smallest) <= 6, show(smallest)
    assert all(len(item["payload"].get("line_items", ())) <= 1 for item in smallest)


@given(st.data())
def test_the_conversation_is_no_longer_than_asked_for(data):
    assert len(data.draw(conversations(most=3))) <= 3
