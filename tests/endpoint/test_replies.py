"""What is answered: the documented bodies and statuses, our headers beside them."""

import json
import re

import page
import pytest
from other_validator import jsonschema_validator
from server_mock import EVENT_ID, LIVE_KEY, event

from contracts.version import __version__

PLACED = event("P{d:1, p:1>d}")
FORGOTTEN = "P{d:1, p:1>d} F{d:1} R{d:1}"
NO_KEY = {"Authorization": None}
INVALID = (400, "invalid_request_parameters")
NOT_FOUND = (404, "entity_not_found")
UNAUTHORIZED = (401, "unauthorized")

REFUSALS = {
    "no key": (*UNAUTHORIZED, ["auth-invalid"], {"changes": NO_KEY}),
    "a word that is not a key": (*UNAUTHORIZED, ["auth-invalid"], {"key": "hello"}),
    "a publishable key": (*UNAUTHORIZED, ["auth-invalid"], {"key": "pk_test_" + "abc"}),
    "the header of 2022": (
        *UNAUTHORIZED,
        ["auth-invalid"],
        {"changes": {"Authorization": None, "X-API-KEY": "sk_test_" + "abc"}},
    ),
    "a live key": (*UNAUTHORIZED, ["auth-environment-mismatch"], {"key": LIVE_KEY}),
    "another path": (*NOT_FOUND, ["wrong-endpoint"], {"path": "/sandbox/orders"}),
    "a part of the path": (*NOT_FOUND, ["wrong-endpoint"], {"path": "/sandbox"}),
    "a misspelt path": (*NOT_FOUND, ["wrong-endpoint"], {"path": "/sandbox/event"}),
    "a slash at the end": (*NOT_FOUND, ["wrong-endpoint"], {"path": "/sandbox/events/"}),
    "two slashes inside": (*NOT_FOUND, ["wrong-endpoint"], {"path": "/sandbox//events"}),
    "two slashes before": (*NOT_FOUND, ["wrong-endpoint"], {"path": "//sandbox/events"}),
    "capitals": (*NOT_FOUND, ["wrong-endpoint"], {"path": "/Sandbox/Events"}),
    "the root": (*NOT_FOUND, ["wrong-endpoint"], {"path": "/"}),
    "the production path": (*NOT_FOUND, ["production-path"], {"path": "/events"}),
    "the production path, read": (
        *NOT_FOUND,
        ["production-path"],
        {"path": "/events", "method": "GET"},
    ),
    "below the production path": (*NOT_FOUND, ["production-path"], {"path": "/events/evt-1"}),
    "the production path and a slash": (*NOT_FOUND, ["production-path"], {"path": "/events/"}),
    "like the production path": (*NOT_FOUND, ["wrong-endpoint"], {"path": "/eventsource"}),
    **{
        method: (*NOT_FOUND, ["wrong-endpoint"], {"method": method})
        for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
    },
    "an empty body": (*INVALID, ["body-invalid"], {"body": b""}),
    "broken JSON": (*INVALID, ["body-invalid"], {"body": b'{"type": '}),
    "a list": (*INVALID, ["body-invalid"], {"body": [PLACED]}),
    "deep nesting": (*INVALID, ["body-invalid"], {"body": b"[" * 100_000}),
    "a byte order mark": (*INVALID, ["body-invalid"], {"body": b"\xef\xbb\xbf{}"}),
    "bytes that are not UTF-8": (*INVALID, ["body-invalid"], {"body": b'{"type": "\xff"}'}),
    "an unknown type": (*INVALID, ["unknown-event-type"], {"body": {**PLACED, "type": "paid"}}),
    "a bad idempotency key": (
        *INVALID,
        ["idempotency-key-invalid"],
        {"changes": {"Hakuna-Idempotency-Key": "two words"}},
    ),
}

