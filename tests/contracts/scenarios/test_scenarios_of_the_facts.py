"""The QA scenarios that the catalogue ships, except those of the page: `test_the_api_page`.

Findings are exact: what is not listed was not said.
"""

import page
import pytest
from plays import (
    FLAG,
    REJECT,
    Shop,
    code,
    errors,
    header,
    message_of,
    played,
    rules_of,
    severities,
    told,
)

from contracts import Policy, Severity
from contracts.orders.order import Status

PROTECTED = "P{d:1, p:1>d}"


@pytest.mark.parametrize("policy", [FLAG, REJECT], ids=["flag", "reject"])
def test_scenario_3_happy_return(policy):
    shop = played("P{d:1,p:1>d,a:1} F{d:1,a:1}@1 R{d:1,p:1}@5", policy)
    assert told(shop) == []
    assert shop.statuses == [200, 200, 200]


class TestScenario4ForgottenPlan:
    text = f"{PROTECTED} F{{d:1}} R{{d:1}}@5"

    def test_the_missing_plan_is_an_open_violation(self):
        shop = played(self.text)
        assert told(shop) == ["refund-missing-protection"]
        assert "add line-p, quantity 1" in message_of(shop, "refund-missing-protection")

    def test_rejecting_refuses_the_refund(self):
        shop = played(self.text, REJECT)
        assert shop.statuses == [200, 200, 400]
        assert code(shop.last) == "invalid_request_parameters"


def test_scenario_5_late_correction():
    shop = played(f"{PROTECTED} F{{d:1}} R{{d:1}}@5 R{{p:1}}@6")
    assert told(shop) == ["pairing-split-across-events", "refund-missing-protection (resolved)"]


@pytest.mark.parametrize("policy", [FLAG, REJECT], ids=["flag", "reject"])
def test_scenario_6_plan_first(policy):
    assert told(played(f"{PROTECTED} F{{d:1}} R{{p:1}}@5 R{{d:1}}@6", policy)) == []


def test_scenario_7_partial_quantities():
    shop = played("P{d:3,p:3>d} F{d:3} R{d:2,p:1}@5")
    assert told(shop) == ["refund-missing-protection"]
    assert "only 1 of the 2 protections" in message_of(shop, "refund-missing-protection")
    assert "set line-p to quantity 2" in message_of(shop, "refund-missing-protection")


def test_scenario_8_half_covered():
    shop = played("P{d:2,p:1>d} F{d:2} R{d:1}@5")
    assert told(shop) == []
    shop.play("R{d:1}@6")
    assert told(shop) == ["refund-missing-protection"]
    assert "add line-p, quantity 1" in message_of(shop, "refund-missing-protection")


def test_scenario_9_placeholder_sku_mix_up():
    shop = played(
        "P{d1:1, d2:1, p1=plan:1>d1, p2=plan:1>d2} F{d1:1,d2:1} R{d1:1,p2:1}@5",
    )
    assert told(shop) == ["refund-missing-protection"]
    said = message_of(shop, "refund-missing-protection")
    assert "(line-d1)" in said
    assert "line-p2 was ended instead" in said


def test_scenario_10_same_product_on_two_lines():
    shop = played("P{d1=d:1, d2=d:1, p:2>d} F{d1:1,d2:1} R{d2:1}@5")
    assert told(shop) == ["refund-missing-protection"]
    assert "add line-p, quantity 1" in message_of(shop, "refund-missing-protection")


@pytest.mark.parametrize("policy", [FLAG, REJECT], ids=["flag", "reject"])
def test_scenario_11_stock_out_half(policy):
    assert told(played("P{d:2,p:2>d} F{d:1}@1 C{d:1,p:1}@2 R{d:1,p:1}@5", policy)) == []


def test_scenario_12_cancel_forgets_then_refunds_the_plan():
    shop = played(f"{PROTECTED} C{{d:1}} R{{p:1}}")
    assert told(shop) == [
        "cancel-missing-protection (resolved)",
        "pairing-split-across-events",
        "termination-kind-mixed",
    ]


