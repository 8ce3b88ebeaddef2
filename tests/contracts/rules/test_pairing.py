"""Product and protection end together: which findings, in which words, and how they resolve."""

import pytest
from plays import REJECT, event_id, message_of, played, rules_of, told

from contracts import Policy

REFUND, CANCEL = "refund-missing-protection", "cancel-missing-protection"


class TestWhatTearsAPair:
    @pytest.mark.parametrize(
        "text",
        [
            "P{d:2,p:1>d} F{d:2} R{d:1}",
            "P{d:2,p:2>d} F{d:2} R{d:1,p:1}",
            "P{d:2,p:2>d} F{d:2} R{p:1} R{d:1}",
            "P{d:2,p:2>d} F{d:2} R{p:2}",
            "P{d1=d:1,d2=d:1,p:1>d} F{d1:1,d2:1} R{d1:1}",
            "P{d:1,a:1,p:1>d} F{a:1} R{a:1}",
            "P{d:1,a:1,p=s:1>d,q=s:1>a} F{d:1,a:1} R{d:1,a:1,q:1,p:1}",
        ],
    )
    def test_these_refunds_are_balanced(self, text):
        rules = told(played(text))
        assert REFUND not in rules

    @pytest.mark.parametrize(
        ("text", "fix"),
        [
            ("P{d:1,p:1>d} F{d:1} R{d:1}", "add line-p, quantity 1"),
            ("P{d:5,p:5>d} F{d:5} R{d:3}", "add line-p, quantity 3"),
            ("P{d:5,p:5>d} F{d:5} R{d:3,p:1}", "set line-p to quantity 3"),
            ("P{d:3,p:2>d} F{d:3} R{d:2}", "add line-p, quantity 1"),
            ("P{d:2,p:1>d,q:1>d} F{d:2} R{d:2}", "add line-p, quantity 1 and line-q, quantity 1"),
            ("P{d:2,p:1>d,q:1>d} F{d:2} R{d:2,p:1}", "add line-q, quantity 1"),
            ("P{d1=d:1,d2=d:1,p:2>d} F{d1:1,d2:1} R{d1:1,d2:1}", "add line-p, quantity 2"),
            ("P{d1=d:1,d2=d:1,p:2>d} F{d1:1,d2:1} R{d2:1}", "add line-p, quantity 1"),
            ("P{d:3,p:3>d} F{d:3} R{d:2,p:1}@5", "set line-p to quantity 2"),
            ("P{d:2,p:1>d} F{d:2} R{d:1}@5 R{d:1}@6", "add line-p, quantity 1"),
        ],
    )
    def test_a_torn_pair_is_answered_with_what_to_send(self, text, fix):
        assert message_of(played(text), REFUND).endswith(f"; {fix}")

    def test_only_units_that_really_moved_count(self):
        shop = played("P{d:1,p:1>d} F{d:1} R{d:1,p:1}@4 R{d:1}@5")
        assert rules_of(shop.last) == ["over-refund"]

    def test_a_refund_of_unshipped_units_tears_the_pair_just_the_same(self):
        assert told(played("P{d:1,p:1>d} R{d:1}")) == ["refund-before-fulfillment", REFUND]

    def test_each_torn_reference_is_a_finding_of_its_own(self):
        shop = played("P{d:1,a:1,p:1>d,q:1>a} F{d:1,a:1} R{d:1,a:1}")
        assert told(shop) == [REFUND, REFUND]
        assert [finding.pointer for finding in shop.last.findings] == [
            "/payload/refund_items/0",
            "/payload/refund_items/1",
        ]

    def test_a_cancellation_that_forgets_the_plan_has_its_own_rule(self):
        shop = played("P{d:2,p:2>d} C{d:1}")
        assert told(shop) == [CANCEL]
        assert message_of(shop, CANCEL).startswith("/payload/cancelled_line_items/0: cancels 1 × ")

    def test_a_plan_for_nothing_is_never_torn(self):
        assert told(played("P{d:1,p:1>x} F{d:1} R{d:1}")) == ["protection-dangling-reference"]

    def test_the_second_forgotten_plan_is_a_finding_of_its_own(self):
        shop = played("P{d:2,p:2>d} F{d:2} R{d:1}@4 R{d:1}@5")
        assert told(shop) == [REFUND, REFUND]


