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

from contracts import judge
from contracts.scenarios.rule_examples import EXAMPLE_KEY
from contracts.shorthand import bodies

KEY_HEADER = "Hakuna-Idempotency-Key"
PLACEMENT = bodies("P{d:1}")[0]
NO_KEY = {"Authorization": None}


class TestRoutes:
    """What no HTTP client would send; the rest is in tests/endpoint."""

    @pytest.mark.parametrize(("method", "path"), [("post", "/sandbox/events"), ("POST", "")])
    def test_a_method_in_lowercase_and_no_path_are_404(self, method, path):
        verdict = Shop().send(PLACEMENT, method=method, path=path)
        assert (verdict.status, code(verdict)) == (404, "entity_not_found")
        assert rules_of(verdict) == ["wrong-endpoint"]
        assert verdict.key is not None, "the finding belongs to the world of its key"

    @pytest.mark.parametrize(
        "path", ["/", "/favicon.ico", "/robots.txt", "/apple-touch-icon-120x120.png"]
    )
    def test_what_browsers_fetch_on_their_own_is_nobody_s_mistake(self, path):
        assert rules_of(Shop().send(b"", method="GET", path=path)) == []
        assert rules_of(Shop().send(PLACEMENT, path=path)) == ["wrong-endpoint"]


class TestBodies:
    def test_a_body_that_never_became_bytes_is_400_in_the_words_of_the_server(self):
        verdict = Shop().send("", problem="the body is longer than 1048576 bytes")
        assert (verdict.status, rules_of(verdict)) == (400, ["body-invalid"])
        assert "the body is longer than 1048576 bytes" in errors(verdict)[0]

    def test_optional_fields_may_be_null(self):
        body = json.loads(json.dumps(RICH_PLACEMENT))
        body["payload"]["cart_id"] = body["payload"]["customer"]["phone"] = None
        body["payload"]["line_items"][0]["custom_properties"] = None
        assert Shop().send(body).status == 200


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
        assert {finding.order_id for finding in verdict.findings} == {"ord-9"}

    @pytest.mark.parametrize(
        "body", [[], {"payload": {"order_id": 5}}, {"payload": {"order_id": ""}}]
    )
    def test_where_it_cannot_be_read_there_is_none(self, body):
        assert Shop().send(body).order_id is None

    def test_findings_name_their_request(self):
        assert {finding.request_id for finding in played("P{p:1>x}").last.findings} == {"req-1"}


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