COUNTRY = "/payload/customer_billing_address/country"
QUANTITY = '"quantity": 1,\n        "price_amount": 89900'
MALFORMED = [
    ('"de"', '"DE"', COUNTRY, "country-format"),
    ('"de"', '""', COUNTRY, "country-format"),
    ('"eur"', '"EUR"', "/payload/order_currency", "currency-format"),
    ('"2022-02-20T00:00:00.000Z"', "1645315200000", "/payload/placed_at", "timestamp-format"),
    ("89900", '"899.00"', "/payload/line_items/0/price_amount", "body-invalid"),
    (
        QUANTITY,
        QUANTITY.replace("1", "true", 1),
        "/payload/line_items/0/quantity",
        "body-invalid",
    ),
    ('"123456"', "123456", "/payload/customer_billing_address/zip", "body-invalid"),
    ('"order_placed"', '"order_paid"', "/type", "unknown-event-type"),
]

a_refusal = pytest.mark.parametrize("name", REFUSALS)


def refused(endpoint, name):
    return endpoint.send(**{"body": PLACED, **REFUSALS[name][3]})


class TestAccepted:
    def test_the_body_is_the_documented_one_and_nothing_else(self, endpoint):
        for reply in endpoint.play(FORGOTTEN):
            assert re.fullmatch(rb'\{"event_id": "evt-[0-9a-f-]{36}"\}', reply.body)
            assert jsonschema_validator("reply").is_valid(reply.json)
            assert reply.headers["Content-Type"] == "application/json"

    def test_an_event_is_stored_under_the_id_of_its_reply(self, endpoint):
        ids = [reply.event_id for reply in endpoint.play(FORGOTTEN)]
        assert endpoint.events() == ids
        assert all(EVENT_ID.fullmatch(item) for item in ids)

    def test_a_clean_event_has_neither_findings_nor_link(self, endpoint):
        (reply,) = endpoint.play("P{d:1}")
        assert "Hakuna-Mock-Findings" not in reply.headers
        assert "Link" not in reply.headers

    def test_an_event_with_findings_links_to_its_explanation(self, endpoint):
        reply = endpoint.play(FORGOTTEN)[-1]
        assert reply.rules == ["refund-missing-protection"]
        assert reply.headers["Link"] == f'</_mock/events/{reply.event_id}>; rel="describedby"'

    def test_the_findings_header_names_each_rule_once_the_most_severe_first(self, endpoint):
        endpoint.send(event("P{d:1}"))
        reply = endpoint.send(event("R{d:2, d:2, zz:1, yy:1}"), {"Hakuna-Version": None})
        ranks = {finding["rule"]: finding["severity"] for finding in endpoint.findings()}
        order = ["violation", "warning", "advice"]
        assert set(reply.rules) == set(ranks)
        assert len(reply.rules) == len(ranks)
        severities = [ranks[rule] for rule in reply.rules]
        assert severities == sorted(severities, key=order.index)
        assert ranks["unknown-line-item"] == "violation"

    def test_a_placement_is_silent_about_the_waiting_events_that_it_releases(self, endpoint):
        reply = endpoint.play("F{d:2}@1 P{d:1}@0")[-1]
        assert "Hakuna-Mock-Findings" not in reply.headers
        assert "Link" not in reply.headers

    def test_a_fulfilment_that_overtook_its_placement_counts_once_that_is_there(self, endpoint):
        endpoint.play("F{d:1}@1 P{d:1, p:1>d}@0")
        assert endpoint.told() == ["out-of-order-arrival", "unknown-order (resolved)"]
        assert endpoint.line("d")["fulfilled"] == 1
        assert endpoint.play("R{d:1, p:1}@5")[0].rules == []

    @pytest.mark.parametrize("quantity", [2**31, 2**53 + 1, 2**63, 10**18, 10**300])
    def test_enormous_quantities_are_counted_exactly(self, endpoint, quantity):
        body = event("P{d:1}")
        body["payload"]["line_items"][0]["quantity"] = quantity
        assert endpoint.send(body).status == 200
        assert endpoint.line("d")["active"] == quantity

    def test_duplicate_names_are_reported_and_the_last_one_is_used(self, endpoint):
        raw = json.dumps(PLACED).replace('"order_id"', '"order_id": "ord-0", "order_id"')
        reply = endpoint.send(raw)
        assert (reply.status, reply.rules) == (200, ["json-duplicate-key"])
        assert list(endpoint.orders()) == ["ord-1"]


