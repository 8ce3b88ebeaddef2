"""The order of checks, what is stored, and what a verdict says about itself."""

import json

import page
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutants import RICH_PLACEMENT, mutants
from plays import (
    FLAG,
    NOW,
    REJECT,
    Shop,
    code,
    errors,
    event_id,
    played,
    rules_of,
    told,
)
from strangers import requests

from contracts import Policy, judge
from contracts.scenarios.rule_examples import EXAMPLE_KEY
from contracts.shorthand import bodies

KEY_HEADER = "Hakuna-Idempotency-Key"
PLACEMENT = bodies("P{d:1}")[0]
NO_KEY = {"Authorization": None}


class TestTheOrderOfChecks:
    def test_the_route_comes_before_credentials(self):
        verdict = Shop().send(PLACEMENT, NO_KEY, path="/elsewhere")
        assert (verdict.status, rules_of(verdict)) == (404, [])

    def test_credentials_come_before_the_body(self):
        verdict = Shop().send("{", NO_KEY)
        assert (verdict.status, rules_of(verdict)) == (401, ["auth-invalid"])

    def test_before_the_door_no_other_header_is_judged(self):
        verdict = Shop().send(PLACEMENT, {**NO_KEY, "Hakuna-Version": None, "Content-Type": None})
        assert rules_of(verdict) == ["auth-invalid"]

    def test_the_body_comes_before_the_idempotency_key(self):
        verdict = Shop().send("{", {KEY_HEADER: "two words"})
        assert errors(verdict)[0].startswith("the body is not valid JSON")

    def test_the_idempotency_key_comes_before_the_schema(self):
        shop = Shop()
        shop.send(PLACEMENT, {KEY_HEADER: "k"})
        verdict = shop.send({"type": "nonsense"}, {KEY_HEADER: "k"})
        assert rules_of(verdict) == ["idempotency-key-reused"]

    def test_the_schema_comes_before_the_order(self):
        verdict = Shop(REJECT).send({**bodies("R{d:1}")[0], "type": "order_refund"})
        assert (verdict.status, rules_of(verdict)) == (400, ["unknown-event-type"])


class TestRoutes:
    @pytest.mark.parametrize(
        ("method", "path"),
        [
            ("GET", "/sandbox/events"),
            ("post", "/sandbox/events"),
            ("POST", "/sandbox/events/"),
            ("POST", "/Sandbox/Events"),
            ("POST", "/sandbox//events"),
            ("POST", "/sandbox"),
            ("POST", ""),
        ],
    )
    def test_anything_but_post_to_the_endpoint_is_404(self, method, path):
        verdict = Shop().send(PLACEMENT, method=method, path=path)
        assert (verdict.status, code(verdict)) == (404, "entity_not_found")
        assert rules_of(verdict) == []

    @pytest.mark.parametrize("path", ["/events", "/events/", "/events/evt-1"])
    @pytest.mark.parametrize("method", ["POST", "GET"])
    def test_the_production_path_is_404_and_explained(self, method, path):
        verdict = Shop().send(PLACEMENT, method=method, path=path)
        assert (verdict.status, rules_of(verdict)) == (404, ["production-path"])
        assert "the sandbox is POST /sandbox/events" in errors(verdict)[0]

    def test_a_path_that_only_begins_like_the_production_path_is_just_unknown(self):
        verdict = Shop().send(PLACEMENT, path="/eventsource")
        assert rules_of(verdict) == []
        assert "there is nothing here" in errors(verdict)[0]


class TestBodies:
    def test_a_body_that_never_became_bytes_is_400_in_the_words_of_the_server(self):
        verdict = Shop().send("", problem="the body is longer than 1048576 bytes")
        assert (verdict.status, rules_of(verdict)) == (400, ["body-invalid"])
        assert "the body is longer than 1048576 bytes" in errors(verdict)[0]

    def test_every_fault_is_a_text_of_its_own(self):
        verdict = Shop().send({"type": "order_cancelled", "payload": {}})
        assert [said.split(":")[0] for said in errors(verdict)] == [
            "/payload/cancelled_at",
            "/payload/order_id",
        ]

    def test_duplicate_keys_are_reported_and_the_last_one_is_used(self):
        raw = json.dumps(PLACEMENT).replace('"order_id"', '"order_id": "ord-0", "order_id"')
        verdict = Shop().send(raw)
        assert (verdict.status, rules_of(verdict)) == (200, ["json-duplicate-key"])
        assert verdict.order_id == "ord-1"

    def test_duplicate_keys_are_reported_of_a_refused_body_too(self):
        verdict = Shop().send('{"type": "x", "type": "y"}')
        assert "json-duplicate-key" in rules_of(verdict)

    def test_optional_fields_may_be_null(self):
        body = json.loads(json.dumps(RICH_PLACEMENT))
        body["payload"]["cart_id"] = body["payload"]["customer"]["phone"] = None
        body["payload"]["line_items"][0]["custom_properties"] = None
        assert Shop().send(body).status == 200