class TestScenario13PaymentFailed:
    def test_the_cancellation_itself_is_clean(self):
        assert told(played(f"{PROTECTED} X")) == []

    @pytest.mark.parametrize(
        ("late", "severity"), [("F{d:1}", Severity.VIOLATION), ("R{d:1,p:1}", Severity.ADVICE)]
    )
    def test_a_later_event_is_recorded_and_changes_nothing(self, late, severity):
        shop = played(f"{PROTECTED} X")
        before = shop.order().lines
        shop.play(f"{late}@3")
        assert told(shop) == ["event-after-order-cancelled"]
        assert severities(shop, "event-after-order-cancelled") == [severity]
        assert shop.order().lines == before

    def test_a_second_cancellation_is_flagged(self):
        assert told(played(f"{PROTECTED} X X@4")) == ["order-already-cancelled"]


class TestScenario14CancelAfterPartialShipment:
    text = "P{d:1,p:1>d,a:1} F{a:1} X"

    def test_the_order_stays_as_it_was(self):
        shop = played(self.text)
        assert told(shop) == ["order-cancel-after-fulfillment"]
        assert shop.order().status is Status.PARTIALLY_FULFILLED

    def test_rejecting_declines(self):
        shop = played(self.text, REJECT)
        assert shop.last.status == 400
        assert code(shop.last) == "cancel_decline"


@pytest.mark.parametrize(
    ("refund", "findings"),
    [
        ("R{p:1}@15", []),
        ("R{p:1}@16", ["protection-revocation-window"]),
        ("R{d:1,p:1}@60", []),
        ("R{d:1,p:1}@95", ["product-return-window"]),
    ],
)
def test_scenario_15_windows(refund, findings):
    assert told(played(f"{PROTECTED} F{{d:1}}@1 {refund}")) == findings


class TestScenario16RetryWithoutKey:
    def test_the_doubled_refund_would_go_unnoticed(self):
        shop = played("P{d:3,p:3>d} F{d:3} R{d:1,p:1}@5 R{d:1,p:1}@5")
        assert told(shop) == ["duplicate-event"]
        assert shop.ledger("d").refunded == 2

    def test_with_one_unit_it_is_over_refunded_besides(self):
        shop = played(f"{PROTECTED} F{{d:1}} R{{d:1,p:1}}@5 R{{d:1,p:1}}@5")
        assert told(shop) == ["duplicate-event", "over-refund", "over-refund"]


class TestScenario17WebhookRace:
    def test_the_fulfilment_waits_for_its_placement(self):
        shop = played(f"F{{d:1}}@1 {PROTECTED}@0")
        assert told(shop) == ["out-of-order-arrival", "unknown-order (resolved)"]
        assert shop.ledger("d").fulfilled == 1

    def test_what_follows_is_clean(self):
        shop = played(f"F{{d:1}}@1 {PROTECTED}@0")
        shop.play("R{d:1,p:1}@5")
        assert rules_of(shop.last) == []

    def test_an_order_that_is_never_placed_stays_unknown(self):
        assert told(played("F{d:1}@1")) == ["unknown-order"]

    def test_rejecting_answers_404(self):
        shop = played(f"F{{d:1}}@1 {PROTECTED}@0", REJECT)
        assert shop.statuses == [404, 200]
        assert code(shop.verdicts[0]) == "entity_not_found"
        assert shop.ledger("d").fulfilled == 0


class TestScenario18IdempotencyMatrix:
    key = "3b0cbb4a-6e02-4b0c-9a28-000000000018"

    def test_the_same_body_three_times_counts_once(self):
        shop = played("P{d:3}")
        body = '{"type": "order_cancelled", "payload": {"order_id": "ord-1", "cancelled_at": '
        for _ in range(3):
            shop.send(body + '"2024-03-02T00:00:00Z"}}', {"Hakuna-Idempotency-Key": self.key})
        assert shop.statuses == [200] * 4
        assert len({verdict.event_id for verdict in shop.verdicts[1:]}) == 1
        assert [verdict.replayed for verdict in shop.verdicts] == [False, False, True, True]
        assert told(shop) == []

    def test_another_body_is_refused_even_when_flagging(self):
        shop = Shop()
        shop.send(page.PLACEMENT, {"Hakuna-Idempotency-Key": self.key})
        shop.send(page.FULFILMENT, {"Hakuna-Idempotency-Key": self.key})
        assert shop.last.status == 400
        assert code(shop.last) == "invalid_request_parameters"
        assert rules_of(shop.last) == ["idempotency-key-reused"]
        assert not shop.order("123").product_shipped

    def test_another_key_owner_is_independent(self):
        first, second = Shop(), Shop()
        first.send(page.PLACEMENT, {"Hakuna-Idempotency-Key": self.key})
        second.send(page.ORDER_CANCELLATION, {"Hakuna-Idempotency-Key": self.key})
        assert rules_of(second.last) == ["unknown-order"]

    def test_without_a_key_the_repetition_is_an_event_of_its_own(self):
        shop = Shop()
        for _ in range(2):
            shop.send(page.PLACEMENT, {"Hakuna-Idempotency-Key": None})
        assert shop.verdicts[0].event_id != shop.verdicts[1].event_id
        assert "idempotency-key-missing" in rules_of(shop.last)
        assert "duplicate-event" in rules_of(shop.last)


