"""The naive model against the facts: the table of the rules, and the QA scenarios.

Findings are exact: rules that are not listed did not fire.
"""

import pytest
from model_plays import KEY, ModelPlays, findings_of

from fuzz.model.world_settings import WorldSettings

V, W, A = "violation", "warning", "advice"
COVERED = "P{d:1,p:1>d}"

TABLE = [
    # placement (facts 3.2)
    ("P{d:1} P{d:2}", {"order-id-reused": V}),
    ("P{d:1} P#2{d:2}", {}),
    ("P{d:1} P{d:1}@0", {"duplicate-event": W}),
    ("P{d:1,d:2}", {"line-item-id-duplicate": W}),
    ("P{d:1,p:1>x}", {"protection-dangling-reference": V}),
    ("P{p:1>p}", {"protection-self-reference": V}),
    ("P{d:1,p:1>d,s:1>p}", {"protection-references-protection": W}),
    ("P{d:2,p:1>d,s:1>d}", {}),
    ("P{d:1,p:2>d}", {"protection-exceeds-product": V}),
    ("P{d1=d:1,d2=d:1,p:2>d}", {}),
    # pairing (facts 3.3)
    (f"{COVERED} F{{d:1}} R{{d:1}}", {"refund-missing-protection": V}),
    (f"{COVERED} F{{d:1}} R{{d:1,p:1}}", {}),
    ("P{d:3,p:3>d} F{d:3} R{d:2,p:1}", {"refund-missing-protection": V}),
    ("P{d:2,p:1>d} F{d:2} R{d:1}", {}),
    (f"{COVERED} C{{d:1}}", {"cancel-missing-protection": V}),
    (f"{COVERED} C{{d:1,p:1}}", {}),
    (f"{COVERED} F{{d:1}} R{{d:1}} R{{p:1}}", {"pairing-split-across-events": A}),
    (f"{COVERED} F{{d:1}} R{{p:1}} R{{d:1}}", {}),
    (
        f"{COVERED} C{{d:1}} R{{p:1}}",
        {"pairing-split-across-events": A, "termination-kind-mixed": A},
    ),
    (f"{COVERED} C{{d:1}} X", {"pairing-split-across-events": A}),
    # order and lines
    ("R{d:1}", {"unknown-order": V}),
    ("P{d:1} R{zz:1}", {"unknown-line-item": V}),
    ("P{d:2} F{d:2} R{d:1,d:1}", {"item-entry-repeated": W}),
    ("P{d:3} F{d:3} R{d:1,d:2}", {"item-entry-repeated": A}),
    ("P{d:2} F{d:2} R{d:2}", {}),
    ("P{d:2} F{d:1}@1 F{d:1}@1", {"duplicate-event": W}),
    # quantities
    ("P{d:1} F{d:2}", {"over-fulfillment": W}),
    ("P{d:1} F{d:1} R{d:1} R{d:1}@5", {"over-refund": W}),
    ("P{d:1} C{d:1} C{d:1}@3", {"over-cancellation": W}),
    ("P{d:1} C{d}", {"cancel-quantity-missing": A}),
    ("P{d:1} C{d} C{d}", {"cancel-quantity-missing": A, "over-cancellation": W}),
    ("P{d:1} R{d:1}", {"refund-before-fulfillment": A}),
    ("P{p:1>d,d:1} R{p:1}", {}),
    ("P{d:1} F{d:1} C{d:1}", {"cancel-after-fulfillment": W}),
    ("P{d:2} F{d:1} C{d:1}", {}),
    # protections and windows
    (f"{COVERED} F{{d:1}} C{{p:1}}", {"protection-cancel-after-shipment": W}),
    (f"{COVERED} F{{d:1}} R{{p:1}}", {}),
    (f"{COVERED} F{{d:1}}@1 R{{p:1}}@15", {}),
    (f"{COVERED} F{{d:1}}@1 R{{p:1}}@16", {"protection-revocation-window": W}),
    # day 1 is 2 March, day 93 is 2 June
    (f"{COVERED} F{{d:1}}@1 R{{d:1,p:1}}@93", {}),
    (f"{COVERED} F{{d:1}}@1 R{{d:1,p:1}}@94", {"product-return-window": W}),
    ("P{d:1} F{d:1}@1 R{d:1}@94", {}),
    # shipped on 31 March: the last day is 30 June, three months with a day that June lacks
    (f"{COVERED} F{{d:1}}@30 R{{d:1,p:1}}@121", {}),
    (f"{COVERED} F{{d:1}}@30 R{{d:1,p:1}}@122", {"product-return-window": W}),
    (f"{COVERED} F{{p:1}}", {"protection-fulfilled-alone": A}),
    (f"{COVERED} F{{d:1,p:1}}", {}),
    # the whole order
    ("P{d:1} F{d:1} X", {"order-cancel-after-fulfillment": V}),
    ("P{d:1} F{d:1} R{d:1} X", {"order-cancel-after-fulfillment": V}),
    (f"{COVERED} F{{p:1}} X", {}),
    ("P{d:1} X X", {"order-already-cancelled": V}),
    ("P{d:1} X F{d:1}", {"event-after-order-cancelled": V}),
    ("P{d:1} X C{d:1}", {"event-after-order-cancelled": W}),
    ("P{d:1} X R{d:1}", {"event-after-order-cancelled": A}),
    # times
    ("P{d:1} F{d:1}@-1", {"timestamp-before-placement": W}),
    ("P{d:1} F{d:1}@0", {}),
    ("P{d:1} F{d:1}@3 R{d:1}@2", {"timestamp-regression": W}),
    ("P{d:1} F{d:1}@3 R{d:1}@3", {}),
    ("P{d:1,a:1} C{a:1}@5 X@4", {"timestamp-regression": W}),
    ("P{d:1} F{d:1}@9999", {"timestamp-future": A}),
]


