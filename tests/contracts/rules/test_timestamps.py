"""Times that contradict each other, or the clock."""

import pytest
from plays import FLAG, NOW, Shop, played, rules_of, told

from contracts import Policy
from contracts.shorthand import bodies
from contracts.timing.rfc3339 import SECOND, show

BEFORE, REGRESSION, FUTURE = (
    "timestamp-before-placement",
    "timestamp-regression",
    "timestamp-future",
)


class TestBeforePlacement:
    @pytest.mark.parametrize("event", ["F{d:1}", "R{d:1}", "C{d:1}", "X"])
    def test_equal_times_pass_and_earlier_ones_do_not(self, event):
        assert BEFORE not in told(played(f"P{{d:1}}@3 {event}@3"))
        assert BEFORE in told(played(f"P{{d:1}}@3 {event}@2"))

    def test_each_entry_is_judged(self):
        assert told(played("P{d:1,a:1} F{d:1,a:1}@-1")) == [BEFORE, BEFORE]

    def test_a_late_placement_judges_the_events_that_waited_for_it(self):
        assert BEFORE in told(played("F{d:1}@1 P{d:1}@2"))

    def test_instants_are_compared_not_texts(self):
        shop = Shop().play("P{d:1}@3")
        body = bodies("X@3")[0]
        body["payload"]["cancelled_at"] = "2024-03-04T10:00:00+01:00"
        shop.send(body)
        assert rules_of(shop.last) == []


class TestTolerance:
    """Some systems cut off milliseconds: what happens at once is then dated before its order."""

    @staticmethod
    def placed_and_shipped(placed_at: str, shipped_at: str, policy: Policy = FLAG) -> list[str]:
        placement, shipment = bodies("P{d:1} F{d:1}")
        placement["payload"]["placed_at"] = f"2024-03-01T{placed_at}Z"
        shipment["payload"]["fulfillment_items"][0]["fulfilled_at"] = f"2024-03-01T{shipped_at}Z"
        shop = Shop(policy)
        shop.send(placement)
        shop.send(shipment)
        return told(shop)

    @pytest.mark.parametrize(
        ("shipped_at", "rules"),
        [
            ("09:00:00", []),
            ("08:59:59.900", []),
            ("08:59:59.899", [BEFORE]),
            ("08:59:59", [BEFORE]),
        ],
    )
    def test_one_second_before_the_placement_is_tolerated(self, shipped_at, rules):
        assert self.placed_and_shipped("09:00:00.900", shipped_at) == rules

    @pytest.mark.parametrize(("seconds", "rules"), [(0, [BEFORE]), (59, [BEFORE]), (60, [])])
    def test_the_setting_says_how_many_seconds(self, seconds, rules):
        policy = Policy(timestamp_tolerance=seconds)
        assert self.placed_and_shipped("09:00:00", "08:59:00", policy) == rules

    @pytest.mark.parametrize(("days", "fires"), [(0, True), (1, False), (2, False)])
    @pytest.mark.parametrize("text", ["P{d:1} F{d:1}@3 R{d:1}@2", "P{d:2} C{d:1}@3 X@2"])
    def test_the_same_holds_for_what_is_reversed(self, text, days, fires):
        policy = Policy(timestamp_tolerance=days * 86_400)
        assert (REGRESSION in told(played(text, policy))) == fires


class TestFuture:
    @pytest.mark.parametrize(
        ("ahead", "rules"), [(0, []), (300 * SECOND, []), (301 * SECOND, [FUTURE])]
    )
    def test_five_minutes_ahead_of_the_arrival_are_tolerated(self, ahead, rules):
        body = bodies("P{d:1}")[0]
        body["payload"]["placed_at"] = show(NOW + ahead)
        shop = Shop()
        shop.send(body)
        assert told(shop) == rules

    @pytest.mark.parametrize("event", ["F{d:1}", "R{d:1}", "C{d:1}", "X"])
    def test_every_event_is_judged_when_it_arrives_even_if_it_waits(self, event):
        shop = played(f"{event}@9999")
        assert told(shop) == [FUTURE, "unknown-order"]
        shop.play("P{d:1}")
        assert told(shop).count(FUTURE) == 1