class TestRejecting:
    @pytest.mark.parametrize(
        ("text", "status", "error_code"),
        [
            ("F{d:1}", 404, "entity_not_found"),
            ("P{d:1} X X@4", 400, "cancel_decline"),
            ("P{d:1} F{d:1} X", 400, "cancel_decline"),
            ("P{p:1>x}", 400, "invalid_request_parameters"),
            ("P{d:1} P{d:2}", 400, "invalid_request_parameters"),
            ("P{d:1} R{zz:1}", 400, "invalid_request_parameters"),
            ("P{d:1} X F{d:1}", 400, "invalid_request_parameters"),
            ("P{d:1,p:1>d} C{d:1}", 400, "invalid_request_parameters"),
        ],
    )
    def test_a_violation_is_refused_and_changes_nothing(self, text, status, error_code):
        shop = Shop(REJECT).play(" ".join(text.split()[:-1])) if " " in text else Shop(REJECT)
        before = shop.snapshot()
        shop.send(bodies(text)[-1])
        assert (shop.last.status, code(shop.last)) == (status, error_code)
        assert shop.snapshot() == before
        assert shop.last.event_id is None
        assert {one.event_id for one in shop.last.findings} == {None}

    def test_warnings_and_advice_are_accepted(self):
        assert played("P{d:1} F{d:2} R{d:1} R{d:1}@5", REJECT).statuses == [200] * 4

    def test_a_rule_whose_severity_is_lowered_no_longer_refuses(self):
        policy = Policy(REJECT.enforcement, levels={"protection-dangling-reference": "warning"})
        assert played("P{p:1>x}", policy).statuses == [200]

    def test_a_rule_whose_severity_is_raised_refuses(self):
        policy = Policy(REJECT.enforcement, levels={"zip-format": "violation"})
        assert Shop(policy).send(page.PLACEMENT).status == 400

    def test_unknown_orders_wait_where_their_rule_is_off(self):
        policy = Policy(REJECT.enforcement, levels={"unknown-order": "off"})
        shop = played("F{d:1}@1 P{d:1}@0", policy)
        assert shop.statuses == [200, 200]
        assert shop.ledger("d").fulfilled == 1


class TestWhatAVerdictSays:
    def test_an_accepted_event(self):
        verdict = played("P{d:1}").last
        assert (verdict.key, verdict.event_id) == (EXAMPLE_KEY, event_id(1))
        assert (verdict.event_type, verdict.order_id) == ("order_placed", "ord-1")
        assert verdict.accepted.record.event_id == event_id(1)

    def test_without_a_good_key_there_is_no_world(self):
        assert Shop().send(PLACEMENT, NO_KEY).key is None

    def test_off_the_route_a_good_key_still_names_the_world(self):
        assert Shop().send(PLACEMENT, path="/").key == EXAMPLE_KEY

    def test_the_order_of_a_refused_body_is_named_where_it_can_be_read(self):
        verdict = Shop().send({"type": "x", "payload": {"order_id": "ord-9"}})
        assert verdict.order_id == "ord-9"
        assert {one.order_id for one in verdict.findings} == {"ord-9"}

    @pytest.mark.parametrize(
        "body", [[], {"payload": {"order_id": 5}}, {"payload": {"order_id": ""}}]
    )
    def test_where_it_cannot_be_read_there_is_none(self, body):
        assert Shop().send(body).order_id is None

    def test_findings_name_their_request(self):
        assert {one.request_id for one in played("P{p:1>x}").last.findings} == {"req-1"}


@settings(deadline=None)
@given(st.lists(mutants(), max_size=4), st.sampled_from([FLAG, REJECT]))
def test_any_event_is_answered_whatever_happened_to_its_order_before(sent, policy):
    shop = Shop(policy)
    shop.send(page.PLACEMENT)
    for document in sent:
        assert shop.send(document).status in (200, 400, 404)


@settings(deadline=None)
@given(st.lists(requests(), min_size=1, max_size=3), st.sampled_from([FLAG, REJECT]))
def test_judging_is_deterministic_and_changes_nothing_itself(sent, policy):
    shop = Shop(policy).play("P{d:2, p:1>d}")
    for request in sent:
        before = shop.snapshot()
        first = judge(request, shop.world, policy)
        assert judge(request, shop.world, policy) == first
        assert shop.snapshot() == before


def test_times_are_compared_with_the_arrival_not_with_a_clock():
    body = bodies("P{d:1}")[0]
    body["payload"]["placed_at"] = "2026-01-01T00:05:00Z"
    assert told_at(body, NOW) == []
    assert told_at(body, NOW - 1) == ["timestamp-future"]


def told_at(body, now: int) -> list[str]:
    shop = Shop()
    shop.send(body, received_at=now)
    return told(shop)