class TestRefused:
    @a_refusal
    def test_a_refusal_has_the_documented_error_body_and_its_rule(self, endpoint, name):
        status, code, rules, _ = REFUSALS[name]
        reply = refused(endpoint, name)
        assert (reply.status, reply.code, reply.rules) == (status, code, rules)
        assert list(reply.json) == ["error"]
        assert list(reply.json["error"]) == ["error_code", "validation_errors"]
        assert reply.errors
        assert all(reply.errors)
        assert jsonschema_validator("error").is_valid(reply.json)
        assert reply.headers["Content-Type"] == "application/json"

    @a_refusal
    def test_it_has_no_link_and_a_challenge_only_where_the_key_is_the_reason(self, endpoint, name):
        reply = refused(endpoint, name)
        assert "Link" not in reply.headers
        challenge = "Bearer" if reply.status == 401 else None
        assert reply.headers.get("WWW-Authenticate") == challenge
        assert "Hakuna-Mock-Replayed" not in reply.headers

    @a_refusal
    def test_it_leaves_events_and_orders_as_they_were(self, endpoint, name):
        endpoint.play("P{d:1, p:1>d} F{d:1} R{d:1}@5 P#2{a:1}")
        before = endpoint.stored()
        refused(endpoint, name)
        assert endpoint.stored() == before

    @a_refusal
    def test_it_is_named_like_every_request_and_its_findings_name_it(self, endpoint, name):
        status, *_ = REFUSALS[name]
        reply = refused(endpoint, name)
        assert reply.headers["Hakuna-Mock"] == __version__
        request = reply.headers["Hakuna-Mock-Request"]
        assert re.fullmatch("req-[0-9]+", request)
        found = endpoint.findings()
        assert bool(found) is (status != 401), "a finding belongs to the world of its key"
        assert {(item["request_id"], item["event_id"]) for item in found} <= {(request, None)}

    def test_each_accepted_event_is_named_too(self, endpoint):
        replies = endpoint.play(FORGOTTEN)
        names = [reply.headers["Hakuna-Mock-Request"] for reply in replies]
        assert len(set(names)) == 3
        assert {reply.headers["Hakuna-Mock"] for reply in replies} == {__version__}
        (finding,) = endpoint.findings()
        assert (finding["request_id"], finding["event_id"]) == (names[-1], replies[-1].event_id)

    def test_all_faults_of_a_body_are_told_at_once(self, endpoint):
        body = json.loads(json.dumps(PLACED).replace('"eur"', '"EUR"').replace('"de"', '"DE"'))
        del body["payload"]["customer"]
        places = [error.split(":")[0] for error in endpoint.send(body).errors]
        assert places == [
            "/payload/customer",
            "/payload/customer_billing_address/country",
            "/payload/order_currency",
        ]

    @pytest.mark.parametrize(("old", "new", "place", "rule"), MALFORMED)
    def test_a_malformed_placement_is_answered_with_a_readable_place(
        self, endpoint, old, new, place, rule
    ):
        body = page.PLACEMENT.replace(old, new, 1)
        assert body != page.PLACEMENT
        reply = endpoint.send(body)
        assert (reply.status, reply.code) == (400, "invalid_request_parameters")
        assert reply.rules == [rule]
        assert reply.errors[0].startswith(f"{place}: ")

    def test_broken_json_says_where_it_breaks(self, endpoint):
        reply = endpoint.send(page.PLACEMENT.replace('"order_placed",', '"order_placed"'))
        assert (reply.status, reply.rules) == (400, ["body-invalid"])
        assert "line 3, column 3" in reply.errors[0]

    def test_an_empty_list_of_items_is_named(self, endpoint):
        refund = {"order_id": "o", "refund_items": []}
        reply = endpoint.send({"type": "order_refund_added", "payload": refund})
        assert reply.status == 400
        assert reply.errors[0].startswith("/payload/refund_items: ")

    def test_an_empty_e_mail_address_is_accepted(self, endpoint):
        reply = endpoint.send(page.PLACEMENT.replace('"max.mustermann@example.com"', '""'))
        assert reply.status == 200
        assert "email-format" not in reply.rules

    def test_duplicate_names_are_reported_of_a_refused_body_too(self, endpoint):
        assert "json-duplicate-key" in endpoint.send('{"type": "x", "type": "y"}').rules

    def test_a_live_key_is_never_shown_at_any_path(self, endpoint):
        for path in ("/sandbox/events", "/events", "/nowhere"):
            reply = endpoint.send(PLACED, path=path, key=LIVE_KEY)
            assert "auth-environment-mismatch" in reply.rules
            assert LIVE_KEY not in f"{reply.headers}{reply.body}"

    def test_the_production_path_says_which_path_to_use_even_to_a_live_key(self, endpoint):
        reply = endpoint.send(PLACED, path="/events", key=LIVE_KEY)
        assert reply.status == 404
        assert set(reply.rules) == {"production-path", "auth-environment-mismatch"}
        assert "the sandbox is POST /sandbox/events" in reply.errors[0]

    def test_authorization_decides_even_beside_a_good_bearer_header(self, endpoint):
        reply = endpoint.send(PLACED, {"Authorization": "Basic abc", "Bearer": endpoint.key})
        assert reply.status == 401
        assert "Bearer header beside it is good" in reply.errors[0]


