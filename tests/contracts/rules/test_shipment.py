"""Before shipment things are cancelled, after it they are refunded; plans follow their product."""

import pytest
from plays import Shop, message_of, played, rules_of, told

from contracts.shorthand import bodies

TOO_LATE_TO_CANCEL = "protection-cancel-after-shipment"
REVOKED_LATE = "protection-revocation-window"
RETURNED_LATE = "product-return-window"


class TestRefundsAndCancellationsOfProducts:
    @pytest.mark.parametrize(
        ("text", "rules"),
        [
            ("P{d:1} R{d:1}", ["refund-before-fulfillment"]),
            ("P{d:2} F{d:1} R{d:2}", ["refund-before-fulfillment"]),
            ("P{d:2} F{d:1} R{d:1}", []),
            ("P{d:1,p:1>d} F{d:1} R{p:1}", []),
            ("P{d:1,p:1>d} R{p:1}", []),
            ("P{d:2} F{d:1} C{d:1}", []),
            ("P{d:2} F{d:1} C{d:2}", ["cancel-after-fulfillment"]),
            ("P{d:1} F{d:1} C{d:1}", ["cancel-after-fulfillment"]),
        ],
    )
    def test_the_units_that_moved_decide(self, text, rules):
        assert told(played(text)) == rules

    def test_the_words_count_only_the_units_meant(self):
        message = message_of(played("P{d:3} F{d:1} R{d:3}"), "refund-before-fulfillment")
        assert "refunds 2 × iPhone 14 (line-d) that never shipped" in message
        message = message_of(played("P{d:3} F{d:2} C{d:2}"), "cancel-after-fulfillment")
        assert "cancels 1 × iPhone 14 (line-d) that already shipped" in message


class TestCancellingPlansAlone:
    @pytest.mark.parametrize(
        "text",
        [
            pytest.param("P{d:1,p:1>d} F{d:1} C{p:1}", id="everything has shipped"),
            pytest.param("P{d:2,p:2>d} F{d:1} C{p:2}", id="one too many"),
            pytest.param("P{d:2,p:2>d} F{d:1} C{p:1} C{p:1}@5", id="one too many, in two events"),
            pytest.param("P{d:2,p:2>d} F{d:1} C{d:1,p:2}", id="more than its product"),
            pytest.param("P{d1=d:1,d2=d:1,p:2>d} F{d1:1,d2:1} C{p:1}", id="shipped on two lines"),
        ],
    )
    def test_afterwards_a_plan_alone_is_refunded_instead(self, text):
        assert told(played(text)).count(TOO_LATE_TO_CANCEL) == 1

    def test_a_shipped_and_returned_product_has_shipped_all_the_same(self):
        shop = played("P{d:2,p:2>d} F{d:2} R{d:1,p:1} C{p:1}")
        assert TOO_LATE_TO_CANCEL in told(shop)

    def test_the_words_name_the_plan_and_the_product(self):
        message = message_of(played("P{d:1,p:1>d} F{d:1} C{p:1}"), TOO_LATE_TO_CANCEL)
        assert message.startswith("/payload/cancelled_line_items/0: ")
        assert "1 × Hakuna.care protection (line-p) alone" in message
        assert "(line-d) has shipped" in message


class TestRevocationWindow:
    @pytest.mark.parametrize(
        ("shipped", "refunded", "late"),
        [
            ("2024-03-01T00:00:00Z", "2024-03-15T23:59:59Z", False),
            ("2024-03-01T23:59:59Z", "2024-03-16T00:00:00Z", True),
            ("2024-03-01T23:30:00-01:00", "2024-03-16T12:00:00Z", False),
            ("2024-03-02T00:30:00+01:00", "2024-03-16T12:00:00Z", True),
        ],
    )
    def test_days_are_utc_calendar_days_and_the_last_one_counts(self, shipped, refunded, late):
        shop = Shop().play("P{d:1,p:1>d}@-5")
        shipment, refund = bodies("F{d:1} R{p:1}")
        shipment["payload"]["fulfillment_items"][0]["fulfilled_at"] = shipped
        refund["payload"]["refund_items"][0]["refunded_at"] = refunded
        shop.send(shipment)
        shop.send(refund)
        assert rules_of(shop.last) == ([REVOKED_LATE] if late else [])

    def test_the_words_name_all_three_dates(self):
        message = message_of(played("P{d:1,p:1>d} F{d:1}@1 R{p:1}@16"), REVOKED_LATE)
        for date in ("2024-03-17", "2024-03-02", "2024-03-16"):
            assert date in message


class TestReturnWindow:
    @pytest.mark.parametrize(
        ("shipped", "last"),
        [
            ("2024-03-02", "2024-06-02"),
            ("2023-11-30", "2024-02-29"),
            ("2022-11-30", "2023-02-28"),
            ("2024-01-31", "2024-04-30"),
        ],
    )
    def test_the_last_day_is_the_same_of_the_month_or_its_last(self, shipped, last):
        for clock, late in (("T23:59:59.999Z", False), ("T23:59:60Z", True)):
            shop = Shop().play("P{d:1,p:1>d}@-900")
            shipment, refund = bodies("F{d:1} R{d:1,p:1}")
            shipment["payload"]["fulfillment_items"][0]["fulfilled_at"] = f"{shipped}T09:00:00Z"
            for entry in refund["payload"]["refund_items"]:
                entry["refunded_at"] = last + clock
            shop.send(shipment)
            shop.send(refund)
            assert rules_of(shop.last) == ([RETURNED_LATE] if late else [])


class TestPlansShippedAlone:
    @pytest.mark.parametrize(
        ("text", "rules"),
        [
            ("P{d:1,p:1>d} F{p:1}", ["protection-fulfilled-alone"]),
            ("P{d:1,p:1>d} F{p:1,d:1}", []),
            ("P{d:1,p:1>d} F{d:1} F{p:1}", []),
            ("P{d:2,p:2>d} F{d:1,p:2}", []),
            ("P{d:2,p:1>d,q:1>d} F{p:1,q:1}", ["protection-fulfilled-alone"]),
            ("P{d:1,a:1,p:1>d,q:1>a} F{p:1,q:1}", ["protection-fulfilled-alone"] * 2),
            ("P{d:1,p:1>x} F{p:1}", ["protection-dangling-reference"]),
            ("P{d:1,p:1>d} F{d:1}", []),
        ],
    )
    def test_a_plan_ships_with_its_product_after_it_or_not_at_all(self, text, rules):
        assert told(played(text)) == rules
