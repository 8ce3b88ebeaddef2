"""What only a server can show of the endpoint; tests/endpoint has the rest, for both transports."""

import pytest
from server_mock import EVENT_ID, event

from contracts.version import __version__

PLACED = event("P{d:1, p:1>d}")
REFUSALS = {
    "no key": (401, "unauthorized", {"changes": {"Authorization": None}}),
    "the production path": (404, "entity_not_found", {"path": "/events"}),
    "dots in the path": (404, "entity_not_found", {"path": "/_mock/../sandbox/events/"}),
    "a method": (404, "entity_not_found", {"method": "DELETE"}),
    "broken JSON": (400, "invalid_request_parameters", {"body": b'{"type": '}),
    "an unknown type": (400, "invalid_request_parameters", {"body": {**PLACED, "type": "paid"}}),
    "an unknown content encoding": (
        400,
        "invalid_request_parameters",
        {"changes": {"Content-Encoding": "br"}},
    ),
}


async def test_ids_are_lowercase_uuids_of_version_4_and_never_repeat(mock):
    ids = [(await mock.send(PLACED)).event_id for _ in range(200)]
    assert all(EVENT_ID.fullmatch(item) for item in ids)
    assert len(set(ids)) == len(ids)


async def test_every_reply_names_the_mock_s_version_and_the_journal_s_entry(mock):
    for sent in ({}, {"body": b""}, {"path": "/"}, {"key": "hello"}):
        reply = await mock.send(**{"body": PLACED, **sent})
        assert reply.headers["Hakuna-Mock"] == __version__
        entry = await mock.get(f"/requests/{reply.headers['Hakuna-Mock-Request']}")
        assert entry["status"] == reply.status
        assert entry["reply"]["body"] == reply.body.decode()


async def test_the_link_of_an_event_with_findings_leads_to_its_explanation(mock):
    reply = (await mock.play("P{d:1, p:1>d} F{d:1} R{d:1}"))[-1]
    assert reply.headers["Link"] == f'</_mock/events/{reply.event_id}>; rel="describedby"'
    lead = await mock.ask("GET", f"/_mock/events/{reply.event_id}", {})
    shown = await mock.ask("GET", lead.headers["Location"], {})
    assert [item["rule"] for item in shown.json["findings"]] == ["refund-missing-protection"]


@pytest.mark.parametrize("name", REFUSALS)
async def test_a_refused_request_leaves_events_orders_and_counts_as_they_were(mock, name):
    await mock.play("P{d:1, p:1>d} F{d:1} R{d:1}@5 P#2{a:1}")
    before = await mock.everything("/requests", "/findings", "/verdict", "/worlds")
    count = (await mock.get("/health"))["events"]
    status, code, sent = REFUSALS[name]
    reply = await mock.send(**{"body": PLACED, **sent})
    assert (reply.status, reply.code) == (status, code)
    assert "Link" not in reply.headers
    assert await mock.everything("/requests", "/findings", "/verdict", "/worlds") == before
    assert (await mock.get("/health"))["events"] == count


async def test_the_endpoint_is_as_open_as_the_provider_s(mock):
    browser = {"Host": "shop.example", "Origin": "https://evil.example"}
    reply = await mock.send(PLACED, changes={**browser, "Sec-Fetch-Site": "cross-site"})
    assert reply.status == 200
    assert not [name for name in reply.headers if name.startswith("Access-Control")]


async def test_a_query_does_not_matter(mock):
    assert (await mock.send(PLACED, path="/sandbox/events?trace=1")).status == 200
