"""Enforcement `reject`: violations are refused in the provider's codes, and change nothing."""

import page
import pytest
from server_mock import event

from contracts.shorthand import bodies

INVALID = (400, "invalid_request_parameters")
DECLINED = (400, "cancel_decline")
REFUSED = [
    ("refund-missing-protection", "P{d:1, p:1>d} F{d:1} R{d:1}", *INVALID),
    ("cancel-missing-protection", "P{d:1, p:1>d} C{d:1}", *INVALID),
    ("order-cancel-after-fulfillment", "P{d:1} F{d:1} X", *DECLINED),
    ("order-cancel-after-fulfillment", "P{d:1,p:1>d,a:1} F{a:1} X", *DECLINED),
    ("order-already-cancelled", "P{d:1} X X@4", *DECLINED),
    ("unknown-order", "F{d:1}", 404, "entity_not_found"),
    ("unknown-line-item", "P{d:1} F{zz:1}", *INVALID),
    ("unknown-line-item", "P{d:1} R{zz:1}", *INVALID),
    ("order-id-reused", "P{d:1} P{d:2}", *INVALID),
    ("event-after-order-cancelled", "P{d:1} X F{d:1}", *INVALID),
    ("protection-exceeds-product", "P{d:1, p:2>d}", *INVALID),
    ("protection-dangling-reference", "P{p:1>x}", *INVALID),
    ("protection-dangling-reference", "P{d:1, p:1>x}", *INVALID),
]


@pytest.mark.parametrize(("rule", "shorthand", "status", "code"), REFUSED)
def test_a_violation_is_refused_names_its_rule_and_changes_nothing(
    strict, rule, shorthand, status, code
):
    *earlier, last = bodies(shorthand)
    assert [strict.send(body).status for body in earlier] == [200] * len(earlier)
    before = strict.stored()
    for _ in range(2):
        reply = strict.send(last)
        assert (reply.status, reply.code) == (status, code)
        assert rule in reply.rules
        assert any(text.startswith(f"{rule}: ") for text in reply.errors)
        assert "Link" not in reply.headers
        assert strict.stored() == before
    assert {finding["event_id"] for finding in strict.findings()} == {None}


def test_the_text_of_a_refusal_names_the_rule_the_place_and_the_fix(strict):
    (message,) = strict.play("P{d:1,p:1>d} F{d:1} R{d:1}")[-1].errors
    assert message.startswith(
        "refund-missing-protection: /payload/refund_items/0: refunds 1 × iPhone"
    )
    assert message.endswith("; add line-p, quantity 1")


def test_warnings_and_advice_are_accepted(strict):
    replies = strict.play("P{d:1} F{d:2} R{d:1} R{d:1}@7")
    assert [reply.status for reply in replies] == [200] * 4
    assert replies[1].rules == ["over-fulfillment"]


def test_the_corrected_event_is_accepted(strict):
    strict.play("P{d:1, p:1>d} F{d:1} R{d:1}")
    assert strict.send(event("R{d:1, p:1}")).status == 200
    assert strict.orders()["ord-1"]["status"] == "closed"


def test_an_unknown_order_does_not_wait_for_its_placement(strict):
    strict.play("F{d:1} P{d:1}")
    assert strict.line("d")["fulfilled"] == 0


def test_it_does_where_the_rule_about_it_is_off(strict):
    strict.settings(rules={"unknown-order": "off"})
    replies = strict.play("F{d:1}@1 P{d:1}@0")
    assert [reply.status for reply in replies] == [200, 200]
    assert strict.line("d")["fulfilled"] == 1


def test_each_world_may_be_stricter_than_the_others(endpoint):
    endpoint.settings(enforcement="reject")
    assert endpoint.send(event("F{d:1}")).status == 404
    assert endpoint.send(event("F{d:1}"), key=endpoint.other_key).status == 200


def test_a_rule_that_is_off_neither_reports_nor_refuses(strict):
    strict.settings(rules={"refund-missing-protection": "off"})
    last = strict.play("P{d:1, p:1>d} F{d:1} R{d:1}")[-1]
    assert (last.status, last.rules) == (200, [])


def test_a_violation_that_was_lowered_to_a_warning_no_longer_refuses(strict):
    strict.settings(rules={"protection-dangling-reference": "warning"})
    assert [reply.status for reply in strict.play("P{p:1>x}")] == [200]


def test_a_warning_that_was_raised_to_a_violation_refuses(strict):
    strict.settings(rules={"over-fulfillment": "violation"})
    last = strict.play("P{d:1} F{d:2}")[-1]
    assert (last.status, last.rules) == (400, ["over-fulfillment"])


def test_so_does_advice_that_was_raised(strict):
    strict.settings(rules={"zip-format": "violation"})
    assert strict.send(page.PLACEMENT).status == 400
