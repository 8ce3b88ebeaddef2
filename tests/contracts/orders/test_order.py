"""One order as a value, and what each event makes of it."""

import pytest
from plays import event_id, played

from contracts.orders.events import build_event
from contracts.orders.order import Arrival, Order, Outcome, Status, receive
from contracts.shorthand import bodies


def steps_of(text: str):
    """What each event of a play did, replays of waiting events included."""
    order, seen = Order("ord-1"), []
    for number, body in enumerate(bodies(text), 1):
        steps = receive(order, Arrival(event_id(number), build_event(body)))
        seen += steps
        order = steps[-1].after
    return seen


def outcomes(text: str) -> list[Outcome]:
    return [step.outcome for step in steps_of(text)]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("P{d:2}", Status.PLACED),
        ("P{d:2} F{d:1}", Status.PARTIALLY_FULFILLED),
        ("P{d:2} F{d:2}", Status.FULFILLED),
        ("P{d:2} F{d:1} C{d:1}", Status.FULFILLED),
        ("P{d:1, a:1} F{a:1} R{a:1}", Status.PARTIALLY_FULFILLED),
        ("P{d:1, p:1>d} F{p:1}", Status.PLACED),
        ("P{d:1, p:1>d} F{d:1}", Status.FULFILLED),
        ("P{d:1, p:1>d} F{d:1} R{d:1}", Status.FULFILLED),
        ("P{d:1, p:1>d} C{d:1}", Status.PLACED),
        ("P{d:1, p:1>d} R{d:1}", Status.PLACED),
        ("P{d:1, p:1>d} F{p:1} C{d:1}", Status.PLACED),
        ("P{p:1>d}", Status.PLACED),
        ("P{p:1>d} F{p:1}", Status.PLACED),
        ("P{d:1, p:1>d} C{d:1,p:1}", Status.CLOSED),
        ("P{d:1} C{d:1}", Status.CLOSED),
        ("P{d:1} F{d:1} R{d:1}", Status.CLOSED),
        ("P{d:1} X", Status.CANCELLED),
        ("P{d:1} C{d:1} X", Status.CANCELLED),
        ("P{d:1} F{d:1} X", Status.FULFILLED),
    ],
)
def test_the_status_is_the_order_s_state_in_one_word(text, status):
    assert played(text).order().status is status


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("P{d:1}", Outcome.APPLIED),
        ("P{d:1} P{d:2}", Outcome.IGNORED),
        ("P{d:1} F{d:1}", Outcome.APPLIED),
        ("F{d:1}", Outcome.WAITING),
        ("X", Outcome.WAITING),
        ("P{d:1} X", Outcome.APPLIED),
        ("P{d:1} X X", Outcome.IGNORED),
        ("P{d:1} X R{d:1}", Outcome.IGNORED),
        ("P{d:1} X P{d:2}", Outcome.IGNORED),
        ("P{d:1} F{d:1} X", Outcome.DECLINED),
        ("P{d:1, p:1>d} F{p:1} X", Outcome.APPLIED),
        ("P{d:1} F{d:1} R{d:1} X", Outcome.DECLINED),
    ],
)
def test_each_event_is_applied_kept_waiting_ignored_or_declined(text, outcome):
    assert outcomes(text)[-1] is outcome


@pytest.mark.parametrize(
    "text", ["P{d:1} P{d:2}", "P{d:1} X X", "P{d:1} X F{d:1}", "P{d:1} F{d:1} X"]
)
def test_what_is_ignored_or_declined_changes_nothing(text):
    step = steps_of(text)[-1]
    assert step.after == step.before


def test_the_first_placement_stays():
    order = played("P{d:1} P{d:2, a:1}").order()
    assert list(order.lines) == ["line-d"]
    assert order.lines["line-d"].ledger.ordered == 1
    assert order.placed_by == event_id(1)


def test_of_a_repeated_line_id_the_first_line_stays():
    order = played("P{d:1, d=a:5}").order()
    assert order.lines["line-d"].item.product_id == "prd-d"
    assert order.lines["line-d"].ledger.ordered == 1


def test_a_repeated_line_id_is_no_part_of_the_pairing():
    order = played("P{d:1, p:1>d, p=s:3>d}").order()
    assert order.groups["prd-d"].placement_excess == 0


def test_entries_of_one_line_are_summed():
    (_, step) = steps_of("P{d:3} F{d:1,d:1}")
    assert step.applied("line-d") == 2


def test_an_entry_for_an_unknown_line_moves_nothing_and_the_others_apply():
    (_, step) = steps_of("P{d:3} F{d:1,zz:1}")
    assert step.applied("line-zz") == 0
    assert step.applied("line-d") == 1


def test_after_the_order_s_cancellation_the_remaining_units_count_as_cancelled():
    shop = played("P{d:3, p:1>d} C{d:1} R{d:1} X")
    ledger = shop.ledger("d")
    assert (ledger.cancelled, ledger.refunded, ledger.active) == (2, 1, 0)
    assert shop.ledger("p").cancelled == 1


class TestWaitingEvents:
    def test_they_are_kept_in_the_order_of_their_arrival(self):
        order = played("F{d:1} R{d:1} X").order()
        assert [item.event_id for item in order.waiting] == [event_id(n) for n in (1, 2, 3)]
        assert not order.is_placed

    def test_the_placement_replays_them_in_the_order_of_their_arrival(self):
        steps = steps_of("R{d:1}@2 F{d:1}@1 P{d:1}@0")
        replays = [step for step in steps if step.replayed]
        assert [step.arrival.event_id for step in replays] == [event_id(1), event_id(2)]
        assert {step.replayed for step in replays} == {event_id(3)}
        assert replays[0].taken["line-d"].unshipped == 1  # the refund came before the shipment
        assert replays[1].applied("line-d") == 0

    def test_afterwards_nothing_waits(self):
        order = played("F{d:1} P{d:1}").order()
        assert order.waiting == ()
        assert order.lines["line-d"].ledger.fulfilled == 1

    def test_a_waiting_cancellation_cancels_the_order_when_it_is_placed(self):
        assert outcomes("X F{d:1} P{d:1}") == [
            Outcome.WAITING,
            Outcome.WAITING,
            Outcome.APPLIED,
            Outcome.APPLIED,
            Outcome.IGNORED,
        ]


class TestTheLatestAppliedTime:
    def test_the_placement_itself_does_not_count(self):
        assert played("P{d:1}").order().latest_applied_at is None

    def test_it_is_the_latest_of_all_not_of_the_last_event(self):
        late = played("P{d:3} F{d:1}@5").order().latest_applied_at
        assert played("P{d:3} F{d:1}@5 R{d:1}@2").order().latest_applied_at == late

    @pytest.mark.parametrize("event", ["R{zz:1}@9", "R{d:1}@9", "F{d:1}@9", "C{d}@9"])
    def test_an_event_that_moved_nothing_does_not_count(self, event):
        early = played("P{d:1} C{d:1}@3").order().latest_applied_at
        assert played(f"P{{d:1}} C{{d:1}}@3 {event}").order().latest_applied_at == early