class TestWords:
    def test_without_any_plan_in_the_event(self):
        message = message_of(played("P{d:1,p:1>d} F{d:1} R{d:1}"), REFUND)
        assert "refunds 1 × iPhone 14 (line-d) but not the protection that belongs to it" in message

    def test_with_several_plans_forgotten(self):
        message = message_of(played("P{d:2,p:2>d} F{d:2} R{d:2}"), REFUND)
        assert (
            "refunds 2 × iPhone 14 (line-d) but not the 2 protections that belong to it" in message
        )

    def test_with_some_plans_in_the_event(self):
        message = message_of(played("P{d:3,p:3>d} F{d:3} R{d:3,p:1}"), REFUND)
        assert "but only 1 of the 3 protections that belong to it (line-p)" in message

    def test_with_another_product_s_plan_in_the_event(self):
        message = message_of(played("P{d:1,a:1,p:1>d,q:1>a} F{d:1,a:1} R{d:1,q:1}"), REFUND)
        assert "line-q was ended instead, which protects prd-a" in message

    def test_with_the_plan_of_another_unit_that_has_the_same_placeholder_as_sku(self):
        text = "P{d1:1, d2:1, p1=plan:1>d1, p2=plan:1>d2} F{d1:1,d2:1} R{d1:1,p2:1}@5"
        shop = played(text)
        assert told(shop) == [REFUND]
        message = message_of(shop, REFUND)
        assert "(line-d1)" in message
        assert "line-p2 was ended instead" in message

    def test_with_one_of_two_plans_in_the_event(self):
        message = message_of(played("P{d:3,p:3>d} F{d:3} R{d:2,p:1}@5"), REFUND)
        assert "but only 1 of the 2 protections" in message

    def test_with_another_product_and_its_plan_in_the_event(self):
        message = message_of(played("P{d:1,a:1,p:1>d,q:1>a} F{d:1,a:1} R{d:1,a:1,q:1}"), REFUND)
        assert "instead" not in message


class TestResolution:
    def test_half_a_correction_leaves_it_open(self):
        shop = played("P{d:2,p:2>d} F{d:2} R{d:2}@4 R{p:1}@5")
        assert told(shop) == [REFUND]

    def test_the_rest_resolves_it_and_leaves_one_advice(self):
        shop = played("P{d:2,p:2>d} F{d:2} R{d:2}@4 R{p:1}@5 R{p:1}@6")
        assert told(shop) == ["pairing-split-across-events", f"{REFUND} (resolved)"]

    def test_one_event_may_resolve_several(self):
        shop = played("P{d:2,p:2>d} F{d:2} R{d:1}@4 R{d:1}@5 R{p:2}@6")
        assert told(shop) == ["pairing-split-across-events"] + [f"{REFUND} (resolved)"] * 2
        message = message_of(shop, "pairing-split-across-events")
        assert event_id(3) in message
        assert event_id(4) in message

    def test_only_the_reference_that_is_balanced_again_is_resolved(self):
        shop = played("P{d:1,a:1,p:1>d,q:1>a} F{d:1,a:1} R{d:1,a:1}@4 R{q:1}@5")
        assert told(shop) == ["pairing-split-across-events", REFUND, f"{REFUND} (resolved)"]
        (still_open,) = [item for item in shop.log if item.rule == REFUND and item.state == "open"]
        assert still_open.subject == "prd-d"

    def test_a_cancellation_may_resolve_a_refund(self):
        shop = played("P{d:1,p:1>d} F{d:1} R{d:1}@4 C{p:1}@5")
        assert f"{REFUND} (resolved)" in told(shop)
        assert "termination-kind-mixed" in told(shop)

    def test_the_cancellation_of_the_order_resolves_and_is_no_mixed_kind(self):
        shop = played("P{d:2,p:2>d} C{d:1} X")
        assert told(shop) == [f"{CANCEL} (resolved)", "pairing-split-across-events"]

    def test_a_refund_after_the_order_was_cancelled_has_nothing_to_resolve(self):
        shop = played("P{d:1,p:1>d} C{d:1} X R{p:1}")
        assert rules_of(shop.last) == ["event-after-order-cancelled"]

    def test_a_finding_of_a_waiting_event_is_resolved_by_a_waiting_event(self):
        shop = played("F{d:1}@1 R{d:1}@2 R{p:1}@3 P{d:1,p:1>d}@0")
        assert f"{REFUND} (resolved)" in told(shop)
        assert REFUND not in told(shop)


class TestSwitchedOff:
    def test_a_rule_that_is_off_leaves_no_advice_about_its_resolution(self):
        text = "P{d:1,p:1>d} F{d:1} R{d:1}@4 R{p:1}@5"
        assert told(played(text, Policy(levels={REFUND: "off"}))) == []


def test_rejecting_lets_the_plan_go_first_but_not_the_product():
    assert played("P{d:1,p:1>d} F{d:1} R{p:1} R{d:1}", REJECT).statuses == [200] * 4
    assert played("P{d:1,p:1>d} F{d:1} R{d:1} R{p:1}", REJECT).statuses == [200, 200, 400, 200]
