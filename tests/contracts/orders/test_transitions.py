"""The table of transitions against a walk through all small orders."""

import pytest

from contracts.orders.events import build_event
from contracts.orders.order import Arrival, Order, receive
from contracts.orders.transitions import TRANSITIONS, transition_of
from contracts.shorthand import bodies

PLACEMENTS = ("P{d:1,p:1>d}", "P{d:2,p:1>d}", "P{d:1}", "P{d:2}", "P{p:1>d}", "P{d:1,a:1,p:1>d}")
ENTRIES = ("d:1", "p:1", "d:1,p:1", "d:2", "a:1", "zz:1", "d:2,p:1")
LATER = ["X", *(f"{letter}{{{entry}}}" for letter in "FRC" for entry in ENTRIES)]
STEPS = 6


def state(order: Order) -> tuple:
    """What decides how an order goes on."""
    ledgers = tuple((name, line.ledger) for name, line in order.lines.items())
    return order.is_placed, ledgers, order.cancelled_by, min(2, len(order.waiting))


def walked(placement: str) -> set[str]:
    """The transitions of every order that starts with or without this placement."""
    events = [bodies(item)[0] for item in (placement, *LATER)]
    found, known, frontier = set(), set(), [Order("ord-1")]
    for _ in range(STEPS):
        following = []
        for order in frontier:
            for body in events:
                steps = receive(order, Arrival("evt", build_event(body)))
                found |= {transition_of(step) for step in steps}
                after = steps[-1].after
                if state(after) not in known:
                    known.add(state(after))
                    following.append(after)
        frontier = following
    return found


def test_the_table_holds_what_orders_can_do_and_nothing_else():
    assert set.union(*map(walked, PLACEMENTS)) == set(TRANSITIONS)


def test_no_transition_is_listed_twice():
    assert len(TRANSITIONS) == len(set(TRANSITIONS))


@pytest.mark.parametrize("name", TRANSITIONS)
def test_a_cancelled_order_stays_cancelled(name):
    before, after = name.split(" by ")[0].split(" -> ")
    assert after == "cancelled" or before != "cancelled"