class TestScenario19GatekeepingMatrix:
    placement = page.PLACEMENT

    @pytest.mark.parametrize(
        "headers",
        [
            pytest.param({}, id="no-key"),
            pytest.param({"Authorization": "Bearer pk_test_" + "abc123"}, id="publishable"),
            pytest.param({"Authorization": "Bearer sk_" + "live_" + "abc123"}, id="live"),
            pytest.param({"X-API-KEY": page.KEY}, id="x-api-key"),
        ],
    )
    def test_bad_credentials_are_401(self, headers):
        verdict = Shop().send(self.placement, headers=tuple(headers.items()))
        assert verdict.status == 401
        assert header(verdict, "WWW-Authenticate") == "Bearer"

    def test_a_revoked_key_is_401(self):
        shop = Shop(Policy(api_keys=frozenset({"sk_test_" + "other"})))
        assert shop.send(self.placement).status == 401

    def test_the_page_s_own_header_is_accepted_with_advice(self):
        verdict = Shop().send(self.placement, headers=tuple(page.HEADERS.items()))
        assert verdict.status == 200
        assert "auth-bearer-header" in rules_of(verdict)

    @pytest.mark.parametrize(
        ("old", "new", "place", "rule"),
        [
            ('"de"', '"DE"', "/payload/customer_billing_address/country", "country-format"),
            ('"de"', '""', "/payload/customer_billing_address/country", "country-format"),
            ('"eur"', '"EUR"', "/payload/order_currency", "currency-format"),
            (
                '"2022-02-20T00:00:00.000Z"',
                "1645315200000",
                "/payload/placed_at",
                "timestamp-format",
            ),
            ("89900", '"899.00"', "/payload/line_items/0/price_amount", "body-invalid"),
            (
                '"quantity": 1,\n        "price_amount": 89900',
                '"quantity": true, "price_amount": 89900',
                "/payload/line_items/0/quantity",
                "body-invalid",
            ),
            ('"123456"', "123456", "/payload/customer_billing_address/zip", "body-invalid"),
            ('"order_placed"', '"order_paid"', "/type", "unknown-event-type"),
        ],
    )
    def test_a_malformed_placement_is_400_with_a_readable_path(self, old, new, place, rule):
        body = self.placement.replace(old, new, 1)
        assert body != self.placement
        verdict = Shop().send(body)
        assert verdict.status == 400
        assert code(verdict) == "invalid_request_parameters"
        assert rules_of(verdict) == [rule]
        assert errors(verdict)[0].startswith(f"{place}: ")

    def test_broken_json_is_400_and_says_where_it_breaks(self):
        verdict = Shop().send(self.placement.replace('"order_placed",', '"order_placed"'))
        assert verdict.status == 400
        assert rules_of(verdict) == ["body-invalid"]
        assert "line 3, column 3" in errors(verdict)[0]

    def test_an_empty_list_of_refund_items_is_400(self):
        verdict = Shop().send(
            '{"type":"order_refund_added","payload":{"order_id":"o","refund_items":[]}}'
        )
        assert verdict.status == 400
        assert errors(verdict)[0].startswith("/payload/refund_items: ")

    def test_an_empty_e_mail_address_is_accepted(self):
        body = self.placement.replace('"max.mustermann@example.com"', '""')
        verdict = Shop().send(body)
        assert verdict.status == 200
        assert "email-format" not in rules_of(verdict)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("P{d:1,p:1>zzz}", "protection-dangling-reference"),
        ("P{p:1>p}", "protection-self-reference"),
        ("P{d:1,p:1>d,s:1>p}", "protection-references-protection"),
        ("P{d:1,p:2>d}", "protection-exceeds-product"),
        ("P{d:1} P{d:2}", "order-id-reused"),
        ("P{d:1} R{zz:1}", "unknown-line-item"),
    ],
)
def test_scenario_20_bad_links(text, rule):
    assert told(played(text)) == [rule]