@pytest.mark.parametrize(("text", "findings"), TABLE, ids=[text for text, _ in TABLE])
def test_the_table_of_the_facts(text, findings):
    assert findings_of(text) == findings


class TestScenarios:
    def test_4_and_5_a_forgotten_plan_is_open_until_it_is_refunded(self):
        plays = ModelPlays()
        plays.play(f"{COVERED} F{{d:1}}")
        plays.play("R{d:1}@5")
        assert plays.open == ["refund-missing-protection"]
        plays.play("R{p:1}@6")
        assert plays.open == ["pairing-split-across-events"]

    def test_8_half_covered_complains_at_the_second_unit(self):
        assert findings_of("P{d:2,p:1>d} F{d:2} R{d:1}@5") == {}
        assert findings_of("P{d:2,p:1>d} F{d:2} R{d:1}@5 R{d:1}@6") == {
            "refund-missing-protection": V
        }

    def test_9_a_plan_that_shares_the_sku_does_not_help(self):
        text = "P{d1:1,d2:1,p1=plan:1>d1,p2=plan:1>d2} F{d1:1,d2:1} R{d1:1,p2:1}@5"
        assert findings_of(text) == {"refund-missing-protection": V}

    def test_10_two_lines_of_one_product_are_one_pair(self):
        text = "P{d1=d:1,d2=d:1,p:2>d} F{d1:1,d2:1} R{d2:1}"
        assert findings_of(text) == {"refund-missing-protection": V}

    def test_11_half_is_out_of_stock_and_half_comes_back(self):
        plays = ModelPlays()
        plays.play("P{d:2,p:2>d} F{d:1} C{d:1,p:1} R{d:1,p:1}@5")
        assert plays.open == []
        assert plays.model.orders(KEY)["ord-1"]["status"] == "closed"

    def test_13_after_a_failed_payment_nothing_is_applied(self):
        plays = ModelPlays()
        plays.play(f"{COVERED} X F{{d:1}} R{{d:1,p:1}}")
        assert plays.play("X@4").findings == {"order-already-cancelled": V}
        assert plays.line("d") == {
            **plays.line("d"),
            "fulfilled": 0,
            "refunded": 0,
            "cancelled": 1,
            "active": 0,
        }

    def test_14_a_shipped_order_stays_as_it_is(self):
        plays = ModelPlays()
        plays.play("P{d:1,p:1>d,a:1} F{a:1} X")
        assert plays.model.orders(KEY)["ord-1"]["status"] == "partially_fulfilled"
        assert plays.open == ["order-cancel-after-fulfillment"]

    def test_16_a_retry_without_a_key_is_applied_again(self):
        plays = ModelPlays()
        plays.play("P{d:3,p:3>d} F{d:3} R{d:1,p:1}@5")
        assert plays.play("R{d:1,p:1}@5").findings == {"duplicate-event": W}
        assert plays.line("d")["refunded"] == 2

    def test_17_a_waiting_event_is_replayed_when_its_order_comes(self):
        plays = ModelPlays()
        assert plays.play("F{d:1}").findings == {"unknown-order": V}
        assert plays.model.orders(KEY) == {}
        assert plays.play(COVERED).findings == {}
        assert plays.open == ["out-of-order-arrival"]
        assert plays.line("d")["fulfilled"] == 1

    def test_18_one_key_is_one_event(self):
        plays = ModelPlays()
        plays.play("P{d:3}")
        again = {"Hakuna-Idempotency-Key": "same"}
        first = plays.play("F{d:1}@1", again)
        second = plays.play("F{d:1}@1", again)
        other = plays.play("F{d:2}@1", again)
        assert (first.stored, second.stored, second.replay_of) == (True, False, 1)
        assert (other.status, other.findings) == (400, {"idempotency-key-reused": V})
        assert plays.line("d")["fulfilled"] == 1
        assert plays.model.events(KEY) == [0, 1]


