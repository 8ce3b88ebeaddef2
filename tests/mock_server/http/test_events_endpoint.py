import json
import re

import page
import pytest
from server_mock import EVENT_ID, LIVE_KEY, event

from contracts.schemas.schema_errors import jsonschema_validator
from contracts.version import __version__

FORMS = {
    "Bearer: KEY": {"Authorization": None, "Bearer": page.KEY},
    "Authorization: Bearer KEY": {"Authorization": f"Bearer {page.KEY}"},
}
AS_PRINTED = {
    **FORMS["Bearer: KEY"],
    "Hakuna-Version": None,
    "Hakuna-Idempotency-Key": None,
}
SEED_ADVICE = {"auth-bearer-header", "version-header-missing", "idempotency-key-missing"}
PLACEMENT_ADVICE = {"protection-brand-case", "zip-format"}

PLACED = event("P{d:1, p:1>d}")
FORGOTTEN = "P{d:1, p:1>d} F{d:1} R{d:1}"

REFUSALS = {
    "no key": (401, "unauthorized", {"changes": {"Authorization": None}}),
    "a word that is no key": (401, "unauthorized", {"key": "hello"}),
    "a publishable key": (401, "unauthorized", {"key": "pk_test_" + "abc"}),
    "a live key": (401, "unauthorized", {"key": LIVE_KEY}),
    "another path": (404, "entity_not_found", {"path": "/sandbox/orders"}),
    "a slash at the end": (404, "entity_not_found", {"path": "/sandbox/events/"}),
    "dots in the path": (404, "entity_not_found", {"path": "/_mock/../sandbox/events/"}),
    "the production path": (404, "entity_not_found", {"path": "/events"}),
    "the root": (404, "entity_not_found", {"path": "/"}),
    **{
        method: (404, "entity_not_found", {"method": method})
        for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
    },
    "an empty body": (400, "invalid_request_parameters", {"body": b""}),
    "broken JSON": (400, "invalid_request_parameters", {"body": b'{"type": '}),
    "a list": (400, "invalid_request_parameters", {"body": [PLACED]}),
    "deep nesting": (400, "invalid_request_parameters", {"body": b"[" * 100_000}),
    "a byte order mark": (400, "invalid_request_parameters", {"body": b"\xef\xbb\xbf{}"}),
    "bytes that are not UTF-8": (400, "invalid_request_parameters", {"body": b'{"type": "\xff"}'}),
    "an unknown type": (400, "invalid_request_parameters", {"body": {**PLACED, "type": "paid"}}),
    "a bad idempotency key": (
        400,
        "invalid_request_parameters",
        {"changes": {"Hakuna-Idempotency-Key": "two words"}},
    ),
    "an unknown content encoding": (
        400,
        "invalid_request_parameters",
        {"changes": {"Content-Encoding": "br"}},
    ),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("text", page.EXAMPLES)
async def test_each_example_of_the_page_is_accepted_as_printed(mock, text, form):
    if text != page.PLACEMENT:
        await mock.send(page.PLACEMENT, changes=FORMS[form])
    reply = await mock.send(text, changes=FORMS[form])
    assert reply.status == 200
    assert EVENT_ID.fullmatch(reply.event_id)


@pytest.mark.parametrize(
    ("text", "more"),
    [
        (page.PLACEMENT, PLACEMENT_ADVICE),
        (page.FULFILMENT, set()),
        (page.REFUND, {"refund-before-fulfillment"}),
        (page.LINE_CANCELLATION, {"cancel-quantity-missing", "cancel-timestamp-alias"}),
        (page.ORDER_CANCELLATION, set()),
    ],
)
async def test_the_page_s_curl_lines_yield_advice_only(mock, text, more):
    if text != page.PLACEMENT:
        await mock.send(page.PLACEMENT, changes=AS_PRINTED)
    reply = await mock.send(text, changes=AS_PRINTED)
    assert set(reply.rules) == SEED_ADVICE | more
    found = (await mock.get(f"/events/{reply.event_id}"))["findings"]
    assert {one["severity"] for one in found} == {"advice"}


async def test_the_page_from_top_to_bottom_is_accepted_and_its_contradictions_are_told(mock):
    replies = [await mock.send(text, changes=AS_PRINTED) for text in page.EXAMPLES]
    assert [reply.status for reply in replies] == [200] * 5
    assert "over-cancellation" in replies[3].rules
    assert {"order-cancel-after-fulfillment", "timestamp-regression"} <= set(replies[4].rules)


async def test_ids_are_lowercase_uuids_of_version_4_and_never_repeat(mock):
    ids = [(await mock.send(PLACED)).event_id for _ in range(200)]
    assert all(EVENT_ID.fullmatch(one) for one in ids)
    assert len(set(ids)) == len(ids)


async def test_the_body_is_the_documented_one_and_nothing_else(mock):
    for reply in await mock.play(FORGOTTEN):
        assert re.fullmatch(rb'\{"event_id": "evt-[0-9a-f-]{36}"\}', reply.body)
        assert reply.headers["Content-Type"] == "application/json"


async def test_every_reply_names_the_mock_s_version_and_the_journal_s_entry(mock):
    for sent in ({}, {"body": b""}, {"path": "/"}, {"key": "hello"}):
        reply = await mock.send(**{"body": PLACED, **sent})
        assert reply.headers["Hakuna-Mock"] == __version__
        entry = await mock.get(f"/requests/{reply.headers['Hakuna-Mock-Request']}")
        assert entry["status"] == reply.status
        assert entry["reply"]["body"] == reply.body.decode()


async def test_the_findings_header_names_each_rule_once_the_most_severe_first(mock):
    body = event("P{d:1} R{d:2, d:2, zz:1, yy:1}")
    await mock.send(event("P{d:1}"))
    reply = await mock.send(body, changes={"Hakuna-Version": None})
    assert len(set(reply.rules)) == len(reply.rules)
    found = (await mock.get("/events/latest"))["findings"]
    ranks = {one["rule"]: one["severity"] for one in found}
    order = ["violation", "warning", "advice"]
    assert set(ranks) == set(reply.rules)
    assert [ranks[rule] for rule in reply.rules] == sorted(
        (ranks[rule] for rule in reply.rules), key=order.index
    )
    assert ranks["unknown-line-item"] == "violation"


async def test_a_clean_event_has_neither_findings_nor_link(mock):
    (reply,) = await mock.play("P{d:1}")
    assert "Hakuna-Mock-Findings" not in reply.headers
    assert "Link" not in reply.headers


async def test_an_event_with_findings_links_to_its_explanation(mock):
    reply = (await mock.play(FORGOTTEN))[-1]
    assert reply.headers["Link"] == f'</_mock/events/{reply.event_id}>; rel="describedby"'
    lead = await mock.ask("GET", f"/_mock/events/{reply.event_id}", {})
    shown = await mock.ask("GET", lead.headers["Location"], {})
    assert [one["rule"] for one in shown.json["findings"]] == ["refund-missing-protection"]


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_refusal_has_the_documented_error_body(mock, name):
    status, code, sent = REFUSALS[name]
    reply = await mock.send(**{"body": PLACED, **sent})
    assert (reply.status, reply.code) == (status, code)
    assert list(reply.json) == ["error"]
    assert list(reply.json["error"]) == ["error_code", "validation_errors"]
    assert reply.errors
    assert all(reply.errors)
    assert not list(jsonschema_validator("error").iter_errors(reply.json))
    assert reply.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_refusal_has_no_link_and_a_challenge_only_where_the_key_is_the_reason(mock, name):
    status, _, sent = REFUSALS[name]
    reply = await mock.send(**{"body": PLACED, **sent})
    assert "Link" not in reply.headers
    assert reply.headers.get("WWW-Authenticate") == ("Bearer" if status == 401 else None)
    assert "Hakuna-Mock-Replayed" not in reply.headers


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_refused_request_leaves_events_orders_and_counts_as_they_were(mock, name):
    await mock.play("P{d:1, p:1>d} F{d:1} R{d:1}@5 P#2{a:1}")
    before = await mock.everything("/requests", "/findings", "/verdict", "/worlds")
    count = (await mock.get("/health"))["events"]
    await mock.send(**{"body": PLACED, **REFUSALS[name][2]})
    assert await mock.everything("/requests", "/findings", "/verdict", "/worlds") == before
    assert (await mock.get("/health"))["events"] == count


async def test_findings_of_refused_requests_have_a_request_and_no_event(mock):
    reply = await mock.send({**PLACED, "type": "paid"})
    (finding,) = await mock.get("/findings")
    assert finding["rule"] == "unknown-event-type"
    assert finding["event_id"] is None
    assert finding["request_id"] == reply.headers["Hakuna-Mock-Request"]


async def test_all_faults_of_a_body_are_told_at_once(mock):
    body = json.loads(json.dumps(PLACED).replace('"eur"', '"EUR"').replace('"de"', '"DE"'))
    del body["payload"]["customer"]
    reply = await mock.send(body)
    places = [error.split(":")[0] for error in reply.errors]
    assert places == [
        "/payload/customer",
        "/payload/customer_billing_address/country",
        "/payload/order_currency",
    ]


async def test_the_production_path_says_which_path_to_use_even_to_a_live_key(mock):
    reply = await mock.send(PLACED, path="/events", key=LIVE_KEY)
    assert reply.status == 404
    assert set(reply.rules) == {"production-path", "auth-environment-mismatch"}
    assert "/sandbox/events" in reply.errors[0]


async def test_authorization_decides_even_beside_a_good_bearer_header(mock):
    changes = {"Authorization": "Basic abc", "Bearer": page.KEY}
    reply = await mock.send(PLACED, changes=changes)
    assert reply.status == 401
    assert "Bearer header beside it is good" in reply.errors[0]


async def test_the_endpoint_is_as_open_as_the_provider_s(mock):
    browser = {"Host": "shop.example", "Origin": "https://evil.example"}
    reply = await mock.send(PLACED, changes={**browser, "Sec-Fetch-Site": "cross-site"})
    assert reply.status == 200
    assert not [name for name in reply.headers if name.startswith("Access-Control")]


async def test_a_query_does_not_matter(mock):
    assert (await mock.send(PLACED, path="/sandbox/events?trace=1")).status == 200


@pytest.mark.parametrize("quantity", [2**31, 2**53 + 1, 2**63, 10**18, 10**300])
async def test_enormous_quantities_are_counted_exactly(mock, quantity):
    body = event("P{d:1}")
    body["payload"]["line_items"][0]["quantity"] = quantity
    assert (await mock.send(body)).status == 200
    (order,) = await mock.get("/orders")
    assert order["lines"][0]["active"] == quantity
