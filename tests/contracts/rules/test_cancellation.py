"""Cancellations: their fields, and what may still be cancelled."""

import pytest
from plays import REJECT, Shop, event_id, message_of, played, rules_of, severities, told

from contracts import Severity
from contracts.orders.order import Status
from contracts.shorthand import bodies

DAY_5 = "2024-03-06T09:00:00.000Z"


def cancelled_with(**stamps: str | None) -> Shop:
    shop = Shop().play("P{d:1}")
    body = bodies("C{d:1}")[0]
    entry = body["payload"]["cancelled_line_items"][0]
    del entry["cancelled_at"]
    entry.update(stamps)
    shop.send(body)
    return shop


class TestTimestampAlias:
    @pytest.mark.parametrize(
        "stamps", [{"refunded_at": DAY_5}, {"refunded_at": DAY_5, "cancelled_at": None}]
    )
    def test_refunded_at_serves_as_the_time_with_advice(self, stamps):
        shop = cancelled_with(**stamps)
        assert told(shop) == ["cancel-timestamp-alias"]
        assert shop.ledger("d").cancelled == 1

    @pytest.mark.parametrize("other", [None, "2024-02-01T09:00:00.000Z"])
    def test_beside_cancelled_at_it_is_ignored(self, other):
        assert told(cancelled_with(cancelled_at=DAY_5, refunded_at=other)) == []

    @pytest.mark.parametrize("stamps", [{}, {"cancelled_at": None}, {"refunded_at": None}])
    def test_one_of_the_two_is_required(self, stamps):
        shop = cancelled_with(**stamps)
        assert shop.last.status == 400
        assert rules_of(shop.last) == ["body-invalid"]


class TestQuantityMissing:
    def test_without_quantity_all_unshipped_units_end(self):
        shop = played("P{d:5} F{d:2} C{d}")
        assert told(shop) == ["cancel-quantity-missing"]
        assert (shop.ledger("d").active, shop.ledger("d").kept) == (2, 2)

    def test_where_everything_has_shipped_all_active_units_end(self):
        shop = played("P{d:2} F{d:2} C{d}")
        assert told(shop) == ["cancel-after-fulfillment", "cancel-quantity-missing"]
        assert shop.ledger("d").active == 0

    def test_protections_are_no_exception(self):
        shop = played("P{d:2,p:2>d} C{d,p}")
        assert told(shop) == ["cancel-quantity-missing"] * 2
        assert shop.ledger("p").active == 0

    def test_on_an_exhausted_line_it_is_one_unit_too_many(self):
        assert "over-cancellation" in told(played("P{d:1} C{d} C{d}@3"))

    @pytest.mark.parametrize("entries", ["d,d:2", "d:2,d"])
    def test_beside_an_entry_with_a_quantity_that_one_goes_first(self, entries):
        shop = played(f"P{{d:5}} F{{d:1}} C{{{entries}}}")
        assert (shop.ledger("d").unshipped, shop.ledger("d").kept) == (0, 1)

    def test_null_is_no_quantity(self):
        shop = Shop().play("P{d:3}")
        body = bodies("C{d:1}")[0]
        body["payload"]["cancelled_line_items"][0]["quantity"] = None
        shop.send(body)
        assert rules_of(shop.last) == ["cancel-quantity-missing"]
        assert shop.ledger("d").active == 0


class TestOrderCancelAfterFulfillment:
    @pytest.mark.parametrize(
        "text", ["P{d:1} F{d:1} X", "P{d:1,a:1} F{a:1} X", "P{d:1} F{d:1} R{d:1} X"]
    )
    def test_a_shipped_product_even_if_refunded_later_declines_it(self, text):
        shop = played(text)
        assert told(shop) == ["order-cancel-after-fulfillment"]
        assert shop.order().status is not Status.CANCELLED

    def test_a_shipped_plan_does_not(self):
        shop = played("P{d:1,p:1>d} F{p:1} X")
        assert told(shop) == ["protection-fulfilled-alone"]
        assert shop.order().status is Status.CANCELLED

    def test_it_names_what_was_shipped(self):
        message = message_of(played("P{d:3,a:1} F{d:2} X"), "order-cancel-after-fulfillment")
        assert "the order was not cancelled: it has shipped 2 × iPhone 14 (line-d); " in message


class TestAfterTheOrderCancellation:
    @pytest.mark.parametrize(
        ("event", "severity"),
        [("F{d:1}", Severity.VIOLATION), ("C{d:1}", Severity.WARNING), ("R{d:1}", Severity.ADVICE)],
    )
    def test_each_kind_of_event_has_its_own_severity_and_changes_nothing(self, event, severity):
        shop = played("P{d:1} X")
        before = shop.order().lines
        shop.play(f"{event}@5")
        assert shop.order().lines == before
        assert told(shop) == ["event-after-order-cancelled"]
        assert severities(shop, "event-after-order-cancelled") == [severity]

    def test_rejecting_refuses_only_the_fulfilment(self):
        shop = played("P{d:1} X R{d:1} C{d:1} F{d:1}", REJECT)
        assert shop.statuses == [200, 200, 200, 200, 400]

    @pytest.mark.parametrize("event", ["R{d:9}", "C{d:9}", "C{d}"])
    def test_quantities_and_pairs_are_not_judged(self, event):
        rules = told(played(f"P{{d:1,p:1>d}} X {event}@5"))
        assert not [rule for rule in rules if rule.startswith(("over-", "refund-", "cancel-miss"))]

    def test_times_are_judged(self):
        assert "timestamp-before-placement" in told(played("P{d:1} X R{d:1}@-5"))

    def test_it_names_the_cancellation(self):
        assert event_id(2) in message_of(played("P{d:1} X F{d:1}"), "event-after-order-cancelled")
        assert event_id(2) in message_of(played("P{d:1} X X@5"), "order-already-cancelled")

    def test_an_equal_second_cancellation_is_a_duplicate_besides(self):
        assert told(played("P{d:1} X@1 X@1")) == ["duplicate-event", "order-already-cancelled"]