class TestRejectMode:
    @pytest.mark.parametrize(
        ("text", "answer"),
        [
            ("F{d:1}", (404, "entity_not_found")),
            ("P{d:1} F{d:1} X", (400, "cancel_decline")),
            ("P{d:1} X X", (400, "cancel_decline")),
            ("P{d:1} P{d:2}", (400, "invalid_request_parameters")),
            (f"{COVERED} F{{d:1}} R{{d:1}}", (400, "invalid_request_parameters")),
            ("P{d:1} F{d:2}", (200, None)),
        ],
    )
    def test_violations_are_refused_and_nothing_else(self, text, answer):
        reply = ModelPlays(settings=WorldSettings("reject")).play(text)
        assert (reply.status, reply.error_code) == answer

    def test_a_refused_event_changes_nothing_and_its_finding_stays(self):
        plays = ModelPlays(settings=WorldSettings("reject"))
        plays.play(f"{COVERED} F{{d:1}} R{{d:1}}")
        assert plays.line("d")["refunded"] == 0
        assert plays.play("R{d:1,p:1}@5").findings == {}
        assert plays.open == ["refund-missing-protection"]

    def test_levels_decide_what_is_refused(self):
        levels = {"over-fulfillment": "violation", "unknown-order": "off"}
        assert (
            ModelPlays(settings=WorldSettings("reject", levels)).play("P{d:1} F{d:2}").status == 400
        )
        assert ModelPlays(settings=WorldSettings("reject", levels)).play("F{d:2}").stored


class TestTheLedger:
    def test_cancellations_without_quantity_go_last_and_one_after_the_other(self):
        plays = ModelPlays()
        reply = plays.play("P{d:5} F{d:2} C{d,d:1,d,d}")
        assert plays.line("d") == {**plays.line("d"), "cancelled": 5, "active": 0}
        assert reply.counts["over-cancellation"] == 1

    def test_a_repeated_line_is_no_part_of_the_order(self):
        plays = ModelPlays()
        plays.play("P{d:1,d:5}")
        assert [line["ordered"] for line in plays.model.orders(KEY)["ord-1"]["lines"]] == [1]

    def test_protections_and_products_know_each_other(self):
        plays = ModelPlays()
        plays.play("P{d1=d:1,d2=d:1,p:1>d}")
        assert plays.line("p")["protects"] == ["line-d1", "line-d2"]
        assert plays.line("d2")["protected_by"] == ["line-p"]


class TestRemembering:
    def test_a_copy_goes_on_by_itself(self):
        plays = ModelPlays()
        plays.play("P{d:2}")
        before, copied = plays.model, plays.model.copy()
        plays.model = copied
        plays.play("F{d:1}")
        assert copied.orders(KEY)["ord-1"]["lines"][0]["fulfilled"] == 1
        assert before.orders(KEY)["ord-1"]["lines"][0]["fulfilled"] == 0
        assert (before.events(KEY), copied.events(KEY)) == ([0], [0, 1])

    def test_a_reset_forgets_one_world(self):
        plays = ModelPlays()
        other = {"Authorization": "Bearer sk_test_other"}
        plays.play("P{d:2} F{d:3}")
        plays.play("P{d:1}", other)
        plays.model.reset(KEY)
        assert (plays.model.orders(KEY), plays.open, plays.model.events(KEY)) == (
            {},
            [],
            [],
        )
        assert list(plays.model.orders("sk_test_other")) == ["ord-1"]
        assert plays.play("F{d:1}").findings == {"unknown-order": V}