class TestTheOrderOfChecks:
    def test_the_route_comes_before_credentials(self, endpoint):
        reply = endpoint.send(PLACED, NO_KEY, path="/elsewhere")
        assert (reply.status, reply.rules) == (404, ["wrong-endpoint"])

    def test_credentials_come_before_the_body(self, endpoint):
        reply = endpoint.send("{", NO_KEY)
        assert (reply.status, reply.rules) == (401, ["auth-invalid"])

    def test_before_the_credentials_no_other_header_is_judged(self, endpoint):
        reply = endpoint.send(PLACED, {**NO_KEY, "Hakuna-Version": None, "Content-Type": None})
        assert reply.rules == ["auth-invalid"]

    def test_the_body_comes_before_the_idempotency_key(self, endpoint):
        reply = endpoint.send("{", {"Hakuna-Idempotency-Key": "two words"})
        assert reply.errors[0].startswith("the body is not valid JSON")

    def test_the_idempotency_key_comes_before_the_schema(self, endpoint):
        keyed = {"Hakuna-Idempotency-Key": "k"}
        endpoint.send(PLACED, keyed)
        assert endpoint.send({"type": "nonsense"}, keyed).rules == ["idempotency-key-reused"]

    def test_the_schema_comes_before_the_order(self, strict):
        reply = strict.send({**event("R{d:1}"), "type": "order_refund"})
        assert (reply.status, reply.rules) == (400, ["unknown-event-type"])


class TestOtherKeys:
    def test_two_keys_never_see_each_other(self, endpoint):
        endpoint.play("P{d:1} F{d:1}")
        (reply,) = endpoint.play("F{d:1}", key=endpoint.other_key)
        assert reply.rules == ["unknown-order"]
        assert endpoint.orders(endpoint.other_key) == {}
        assert endpoint.told() == []

    def test_both_forms_of_a_key_name_the_same_world(self, endpoint):
        endpoint.send(event("P{d:1}"), {"Authorization": None, "Bearer": endpoint.key})
        endpoint.send(event("F{d:1}"))
        assert endpoint.told() == ["auth-bearer-header"]

    def test_a_placement_in_another_world_releases_nobody_s_waiting_event(self, endpoint):
        endpoint.play("F{d:1}")
        endpoint.play("P{d:1}", key=endpoint.other_key)
        assert endpoint.told() == ["unknown-order"]
